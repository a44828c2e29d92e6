"""Coordinates that are not what they seem: old datums by the county's parameters, shifted map-service coordinates suspected."""

from __future__ import annotations

import math
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS

from layers import shift_check
from layers.crs import describe, guess_crs, is_old_datum, is_swapped, lies_well
from layers.datum import gcj02_to_bd09, wgs84_to_gcj02
from layers.old_datum import read_shift, to_cgcs2000
from layers.open import check_county, open_county
from layers.remembered import forget
from layers.shift_check import check_shifts, look_ahead
from tests.layers import samples
from tests.layers.samples import write_county

REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "realdata"
XIAN80_114E = CRS.from_epsg(2383)
XIAN80_DEGREES = CRS.from_epsg(4610)
SEVEN = {"dx_m": 12.5, "dy_m": -103.2, "dz_m": -47.9, "rx_arcsec": 0.61, "ry_arcsec": -1.12, "rz_arcsec": 2.2, "scale_ppm": -3.4}


def helmert_by_hand(lon, lat):
    """EPSG method 9606 written out: an independent second computation."""
    def cartesian(lon, lat, a, f):
        e2 = f * (2 - f)
        n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
        return np.array([n * math.cos(lat) * math.cos(lon), n * math.cos(lat) * math.sin(lon), n * (1 - e2) * math.sin(lat)])

    x = cartesian(math.radians(lon), math.radians(lat), 6378140.0, 1 / 298.257)   # IAG 1975
    rx, ry, rz = (math.radians(SEVEN[name] / 3600) for name in ("rx_arcsec", "ry_arcsec", "rz_arcsec"))
    turn = np.array([[1, -rz, ry], [rz, 1, -rx], [-ry, rx, 1]])
    x = np.array([SEVEN["dx_m"], SEVEN["dy_m"], SEVEN["dz_m"]]) + (1 + SEVEN["scale_ppm"] * 1e-6) * turn @ x
    a, f = 6378137.0, 1 / 298.257222101
    e2, p = f * (2 - f), math.hypot(x[0], x[1])
    lat = math.atan2(x[2], p * (1 - e2))
    for _ in range(20):
        n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
        lat = math.atan2(x[2] + e2 * n * math.sin(lat), p)
    return math.degrees(math.atan2(x[1], x[0])), math.degrees(lat)


def test_seven_parameters_against_the_formula_by_hand():
    shift, wrong = read_shift(SEVEN)
    assert wrong is None
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(112.3, 35.1)], crs=XIAN80_DEGREES)
    point = to_cgcs2000(frame, XIAN80_DEGREES, shift).geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx(helmert_by_hand(112.3, 35.1), abs=2e-9)   # 0.2 mm


def test_seven_parameters_also_move_projected_coordinates():
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(112.3, 35.1)], crs=XIAN80_DEGREES).to_crs(XIAN80_114E)
    point = to_cgcs2000(frame, XIAN80_114E, read_shift(SEVEN)[0]).geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx(helmert_by_hand(112.3, 35.1), abs=2e-9)


def test_four_parameters_turn_scale_and_move():
    shift, _ = read_shift({"dx_m": 100.0, "dy_m": 20.0, "rotation_arcsec": 2.0, "scale_ppm": 5.0})
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(400_000, 3_900_000)], crs=XIAN80_114E)
    moved = to_cgcs2000(frame, XIAN80_114E, shift)
    turn, scale = 2.0 / 206_264.806247, 1.000005
    east = 100 + scale * (400_000 * math.cos(turn) - 3_900_000 * math.sin(turn))
    north = 20 + scale * (400_000 * math.sin(turn) + 3_900_000 * math.cos(turn))
    assert (moved.geometry.x[0], moved.geometry.y[0]) == pytest.approx((east, north), abs=1e-4)
    assert moved.crs.coordinate_operation == XIAN80_114E.coordinate_operation
    assert moved.crs.geodetic_crs == CRS.from_epsg(4490)


