"""Frontage: length in m of a parcel's boundary that faces a road for vehicles, and the width in m of that road."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numba import njit

from geo.inputs import CountyLike
from geo.nearest import index_segments
from geo.plots import Plots, plots_of
from geo.scenario import Scenario
from geo.shapes import AT_ONCE, Shapes, flatten, spread, starts
from geo.zones import road_width_m

STEP_M = 1.0
"""The boundary is looked at in pieces of at most this length; a frontage is right to about one piece at each end."""
MOST_TURN = np.cos(np.radians(45.0))
"""A piece of boundary faces a road whose direction differs from its own by no more than 45 degrees."""
ON_ROAD_M = 0.05
"""A road this near is faced on whichever side it lies."""
SURELY_M = 1e-6
"""Further than a limit by this much is further, whatever rounding did."""
NO_FRONTAGE = ("expressway",)
"""Roads that no yard opens onto."""


def frontage(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario, *, plots: Plots | None = None) -> pd.DataFrame:
    """Length (m) of each parcel's outer boundary that faces a road for vehicles.

    A piece of boundary faces a road where the road lies on its outer side, runs the same way within 45 degrees, and is no further
    from it than half the road's width and the gap that the scenario tolerates. Bridges, tunnels, closed roads and expressways give
    none. Not valid where roads and parcels were surveyed apart by more than that gap.

    Parameters
    ----------
    candidates : GeoDataFrame
        Polygons are measured; what has no area has no boundary.
    county : CountyLike
    scenario : Scenario
        Road widths by class, gap, which classes vehicles use.
    plots : Plots, optional
        The candidates' shapes, where they are at hand.

    Returns
    -------
    DataFrame
        Same index: `frontage_m` (0 where no road is faced, NaN without roads, without an area or without a parcel),
        `frontage_width_m` (of the road that most of it faces; NaN where none is) and `frontage_class` (its class).
    """
    size = len(candidates)
    length, width = np.full(size, np.nan), np.full(size, np.nan)
    classes = np.full(size, None, dtype=object)
    roads = county.roads
    if roads is not None and size:
        plots = plots_of(candidates) if plots is None else plots
        rows = np.flatnonzero((plots.area_m2 > 0) & candidates["parcel_id"].notna().to_numpy())
        usable = _usable(roads, scenario)
        widths = road_width_m(roads, scenario.road_land)
        found, road = faced_m(plots.only(rows).flat, roads, usable, widths / 2 + scenario.road_land.frontage_gap_m)
        length[rows] = found
        faced = road >= 0
        width[rows[faced]] = widths[road[faced]]
        classes[rows[faced]] = roads["road_class"].to_numpy(dtype=object)[road[faced]]
    return pd.DataFrame(
        {"frontage_m": length, "frontage_width_m": width, "frontage_class": pd.array(classes, dtype="str")},
        index=candidates.index)


def _usable(roads: pd.DataFrame, scenario: Scenario) -> np.ndarray:
    barred = roads["closed"].fillna(False).to_numpy(dtype=bool) | roads["bridge"].fillna(False).to_numpy(dtype=bool)
    classes = [name for name in scenario.travel.drive_kmh if name not in NO_FRONTAGE]
    return roads["road_class"].isin(classes).to_numpy() & ~barred


def faced_m(
    shapes: Shapes | np.ndarray, roads: pd.DataFrame, usable: np.ndarray, reach_m: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Length in m of each polygon's boundary that faces a usable road within its reach, and the position of the road faced most.

    Parameters
    ----------
    shapes : Shapes, or array of polygons
    roads : GeoDataFrame
        Lines in the same CRS.
    usable : bool array over the roads
    reach_m : float array over the roads
        How far from its centre line a road is faced.

    Returns
    -------
    float64 array, int64 array
        0 and -1 where none is faced.
    """
    parts, source = np.asarray(roads.geometry.array, dtype=object)[usable], np.flatnonzero(usable)
    if not (shapely.get_type_id(parts) == 1).all():
        parts, owner = shapely.get_parts(parts, return_index=True)
        source = source[owner]
    xy = shapely.get_coordinates(parts)
    start = starts(shapely.get_num_coordinates(parts))
    index = index_segments(start, np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1]),
                           usable=np.ones(len(parts), dtype=bool))
    # equal lengths along two roads are told apart by the bytes of their lines, whatever the order of rows
    text = xy.view(np.uint64).byteswap()
    flat = shapes if isinstance(shapes, Shapes) else flatten(shapes)
    length, faced = np.zeros(len(shapes)), np.full(len(shapes), -1, dtype=np.int64)
    reach = reach_m[source]

    def some(begin: int, end: int) -> None:
        for at in range(begin, end, AT_ONCE):                # at a million parcels the coordinates of all are a tenth of a GiB
            here = slice(at, min(at + AT_ONCE, end))
            rings = flat.part(here.start, here.stop)
            _turn_round(rings.x, rings.y, rings.ring_start, rings.ring_hole)
            _walk(0, len(rings), rings.x, rings.y, rings.ring_start, rings.ring_hole, rings.shape_start, index.vertex, index.edge,
                  index.x, index.y, index.left, index.bottom, index.cell_m, index.columns, index.rows, index.cell_start,
                  index.cell_segment, reach, float(reach.max()), start, text, length[here], faced[here])

    if len(index.vertex):
        spread(some, len(shapes))
    return length, np.where(faced >= 0, np.append(source, -1)[faced], -1)


