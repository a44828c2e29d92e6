"""The cases that the demo county contains on purpose, each in a village of its own that has no venue."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import affinity

from layers.demo.papers import RIGHTS
from layers.demo.recipe import Recipe

CASES = Path(__file__).resolve().parents[2] / "data" / "demo" / "cases.toml"
PATCHES = {"in_farmland": "basic_farmland", "in_redline": "ecological_redline", "in_floodway": "floodway", "in_hazard": "hazard"}
OWNED_APART = ("enclave", "group_owned", "township_owned", "owner_undetermined")
EXACT_M2 = {"yard_210": 210.0, "yard_190": 190.0, "school_reuse": 600.0}


@cache
def load_cases(path: Path = CASES) -> Mapping[str, Mapping[str, str]]:
    """What each case shows, in both languages, and the verdict that the default standard gives it."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Staged:
    """The parcels with the cases in them; patches of restrictions as (kind, shape); `villages` maps a case to its village's row."""

    parcels: gpd.GeoDataFrame
    patches: tuple[tuple[str, shapely.Geometry], ...]
    villages: Mapping[str, int]


def stage_cases(
    recipe: Recipe,
    parcels: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    without: np.ndarray,
    rule: np.ndarray,
    remote: int,
    main_roads: np.ndarray,
    by_road: np.ndarray,
    roads: gpd.GeoDataFrame,
) -> Staged:
    """Put every case of `cases.toml` into the parcels.

    Parameters
    ----------
    main_roads : array of lines
        Roads and rivers whose land is the state's: cases keep 120 m away from them.
    by_road : array of bool
        Parcels that a road for vehicles reaches within 30 m.
    roads : GeoDataFrame
        Roads on which one can drive to the county seat.

    Raises
    ------
    RuntimeError
        If a case finds no place: the recipe has to be changed.
    """
    texts = [name for name in parcels.columns if isinstance(parcels[name].dtype, pd.StringDtype)]
    out = parcels.assign(case="", wanted_m2=np.nan, wanted_floors=np.nan).astype(dict.fromkeys([*texts, "case"], object))
    where: dict[str, int] = {"footpath_only": remote}
    pool = [int(v) for v in without if v != remote and rule[v] == "32"]
    quiet = by_road.copy()
    quiet[np.unique(shapely.STRtree(out.geometry.values).query(main_roads, predicate="dwithin", distance=120.0)[1])] = False
    home, plot = _across(out, villages, roads, pool, quiet)
    where["two_villages"] = home
    out = _added(out, int(np.nonzero((out["village"] == home).to_numpy() & (out["row"] == 1).to_numpy())[0][0]), plot)
    out = _village_held(recipe, out, len(out) - 1, villages, "two_villages")
    quiet = np.append(quiet, False)
    pool = [v for v in pool if v != where["two_villages"]]
    patches: list[tuple[str, shapely.Geometry]] = []
    taken = {where["two_villages"]}
    for case in load_cases():
        if case in where or case == "venue_below_standard":
            continue
        village, row = _place(out, pool, taken, quiet, case)
        taken.add(village)
        where[case] = village
        if case == "no_passing_site":
            out = _bar(recipe, out, village)
            continue
        if case not in ("homestead", "contracted"):
            if case in EXACT_M2:
                out = _set_shape(out, row, _sized(out.geometry.iloc[row], EXACT_M2[case]))
            out = _village_held(recipe, out, row, villages, case)
        out, more = _CHANGES.get(case, _as_it_is)(recipe, out, row, villages)
        quiet = np.append(quiet, np.zeros(len(out) - len(quiet), bool))
        out = _write(out, row, case=case)
        patches += more
    return Staged(_recoded(out), tuple(patches), where)