def test_an_old_datum_is_refused_without_parameters_and_moved_with_them(tmp_path):
    old = samples.parcels().to_crs(4490).set_crs(4610, allow_override=True).to_crs(2381)
    old.to_file(tmp_path / "p.gpkg", layer="p")
    layer = '[layers.parcels]\nsource = "p.gpkg"'
    county, findings = check_county(write_county(tmp_path, layer))
    assert county is None and findings[0].code == "datum_old"
    path = tmp_path / "with.toml"
    path.write_text(f'[county]\nname = "甲县"\n[county.datum]\ndx_m = 115.0\ndy_m = -3.0\n{layer}', encoding="utf-8")
    county = open_county(path)
    there = old.geometry.translate(115.0, -3.0).iloc[0].centroid
    here = county.parcels.geometry.to_crs(4545 if county.crs.to_epsg() == 4545 else county.crs).iloc[0].centroid
    assert any(finding.code == "datum_old_shifted" for finding in county.findings)
    expected = gpd.GeoSeries([there], crs=county.crs).iloc[0]
    assert here.distance(expected) < 200   # another meridian may be chosen; the next line is exact
    assert county.parcels.geometry.area.sum() == pytest.approx(old.geometry.area.sum(), rel=1e-3)


@pytest.mark.parametrize(("table", "wrong"), [
    ({"dx_m": 1.0}, "dy_m"), ({"dx_m": 1.0, "dy_m": "2"}, "dy_m"), ({"dx_m": 1e5, "dy_m": 0.0}, "dx_m"),
    ({"dx_m": 1.0, "dy_m": 1.0, "rotation_arcsec": 1.0}, "scale_ppm"), ({**SEVEN, "speed": 1}, "speed"), ({}, "dx_m"),
    ({"dx_m": float("nan"), "dy_m": 1.0}, "dx_m"), ({**SEVEN, "rx_arcsec": 3600}, "rx_arcsec"),
])
def test_parameters_that_cannot_be(table, wrong):
    assert read_shift(table) == (None, wrong)


