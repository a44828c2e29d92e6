"""Roads of the demo county: from the national road down to footpaths, each laid along the cheapest way over the hills."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.ops import substring

from layers.demo.lines import chains, cut_corners, soften
from layers.demo.recipe import Recipe
from layers.demo.search import find_way, mark_way
from layers.demo.streams import stream_width_m
from layers.demo.terrain import CELL_M, Terrain, noise

RANKS = ("national", "provincial", "county", "township", "village", "street", "track", "path")
STEEPNESS = {
    "national": 420.0,
    "provincial": 380.0,
    "county": 300.0,
    "township": 240.0,
    "village": 180.0,
    "track": 90.0,
    "path": 30.0,
}
"""How much a road of a class shuns grades: cost of a step is its length times 1 + steepness * grade^2."""


@dataclass
class _Builder:
    """The net while it is being laid: which cells carry which way."""

    terrain: Terrain
    shut: np.ndarray
    """Cells no vehicle road may enter: the village that is reached on foot only, and all beyond the county."""
    outside: np.ndarray
    """Cells no way at all may enter: beyond the county."""
    rng: np.random.Generator
    ways: list[tuple[np.ndarray, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        rows, cols = self.terrain.shape
        n = rows * cols
        wet = self.terrain.area_m2.ravel() >= 1.2e6
        fields = np.exp(0.55 * noise(self.terrain.shape, self.rng, wave_cells=2.4)).ravel()
        water = ndimage.grey_dilation(
            np.where(wet, stream_width_m(self.terrain.area_m2.ravel()), 0).reshape(rows, cols), (3, 3)
        ).ravel()
        self.slowness = fields * np.where(wet, 1.0 + 0.35 * stream_width_m(self.terrain.area_m2.ravel()), 1.0 + 0.08 * water)
        self.z = np.ascontiguousarray(self.terrain.z.ravel())
        self.marks = np.zeros(n, np.int64)
        self.has_road = np.zeros(n, bool)
        self.any_way = np.zeros(n, bool)
        self.open_land = self.outside.ravel()
        self.scratch = (np.zeros(n, np.int64), np.zeros(n), np.zeros(n, np.int64), np.zeros(6 * n), np.zeros(6 * n, np.int64))
        self.calls = 0

    def lay(self, start: int, goal: int, road_class: str, *, reuse: float = 0.45) -> bool:
        """Lay one way from a cell to a cell, or to the nearest road where `goal` is -1; False where there is no way."""
        rows, cols = self.terrain.shape
        self.calls += 1
        stamps, cost, back, keys, items = self.scratch
        foot = road_class == "path"
        way = find_way(
            start,
            goal,
            self.marks,
            self.any_way if foot else self.has_road,
            self.open_land if foot else self.shut,
            self.z,
            self.slowness,
            rows,
            cols,
            CELL_M,
            STEEPNESS[road_class],
            reuse,
            self.calls,
            stamps,
            cost,
            back,
            keys,
            items,
        )
        if len(way) < 2:
            return False
        if not foot:
            mark_way(way, self.marks, self.has_road, cols)
        mark_way(way, self.marks, self.any_way, cols)
        self.ways.append((way, road_class))
        return True


def remote_village(terrain: Terrain, villages: pd.DataFrame, owner: np.ndarray) -> int:
    """Row of the village that no road reaches: high, steep, small, no township seat, not crossed by a large stream."""
    flat = owner.ravel()
    inside = flat >= 0
    count = np.bincount(flat[inside], minlength=len(villages))
    height = np.bincount(flat[inside], terrain.z.ravel()[inside], len(villages)) / count
    slope = np.bincount(flat[inside], terrain.slope_deg.ravel()[inside], len(villages)) / count
    river = np.zeros(len(villages))
    np.maximum.at(river, flat[inside], terrain.area_m2.ravel()[inside])
    rank = (
        height / height.max() + slope / slope.max() - 3.0 * (river > 3e7) - 5.0 * villages["seat"].to_numpy() - count / count.max()
    )
    return int(np.argmax(rank - villages["population"].to_numpy() / 1500))


def _border_ends(terrain: Terrain, owner: np.ndarray) -> list[int]:
    """Cells at the county's border where the main roads leave it: down the main river, and towards north, east and west."""
    rows, cols = terrain.shape
    rim = np.nonzero(((owner >= 0) & ~ndimage.binary_erosion(owner >= 0, iterations=2)).ravel())[0]
    r, c = np.divmod(rim, cols)
    down = rim[int(np.argmax(terrain.area_m2.ravel()[rim]))]
    ends = [down]
    for row, col in ((0, 0.4 * cols), (0.3 * rows, cols), (0.66 * rows, 0)):
        ends.append(rim[int(np.argmin(np.hypot(r - row, c - col) + 4 * terrain.slope_deg.ravel()[rim]))])
    return [int(end) for end in ends]


