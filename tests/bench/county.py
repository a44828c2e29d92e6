"""The benchmark county: 60 x 60 km made from a seed, written as the folder of a real county that `layers.open_county` opens.

    python -m tests.bench.county 100000

A jittered lattice of 200,000 road nodes and about 260,000 edges, 400 villages in 20 townships with their collective-ownership
polygons, 100,000 houses with their people, 5,000 facilities in eight categories, farmland, red line, floodway and hazard areas of
thousands of vertices, a height model of 2,000 x 2,000 cells of 30 m, and as many parcels as are asked for. A smaller county
(`Size.small`) keeps the proportions for the tests.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from affine import Affine

from tests.bench.lattice import road_lattice

CRS = "EPSG:4547"
LEFT, BOTTOM = 470_000.0, 3_800_000.0
CODE = "429901"
CATEGORIES = ("kindergarten", "primary_school", "clinic", "shop", "bus_stop", "police", "elderly_care", "township_seat")
FACILITY_SHARES = (0.12, 0.14, 0.16, 0.28, 0.24, 0.03, 0.03)
"""How the facilities divide over the first seven categories; every township has one seat besides."""
MARGIN_M = 60.0
"""No parcel nearer to the county's limit: slopes in the outermost cells are a matter of taste."""
FOLDER = Path(__file__).resolve().parents[2] / ".bench"
"""Where benchmark counties are kept; ignored by git."""


@dataclass(frozen=True)
class Size:
    """How large a benchmark county is: parcels, side in m, and how many of everything else."""

    parcels: int
    side_m: float = 60_000.0
    road_nodes: int = 200_000
    villages: int = 400
    houses: int = 100_000
    facilities: int = 5_000
    cells: int = 2_000

    @classmethod
    def small(cls, parcels: int) -> Size:
        """A county of 6 x 6 km, a hundredth of the ground and of all that stands on it."""
        return cls(parcels, 6_000.0, 2_500, 9, 2_000, 150, 200)


def make_county(folder: Path, size: Size, *, seed: int = 20_24) -> Path:
    """Write the benchmark county into a folder and return the path of its county.toml; a folder that is complete is left as it is.

    Parameters
    ----------
    folder : path
        Made where missing.
    size : Size
        The same size and seed give the same county.
    seed : int
        Of the generator.
    """
    toml = folder / "county.toml"
    if toml.exists():
        return toml
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    heights = _heights(size, rng)
    _write_terrain(folder / "dem.tif", heights, size)
    villages = _villages(size, rng)
    centres = _places(size, rng)
    lands = {
        "basic_farmland": _blobs(size, rng, count=0.12, radius_m=420, vertices=3_000),
        "ecological_redline": _blobs(size, rng, count=0.02, radius_m=900, vertices=5_000),
        "hazard": _blobs(size, rng, count=0.03, radius_m=120, vertices=400),
        "floodway": _river(size, rng),
    }
    villages.to_file(folder / "land.gpkg", layer="villages", engine="pyogrio")
    _ownership(villages, rng).to_file(folder / "land.gpkg", layer="ownership", engine="pyogrio")
    for kind, shapes in lands.items():
        frame = gpd.GeoDataFrame({"BSM": [f"{kind[:1]}{row}" for row in range(len(shapes))]}, geometry=shapes, crs=CRS)
        frame.to_file(folder / "land.gpkg", layer=kind, engine="pyogrio")
    road_lattice(size.side_m, size.road_nodes, rng, origin=(LEFT, BOTTOM), crs=CRS).to_parquet(folder / "roads.parquet")
    parcels = _parcels(size, rng, centres, villages)
    parcels.to_parquet(folder / "parcels.parquet")
    houses = _houses(size, rng, centres, parcels)
    houses.to_parquet(folder / "buildings.parquet")
    people = gpd.GeoDataFrame({"population": houses["people"]}, geometry=houses.geometry.centroid, crs=CRS)
    people.to_parquet(folder / "people.parquet")
    _facilities(size, rng, centres, villages).to_file(folder / "facilities.gpkg", layer="facilities", engine="pyogrio")
    toml.write_text(_TOML + "".join(
        f'\n[layers.restrictions.{kind}]\nsource = "land.gpkg|{kind}"\nkind = "{kind}"\n' for kind in lands), encoding="utf-8")
    return toml


