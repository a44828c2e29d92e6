"""Which villages of the demo county have a venue, and what stands on the public plots of those that have none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.demo.recipe import Recipe


def choose_without(recipe: Recipe, villages: pd.DataFrame, remote: int, rng: np.random.Generator) -> np.ndarray:
    """Rows of the villages without a venue, ascending: no township seats, the small and remote more often."""
    weight = 1.0 / np.sqrt(villages["population"].to_numpy(dtype=float))
    weight[villages["seat"].to_numpy()] = 0.0
    weight[remote] = 0.0
    count = int(recipe.counts["without_venue"]) - 1
    others = rng.choice(len(villages), count, replace=False, p=weight / weight.sum())
    return np.sort(np.append(others, remote))


def give_public_plots(recipe: Recipe, parcels: gpd.GeoDataFrame, without: np.ndarray, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Parcels with a `purpose`: venue (one per village that has one), school or brigade (empty ones), service, else none."""
    out = parcels.assign(purpose="")
    purpose = out["purpose"].to_numpy(dtype=object)
    code = out["DLBM"].to_numpy(dtype=object)
    lacking = set(without.tolist())
    public = out.index[out["intent"] == "public"]
    for village, plots in out.loc[public].groupby("village", sort=True).indices.items():
        mine = public[plots]
        mine = mine[np.argsort(-out.loc[mine].area.to_numpy(), kind="stable")]
        for turn, row in enumerate(mine.tolist()):
            if turn == 0 and village not in lacking:
                purpose[row], code[row] = "venue", "08H1"
            elif turn == 0 or (turn == 1 and rng.random() < 0.2):
                old_school = rng.random() < 0.55
                purpose[row], code[row] = ("school", "08H2") if old_school else ("brigade", "08H1")
            else:
                purpose[row] = "service"
    return out.assign(purpose=purpose, DLBM=code)


def make_venues(
    recipe: Recipe, parcels: gpd.GeoDataFrame, villages: pd.DataFrame, without: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """The existing venues, one for each village but those without: `x`, `y` (m), building and courtyard area (m2), some too small.

    The first below standard has a building of 70 m2 on a good yard: the case of an upgrade.
    """
    have = np.setdiff1d(np.arange(len(villages)), without)
    site = parcels[parcels["purpose"] == "venue"].drop_duplicates("village").set_index("village")
    inside = site.geometry.representative_point()
    x = inside.x.reindex(have).to_numpy(copy=True)
    y = inside.y.reindex(have).to_numpy(copy=True)
    yard = np.floor(np.minimum(site.geometry.area.reindex(have).fillna(420.0).to_numpy(), 1400.0))
    missing = np.isnan(x)
    x[missing], y[missing] = villages["x"].to_numpy()[have[missing]] + 18.0, villages["y"].to_numpy()[have[missing]] + 14.0
    floor = np.round(rng.uniform(96, 320, len(have)) * np.where(villages["seat"].to_numpy()[have], 2.0, 1.0))
    yard = np.maximum(yard, 205.0)
    ordinary = np.nonzero(~villages["seat"].to_numpy()[have] & ~missing)[0]
    below_count, unknown_count = int(recipe.counts["below_standard"]), int(recipe.counts["unknown_venue"])
    picked = rng.choice(ordinary, below_count + unknown_count, replace=False)
    below, unknown = picked[:below_count], picked[below_count:]
    small_house = np.arange(below_count) % 3 != 2
    floor[below[small_house]] = np.round(rng.uniform(42, 86, int(small_house.sum())))
    yard[below[~small_house]] = np.round(rng.uniform(80, 188, int((~small_house).sum())))
    floor[below[0]] = 70.0
    floor[unknown], yard[unknown] = np.nan, np.nan
    names = [recipe.text("venue", village=villages["village_name"].iloc[v]) for v in have]
    parcel_code = site["ZDDM"].reindex(have).fillna("").to_numpy()
    data = {"village": have, "name": names, "floor_area_m2": floor, "courtyard_m2": yard, "x": x, "y": y, "ZDDM": parcel_code}
    frame = pd.DataFrame(data)
    frame["case"] = np.where(np.arange(len(have)) == below[0], "venue_below_standard", "")
    return frame