def _across(
    parcels: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, pool: list[int], quiet: np.ndarray
) -> tuple[int, shapely.Polygon]:
    """A village and a plot beside a road where it leaves the village, most of it in the village and the rest in the next one."""
    limits = villages.geometry.values
    taken = shapely.STRtree(np.concatenate([parcels.geometry.values, shapely.buffer(roads.geometry.values, 2.6)]))
    near = parcels.geometry.values[~quiet]
    far_from_main = shapely.STRtree(near)
    for village in pool:
        border = shapely.boundary(limits[village])
        for road in roads.sindex.query(border, predicate="crosses").tolist():
            line = roads.geometry.values[road]
            at = line.project(shapely.points(shapely.get_coordinates(line.intersection(border))[0]))
            here, ahead, behind = (np.array(line.interpolate(max(0.0, at + d)).coords[0]) for d in (0.0, 5.0, -5.0))
            along = (ahead - behind) / np.hypot(*(ahead - behind))
            for way in (along, -along):
                for normal in (np.array([-way[1], way[0]]), np.array([way[1], -way[0]])):
                    corners = np.array([[-9.0, 4.5], [24.0, 4.2], [27.0, 25.0], [8.0, 29.0], [-10.5, 26.0]])
                    plot = shapely.polygons(here + corners[:, :1] * way + corners[:, 1:] * normal)
                    parts = shapely.area(shapely.intersection(limits, plot)) / plot.area
                    clear = len(taken.query(plot, predicate="intersects")) == 0
                    if 0.6 < parts[village] < 0.9 and parts.sum() > 0.999 and clear and len(far_from_main.query(plot)) == 0:
                        return village, plot
    raise RuntimeError("no road leaves a village where a plot could lie across its limits: change the recipe's seed")


def _place(parcels: gpd.GeoDataFrame, pool: list[int], taken: set[int], quiet: np.ndarray, case: str) -> tuple[int, int]:
    """The first village still free, and the row in it that suits a case."""
    area = parcels.area.to_numpy()
    first = (parcels["row"] == 1).to_numpy()
    fit = quiet & (parcels["case"] == "").to_numpy() & (parcels["ZT"] == "1").to_numpy()
    if case == "homestead":
        fit &= (parcels["paper"] == "homestead").to_numpy() & (area > 215) & (area < 330)
    elif case == "contracted":
        fit &= (parcels["paper"] == "contract").to_numpy() & (parcels["DLBM"] == "0103").to_numpy() & (area > 300)
    elif case == "school_reuse":
        fit &= first & parcels["intent"].isin(["idle", "public", "workshop"]).to_numpy() & (area > 615)
    else:
        fit &= first & (parcels["intent"] == "idle").to_numpy() & (area > 330) & (area < 1100)
    home = parcels["village"].to_numpy()
    for village in pool:
        if village not in taken:
            rows = np.nonzero(fit & (home == village))[0]
            if len(rows):
                return village, int(rows[0])
    raise RuntimeError(f"no place for the case {case}: change the recipe's seed")


def _sized(shape: shapely.Polygon, area_m2: float) -> shapely.Polygon:
    """The shape shrunk about its middle to an exact area (m2)."""
    scale = float(np.sqrt(area_m2 / shape.area))
    inner = affinity.scale(shape, scale, scale, origin=shape.centroid)
    return inner if shape.contains(inner) else affinity.scale(shape, scale, scale, origin=shape.point_on_surface())


def _added(parcels: gpd.GeoDataFrame, like: int, shape: shapely.Geometry) -> gpd.GeoDataFrame:
    """The parcels and one more at their end: a copy of the row `like` with another shape and a BSM of its own."""
    number = parcels["BSM"].iloc[like]
    copy = parcels.iloc[[like]].assign(case="", BSM=number[:6] + "9" + number[7:])
    copy = copy.set_geometry(gpd.GeoSeries([shape], index=copy.index, crs=parcels.crs))
    return gpd.GeoDataFrame(pd.concat([parcels, copy], ignore_index=True), crs=parcels.crs)


def _set_shape(parcels: gpd.GeoDataFrame, row: int, shape: shapely.Geometry) -> gpd.GeoDataFrame:
    shapes = parcels.geometry.values.copy()
    shapes[row] = shape
    return parcels.set_geometry(gpd.GeoSeries(shapes, index=parcels.index, crs=parcels.crs))


def _write(parcels: gpd.GeoDataFrame, row: int, **values: object) -> gpd.GeoDataFrame:
    changed = {}
    for name, value in values.items():
        changed[name] = parcels[name].to_numpy(copy=True)
        changed[name][row] = value
    return parcels.assign(**{name: pd.Series(column, index=parcels.index, dtype=column.dtype) for name, column in changed.items()})