_TOML = f"""[county]
name = "Benchmark"
code = "{CODE}"
crs = "{CRS}"

[layers.villages]
source = "land.gpkg|villages"

[layers.parcels]
source = "parcels.parquet"

[layers.ownership]
source = "land.gpkg|ownership"

[layers.buildings]
source = "buildings.parquet"

[layers.roads]
source = "roads.parquet"

[layers.facilities]
source = "facilities.gpkg|facilities"

[layers.population]
source = "people.parquet"

[layers.terrain]
source = "dem.tif"

[candidates]
buildings = "none"
"""


def _heights(size: Size, rng: np.random.Generator) -> np.ndarray:
    """Rolling hills by a sum of waves with falling height, in m."""
    metre = np.arange(size.cells) * size.side_m / size.cells
    x, y = np.meshgrid(metre, metre)
    heights = np.full(x.shape, 600.0)
    for wave_m in (23_000, 11_000, 5_200, 2_300, 1_100, 520):
        turn, phase, other = rng.uniform(0, 2 * np.pi, 3)
        along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        heights += 0.012 * wave_m * np.sin(2 * np.pi * along / wave_m + phase) * np.cos(2 * np.pi * across / (1.3 * wave_m) + other)
    return heights.astype("float32")


def _write_terrain(path: Path, heights: np.ndarray, size: Size) -> None:
    cell = size.side_m / size.cells
    transform = Affine(cell, 0, LEFT, 0, -cell, BOTTOM + size.side_m)
    with rasterio.open(path, "w", driver="GTiff", width=size.cells, height=size.cells, count=1, dtype="float32", crs=CRS,
                       transform=transform, tiled=True, compress="deflate", nodata=-9999.0) as target:
        target.write(heights, 1)