@njit(nogil=True, cache=True, error_model="numpy")
def _walk(first, last, x, y, ring_start, ring_hole, shape_start, vertex, edge, sx, sy, left, bottom, cell, columns, rows,
          cell_start, cell_segment, reach, far, line_start, text, length, faced):
    """Walk along the outer rings, counter-clockwise, so that outside lies to the right, and add up the pieces that face a road."""
    near, close = np.empty(64, np.int64), np.empty(64, np.int64)
    roads, metres = np.empty(64, np.int64), np.empty(64)
    for shape in range(first, last):
        named = 0
        for ring in range(shape_start[shape], shape_start[shape + 1]):
            if ring_hole[ring]:
                continue
            k0, k1 = ring_start[ring], ring_start[ring + 1]
            near, count = _nearby(x[k0:k1], y[k0:k1], vertex, sx, sy, left, bottom, cell, columns, rows, cell_start, cell_segment,
                                  far, near)
            if count == 0:
                continue
            for k in range(k0, k1 - 1):
                dx, dy = x[k + 1] - x[k], y[k + 1] - y[k]
                side = np.hypot(dx, dy)
                if side == 0.0:
                    continue
                if close.size < count:
                    close = np.empty(near.size, np.int64)
                beside = _beside(x[k], y[k], dx, dy, side, near, count, vertex, edge, sx, sy, reach, close)
                pieces = int(np.ceil(side / STEP_M)) if beside else 0
                for piece in range(pieces):
                    t = (piece + 0.5) / pieces
                    road = _facing(x[k] + t * dx, y[k] + t * dy, dx / side, dy / side, close, beside, vertex, edge, sx, sy, reach,
                                   line_start, text)
                    if road < 0:
                        continue
                    length[shape] += side / pieces
                    named = _note(roads, metres, named, road, side / pieces)
        best = 0.0
        for i in range(named):
            if metres[i] > best or (metres[i] == best and _precedes(roads[i], faced[shape], line_start, text)):
                best, faced[shape] = metres[i], roads[i]


@njit(nogil=True, cache=True)
def _turn_round(x, y, ring_start, ring_hole):
    """Turn the outer rings that run clockwise, in place, so that outside lies to the right of all."""
    for ring in range(ring_hole.size):
        first, last = ring_start[ring], ring_start[ring + 1]
        twice = 0.0
        for k in range(first, last - 1):
            twice += (x[k] - x[first]) * (y[k + 1] - y[first]) - (x[k + 1] - x[first]) * (y[k] - y[first])
        if twice < 0.0 and not ring_hole[ring]:
            x[first:last], y[first:last] = x[first:last][::-1].copy(), y[first:last][::-1].copy()


@njit(nogil=True, cache=True)
def _precedes(one, other, line_start, text):
    """Whether the line of a road comes before another's by their bytes as WKB: how many vertices, then these; then by row."""
    a, b = line_start[one], line_start[other]
    size, other_size = line_start[one + 1] - a, line_start[other + 1] - b
    for byte in range(4):
        mine, its = (size >> (8 * byte)) & 255, (other_size >> (8 * byte)) & 255
        if mine != its:
            return mine < its
    for k in range(size):
        for axis in range(2):
            if text[a + k, axis] != text[b + k, axis]:
                return text[a + k, axis] < text[b + k, axis]
    return one < other


@njit(nogil=True, cache=True)
def _note(roads, metres, named, road, length):
    """Add a length to a road's own; beyond the room for 64 roads the rest is not told apart."""
    for i in range(named):
        if roads[i] == road:
            metres[i] += length
            return named
    if named < roads.size:
        roads[named], metres[named] = road, length
        return named + 1
    return named


