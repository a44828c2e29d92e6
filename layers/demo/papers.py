"""What the papers of the demo county's parcels say: land class, owner, parcel code, right, holder, title, survey note."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.demo.recipe import Recipe
from layers.demo.terrain import Terrain

RIGHTS = {
    # paper: feature letters, QLLX, QLXZ, QLRLX (1 person, 2 enterprise, 3 institution, 4 state, 5 collective)
    "homestead": ("JC", "6", "203", "1"),
    "contract": ("JD", "9", "201", "1"),
    "forest": ("JE", "11", "201", "1"),
    "village": ("JB", "7", "203", "5"),
    "owned": ("JA", "1", "200", "5"),
    "enterprise": ("JB", "7", "204", "2"),
    "institution": ("JB", "8", "203", "3"),
    "state": ("GB", "3", "101", "4"),
    "disputed": ("JW", "7", "203", "5"),
    "survey": ("", "", "", ""),
}
"""Kind of paper -> what it carries; `survey` is land that only the land survey knows."""


def land_use(parcels: gpd.GeoDataFrame, terrain: Terrain, rng: np.random.Generator) -> np.ndarray:
    """Land-survey class of every parcel, from what it is meant for, its size (m2) and the lie of the land."""
    xy = parcels[["x", "y"]].to_numpy()
    slope = terrain.at(terrain.slope_deg, xy)
    above = terrain.at(terrain.above_m, xy)
    area = parcels.area.to_numpy()
    luck = rng.random(len(parcels))
    kind = parcels["intent"].to_numpy()
    code = np.where((slope < 7) & (above < 30), "0101", "0103").astype(object)
    for low, high, other in (
        (0.0, 0.10, "0201"),
        (0.10, 0.15, "0202"),
        (0.15, 0.18, "0302"),
        (0.18, 0.20, "0404"),
        (0.20, 0.21, "1104"),
    ):
        code[(luck >= low) & (luck < high)] = other
    yard = kind == "yard"
    code[yard] = np.where(luck[yard] < 0.75, "0103", "0201")
    house = yard & (area >= 105) & (luck < np.where(area <= 330, 0.95, 0.30)) & (area <= 430)
    code[house] = "0702"
    code[yard & ~house & (luck > 0.97)] = "1201"
    code[kind == "idle"] = np.where(luck[kind == "idle"] < 0.9, "1201", "0404")
    code[kind == "workshop"] = np.where(luck[kind == "workshop"] < 0.5, "0601", "05H1")
    code[kind == "public"] = "08H2"
    return code


def owner_rules(recipe: Recipe, villages: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """How each village's land is owned, as the survey puts it: 32 by the village, 31 by its groups, 30 without saying."""
    luck = rng.random(len(villages))
    rule = np.full(len(villages), "32", dtype=object)
    rule[luck < recipe.papers["group_villages"]] = "31"
    plain = recipe.papers["group_villages"] + recipe.papers["plain_villages"]
    rule[(luck >= recipe.papers["group_villages"]) & (luck < plain)] = "30"
    rule[villages["seat"].to_numpy()] = "32"
    return rule