def _village_held(recipe: Recipe, parcels: gpd.GeoDataFrame, row: int, villages: gpd.GeoDataFrame, case: str) -> gpd.GeoDataFrame:
    """A parcel as it should be: idle land, construction right held by the village, titled, undisputed, its area stated."""
    area = float(parcels.geometry.iloc[row].area)
    feature, right, nature, holder = RIGHTS["village"]
    home = villages.iloc[int(parcels["village"].iloc[row])]
    return _write(
        parcels,
        row,
        case=case,
        paper="village",
        feature=feature,
        QLLX=right,
        QLXZ=nature,
        QLRLX=holder,
        DLBM="1201",
        DLMC=recipe.classes["1201"],
        YT="1201",
        QSXZ="32",
        QSDWDM=home["village_code"] + "0000000",
        QSDWMC=recipe.text("collective", village=home["village_name"]),
        ZLDWDM=home["village_code"] + "0000000",
        BDCQZH=recipe.text("title", number=9000000 + row),
        QSDCJS=recipe.texts["boundary_clear"],
        ZT="1",
        purpose="",
        intent="idle",
        TBMJ=round(area, 2),
        ZDMJ=round(area, 2),
        MJDW="1",
    )


def _bar(recipe: Recipe, parcels: gpd.GeoDataFrame, village: int) -> gpd.GeoDataFrame:
    """A whole village held by households: homesteads and contracted fields, nothing else, no empty building."""
    mine = (parcels["village"] == village).to_numpy()
    house = mine & ((parcels["DLBM"] == "0702") | (parcels["intent"] != "field")).to_numpy()
    field = mine & ~house
    out = parcels.copy(deep=False)
    for chosen, paper, land in ((house, "homestead", "0702"), (field, "contract", "0103")):
        values = dict(zip(("feature", "QLLX", "QLXZ", "QLRLX"), RIGHTS[paper], strict=True))
        note = recipe.texts["boundary_clear"]
        values |= {
            "paper": paper,
            "DLBM": land,
            "DLMC": recipe.classes[land],
            "YT": land if paper == "homestead" else "",
            "QSDCJS": note,
        }
        values |= {"purpose": "", "MJDW": "1"}
        for name, value in values.items():
            out[name] = np.where(chosen, value, out[name])
    out["ZDMJ"] = np.where(mine, np.round(out.area.to_numpy(), 2), out["ZDMJ"])
    out["intent"] = np.where(house, "yard", out["intent"])
    return out


def _as_it_is(recipe: Recipe, parcels: gpd.GeoDataFrame, row: int, villages: gpd.GeoDataFrame):
    return parcels, []


def _rewrite(values: Mapping[str, object], recipe: Recipe, parcels: gpd.GeoDataFrame, row: int, villages: gpd.GeoDataFrame):
    return _write(parcels, row, **values), []


def _disputed(recipe: Recipe, parcels: gpd.GeoDataFrame, row: int, villages: gpd.GeoDataFrame):
    return _write(parcels, row, feature="JW", paper="disputed", BDCQZH="", QSDCJS=recipe.texts["dispute_note"]), []


def _patch(kind: str, recipe: Recipe, parcels: gpd.GeoDataFrame, row: int, villages: gpd.GeoDataFrame):
    """A restriction that reaches over the far half of the parcel, rounded as drawn by hand."""
    shape = parcels.geometry.iloc[row]
    left, bottom, right, top = shape.bounds
    half = shapely.box(left + 0.45 * (right - left), bottom - 25, right + 70, top + 30)
    others = parcels.geometry.values[parcels["case"].ne("").to_numpy() & (np.arange(len(parcels)) != row)]
    return parcels, [(kind, half.buffer(-8).buffer(8, quad_segs=6).difference(shapely.union_all(others)))]


def _enclave(recipe: Recipe, parcels: gpd.GeoDataFrame, row: int, villages: gpd.GeoDataFrame):
    here = int(parcels["village"].iloc[row])
    apart = shapely.distance(villages.geometry.values, parcels.geometry.iloc[row])
    apart[here] = np.inf
    owner = villages.iloc[int(np.argmin(apart))]
    text = recipe.text("collective", village=owner["village_name"])
    return _write(parcels, row, QSDWDM=owner["village_code"] + "0000000", QSDWMC=text), []


def _group(recipe: Recipe, parcels: gpd.GeoDataFrame, row: int, villages: gpd.GeoDataFrame):
    home = villages.iloc[int(parcels["village"].iloc[row])]
    text = recipe.text("group", village=home["village_name"], number=3)
    return _write(parcels, row, QSXZ="31", QSDWDM=home["village_code"] + "0030000", QSDWMC=text), []


def _township(recipe: Recipe, parcels: gpd.GeoDataFrame, row: int, villages: gpd.GeoDataFrame):
    home = villages.iloc[int(parcels["village"].iloc[row])]
    text = recipe.text("township", township=home["township_name"])
    return _write(parcels, row, QSXZ="33", QSDWDM=home["township_code"] + "0000000000", QSDWMC=text), []


