"""What forbids building in the demo county: farmland, ridge forest, floodway, landslides, water, a power line, main roads."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from rasterio.features import rasterize, shapes
from scipy import ndimage
from shapely import affinity

from layers.demo.lines import cut_corners
from layers.demo.recipe import Recipe
from layers.demo.terrain import CELL_M, Terrain, noise

CONTROL_M = {"national": 20.0, "provincial": 15.0}
"""Building control zone from the edge of the road's land (公路安全保护条例)."""


def _blobs(mask: np.ndarray, terrain: Terrain, *, smallest_m2: float, tolerance_m: float) -> np.ndarray:
    """Patches of a mask as polygons with softened outlines."""
    out = []
    for geometry, value in shapes(mask.astype(np.uint8), mask=mask, transform=terrain.transform):
        if value:
            rings = [shapely.simplify(shapely.linearrings(ring), CELL_M * 0.55) for ring in geometry["coordinates"]]
            rings = [_round(ring, tolerance_m) for ring in rings if shapely.area(shapely.polygons(ring)) > smallest_m2 / 4]
            if rings:
                out.append(shapely.Polygon(rings[0], rings[1:]))
    made = shapely.make_valid(np.array(out, dtype=object))
    parts = shapely.get_parts(made)
    parts = parts[shapely.get_type_id(parts) == 3]
    return parts[shapely.area(parts) >= smallest_m2]


def _round(ring: shapely.LinearRing, tolerance_m: float) -> shapely.LinearRing:
    xy = shapely.get_coordinates(ring)
    start = (xy[0] + xy[1]) / 2
    loop = np.vstack([[start], xy[1:], [start]])
    return shapely.linearrings(
        shapely.get_coordinates(shapely.simplify(shapely.linestrings(cut_corners(cut_corners(loop))), tolerance_m))
    )


def make_restrictions(
    recipe: Recipe,
    terrain: Terrain,
    limits: np.ndarray,
    parcels: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    streams: gpd.GeoDataFrame,
    patches: tuple[tuple[str, shapely.Geometry], ...],
    rng: np.random.Generator,
) -> Mapping[str, gpd.GeoDataFrame]:
    """Restrictions by kind, each with `name`, in the county's CRS. They keep clear of the cases, but for the cases' own patches."""
    outline = shapely.union_all(limits)
    inside = rasterize([outline], out_shape=terrain.shape, transform=terrain.transform).astype(bool)
    keep = shapely.union_all(shapely.buffer(parcels.geometry.values[parcels["case"].ne("").to_numpy()], 15.0, quad_segs=2))
    spots = terrain.cells(parcels[["x", "y"]].to_numpy())
    lived = np.zeros(terrain.shape, bool)
    lived.ravel()[spots] = True
    lived = ndimage.binary_dilation(lived, iterations=2)
    river = streams[streams["river"]]
    wide = streams[streams["width_m"] > 4]
    made = {
        "basic_farmland": _farmland(terrain, parcels, inside & ~lived, rng),
        "ecological_redline": _redline(terrain, inside & ~lived, rng),
        "floodway": shapely.get_parts(
            shapely.union_all(shapely.buffer(river.geometry.values, 1.1 * river["width_m"].to_numpy() + 28, quad_segs=4))
        ),
        "hazard": _landslides(terrain, parcels, rng),
        "water": shapely.buffer(wide.geometry.values, wide["width_m"].to_numpy() / 2, quad_segs=3),
        "power_line": _power_line(terrain, limits, rng),
        "highway_control": _control(recipe, roads),
    }
    out = {}
    for kind, found in made.items():
        found = shapely.intersection(shapely.make_valid(found), outline)
        touched = shapely.intersects(found, keep)
        if kind != "water":
            found[touched] = shapely.difference(found[touched], keep)
        found = np.concatenate([shapely.get_parts(found), [shape for name, shape in patches if name == kind]])
        found = found[(shapely.get_type_id(found) == 3) & (shapely.area(found) > 1.0)]
        name = recipe.texts["redline" if kind == "ecological_redline" else "farmland" if kind == "basic_farmland" else kind]
        out[kind] = gpd.GeoDataFrame({"name": name}, geometry=found, crs=recipe.crs, index=range(len(found)))
    return out


