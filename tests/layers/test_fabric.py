"""Areas against each other: every extent computed by hand, in a CRS of metres."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import Point, Polygon, box

from layers.fabric import across_limits, check_fabric, overlaps, slivers, village_fabric
from layers.repeats import without_repeats
from layers.rows import mend
from layers.schema import conform
from tests.layers.samples import CRS, X, Y


def _villages(*shapes) -> gpd.GeoDataFrame:
    names = "甲乙丙丁"[: len(shapes)]
    rows = {"village_code": [f"52990110020{n}" for n in range(len(shapes))], "village_name": [f"{name}村" for name in names]}
    return conform(gpd.GeoDataFrame(rows, geometry=list(shapes), crs=CRS), "villages")


def _parcels(*shapes) -> gpd.GeoDataFrame:
    ids = [f"p{n}" for n in range(len(shapes))]
    return conform(gpd.GeoDataFrame({"parcel_id": ids}, geometry=list(shapes), crs=CRS), "parcels")


def _at(left: float, bottom: float, right: float, top: float) -> Polygon:
    return box(X + left, Y + bottom, X + right, Y + top)


def test_villages_that_fit_say_nothing():
    assert village_fabric(_villages(_at(0, 0, 1000, 1000), _at(1000, 0, 2000, 1000), _at(0, 1000, 2000, 1500))) == []


def test_villages_that_overlap():
    [found] = village_fabric(_villages(_at(0, 0, 1010, 1000), _at(1000, 0, 2000, 1000)))
    assert found.code == "villages_overlap" and found.params["area_ha"] == "1.00"                      # 10 m x 1000 m
    assert "甲村 / 乙村 1.00 ha" in found.params["pairs"] and set(found.rows) == {"529901100200", "529901100201"}
    lon, lat = found.place
    [x], [y] = shapely.get_coordinates(gpd.GeoSeries([Point(lon, lat)], crs=4490).to_crs(CRS).array).T
    assert X + 1000 <= x <= X + 1010 and Y <= y <= Y + 1000


@pytest.mark.parametrize(("shapes", "area_ha"), [
    ((_at(0, 0, 1000, 1000), _at(1008, 0, 2000, 1000)), "0.80"),                                     # a strip of 8 m x 1000 m
    ((_at(0, 0, 1000, 1000).difference(_at(400, 400, 500, 500)), _at(1000, 0, 2000, 1000)), "1.00"),  # a hole of 100 m x 100 m
    ((_at(0, 0, 1000, 400), _at(0, 600, 1000, 1000), _at(-100, 0, 0, 1000), _at(1000, 0, 1100, 1000)), "20.00"),   # enclosed, wide
])
def test_gaps_between_villages(shapes, area_ha):
    [found] = village_fabric(_villages(*shapes))
    assert (found.code, found.count, found.params["area_ha"]) == ("villages_gap", 1, area_ha) and found.place is not None


def test_land_outside_is_no_gap():
    """Villages that do not touch, or leave a bay open to the outside, lack nothing."""
    assert village_fabric(_villages(_at(0, 0, 1000, 1000), _at(1500, 0, 2000, 1000))) == []
    assert village_fabric(_villages(_at(0, 0, 1000, 1000), _at(1000, 0, 1300, 400), _at(1300, 0, 2000, 1000))) == []


def test_overlapping_parcels():
    frame = _parcels(_at(0, 0, 20, 20), _at(20, 0, 40, 20), _at(35, 0, 55, 20), _at(37, 5, 39, 10), _at(200, 0, 210, 10))
    [found] = overlaps(frame, "parcels")
    assert found.code == "shapes_overlap" and found.params["area_m2"] == "120"           # 5 x 20, and 2 x 5 within both of them
    assert found.count == 3 and found.params["pairs"].startswith("p1 / p2")


def test_overlaps_do_not_hang_on_the_order_of_rows():
    rng = np.random.default_rng(7)
    corners = rng.random((200, 2)) * 300
    frame = _parcels(*(_at(x, y, x + 20, y + 20) for x, y in corners))
    mixed = frame.sample(frac=1, random_state=3).reset_index(drop=True)
    brute = sum(a.intersection(b).area for n, a in enumerate(frame.geometry) for b in frame.geometry[n + 1:]
                if a.intersection(b).area > 4.0)                                          # more than 1 m2 and 1 % of 400 m2
    for one in (frame, mixed):
        [found] = overlaps(one, "parcels")
        assert found.params["area_m2"] == f"{brute:,.0f}"


def test_slivers():
    [found] = slivers(_parcels(_at(0, 0, 20, 20), _at(30, 0, 50, 0.2), _at(60, 0, 60.9, 0.9)), "parcels")
    assert found.rows == ("p1", "p2") and found.params["area_m2"] == "4.8"                # 20 x 0.2 + 0.9 x 0.9


def test_parcels_across_village_limits():
    villages = _villages(_at(0, 0, 1000, 1000), _at(1000, 0, 2000, 1000))
    frame = _parcels(_at(985, 0, 1005, 20), _at(980, 100, 1000, 120), _at(1000, 200, 1020, 220), _at(500, 0, 520, 20),
                     _at(990, 990, 1010, 1010))
    [found] = across_limits(frame, villages)
    assert found.rows == ("p0", "p4") and found.params["area_m2"] == "200"                # 5 x 20, and 10 x 10 of the other half


def test_a_county_that_fits_says_nothing():
    assert check_fabric({"villages": _villages(_at(0, 0, 1000, 1000)), "parcels": _parcels(_at(0, 0, 20, 20))}) == []


def test_repeated_rows_and_shapes():
    shapes = [_at(0, 0, 20, 20), _at(0, 0, 20, 20), _at(0, 0, 20, 20), _at(30, 0, 50, 20)]
    turned = Polygon(np.roll(shapely.get_coordinates(shapes[0])[:-1], 1, axis=0))         # the same ring from another corner
    frame = gpd.GeoDataFrame({"parcel_code": ["a", "a", "b", "c"], "object_id": ["1", "2", "3", "4"]},
                             geometry=[shapes[0], turned, shapes[2], shapes[3]], crs=CRS)
    kept, findings = without_repeats(frame, "parcels", "parcels", frame["object_id"])
    assert kept["object_id"].tolist() == ["1", "3", "4"]
    assert [(finding.code, finding.count, finding.rows) for finding in findings] == [
        ("row_repeated", 1, ("2",)), ("shape_repeated", 2, ("1", "3"))]
    assert without_repeats(frame, "villages", "villages", frame["object_id"])[1] == []
    points = frame.set_geometry(frame.representative_point())
    _, findings = without_repeats(points, "facilities", "facilities", frame["object_id"])
    assert [finding.code for finding in findings] == ["row_repeated"]


def test_a_scribble_is_left_out_and_a_long_outline_is_not():
    angle = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    circle = np.column_stack([X + 50 * np.cos(angle), Y + 50 * np.sin(angle)])
    crossed = np.insert(circle, 2500, circle[0], axis=0)                                  # long, invalid, and easily mended
    scribble = np.random.default_rng(1).random((5000, 2)) * 100 + (X, Y)
    frame = gpd.GeoDataFrame(geometry=[Polygon(crossed), Polygon(scribble)], crs=CRS)
    kept, findings = mend(frame, "polygon", "parcels", frame.index.to_series())
    assert len(kept) == 1 and kept.area[0] == pytest.approx(np.pi * 2500, rel=0.01)
    assert {finding.code: finding.rows for finding in findings} == {"geometry_tangled": ("1",), "geometry_invalid": ("0",)}