def _sliver(recipe: Recipe, parcels: gpd.GeoDataFrame, row: int, villages: gpd.GeoDataFrame):
    """A strip of 0.7 m out of the middle of the parcel; the larger rest stays a parcel of its own."""
    shape = parcels.geometry.iloc[row]
    x, y = shape.centroid.coords[0]
    strip = max(
        shapely.get_parts(shape.intersection(shapely.box(x - 200, y - 0.35, x + 200, y + 0.35))), key=lambda part: part.area
    )
    rest = max(shapely.get_parts(shape.difference(shapely.box(x - 200, y - 0.35, x + 200, y + 0.35))), key=lambda part: part.area)
    thin = _write(_set_shape(parcels, row, strip), row, TBMJ=round(strip.area, 2), ZDMJ=round(strip.area, 2))
    both = _added(thin, row, rest)
    return _write(both, len(both) - 1, TBMJ=round(rest.area, 2), ZDMJ=round(rest.area, 2), BDCQZH=""), []


def _area(share: float, unit: str, recipe: Recipe, parcels: gpd.GeoDataFrame, row: int, villages: gpd.GeoDataFrame):
    area = parcels.geometry.iloc[row].area * share
    return _write(parcels, row, ZDMJ=round(area * 3 / 2000, 4) if unit == "2" else round(area, 2), MJDW=unit), []


def _building(area_m2: float, floors: int, recipe: Recipe, parcels: gpd.GeoDataFrame, row: int, villages: gpd.GeoDataFrame):
    school = {"DLBM": "08H2", "DLMC": recipe.classes["08H2"], "YT": "08H2", "intent": "public", "purpose": "school"}
    values = {"wanted_m2": area_m2, "wanted_floors": float(floors), **(school if area_m2 > 200 else {})}
    return _write(parcels, row, **values), []


_NO_PAPERS = {
    "feature": "",
    "QLLX": "",
    "QLXZ": "",
    "QLRLX": "",
    "BDCQZH": "",
    "QSDCJS": "",
    "YT": "",
    "MJDW": "",
    "ZDMJ": np.nan,
    "paper": "survey",
}
_CHANGES: Mapping[str, Callable] = {
    "sliver": _sliver,
    "disputed_use": _disputed,
    "owner_undetermined": partial(_rewrite, {"feature": "ZB", "BDCQZH": "", "QLLX": "", "QLXZ": ""}),
    "papers_gb": partial(_rewrite, {"feature": "GB", "QSXZ": "30"}),
    "papers_right": partial(_rewrite, {"QLXZ": "102"}),
    "papers_missing": partial(_rewrite, _NO_PAPERS),
    **{case: partial(_patch, kind) for case, kind in PATCHES.items()},
    "enclave": _enclave,
    "group_owned": _group,
    "township_owned": _township,
    "area_declared_larger": partial(_area, 1.3, "1"),
    "area_in_mu": partial(_area, 1.0, "2"),
    "school_reuse": partial(_building, 240.0, 2),
    "house_small": partial(_building, 80.0, 1),
}


def _recoded(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Parcel codes numbered afresh, since cases changed feature letters."""
    prefix = parcels["prefix"] + parcels["feature"]
    number = (prefix.groupby(prefix).cumcount() + 1).map("{:05d}".format)
    return parcels.assign(ZDDM=(prefix + number).where(parcels["feature"] != "", ""))


def case_table(staged: Staged, villages: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, venues: pd.DataFrame) -> pd.DataFrame:
    """Which case is where: one row a case, in the order of `cases.toml`, texts in both languages."""
    parcels = staged.parcels
    rows = []
    for case, text in load_cases().items():
        village = staged.villages.get(case)
        if case == "venue_below_standard":
            village = int(venues.loc[venues["case"] == case, "village"].iloc[0])
        mine = parcels[parcels["case"] == case]
        parcel = "" if mine.empty else mine["ZDDM"].iloc[0] or mine["BSM"].iloc[0]
        building = buildings.loc[buildings["case"] == case, "BSM"]
        home = villages.iloc[village]
        rows.append(
            {
                "case": case,
                "kind": text["kind"],
                "village_code": home["village_code"],
                "village_name": home["village_name"],
                "township_name": home["township_name"],
                "parcel_id": parcel,
                "building_id": building.iloc[0] if len(building) else "",
                "expected": text["expected"],
                "gates": text["gates"],
                "shows_zh": text["zh"],
                "shows_en": text["en"],
                "why_zh": text["why_zh"],
                "why_en": text["why_en"],
            }
        )
    return pd.DataFrame(rows)