def lay_ways(
    terrain: Terrain,
    villages: pd.DataFrame,
    settlements: pd.DataFrame,
    owner: np.ndarray,
    seats: list[int],
    remote: int,
    rng: np.random.Generator,
) -> list[tuple[np.ndarray, str]]:
    """Cells and class of every way, the highest class first."""
    near_remote = ndimage.binary_dilation(owner == remote, iterations=4).ravel()
    near_remote[(owner < 0).ravel()] = True
    near_remote[settlements["cell"][settlements["village"] != remote]] = False
    net = _Builder(terrain, near_remote, owner < 0, rng)
    rows, cols = terrain.shape
    cell = villages["cell"].to_numpy()
    xy = villages[["x", "y"]].to_numpy()
    main = cell[seats[0]]
    ends = _border_ends(terrain, owner)
    for goal, road_class in zip(ends, ("national", "national", "provincial", "provincial"), strict=True):
        net.lay(main, goal, road_class)
    for i, seat in enumerate(seats):
        apart = np.hypot(*(xy[seats] - xy[seat]).T)
        for j in np.argsort(apart, kind="stable")[1:3].tolist():
            net.lay(cell[seats[i]], cell[seats[j]], "county")
    for t, seat in enumerate(seats):
        members = np.nonzero((villages["township"] == t) & (np.arange(len(villages)) != remote))[0]
        apart = np.hypot(*(xy[members] - xy[seat]).T)
        for _ in range(4):
            far = members[int(np.argmax(apart))]
            net.lay(cell[far], cell[seat], "township", reuse=0.3)
            apart = np.minimum(apart, np.hypot(*(xy[members] - xy[far]).T))
    away = np.hypot(*(xy - xy[np.array(seats)[villages["township"]]]).T)
    for village in np.argsort(away, kind="stable").tolist():
        if village != remote and not net.has_road[cell[village]]:
            net.lay(cell[village], -1, "village")
    for village in np.nonzero(rng.random(len(villages)) < 0.4)[0].tolist():
        apart = np.hypot(*(xy - xy[village]).T)
        apart[[village, remote]] = np.inf
        if village != remote:
            net.lay(cell[village], cell[int(np.argmin(apart))], "village", reuse=0.5)
    _reach_settlements(net, settlements, remote, rng)
    return net.ways


def _reach_settlements(net: _Builder, settlements: pd.DataFrame, remote: int, rng: np.random.Generator) -> None:
    """A way to every natural village: a village road to the larger, a farm track to most, a footpath to the steep and small."""
    cells = settlements["cell"].to_numpy()
    slope = ndimage.maximum_filter(net.terrain.slope_deg, 9).ravel()[cells]
    luck = rng.random(len(cells))
    people = settlements["population"].to_numpy()
    wanted = np.where((people > 160) | (luck < 0.35), 4, 6)
    wanted[(slope > 26) & (people < 120) & (luck < 0.5)] = 7
    wanted[settlements["village"] == remote] = 7
    for rank in (4, 6, 7):
        for i in np.nonzero(wanted == rank)[0].tolist():
            if net.any_way[cells[i]] if rank == 7 else net.has_road[cells[i]]:
                continue
            if not net.lay(cells[i], -1, RANKS[rank]):
                net.lay(cells[i], -1, "path")


