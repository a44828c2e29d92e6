"""Toy town: a county small enough to compute by hand, with the awkward cases in it.

Metres from `ORIGIN` in CGCS2000 / 3-degree Gauss-Krueger CM 114E; the ground is flat, so a walk takes 5 km/h = 83.33 m/min on a
road and 0.6 of that = 50 m/min off it. Three villages side by side::

    y
    2500            .               : footpath
    1500    |       |               | village street
            |       |
       0 ===+===.===+===            = county road, x = 0 .. 4000; bus stop at x = 2000, township seat at x = 0
    x  0  1000 2000 3000 4000  5000
         Qingshi    Liuwan     Yuntai (no road at all)

Qingshi 青石村 has no venue; Liuwan 柳湾村 has one below standard (70 m2); Yuntai 云台村 has none and no way in.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from affine import Affine
from pyproj import CRS
from shapely import LineString, Point, Polygon, box
from shapely.affinity import translate

from layers.county import County, Raster
from layers.schema import conform

TOWN_CRS = CRS.from_epsg(4547)
ORIGIN = (500_000.0, 3_850_000.0)
WALK_M_PER_MIN = 5000 / 60
OFFROAD_M_PER_MIN = 0.6 * WALK_M_PER_MIN
QINGSHI, LIUWAN, YUNTAI = "419901100201", "419901100202", "419901101200"

EXPECTED_P1 = {
    # P1 lies 10 m east of Qingshi's street, its middle 20 m from it at y = 500: 20 / 50 = 0.4 min off the road
    "parcel_area_m2": 400.0,
    "courtyard_m2": 400.0,
    "road_distance_m": 10.0,
    "shop_walk_min": 0.4,                        # the shop stands at (1000, 500)
    "primary_school_walk_min": 0.4 + 6.0,        # 500 m up the street
    "bus_stop_walk_min": 0.4 + 18.0,             # 500 + 1000 m
    "clinic_walk_min": 0.4 + 36.0,               # 500 + 2000 + 500 m
    "road_time_min": 0.4 + 1.5,                  # 500 m at 20 km/h
    "township_time_min": 0.4 + 1.5 + 1.5,        # and 1000 m at 40 km/h
    "mean_walk_min": 0.6 * 0.4 + 0.4 * (0.4 + 10.8),   # 600 people at the door of the street, 400 live 900 m up
    "worst_walk_min": 0.4 + 10.8,
    "people_15min": 1000.0,
    "people_share_15min": 1.0,
    "facilities_10min": 2.0,                     # shop and primary school
    "collective_share": 1.0,
}
"""Measures of parcel P1 without terrain, computed by hand."""

EXPECTED_VERDICTS = {
    "N-P01": ("pass", "", ""),
    "N-P02": ("fail", "courtyard", ""),
    "N-P03": ("pass", "", ""),
    "N-P04": ("verify", "", "dispute"),
    "N-P05": ("fail", "dispute", ""),
    "N-P07": ("verify", "", "collective"),
    "N-P08": ("fail", "restriction", ""),
    "N-P09": ("fail", "road", ""),
    "N-P10": ("verify", "", "road"),
    "N-P12": ("pass", "", ""),
    "N-P13": ("verify", "", "courtyard"),
    "N-P14": ("fail", "road", ""),
    "R-B16": ("pass", "", ""),
}
"""Verdict, failed gates, unverified gates of the candidates that show one thing each."""


def _at(shape):
    return translate(shape, *ORIGIN)


def _frame(role: str, rows: list[dict]) -> gpd.GeoDataFrame:
    shapes = [_at(row.pop("geometry")) for row in rows]
    return conform(gpd.GeoDataFrame(rows, geometry=shapes, crs=TOWN_CRS), role)


def villages() -> gpd.GeoDataFrame:
    rows = [
        (QINGSHI, "青石村", "419901100", "双溪镇", 1000, 250, box(0, -500, 2000, 3000)),
        (LIUWAN, "柳湾村", "419901100", "双溪镇", 600, 160, box(2000, -500, 4000, 3000)),
        (YUNTAI, "云台村", "419901101", "云台乡", 50, 14, box(4000, -500, 6000, 3000)),
    ]
    keys = ("village_code", "village_name", "township_code", "township_name", "population", "households", "geometry")
    return _frame("villages", [dict(zip(keys, row, strict=True)) for row in rows])


def settlements() -> gpd.GeoDataFrame:
    rows = [
        ("a1", "青石街", QINGSHI, 600, Point(1000, 500)),
        ("a2", "上青石", QINGSHI, 400, Point(1000, 1400)),
        ("b1", "柳湾街", LIUWAN, 400, Point(3000, 500)),
        ("b2", "岭上", LIUWAN, 200, Point(3000, 2400)),
        ("c1", "云台", YUNTAI, 50, Point(5500, 1500)),
    ]
    keys = ("settlement_id", "settlement_name", "village_code", "population", "geometry")
    return _frame("settlements", [dict(zip(keys, row, strict=True)) for row in rows])


def roads() -> gpd.GeoDataFrame:
    rows = [
        ("X001", "county", LineString([(0, 0), (1000, 0), (3000, 0), (4000, 0)])),
        ("C101", "village", LineString([(1000, 0), (1000, 1500)])),
        ("C102", "village", LineString([(3000, 0), (3000, 1500)])),
        ("F1", "path", LineString([(3000, 1500), (3000, 2500)])),
        ("T1", "track", LineString([(2000, 1000), (2000, 1400)])),   # joined to nothing
    ]
    return _frame("roads", [
        {"road_id": i, "road_class": c, "class_as_read": c, "oneway": "no", "bridge": False, "closed": False, "geometry": g}
        for i, c, g in rows
    ])


def facilities() -> gpd.GeoDataFrame:
    rows = [
        ("shop", Point(1000, 500)), ("primary_school", Point(1000, 1000)), ("clinic", Point(3000, 500)),
        ("bus_stop", Point(2000, 0)), ("township_seat", Point(0, 0)),
    ]
    return _frame("facilities", [
        {"facility_id": f"f{n}", "facility_name": c, "category": c, "geometry": g} for n, (c, g) in enumerate(rows)
    ])


def venues() -> gpd.GeoDataFrame:
    return _frame("venues", [{
        "venue_id": "V1", "venue_name": "柳湾村活动室", "village_code": LIUWAN, "floor_area_m2": 70.0, "courtyard_m2": 300.0,
        "planned": False, "geometry": Point(3020, 900),
    }])


TITLED = {
    "owner_nature": "30", "survey_owner": "collective", "title_owner": "village", "title_conflict": False,
    "use_right": "construction", "holder": "collective", "title_paper": True, "dispute": "no_sign",
    "land_class": "1201", "land_class_system": "survey3",
}
"""Papers of a parcel that lacks nothing: registered, held by the village collective, vacant building land."""


def _parcel(name: str, shape: Polygon, village: str, feature: str = "JB", **papers: object) -> dict:
    code = f"419901001001{feature}{name[1:].zfill(5)}"
    return {
        "parcel_id": name, "village_code": village, "owner_code": village + "0" * 7, "parcel_code": code,
        "area_m2": shape.area, "declared_area_m2": shape.area, **TITLED, **papers, "geometry": shape,
    }


def parcels() -> gpd.GeoDataFrame:
    qingshi = [
        _parcel("P01", box(1010, 490, 1030, 510), QINGSHI),
        _parcel("P02", box(1010, 600, 1020, 619), QINGSHI),                                   # 190 m2
        _parcel("P03", box(1010, 700, 1020, 721), QINGSHI),                                   # 210 m2
        _parcel("P04", box(1010, 800, 1030, 820), QINGSHI, "JW", use_right="undetermined", dispute="undetermined",
                dispute_source="ZDDM=JW"),
        _parcel("P05", box(1010, 850, 1030, 870), QINGSHI, "JC", use_right="homestead", holder="person", land_class="0702"),
        _parcel("P06", box(1010, 900, 1030, 920), QINGSHI, "GB", owner_nature="20", survey_owner="state", title_owner="state",
                holder="state"),
        _parcel("P07", box(1010, 950, 1030, 970), QINGSHI, "GB", title_owner="state", title_conflict=True),
        _parcel("P08", box(1010, 1100, 1030, 1120), QINGSHI),                                 # ecological red line
        _parcel("P09", box(1400, 490, 1420, 510), QINGSHI),                                   # 400 m from the street
        _parcel("P10", box(1110, 490, 1130, 510), QINGSHI),                                   # 110 m from the street
        _parcel("P11", box(1010, 1200, 1030, 1220), QINGSHI, "JB", title_owner=None, title_conflict=None, title_paper=None,
                use_right=None, holder=None, dispute=None, parcel_code=None),                 # known to the land survey only
    ]
    liuwan = [
        _parcel("P12", box(3010, 490, 3030, 510), LIUWAN),
        _parcel("P13", box(3010, 600, 3030, 620), LIUWAN),                                    # 400 m2 with a house of 225 m2 on it
        _parcel("P14", box(3010, 2300, 3030, 2320), LIUWAN),                                  # on the footpath
        _parcel("P15", box(3010, 890, 3030, 910), LIUWAN),                                    # carries the venue
        _parcel("P16", box(3010, 300, 3050, 320), LIUWAN, land_class="08H2"),                 # carries the idle school
    ]
    return _frame("parcels", qingshi + liuwan)


def buildings() -> gpd.GeoDataFrame:
    rows = [
        {"building_id": "B13", "building_name": "仓房", "footprint_m2": 225.0, "floors": 1.0, "floor_area_m2": 225.0, "idle": False,
         "geometry": box(3012, 602, 3027, 617)},
        {"building_id": "B16", "building_name": "原柳湾小学", "footprint_m2": 120.0, "floors": 2.0, "floor_area_m2": 240.0,
         "floor_area_source": "SCJZMJ", "idle": True, "geometry": box(3012, 305, 3024, 315)},
    ]
    return _frame("buildings", rows)


def ownership() -> gpd.GeoDataFrame:
    state = box(1010, 900, 1030, 970)
    rows = [
        ("JA1", QINGSHI, box(0, -500, 2000, 3000).difference(state)),
        ("JA2", LIUWAN, box(2000, -500, 4000, 3000)),
    ]
    return _frame("ownership", [
        {"ownership_id": i, "owner_level": "village", "owner_code": v + "0" * 7, "dispute": "no_sign", "geometry": g}
        for i, v, g in rows
    ])


def restrictions() -> gpd.GeoDataFrame:
    return _frame("restrictions", [
        {"restriction_id": "r1", "kind": "ecological_redline", "name": "双溪红线", "geometry": box(1005, 1095, 1200, 1150)},
        {"restriction_id": "r2", "kind": "hazard", "name": "滑坡", "geometry": box(1010, 2000, 1110, 2100)},
    ])


def terrain(*, rise: float = 0.0) -> Raster:
    """A 30 m grid over the town that rises by `rise` (metres per metre) to the north."""
    rows, columns = 200, 260
    north = ORIGIN[1] + 4000.0
    heights = (north - 30.0 * (np.arange(rows) + 0.5) - ORIGIN[1]) * rise + 100.0
    values = np.repeat(heights[:, None], columns, axis=1).astype("float32")
    return Raster(values, Affine(30.0, 0, ORIGIN[0] - 500.0, 0, -30.0, north), TOWN_CRS)


def toytown(**changes: object) -> County:
    """The town as a County, flat and without a population raster; any role may be replaced or taken out (``roads=None``)."""
    layers = {
        "villages": villages(), "settlements": settlements(), "parcels": parcels(), "ownership": ownership(),
        "buildings": buildings(), "venues": venues(), "roads": roads(), "facilities": facilities(),
        "restrictions": restrictions(), "terrain": terrain(),
    }
    return County(name="双溪县", code="419901", crs=TOWN_CRS, **{**layers, **changes})