def town(count=400, seed=3):
    """Buildings in clusters around 107.6 E, 34.4 N, a facility at every fifth of them."""
    random = np.random.default_rng(seed)
    middles = random.uniform(0, 20_000, (count // 20, 2))
    xy = np.repeat(middles, 20, axis=0) + random.normal(0, 60, (count, 2)) + (463_000, 3_808_000)
    buildings = gpd.GeoDataFrame(geometry=shapely.box(xy[:, 0], xy[:, 1], xy[:, 0] + 9, xy[:, 1] + 9), crs=4545)
    facilities = gpd.GeoDataFrame(geometry=shapely.points(xy[::5] + random.normal(0, 12, (count // 5, 2))), crs=4545)
    return buildings, facilities


def shifted(frame, datum):
    def forward(lonlat):
        lon, lat = wgs84_to_gcj02(lonlat[:, 0], lonlat[:, 1])
        return np.column_stack(gcj02_to_bd09(lon, lat) if datum == "bd09" else (lon, lat))
    degrees = frame.to_crs(4490)
    return degrees.set_geometry(shapely.transform(degrees.geometry.array, forward)).to_crs(frame.crs)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize("role", ["facilities", "buildings"])
def test_the_layer_that_is_shifted_is_suspected_with_its_figures(datum, role):
    buildings, facilities = town()
    layers = {"buildings": buildings, "facilities": facilities}
    layers[role] = shifted(layers[role], datum)
    found = check_shifts(layers)
    assert [(finding.code, finding.layer, finding.params["datum"]) for finding in found] == [("datum_suspected", role, datum)]
    assert float(found[0].params["as_is_m"].replace(",", "")) > 100 > float(found[0].params["shifted_m"])
    assert check_shifts(layers, {role: datum}) == []


def test_honest_layers_are_not_suspected():
    buildings, facilities = town()
    assert check_shifts({"buildings": buildings, "facilities": facilities}) == []


def test_what_was_indexed_ahead_is_not_indexed_again(monkeypatch):
    buildings, facilities = town()
    layers = {"buildings": buildings, "facilities": shifted(facilities, "gcj02")}
    expected = check_shifts(layers)
    forget()
    asked, lines = [], shift_check._lines
    monkeypatch.setattr(shift_check, "_lines", lambda shapes: (asked.append(len(shapes)), lines(shapes))[1])
    look_ahead({role: np.asarray(frame.geometry.array) for role, frame in layers.items()})
    assert check_shifts(layers) == expected
    assert asked == [len(buildings)]
    forget()


def test_shapes_are_judged_in_the_crs_of_the_county_though_looked_at_before_it_was_known(tmp_path):
    """A tie in a layer that seems to be in the county's CRS already and is not: mended once, in the other one."""
    tie = shapely.Polygon([(0, 0), (20, 15), (20, 0), (0, 15)])
    parcels = samples.parcels()
    parcels.loc[0, "geometry"] = shapely.affinity.translate(tie, samples.X, samples.Y)
    for crs in (4545, 4546, 4490):
        folder = tmp_path / str(crs)
        folder.mkdir()
        parcels.to_crs(crs).to_file(folder / "p.gpkg", layer="p")
        for other in (None, 4545, 4546):
            said = 'name = "测试县"\ncode = "529901"' + ("" if other is None else f'\ncrs = "EPSG:{other}"')
            county = open_county(write_county(folder, '[layers.parcels]\nsource = "p.gpkg"', county=said))
            found = [finding for finding in county.findings if finding.code == "geometry_invalid"]
            assert [(finding.layer, finding.count) for finding in found] == [("parcels", 1)]
            assert county.crs.to_epsg() == (other or 4545)
            assert shapely.is_valid(county.parcels.geometry.array).all()
            assert county.parcels.geometry.area.iloc[0] == pytest.approx(150.0, rel=3e-3)   # half of 20 m x 15 m


def test_a_real_county_limit_in_gcj02():
    folder = REAL / "cn_admin"
    if not folder.is_dir():
        pytest.skip("real data is not on this machine")
    counties = gpd.read_file(folder / "six_counties.geojson")
    true = counties[counties["adcode"].astype(str) == "610323"].to_crs(4545)
    bent = gpd.read_file(folder / "610323_gcj02.geojson").to_crs(4545)
    assert len(true) == 1
    found = check_shifts({"villages": true, "townships": bent})
    assert [(finding.layer, finding.params["datum"]) for finding in found] == [("townships", "gcj02")]
    assert check_shifts({"villages": true, "townships": true}) == []


def opened(tmp_path, frame, *, more="", prj=None, name="p"):
    """A county of one parcel layer, written as a shapefile whose .prj is taken away or replaced."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(frame, tmp_path / f"{name}.shp", encoding="UTF-8")
    (tmp_path / f"{name}.prj").unlink(missing_ok=True)
    if prj is not None:
        (tmp_path / f"{name}.prj").write_text(prj)
    return check_county(write_county(tmp_path, f'[layers.parcels]\nsource = "{name}.shp"\n{more}'))


def codes(findings):
    return [finding.code for finding in findings]


def lies_right(county, within_m=0.01):
    true = samples.parcels().geometry[0].centroid
    return county.parcels.to_crs(4545).geometry[0].centroid.distance(true) < within_m


@pytest.mark.parametrize("epsg", [4524, 4496, 4490])
def test_without_a_prj_the_numbers_decide_where_they_leave_no_doubt(tmp_path, epsg):
    county, findings = opened(tmp_path, samples.parcels().to_crs(epsg))
    assert "crs_guessed" in codes(findings) and lies_right(county)
    assert county.provenance[0].crs_as_read == f"EPSG:{epsg}"


def test_six_digits_name_no_meridian(tmp_path):
    county, findings = opened(tmp_path, samples.parcels())
    assert county is None and codes(findings) == ["crs_missing", "county_nothing"]
    assert "EPSG" in findings[0].text("zh") and "108°" in findings[0].text("en")
    county, _ = opened(tmp_path, samples.parcels(), more='crs = "EPSG:4545"', name="q")
    assert lies_right(county)


@pytest.mark.parametrize("epsg", [4524, 4490])
def test_swapped_axes_are_turned_and_said(tmp_path, epsg):
    frame = samples.parcels().to_crs(epsg)
    county, findings = opened(tmp_path, frame.set_geometry(shapely.transform(frame.geometry.array, lambda xy: xy[:, ::-1])))
    assert "axes_swapped" in codes(findings) and lies_right(county)


def test_a_grid_in_feet_with_large_eastings_is_not_taken_for_swapped(tmp_path):
    """NAD83 / Iowa South: eastings of two million feet beside northings of six digits, as a swapped Chinese table has them."""
    frame = gpd.GeoDataFrame({"ZDDM": ["a"]}, geometry=[shapely.box(2_000_000, 300_000, 2_000_100, 300_100)], crs=3418)
    assert is_swapped(tuple(frame.total_bounds)) and lies_well(CRS.from_epsg(3418), tuple(frame.total_bounds))
    frame.to_file(tmp_path / "p.gpkg", layer="p")
    county = open_county(write_county(tmp_path, '[layers.parcels]\nsource = "p.gpkg"'))
    assert "axes_swapped" not in codes(county.findings)
    assert county.parcels.to_crs(3418).geometry[0].centroid.distance(frame.geometry[0].centroid) < 0.01


def test_areas_are_never_measured_in_web_mercator(tmp_path):
    """A yard of 140 m2 at 35 degrees north has 209 m2 on a web map."""
    box = shapely.box(500_000, 3_874_000, 500_014, 3_874_010)
    yard = gpd.GeoDataFrame({"ZDDM": ["529901001001JB00001"]}, geometry=[box], crs=4545)
    web = yard.to_crs(3857)
    assert web.geometry.area[0] == pytest.approx(209.1, abs=0.1)
    web.to_file(tmp_path / "p.gpkg", layer="p")
    for asked in ("", 'crs = "EPSG:3857"'):
        path = write_county(tmp_path, '[layers.parcels]\nsource = "p.gpkg"', county=f'name = "甲县"\n{asked}')
        county = open_county(path)
        assert county.crs.to_epsg() == 4545
        assert county.parcels["area_m2"][0] == pytest.approx(140, abs=0.1)
        assert ("county_crs_unfit" in codes(county.findings)) == bool(asked)


@pytest.mark.parametrize(("lon", "lat"), [(108.0, 35.0), (120.0, 30.0), (126.5, 45.5), (131.0, 46.0)])
def test_web_mercator_without_a_crs_is_never_taken_for_a_zone(lon, lat):
    x, y = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4490).to_crs(3857)[0].coords[0]
    assert guess_crs((x, y, x + 20_000, y + 20_000)) is None


ALBERS = """PROJCS["China_Equal_Area",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",
SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Albers"],
PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",105.0],
PARAMETER["Standard_Parallel_1",25.0],PARAMETER["Standard_Parallel_2",47.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"""
LOCAL = """PROJCS["Local_113_21",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",
SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],
PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",113.35],
PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"""


def test_an_equal_area_grid_without_a_code(tmp_path):
    prj = ALBERS.replace("\n", "")
    county, _ = opened(tmp_path, samples.parcels().to_crs(CRS.from_wkt(prj)), prj=prj)
    assert county.crs.to_epsg() == 4545 and lies_right(county)
    assert county.parcels["area_m2"][0] == pytest.approx(300, rel=1e-3)
    assert county.provenance[0].crs_as_read == "China_Equal_Area"


def test_a_local_grid_is_never_matched_to_the_nearest_code(tmp_path):
    """At low confidence pyproj calls a central meridian of 113.35 degrees EPSG:4543, which is 102 degrees."""
    prj = LOCAL.replace("\n", "")
    local = CRS.from_wkt(prj)
    there = samples.parcels().to_crs(4490)
    there = there.set_geometry(there.translate(5.35, 0))
    county, _ = opened(tmp_path, there.to_crs(local), prj=prj)
    assert county.provenance[0].crs_as_read == "Local_113_21" and describe(local) == "Local_113_21"
    assert county.crs.to_epsg() == 4547   # CGCS2000, central meridian 114
    assert county.parcels.to_crs(4490).geometry[0].centroid.distance(there.geometry[0].centroid) < 1e-8


def test_a_layer_that_lies_elsewhere_is_said_with_the_distance(tmp_path):
    samples.parcels().to_file(tmp_path / "p.gpkg", layer="p")
    away = samples.roads()
    away.set_geometry(away.translate(0, 300_000)).to_file(tmp_path / "r.gpkg", layer="r")
    county = open_county(write_county(tmp_path, '[layers.parcels]\nsource = "p.gpkg"\n[layers.roads]\nsource = "r.gpkg"'))
    apart = next(finding for finding in county.findings if finding.code == "layer_elsewhere")
    assert (apart.layer, apart.params["km"]) == ("roads", "300.0") and "300.0" in apart.text("zh")


@pytest.mark.parametrize("text", ["+proj=tmerc +lat_0=0 +lon_0=108 +x_0=500000 +a=6378140 +b=6356755.288157528 +units=m",
                                  "+proj=longlat +ellps=krass", "EPSG:2343", "EPSG:4214"])
def test_an_old_ellipsoid_is_known_without_its_name(text):
    assert is_old_datum(CRS.from_user_input(text)) and not is_old_datum(CRS.from_epsg(4545))