def _villages(size: Size, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """A lattice of villages whose limits wind: one bending of the whole plane, so that neighbours stay neighbours."""
    across = int(np.sqrt(size.villages))
    cell = size.side_m / across
    left, bottom = (part.ravel() * cell for part in np.meshgrid(np.arange(across), np.arange(across)))
    shapes = shapely.segmentize(shapely.box(left, bottom, left + cell, bottom + cell), cell / 60)
    phase = rng.uniform(0, 2 * np.pi, 4)

    def bent(xy: np.ndarray) -> np.ndarray:
        edge = np.sin(np.pi * xy / size.side_m)   # the county's own limit stays where it is
        wind = np.column_stack([
            np.sin(xy[:, 1] / (cell * 0.21) + phase[0]) + 0.4 * np.sin(xy[:, 1] / (cell * 0.06) + phase[1]),
            np.sin(xy[:, 0] / (cell * 0.19) + phase[2]) + 0.4 * np.sin(xy[:, 0] / (cell * 0.05) + phase[3]),
        ])
        return xy + 0.07 * cell * np.minimum(8 * edge, 1) * wind + (LEFT, BOTTOM)

    row, column = np.divmod(np.arange(across**2), across)
    blocks = max(across // 4, 1)
    township = (row // 4) * blocks + column // 4 if across >= 4 else np.zeros(across**2, dtype=int)
    township_code = [f"{CODE}{100 + number:03d}" for number in township]
    return gpd.GeoDataFrame({
        "village_code": [f"{code}{200 + number % 800:03d}" for number, code in enumerate(township_code)],
        "village_name": [f"Village {number:03d}" for number in range(across**2)],
        "township_code": township_code, "township_name": [f"Town {number:02d}" for number in township],
    }, geometry=shapely.transform(shapes, bent), crs=CRS)


def _places(size: Size, rng: np.random.Generator) -> np.ndarray:
    """Centres of natural villages, four to a village, x and y in m."""
    return rng.uniform(0.03, 0.97, (4 * size.villages, 2)) * size.side_m + (LEFT, BOTTOM)


def _ownership(villages: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Each village's land but for a piece of state land in one of four; one in fifty under dispute."""
    shapes = np.asarray(villages.geometry.array)
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    piece = shapely.buffer(shapely.points(middle + rng.uniform(-400, 400, middle.shape)), 350.0, quad_segs=40)
    state = np.arange(len(shapes)) % 4 == 1
    disputed = np.arange(len(shapes)) % 50 == 7
    shapes = np.where(state, shapely.difference(shapes, piece), shapes)
    return gpd.GeoDataFrame({
        "ZDDM": [f"{code[:6]}{code[6:12]}JA{row:05d}" for row, code in enumerate(villages["village_code"])],
        "QSXZ": "32", "QSDWDM": villages["village_code"] + "0000000", "争议": np.where(disputed, "是", "否"),
    }, geometry=shapes, crs=CRS)


def _blobs(size: Size, rng: np.random.Generator, *, count: float, radius_m: float, vertices: int) -> np.ndarray:
    """Ragged areas that do not overlap, `count` to a square kilometre, each on its own field of a lattice."""
    wanted = max(int(count * (size.side_m / 1000) ** 2), 3)
    across = int(np.ceil(np.sqrt(wanted)))
    field_m = size.side_m / across
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    at = rng.permutation(across**2)[:wanted]
    centre = (np.column_stack(np.divmod(at, across)) + 0.5) * field_m + (LEFT, BOTTOM)
    shapes = []
    for middle in centre:
        ragged = 1 + 0.25 * np.sin(3 * turn + rng.uniform(0, 6)) + 0.1 * np.sin(17 * turn + rng.uniform(0, 6))
        radius = min(radius_m, 0.34 * field_m) * (ragged + 0.01 * rng.standard_normal(vertices))
        shapes.append(shapely.Polygon(middle + radius[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])))
    return np.array(shapes, dtype=object)


def _river(size: Size, rng: np.random.Generator) -> np.ndarray:
    """A winding river across the county, 160 m wide, in four reaches of thousands of vertices."""
    along = np.linspace(0, size.side_m, 12_000)
    phase = rng.uniform(0, 6, 3)
    across = size.side_m * (0.5 + 0.2 * np.sin(along / 9_000 + phase[0]) + 0.02 * np.sin(along / 1_100 + phase[1]))
    line = shapely.linestrings(np.column_stack([along, across]) + (LEFT, BOTTOM))
    water = shapely.buffer(line, 80.0, cap_style="flat", quad_segs=4)
    quarter = size.side_m / 4
    return shapely.intersection(water, shapely.box(
        LEFT + quarter * np.arange(4), BOTTOM, LEFT + quarter * np.arange(1, 5), BOTTOM + size.side_m))


def _parcels(size: Size, rng: np.random.Generator, centres: np.ndarray, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Parcels on a lattice of 60 m, the likelier the nearer to a natural village; turned rectangles, one in four an L."""
    across = max(int(size.side_m / 60), int(np.ceil(np.sqrt(size.parcels * 1.02))))
    step = (size.side_m - 2 * MARGIN_M) / across
    middle = (np.column_stack([part.ravel() for part in np.meshgrid(np.arange(across), np.arange(across))]) + 0.5) * step
    middle += (LEFT + MARGIN_M, BOTTOM + MARGIN_M)
    tree = shapely.STRtree(shapely.points(centres))
    _, near = tree.query_nearest(shapely.points(middle), return_distance=True, all_matches=False)
    chance = 0.03 + np.exp(-near / 400)
    key = rng.exponential(size=len(middle)) / chance
    chosen = np.sort(np.argpartition(key, size.parcels - 1)[: size.parcels])
    middle = middle[chosen]
    count = len(middle)
    wide, deep = rng.uniform(0.16, 0.33, (2, count)) * step
    turn, notch = rng.uniform(0, np.pi, count), rng.random(count) < 0.25
    corner = np.array([(-1, -1), (1, -1), (1, 1), (0.1, 1), (0.1, 0.2), (-1, 0.2)])
    corners = np.where(notch[:, None, None], corner, np.array([(-1, -1), (1, -1), (1, 1), (1, 1), (-1, 1), (-1, 1)]))
    flat = corners * np.stack([wide, deep], axis=1)[:, None]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    xy = np.stack([flat[..., 0] * cos - flat[..., 1] * sin, flat[..., 0] * sin + flat[..., 1] * cos], axis=2) + middle[:, None]
    shapes = np.empty(count, dtype=object)
    shapes[notch] = shapely.polygons(xy[notch])
    shapes[~notch] = shapely.polygons(xy[~notch][:, [0, 1, 2, 4]])
    village = np.full(count, 0)
    dot, limit = shapely.STRtree(np.asarray(villages.geometry.array)).query(shapely.points(middle), predicate="intersects")
    village[dot] = limit
    return gpd.GeoDataFrame(_papers(rng, shapely.area(shapes), villages["village_code"].to_numpy(dtype=object)[village]),
                            geometry=shapes, crs=CRS)


def _papers(rng: np.random.Generator, area_m2: np.ndarray, village_code: np.ndarray) -> pd.DataFrame:
    """What the cadastre says of each parcel, in the fields of TD/T 1055."""
    count = len(area_m2)
    letter = rng.choice(["B", "C", "D", "W", "Y"], count, p=[0.62, 0.2, 0.1, 0.03, 0.05])
    owner = np.where(rng.random(count) < 0.04, "G", "J")
    letter = np.where((owner == "G") & np.isin(letter, ["C", "D"]), "B", letter)
    right = pd.Series(letter).map({"B": "7", "C": "5", "D": "9", "W": None, "Y": None}).to_numpy(dtype=object)
    right = np.where((owner == "G") & (letter == "B"), "3", right)
    number = pd.Series(np.arange(count) % 100_000).astype("str").str.zfill(5).to_numpy(dtype=object)
    block = pd.Series(100 + np.arange(count) // 100_000).astype("str").to_numpy(dtype=object)
    code = pd.Series(village_code).str[:6].to_numpy(dtype=object)
    return pd.DataFrame({
        "BSM": pd.Series(np.arange(1, count + 1)).astype("str"),
        "ZDDM": code + block + "001" + owner.astype(object) + letter.astype(object) + number,
        "ZLDWDM": village_code + "0000000", "QSDWDM": village_code + "0000000",
        "QSXZ": np.where(owner == "G", "20", rng.choice(["32", "31", "30"], count, p=[0.7, 0.1, 0.2])), "QLLX": right,
        "QLXZ": np.where(owner == "G", "100", "200"), "QLRLX": np.where(letter == "C", "1", np.where(letter == "D", "1", "5")),
        "BDCQZH": np.where(rng.random(count) < 0.6, "T" + number, None),
        "DLBM": rng.choice(["0702", "1201", "08H1", "08H2", "0101", "0201", "1003"], count, p=[.3, .2, .1, .1, .15, .1, .05]),
        "ZDMJ": np.round(area_m2 * rng.normal(1, 0.01, count), 2),
    })


def _houses(size: Size, rng: np.random.Generator, centres: np.ndarray, parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Houses around the natural villages, a third of them on parcels; two to seven people in each."""
    spots = centres[rng.integers(0, len(centres), size.houses)] + rng.normal(0, 260, (size.houses, 2))
    on = rng.permutation(len(parcels))[: size.houses // 3]
    inside = shapely.get_coordinates(shapely.point_on_surface(np.asarray(parcels.geometry.array)[on]))
    spots[: len(inside)] = inside
    spots = np.clip(spots, (LEFT + 40, BOTTOM + 40), (LEFT + size.side_m - 40, BOTTOM + size.side_m - 40))
    half = rng.uniform(3, 6, (size.houses, 2))
    return gpd.GeoDataFrame({
        "ZRZH": [f"F{row:07d}" for row in range(size.houses)], "ZCS": rng.integers(1, 4, size.houses),
        "people": rng.integers(2, 8, size.houses).astype("float64"),
    }, geometry=shapely.box(*(spots - half).T, *(spots + half).T), crs=CRS)


def _facilities(size: Size, rng: np.random.Generator, centres: np.ndarray, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Facilities around the natural villages, one seat in every township."""
    first = villages.drop_duplicates("township_code")
    seats = shapely.get_coordinates(first.geometry.representative_point().to_numpy())
    count = size.facilities - len(seats)
    spots = centres[rng.integers(0, len(centres), count)] + rng.normal(0, 300, (count, 2))
    spots = np.clip(spots, (LEFT + 40, BOTTOM + 40), (LEFT + size.side_m - 40, BOTTOM + size.side_m - 40))
    category = np.concatenate([np.repeat(CATEGORIES[-1], len(seats)), rng.choice(CATEGORIES[:-1], count, p=FACILITY_SHARES)])
    return gpd.GeoDataFrame({"设施编号": [f"P{row:05d}" for row in range(size.facilities)], "category": category},
                            geometry=shapely.points(np.vstack([seats, spots])), crs=CRS)


def main() -> None:
    """Make the county of the size given on the command line, in `FOLDER`."""
    for parcels in sys.argv[1:] or ["10000"]:
        make_county(FOLDER / parcels, Size(int(parcels)))


if __name__ == "__main__":
    main()