def _farmland(terrain: Terrain, parcels: gpd.GeoDataFrame, free: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Flat valley floors away from houses, and the contracted paddies at the rims of the natural villages."""
    soil = ndimage.gaussian_filter(rng.standard_normal(terrain.shape), 5)
    flat = (terrain.slope_deg < 7) & (terrain.above_m < 28) & (soil > -0.01) & (terrain.area_m2 < 2e7)
    plain = _blobs(ndimage.binary_opening(flat & free, iterations=1), terrain, smallest_m2=15000, tolerance_m=3.0)
    paddy = parcels[(parcels["intent"] == "field") & (parcels["DLBM"] == "0101") & (parcels["paper"] == "contract")]
    grown = shapely.union_all(shapely.buffer(paddy.geometry.values, 1.2, join_style="mitre"))
    fields = shapely.get_parts(shapely.buffer(shapely.get_parts(grown), -1.2, join_style="mitre"))
    return np.concatenate([plain, shapely.simplify(fields, 0.2)])


def _redline(terrain: Terrain, free: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Forest on the high and steep ridges, in a few large polygons."""
    height = ndimage.gaussian_filter(terrain.z, 12)
    wild = (
        ndimage.gaussian_filter(terrain.slope_deg, 6) / 14 + (terrain.z - height) / 120 + (terrain.z - np.median(terrain.z)) / 350
    )
    wild = ndimage.gaussian_filter(wild + 0.25 * noise(terrain.shape, rng, wave_cells=10), 2)
    mask = ndimage.binary_opening((wild > np.quantile(wild[free], 0.80)) & free, iterations=2)
    return _blobs(mask, terrain, smallest_m2=4e5, tolerance_m=2.0)


def _landslides(terrain: Terrain, parcels: gpd.GeoDataFrame, rng: np.random.Generator) -> np.ndarray:
    """Ellipses down the steep slopes above the houses, a few of them reaching yards."""
    xy = parcels[["x", "y"]].to_numpy()
    near = rng.choice(len(xy), 4000, replace=False)
    spot = xy[near] + rng.normal(0, 160, (len(near), 2))
    steep = np.nonzero(terrain.at(terrain.slope_deg, spot) > 23)[0][:64]
    down, right = np.gradient(terrain.z, CELL_M)
    out = []
    for i in steep.tolist():
        point = spot[i : i + 1]
        fall = np.degrees(np.arctan2(-terrain.at(down, point)[0], terrain.at(right, point)[0]))
        long, wide = rng.uniform(60, 170), rng.uniform(30, 80)
        angle = np.linspace(0, 2 * np.pi, 25)[:-1]
        uneven = 1 + 0.12 * np.sin(2 * angle + rng.uniform(0, 6)) + 0.08 * np.sin(5 * angle + rng.uniform(0, 6))
        shape = shapely.polygons(np.column_stack([np.cos(angle) * long * uneven, np.sin(angle) * wide * uneven]))
        out.append(affinity.translate(affinity.rotate(shape, fall, origin=(0, 0)), *point[0]))
    return shapely.get_parts(shapely.union_all(np.array(out)))


def _power_line(terrain: Terrain, limits: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The protected strip of a 110 kV line: straight spans from tower to tower across the county."""
    left, bottom, right, top = shapely.total_bounds(limits)
    t = np.linspace(0, 1, 60)
    xy = np.column_stack([left + (right - left) * t, bottom + (top - bottom) * (0.25 + 0.45 * t)])
    xy[:, 1] += np.cumsum(rng.normal(0, 190, len(t)))
    return np.array([shapely.buffer(shapely.linestrings(xy), 13.0, cap_style="flat", join_style="mitre")], dtype=object)


def _control(recipe: Recipe, roads: gpd.GeoDataFrame) -> np.ndarray:
    out = []
    for name, zone_m in CONTROL_M.items():
        lines = roads.geometry.values[(roads["road_class"] == name).to_numpy()]
        out.append(shapely.union_all(shapely.buffer(lines, recipe.roads[name]["width_m"] / 2 + 1 + zone_m, quad_segs=3)))
    return shapely.get_parts(np.array(out))
