import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import Transformer

from layers import open_county
from tests.layers import samples
from tests.layers.samples import write_county


def write_raster(path, values, transform, crs, *, nodata=-9999, driver="GTiff"):
    height, width = values.shape
    with rasterio.open(
        path,
        "w",
        driver=driver,
        width=width,
        height=height,
        count=1,
        dtype=values.dtype,
        crs=crs,
        transform=transform,
        nodata=nodata,
    ) as file:
        file.write(values, 1)


def county_with(tmp_path, layers: str):
    samples.villages().to_file(tmp_path / "v.gpkg", layer="v")
    return open_county(write_county(tmp_path, '[layers.villages]\nsource = "v.gpkg"\n' + layers))


def test_a_grid_in_the_county_crs_is_cut_not_bent(tmp_path):
    rows, columns = np.mgrid[0:400, 0:400]
    values = (rows * 1000 + columns).astype("int32")
    grid = Affine(30, 0, samples.X - 6000, 0, -30, samples.Y + 6000)
    values[200, 200] = -9999
    write_raster(tmp_path / "dem.tif", values % 8000, grid, 4545)
    terrain = county_with(tmp_path, '[layers.terrain]\nsource = "dem.tif"').terrain
    assert terrain.cell_size_m == 30 and terrain.values.dtype == np.float32
    column, row = round((terrain.transform.c - grid.c) / 30), round((grid.f - terrain.transform.f) / 30)
    height, width = terrain.values.shape
    expected = (values % 8000)[row : row + height, column : column + width].astype("float32")
    assert (terrain.values == expected).all()
    left, bottom, right, top = samples.villages().total_bounds
    assert terrain.transform.c <= left - 2000 and terrain.transform.f >= top + 2000
    assert width * 30 < right - left + 4100 and height * 30 < top - bottom + 4100


@pytest.mark.parametrize("zipped", [False, True])
def test_srtm_tiles_are_joined_and_warped(tmp_path, zipped):
    """Heights that are a plane in longitude and latitude must still be that plane after joining two tiles and warping."""
    import zipfile

    names = []
    for lon in (107, 108):
        lats, lons = np.linspace(31, 30, 1201)[:, None], np.linspace(lon, lon + 1, 1201)[None, :]
        heights = (1000 * (lons - 107) + 500 * (lats - 30) + 0 * lats).round().astype(">i2")
        name = f"N30E{lon}.hgt"
        (tmp_path / name).write_bytes(heights.tobytes())
        if zipped:
            with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
                archive.write(tmp_path / name, name)
            (tmp_path / name).unlink()
            name += ".zip"
        names.append(f'"{name}"')
    terrain = county_with(tmp_path, f"[layers.terrain]\nsource = [{', '.join(names)}]").terrain
    height, width = terrain.values.shape
    column, row = np.meshgrid(np.arange(width), np.arange(height))
    x = terrain.transform.c + terrain.transform.a * (column + 0.5)
    y = terrain.transform.f + terrain.transform.e * (row + 0.5)
    lon, lat = Transformer.from_crs(4545, 4326, always_xy=True).transform(x, y)
    plane = 1000 * (lon - 107) + 500 * (lat - 30)
    inside = ~np.isnan(terrain.values)
    assert inside[2:-2, 2:-2].mean() > 0.99
    assert np.abs(terrain.values - plane)[inside].max() < 1.1  # heights were rounded to whole metres
    assert terrain.cell_size_m == pytest.approx(86, abs=8)


def test_people_are_conserved(tmp_path):
    rng = np.random.default_rng(7)
    values = rng.uniform(0, 20, (60, 80)).astype("float32")
    values[rng.uniform(size=values.shape) < 0.3] = -99999
    values[5, 5] = 0
    grid = Affine(1 / 1200, 0, 107.98, 0, -1 / 1200, 30.02)
    write_raster(tmp_path / "pop.tif", values, grid, 4326, nodata=-99999)
    county = county_with(tmp_path, '[layers.population]\nsource = "pop.tif"')
    assert county.population["people"].sum() == pytest.approx(values[values > 0].sum(dtype="float64"), rel=1e-12)
    assert len(county.population) == (values > 0).sum()
    first_row, first_column = np.argwhere(values > 0)[0]
    x, y = Transformer.from_crs(4326, 4545, always_xy=True).transform(
        107.98 + (first_column + 0.5) / 1200, 30.02 - (first_row + 0.5) / 1200
    )
    point = county.population.geometry[0]
    assert (point.x, point.y) == pytest.approx((x, y), abs=1e-6)


def test_people_far_away_are_counted_and_left_out(tmp_path):
    grid = Affine(1000, 0, samples.X - 500, 0, -1000, samples.Y + 500)
    values = np.ones((1, 100), dtype="float32")
    write_raster(tmp_path / "pop.tif", values, grid, 4545)
    county = county_with(tmp_path, '[layers.population]\nsource = "pop.tif"')
    kept = county.population["people"].sum()
    outside = next(finding for finding in county.findings if finding.code == "people_outside")
    assert kept + float(outside.params["people"]) == 100
    assert county.population.geometry.x.max() <= samples.X + 1500 + 10_000


def test_tiles_that_do_not_fit_or_lie_elsewhere(tmp_path):
    grid = Affine(30, 0, samples.X - 3000, 0, -30, samples.Y + 3000)
    flat = np.full((200, 200), 500, dtype="int16")
    write_raster(tmp_path / "a.tif", flat, grid, 4545)
    write_raster(tmp_path / "b.tif", flat, Affine(25, 0, samples.X, 0, -25, samples.Y), 4545)
    write_raster(tmp_path / "c.tif", flat, Affine(30, 0, samples.X + 90_000, 0, -30, samples.Y), 4545)
    for source, code in (('["a.tif", "b.tif"]', "raster_mixed"), ('"c.tif"', "raster_elsewhere")):
        county = county_with(tmp_path, f"[layers.terrain]\nsource = {source}")
        assert county.terrain is None
        assert [finding.code for finding in county.findings] == [code]