def _kinds(recipe: Recipe, parcels: pd.DataFrame, villages: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Kind of paper of every parcel, a key of `RIGHTS`."""
    luck = rng.random(len(parcels))
    code = parcels["DLBM"].to_numpy()
    kind = np.full(len(parcels), "survey", dtype=object)
    farm = np.isin(code, ["0101", "0103", "0201", "0202", "1104", "0404"])
    kind[farm] = np.where(luck[farm] < recipe.papers["contracted"], "contract", "survey")
    kind[code == "0302"] = "forest"
    kind[code == "0702"] = np.where(luck[code == "0702"] < 0.97, "homestead", "survey")
    idle = code == "1201"
    unregistered = recipe.papers["unregistered"]
    kind[idle] = np.select(
        [luck[idle] < unregistered, luck[idle] < unregistered + 0.42, luck[idle] < 0.93], ["survey", "village", "owned"], "contract"
    )
    works = np.isin(code, ["0601", "05H1"])
    kind[works] = np.select([luck[works] < 0.25, luck[works] < 0.65], ["survey", "village"], "enterprise")
    public = np.isin(code, ["08H1", "08H2"])
    kind[public] = np.select([luck[public] < 0.15, luck[public] < 0.75], ["survey", "village"], "institution")
    in_seat = villages["seat"].to_numpy()[parcels["village"]]
    kind[public & in_seat & (luck > 0.55)] = "state"
    second = rng.random(len(parcels))
    kind[np.isin(kind, ["village", "owned", "homestead"]) & (second < recipe.papers["disputed"])] = "disputed"
    return kind


def write_papers(
    recipe: Recipe,
    parcels: gpd.GeoDataFrame,
    villages: pd.DataFrame,
    settlements: pd.DataFrame,
    rule: np.ndarray,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """The parcels with their fields in land-survey and cadastre conventions (data-conventions 1 and 2); `DLBM` must be there.

    A `paper` column keeps the kind of paper, for what is built on it.
    """
    out = parcels.copy()
    n = len(out)
    out["paper"] = _kinds(recipe, out, villages, rng)
    home = out["village"].to_numpy()
    out["QSXZ"] = np.where(out["paper"] == "state", "20", rule[home])
    out["ZLDWDM"] = (villages["village_code"] + "0000000").to_numpy()[home]
    out["ZLDWMC"] = villages["village_name"].to_numpy()[home]
    group = settlements["number"].to_numpy()[out["settlement"]]
    own = villages["village_code"].to_numpy()[home]
    out["QSDWDM"] = np.where(rule[home] == "31", [f"{v}{g:03d}0000" for v, g in zip(own, group, strict=True)], out["ZLDWDM"])
    owner = [recipe.text("collective", village=name) for name in villages["village_name"]]
    names = np.array(owner, dtype=object)[home]
    by_group = rule[home] == "31"
    names[by_group] = [
        recipe.text("group", village=v, number=g) for v, g in zip(out["ZLDWMC"][by_group], group[by_group], strict=True)
    ]
    out["QSDWMC"] = np.where(out["paper"] == "state", recipe.texts["state"], names)
    fields = np.array([RIGHTS[kind] for kind in out["paper"]], dtype=object)
    for i, name in enumerate(("feature", "QLLX", "QLXZ", "QLRLX")):
        out[name] = fields[:, i]
    out["BSM"] = [f"{recipe.code}{i + 1:012d}" for i in range(n)]
    out["DLMC"] = [recipe.classes[code] for code in out["DLBM"]]
    out["YT"] = np.where(out["feature"].isin(["JB", "JC", "GB"]), out["DLBM"], "")
    out = _codes(recipe, out, villages)
    titled = (out["ZDDM"] != "") & (rng.random(n) > recipe.papers["untitled"]) & (out["paper"] != "disputed")
    number = np.cumsum(titled)
    out["BDCQZH"] = [recipe.text("title", number=k) if t else "" for k, t in zip(number, titled, strict=True)]
    out["QSDCJS"] = np.where(out["ZDDM"] != "", recipe.texts["boundary_clear"], "")
    quarrel = (out["paper"] == "disputed") & (rng.random(n) < 0.5)
    out.loc[quarrel, "QSDCJS"] = recipe.texts["dispute_note"]
    built = out["intent"].isin(["public", "workshop"]) | (out["DLBM"] == "0702")
    out["ZT"] = np.where((rng.random(n) < 2 * recipe.papers["historic"]) & ~built, "2", "1")
    return measure(out, recipe, rng)


def _codes(recipe: Recipe, parcels: gpd.GeoDataFrame, villages: pd.DataFrame) -> gpd.GeoDataFrame:
    """ZDDM: county, cadastral district and sub-district (not the statistical codes), feature letters, number."""
    town = villages["township"].to_numpy()[parcels["village"]] + 1
    sub = villages.groupby("township").cumcount().to_numpy()[parcels["village"]] + 1
    prefix = pd.Series(
        [f"{recipe.code}{t:03d}{s:03d}{f}" for t, s, f in zip(town, sub, parcels["feature"], strict=True)], index=parcels.index
    )
    number = prefix.groupby(prefix).cumcount() + 1
    code = prefix + number.map("{:05d}".format)
    return parcels.assign(prefix=prefix.str[:12], ZDDM=code.where(parcels["feature"] != "", ""))


def measure(parcels: gpd.GeoDataFrame, recipe: Recipe, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """The parcels with the areas their papers state: in m2, some in mu, some off by more than they should be."""
    area = parcels.area.to_numpy()
    n = len(parcels)
    close = 1 + rng.normal(0, 0.004, n)
    odd = rng.random(n) < recipe.papers["odd_areas"]
    stated = area * np.where(odd, rng.uniform(0.8, 1.3, n), close)
    mu = rng.random(n) < recipe.papers["mu_areas"]
    coded = (parcels["ZDDM"] != "").to_numpy()
    return parcels.assign(
        TBMJ=np.round(area * (1 + rng.normal(0, 0.002, n)), 2),
        ZDMJ=np.where(coded, np.where(mu, np.round(stated * 3 / 2000, 4), np.round(stated, 2)), np.nan),
        MJDW=np.where(coded, np.where(mu, "2", "1"), ""),
    )
