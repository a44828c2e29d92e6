"""Collective ownership of the demo county as polygons: the land of villages and groups, less what the state owns or is disputed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.demo.cases import OWNED_APART
from layers.demo.cells import largest_part
from layers.demo.recipe import Recipe


def make_ownership(
    recipe: Recipe,
    villages: gpd.GeoDataFrame,
    settlements: pd.DataFrame,
    rule: np.ndarray,
    parcels: gpd.GeoDataFrame,
    state: np.ndarray,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Collective-ownership parcels (JA) and a few whose owner is undetermined (ZA); they do not overlap.

    Parameters
    ----------
    rule : array of str
        QSXZ of each village: 31 splits its land among its groups.
    parcels : GeoDataFrame
        With the cases in them: land that belongs to another than its village gets a polygon of its own.
    state : array of polygons
        Main roads, the main river and the state's parcels.
    """
    apart = parcels[parcels["case"].isin(OWNED_APART)]
    quarrels = _quarrels(villages, parcels, rng)
    holes = np.concatenate([state, apart.geometry.values, quarrels])
    rows = []
    for i, home in enumerate(villages.itertuples()):
        if rule[i] == "31":
            group = settlements[settlements["village"] == i]
            for number, piece in _groups(home.geometry, group):
                name = recipe.text("group", village=home.village_name, number=number)
                rows.append((piece, "JA", "31", f"{home.village_code}{number:03d}0000", name, i))
        else:
            name = recipe.text("collective", village=home.village_name)
            rows.append((home.geometry, "JA", rule[i], home.village_code + "0000000", name, i))
    shapes = _less(np.array([row[0] for row in rows]), holes)
    for piece in quarrels:
        i = int(np.argmin(shapely.distance(villages.geometry.values, piece.centroid)))
        home = villages.iloc[i]
        rows.append(
            (piece, "ZA", "30", home["village_code"] + "0000000", recipe.text("collective", village=home["village_name"]), i)
        )
    for item in apart.itertuples():
        letters = "ZA" if item.case == "owner_undetermined" else "JA"
        rows.append((item.geometry, letters, item.QSXZ, item.QSDWDM, item.QSDWMC, item.village))
    shapes = np.concatenate([shapes, np.array([row[0] for row in rows[len(shapes) :]], dtype=object)])
    return _coded(recipe, rows, shapes, villages)


def _coded(recipe: Recipe, rows: list[tuple], shapes: np.ndarray, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    home = np.array([row[5] for row in rows])
    town = villages["township"].to_numpy()[home] + 1
    sub = villages.groupby("township").cumcount().to_numpy()[home] + 1
    prefix = pd.Series([f"{recipe.code}{t:03d}{s:03d}{row[1]}" for t, s, row in zip(town, sub, rows, strict=True)])
    number = (prefix.groupby(prefix).cumcount() + 90001).map("{:05d}".format)
    data = {
        "BSM": [f"{recipe.code}7{i + 1:011d}" for i in range(len(rows))],
        "ZDDM": (prefix + number).to_numpy(),
        "QLLX": "1",
        "QSXZ": [row[2] for row in rows],
        "QSDWDM": [row[3] for row in rows],
        "QSDWMC": [row[4] for row in rows],
        "ZDMJ": np.round(shapely.area(shapes), 2),
    }
    frame = gpd.GeoDataFrame(data, geometry=shapes, crs=recipe.crs)
    return frame[~frame.is_empty].reset_index(drop=True)


def _quarrels(villages: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, rng: np.random.Generator) -> np.ndarray:
    """A few patches on village limits whose owner is not settled, away from every case."""
    cases = parcels.geometry.values[parcels["case"].ne("").to_numpy()]
    limits = villages.geometry.values
    out: list[shapely.Polygon] = []
    for i in rng.choice(len(limits), 24, replace=False).tolist():
        ring = limits[i].exterior
        at = ring.interpolate(rng.random(), normalized=True)
        blob = shapely.simplify(
            at.buffer(rng.uniform(35, 110), quad_segs=4).intersection(shapely.union_all(limits[_near(limits, at)])), 4
        )
        if (
            shapely.distance(cases, blob).min() > 150
            and all(blob.distance(other) > 50 for other in out)
            and blob.geom_type == "Polygon"
        ):
            out.append(blob)
    return np.array(out, dtype=object)


def _near(limits: np.ndarray, point: shapely.Point) -> np.ndarray:
    return np.nonzero(shapely.distance(limits, point) < 200)[0]


def _groups(limit: shapely.Polygon, settlements: pd.DataFrame) -> list[tuple[int, shapely.Geometry]]:
    """A village's land divided among its groups, to each what lies nearest its houses."""
    points = shapely.points(settlements[["x", "y"]].to_numpy())
    if len(points) < 2:
        return [(1, limit)]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=limit))
    number = settlements["number"].to_numpy()
    pairs = []
    for cell in cells:
        owner = int(np.nonzero(shapely.intersects(points, cell))[0][0])
        pairs.append((int(number[owner]), largest_part(np.array([cell.intersection(limit)]))[0]))
    return sorted(pairs, key=lambda pair: pair[0])


def _less(shapes: np.ndarray, holes: np.ndarray) -> np.ndarray:
    """Shapes less the holes that touch them; what falls apart stays one multipolygon."""
    shape, hole = shapely.STRtree(holes).query(shapes, predicate="intersects")
    out = shapes.copy()
    for i in np.unique(shape).tolist():
        out[i] = shapely.difference(shapes[i], shapely.union_all(holes[hole[shape == i]]))
    return out