def make_roads(
    recipe: Recipe,
    terrain: Terrain,
    ways: list[tuple[np.ndarray, str]],
    settlements: pd.DataFrame,
    owner: np.ndarray,
    remote: int,
    streams: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """The road network as lines that meet at shared vertices.

    Returns
    -------
    GeoDataFrame
        `road_class`, `way` (number; -1 for lanes), `bridge`; one LineString a row, split at every junction.
    """
    steps = np.vstack([np.column_stack([way[:-1], way[1:]]) for way, _ in ways])
    number = np.concatenate([np.full(len(way) - 1, i) for i, (way, _) in enumerate(ways)])
    rank = np.array([RANKS.index(road_class) for _, road_class in ways])
    steps = np.sort(steps, axis=1)
    order = np.lexsort((number, rank[number], steps[:, 1], steps[:, 0]))
    steps, number = steps[order], number[order]
    first = np.r_[True, (steps[1:] != steps[:-1]).any(axis=1)]
    inside = (owner.ravel()[steps] >= 0).any(axis=1)
    steps, number = steps[first & inside], number[first & inside]
    lines, classes, numbers = [], [], []
    for cells, way in chains(steps, number, settlements["cell"].to_numpy()):
        xy = soften(terrain.xy(cells), rounds=4 if rank[way] < 5 else 2)
        lines.append(shapely.simplify(shapely.linestrings(cut_corners(cut_corners(xy))), 0.8))
        classes.append(RANKS[rank[way]])
        numbers.append(way)
    roads = gpd.GeoDataFrame({"road_class": classes, "way": numbers}, geometry=lines, crs=recipe.crs)
    lanes = _lanes(settlements, roads, streams, remote, rng)
    both = pd.concat([roads, lanes], ignore_index=True)
    return _connected(_bridges(_meet(both), streams))


def _lanes(
    settlements: pd.DataFrame, roads: gpd.GeoDataFrame, streams: gpd.GeoDataFrame, remote: int, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Lanes inside the natural villages and tracks out to their fields, each starting at a vertex of what it leaves."""
    centres = shapely.points(settlements[["x", "y"]].to_numpy())
    nearest = _best_at(centres, roads)
    ahead = shapely.line_interpolate_point(roads.geometry.values[nearest], 40.0)
    towards = shapely.get_coordinates(ahead) - settlements[["x", "y"]].to_numpy()
    on_foot = (roads["road_class"].to_numpy()[nearest] == "path") | (settlements["village"].to_numpy() == remote)
    heading = np.arctan2(towards[:, 1], towards[:, 0])
    lines, classes = [], []
    for i, (x, y, people) in enumerate(settlements[["x", "y", "population"]].itertuples(index=False)):
        kind = "path" if on_foot[i] else "street"
        side = rng.choice([-1.0, 1.0])
        length = 55 + min(170, people * 0.28) * rng.uniform(0.7, 1.2)
        lane = _wander((x, y), heading[i] + side * rng.uniform(1.2, 1.9), length, rng)
        found = [(lane, kind)]
        if people > 90:
            found.append(
                (_wander(lane[len(lane) // 2], heading[i] + rng.uniform(-0.3, 0.3), length * rng.uniform(0.5, 0.8), rng), kind)
            )
        if people > 190:
            found.append((_wander((x, y), heading[i] - side * rng.uniform(1.2, 1.9), length * rng.uniform(0.5, 0.9), rng), kind))
        if people > 420:
            back = found[-1][0]
            found.append((_wander(back[len(back) // 2], heading[i] + np.pi + rng.uniform(-0.3, 0.3), length * 0.6, rng), kind))
        out = "path" if kind == "path" else "track"
        found.append((_wander(lane[-1], heading[i] + side * rng.uniform(0.9, 2.2), rng.uniform(90, 320), rng), out))
        lines += [shapely.linestrings(xy) for xy, _ in found]
        classes += [name for _, name in found]
    lanes = gpd.GeoDataFrame({"road_class": classes, "way": -1}, geometry=lines, crs=roads.crs)
    wide = streams[streams["width_m"] > 7]
    wet = np.unique(lanes.sindex.query(wide.geometry.values, predicate="dwithin", distance=12.0)[1])
    return lanes.drop(index=wet)


def _best_at(points: np.ndarray, roads: gpd.GeoDataFrame) -> np.ndarray:
    """Row of the nearest road to each point; of several that meet there, the best class."""
    point, road = roads.sindex.nearest(points, return_all=True)
    rank = roads["road_class"].map(RANKS.index).to_numpy()[road]
    order = np.lexsort((road, rank, point))
    first = np.unique(point[order], return_index=True)[1]
    return road[order][first]


def _wander(start: tuple[float, float], heading: float, length_m: float, rng: np.random.Generator) -> np.ndarray:
    """A gently winding line of about a length (m) from a point, vertices every 15 m."""
    count = max(3, int(length_m / 15))
    turn = np.cumsum(rng.normal(0, 0.10, count)) + heading
    return np.vstack([[start], np.array(start) + np.cumsum(15.0 * np.column_stack([np.cos(turn), np.sin(turn)]), axis=0)])


def _meet(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same roads split where they cross or touch, so that every junction is a vertex of all that meet there."""
    pieces = shapely.get_parts(shapely.union_all(roads.geometry.values))
    middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    piece, road = roads.sindex.nearest(middle, return_all=True, max_distance=1.0)
    rank = roads["road_class"].map(RANKS.index).to_numpy()[road]
    order = np.lexsort((road, rank, piece))
    first = np.unique(piece[order], return_index=True)[1]
    source = road[order][first]
    data = {"road_class": roads["road_class"].to_numpy()[source], "way": roads["way"].to_numpy()[source]}
    return gpd.GeoDataFrame(data, geometry=pieces, crs=roads.crs)


def _bridges(roads: gpd.GeoDataFrame, streams: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut roads at the banks of streams wider than 5 m; the part above the water is a bridge."""
    wide = streams[streams["width_m"] > 5]
    road, stream = wide.sindex.query(roads.geometry.values, predicate="intersects")
    cuts: dict[int, list[tuple[float, float]]] = {}
    lines = roads.geometry.values
    for r, s in zip(road.tolist(), stream.tolist(), strict=True):
        if roads["road_class"].iloc[r] == "path":
            continue
        half = wide["width_m"].iloc[s] / 2 + 5
        for point in shapely.get_parts(lines[r].intersection(wide.geometry.iloc[s])):
            at = lines[r].project(shapely.get_point(point, 0) if point.geom_type != "Point" else point)
            cuts.setdefault(r, []).append((max(0.0, at - half), min(lines[r].length, at + half)))
    keep = np.ones(len(roads), bool)
    new, source, bridge = [], [], []
    for r, spans in cuts.items():
        keep[r] = False
        marks = sorted({0.0, lines[r].length, *(m for span in spans for m in span)})
        for a, b in zip(marks[:-1], marks[1:], strict=True):
            if b - a < 0.01:
                continue
            new.append(substring(lines[r], a, b))
            source.append(r)
            bridge.append(any(lo <= (a + b) / 2 <= hi for lo, hi in spans))
    rest = roads[keep].assign(bridge=False)
    cut = roads.iloc[source].assign(bridge=bridge).set_geometry(gpd.GeoSeries(new, index=roads.index[source], crs=roads.crs))
    return pd.concat([rest, cut], ignore_index=True)


def drivable(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The roads for vehicles that hang together: those on which one can drive to the county seat."""
    return _connected(roads[roads["road_class"] != "path"].reset_index(drop=True))


def _connected(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What hangs together: a lane whose beginning was left out because of water goes too."""
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(roads.geometry.values, i)) for i in (0, -1)])
    node = np.unique(ends, axis=0, return_inverse=True)[1].reshape(2, -1)
    count = node.max() + 1
    piece = connected_components(coo_array((np.ones(len(roads)), (node[0], node[1])), shape=(count, count)), directed=False)[1]
    largest = np.argmax(np.bincount(piece))
    return roads[piece[node[0]] == largest].reset_index(drop=True)