@njit(nogil=True, cache=True)
def _nearby(x, y, vertex, sx, sy, left, bottom, cell, columns, rows, cell_start, cell_segment, far, near):
    """Pieces of road whose bounds come within `far` of the ring's bounds; a piece that lies in two cells may be listed twice."""
    low_x, high_x, low_y, high_y = x.min() - far, x.max() + far, y.min() - far, y.max() + far
    r0, r1 = max(int(np.floor((low_y - bottom) / cell)), 0), min(int(np.floor((high_y - bottom) / cell)), rows - 1)
    c0, c1 = max(int(np.floor((low_x - left) / cell)), 0), min(int(np.floor((high_x - left) / cell)), columns - 1)
    listed = 0
    for r in range(r0, r1 + 1 if c0 <= c1 else r0):
        listed += cell_start[r * columns + c1 + 1] - cell_start[r * columns + c0]
    if listed > near.size:               # before the loop: an array that may change within one makes each round slow
        near = np.empty(2 * listed, np.int64)
    return near, _listed(r0, r1, c0, c1, low_x, high_x, low_y, high_y, vertex, sx, sy, columns, cell_start, cell_segment, near)


@njit(nogil=True, cache=True)
def _listed(r0, r1, c0, c1, low_x, high_x, low_y, high_y, vertex, sx, sy, columns, cell_start, cell_segment, near):
    """Put the pieces in some cells whose bounds meet a box into `near`; how many."""
    count = 0
    for r in range(r0, r1 + 1 if c0 <= c1 else r0):
        for i in range(cell_start[r * columns + c0], cell_start[r * columns + c1 + 1]):
            s = cell_segment[i]
            k = vertex[s]
            if (max(sx[k], sx[k + 1]) < low_x or min(sx[k], sx[k + 1]) > high_x
                    or max(sy[k], sy[k + 1]) < low_y or min(sy[k], sy[k + 1]) > high_y):
                continue
            near[count] = s
            count += 1
    return count


@njit(nogil=True, cache=True)
def _beside(px, py, dx, dy, side, near, count, vertex, edge, sx, sy, reach, close):
    """Of the pieces of road nearby those that run along a side of the ring, from p by d, and that any point of it may face."""
    kept, ux, uy = 0, dx / side, dy / side
    for i in range(count):
        k, far = vertex[near[i]], reach[edge[near[i]]] + SURELY_M
        ax, ay, bx, by = sx[k] - px, sy[k] - py, sx[k + 1] - px, sy[k + 1] - py
        along, along_end = ax * ux + ay * uy, bx * ux + by * uy
        if max(along, along_end) < -far or min(along, along_end) > side + far:
            continue
        out, out_end = ax * uy - ay * ux, bx * uy - by * ux
        if max(out, out_end) < -ON_ROAD_M - SURELY_M or min(out, out_end) > far:
            continue
        ex, ey = sx[k + 1] - sx[k], sy[k + 1] - sy[k]
        length = np.hypot(ex, ey)
        if length > 0.0 and abs(ex * dx + ey * dy) >= MOST_TURN * length * side and not _among(near[i], close, kept):
            close[kept] = near[i]
            kept += 1
    return kept


@njit(nogil=True, cache=True)
def _among(piece, pieces, count):
    """Whether a piece of road is one of the first `count`: those that lie in two cells are met twice."""
    found = False
    for i in range(count):
        found |= pieces[i] == piece
    return found


# it is asked for every metre of every side: a call with so many arrays, or a look whether each division is by 0, costs more
@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _facing(px, py, ux, uy, near, count, vertex, edge, sx, sy, reach, line_start, text):
    """Nearest of the roads beside that a piece of boundary at p, running along u with its outside to the right, faces; -1 none."""
    best, road = np.inf, -1
    for i in range(count):
        s = near[i]
        k = vertex[s]
        ax, ay, bx, by = sx[k], sy[k], sx[k + 1], sy[k + 1]
        dx, dy = bx - ax, by - ay
        square = dx * dx + dy * dy
        t = min(max(((px - ax) * dx + (py - ay) * dy) / square, 0.0), 1.0)
        gx, gy = ax + t * dx - px, ay + t * dy - py
        outward, most = gx * uy - gy * ux, min(best, reach[edge[s]]) + SURELY_M
        if gx * gx + gy * gy > most * most or (outward <= 0.0 and gx * gx + gy * gy > (ON_ROAD_M + SURELY_M) ** 2):
            continue                     # told without the root, which is asked only where it may matter
        away = np.hypot(gx, gy)
        if away > reach[edge[s]] or (outward <= 0.0 and away > ON_ROAD_M):
            continue
        if away < best - 1e-9 or (away <= best + 1e-9 and edge[s] != road and _precedes(edge[s], road, line_start, text)):
            best, road = away, edge[s]
    return road
