"""From drawn lines to a graph: where roads meet, and the pieces of line between the meetings.

Lines meet where they share a vertex (to the centimetre), where a loose end comes within a tolerance of another line, and where
they properly cross. A bridge or tunnel meets others only at line ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo.meetings import along_lines, crossing_pieces, near_lines
from geo.nearest import SegmentIndex, index_segments
from geo.shapes import ranges, starts

TOUCH_M = 0.01

HASHES = 1 << 22
"""Different numbers that cells are told by where only *none* must be right."""

HILBERT_SIDE = 1 << 16
"""Cells along a side of the square that nodes are put in order over."""


@dataclass(frozen=True)
class Topology:
    """Nodes and edges of a set of lines; coordinates in metres.

    Edge `e` runs from node `edge_u[e]` to `edge_v[e]` along the vertices ``vertex_start[e]:vertex_start[e + 1]`` of line
    `edge_line[e]`, in the direction in which that line was drawn. Nodes are numbered so that neighbours stand close together
    (along a Hilbert curve), edges by their nodes.
    """

    node_x: np.ndarray
    node_y: np.ndarray
    edge_u: np.ndarray
    edge_v: np.ndarray
    edge_line: np.ndarray
    vertex_start: np.ndarray
    vertex_x: np.ndarray
    vertex_y: np.ndarray
    ends_joined: int
    crossings_split: int


@dataclass
class _Vertices:
    """Vertices of all lines in order: the line each belongs to, its place along that line in m, and where it is."""

    line: np.ndarray
    along_m: np.ndarray
    xy: np.ndarray


def node_lines(lines: np.ndarray, *, bridge: np.ndarray, tolerance_m: float, split_crossings: bool) -> Topology:
    """The graph that lines form; lengths in metres.

    Parameters
    ----------
    lines : ndarray of LineString
        Non-empty, in a metric CRS.
    bridge : ndarray of bool
        Lines that do not meet what they cross.
    tolerance_m : float
        A loose end this close to another line is joined to it.
    split_crossings : bool
        Whether lines that cross without a common vertex meet there.
    """
    lines, ends_merged = _merge_ends(lines, tolerance_m)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    vertices = _Vertices(line, _along(xy, line), xy)
    x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    pieces = index_segments(starts(np.bincount(line)), x, y, usable=np.ones(len(lines), dtype=bool))
    extra, ends_attached = _attachments(lines, vertices, pieces, bridge, tolerance_m)
    crossings = _crossings(vertices, pieces, bridge) if split_crossings else _nothing()
    vertices = _in_order([vertices, extra, crossings])
    vertex_id = _vertex_ids(vertices, bridge)
    return _edges(vertices, vertex_id, ends_merged + ends_attached, len(crossings.line) // 2)


def _nothing() -> _Vertices:
    return _Vertices(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros((0, 2)))


def _along(xy: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Distance in m of each vertex from the start of its line."""
    step = np.zeros(len(xy))
    step[1:] = np.where(line[1:] == line[:-1], np.hypot(*(xy[1:] - xy[:-1]).T), 0.0)
    total = np.cumsum(step)
    first = np.searchsorted(line, np.arange(line[-1] + 1))
    return total - total[first][line]


def _centimetres(xy: np.ndarray) -> np.ndarray:
    """Places in whole centimetres, int64."""
    return np.round(xy * 100).astype(np.int64)


def _keys(xy: np.ndarray) -> np.ndarray:
    """One integer per place, equal to the centimetre; int64."""
    cm = _centimetres(xy)
    cm -= cm.min(axis=0)
    return cm[:, 0] * (cm[:, 1].max() + 1) + cm[:, 1]


def _is_end(line: np.ndarray) -> np.ndarray:
    """Whether each vertex is the first or last of its line."""
    change = line[1:] != line[:-1]
    return np.concatenate([[True], change]) | np.concatenate([change, [True]])


def _merge_ends(lines: np.ndarray, tolerance_m: float) -> tuple[np.ndarray, int]:
    """Lines whose loose ends were moved onto the end of another line within the tolerance; how many ends were moved."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    end = np.flatnonzero(_is_end(line))
    place = pd.factorize(_keys(xy))[0]
    key, loose = place[end], np.bincount(place)[place[end]] == 1
    reach_m = max(tolerance_m, TOUCH_M)
    near = np.flatnonzero(_near_any(xy[end], xy[end[loose]], reach_m))
    a, b = near[cKDTree(xy[end[near]]).query_pairs(reach_m, output_type="ndarray")].T
    wanted = (line[end[a]] != line[end[b]]) & (key[a] != key[b]) & (loose[a] | loose[b])
    if not wanted.any():
        return lines, 0
    a, b = a[wanted], b[wanted]
    size = key.max() + 1
    _, group = connected_components(coo_matrix((np.ones(len(a)), (key[a], key[b])), shape=(size, size)), directed=False)
    group = group[key]
    order = np.lexsort((xy[end, 1], xy[end, 0], loose, group))
    leader = order[np.searchsorted(group[order], group)]
    moved = key != key[leader]
    xy = xy.copy()
    xy[end] = xy[end[leader]]
    return shapely.linestrings(xy, indices=line), int(moved.sum())


def _near_any(xy: np.ndarray, places: np.ndarray, reach_m: float) -> np.ndarray:
    """Whether each point may lie within reach of any of the places; where it does not, none does.

    Cells a hair wider than the reach, told by a number that several cells may share.
    """
    corner, wide = xy.min(axis=0), 1.001 * reach_m
    cells, mine = np.floor((xy - corner) / wide).astype(np.int64), np.floor((places - corner) / wide).astype(np.int64)
    taken = np.zeros(HASHES, dtype=bool)
    for aside in (-1, 0, 1):
        for beyond in (-1, 0, 1):
            taken[_hashed(mine + (aside, beyond))] = True
    return taken[_hashed(cells)]


def _hashed(cells: np.ndarray) -> np.ndarray:
    return (cells[:, 0] * 73_856_093 ^ cells[:, 1] * 19_349_663) % HASHES


def _attachments(
    lines: np.ndarray, vertices: _Vertices, pieces: SegmentIndex, bridge: np.ndarray, tolerance_m: float,
) -> tuple[_Vertices, int]:
    """Vertices that join line ends to the inside of other lines: one on the line met, one that prolongs the loose end to it."""
    end = np.flatnonzero(_is_end(vertices.line))
    key = pd.factorize(_keys(vertices.xy))[0]
    loose = np.bincount(key)[key[end]] == 1
    reach = np.where(loose, max(tolerance_m, TOUCH_M), TOUCH_M)
    point, other = near_lines(
        end, reach, pieces.vertex, vertices.line, pieces.x, pieces.y, _centimetres(vertices.xy), pieces.left, pieces.bottom,
        pieces.cell_m, pieces.columns, pieces.rows, pieces.cell_start, pieces.cell_segment)
    kept = ~bridge[other]
    point, other = point[kept], other[kept]
    points = shapely.points(vertices.xy[end[point]])
    near = shapely.dwithin(points, lines[other], reach[point])
    point, other, points = point[near], other[near], points[near]
    if not len(point):
        return _nothing(), 0
    gap = shapely.distance(points, lines[other])
    order = np.lexsort((gap, point))
    point, other, points = point[order], other[order], points[order]
    nearest = np.concatenate([[True], point[1:] != point[:-1]]) | ~loose[point]
    point, other, points = point[nearest], other[nearest], points[nearest]
    along = shapely.line_locate_point(lines[other], points)
    met = shapely.get_coordinates(shapely.line_interpolate_point(lines[other], along))
    own = end[point]
    past = np.where(vertices.along_m[own] > 0, vertices.along_m[own] + 1.0, -1.0)
    joined = _Vertices(
        np.concatenate([other, vertices.line[own]]), np.concatenate([along, past]), np.concatenate([met, met]),
    )
    return joined, int(loose[point].sum())


def _crossings(vertices: _Vertices, pieces: SegmentIndex, bridge: np.ndarray) -> _Vertices:
    """Vertices on both lines where two lines cross without having one there, neither being a bridge."""
    cm, line = _centimetres(vertices.xy), vertices.line
    a, b, share_a, share_b = crossing_pieces(
        pieces.vertex, line, ~bridge[line], pieces.x, pieces.y, cm, pieces.cell_start, pieces.cell_segment)
    if not len(a):
        return _nothing()
    xy = vertices.xy[a] + share_a[:, None] * (vertices.xy[a + 1] - vertices.xy[a])
    # where a line merely ends at another the two are joined as attachments
    first, last = np.searchsorted(line, np.arange(line[-1] + 1)), np.searchsorted(line, np.arange(line[-1] + 1), side="right") - 1
    at_end = np.zeros(len(a), dtype=bool)
    for one in (line[a], line[b]):
        for end in (first[one], last[one]):
            at_end |= np.hypot(*(xy - vertices.xy[end]).T) < TOUCH_M
    here = _centimetres(xy)
    known = [(here == cm[one]).all(axis=1) | (here == cm[one + 1]).all(axis=1) for one in (a, b)]
    low, high = np.minimum(line[a], line[b]), np.maximum(line[a], line[b])
    place = np.column_stack([low, high, here])
    kept = np.flatnonzero(~at_end & ~(known[0] & known[1]))
    kept = kept[np.unique(place[kept], axis=0, return_index=True)[1]] if len(kept) else kept
    a, b, xy = a[kept], b[kept], xy[kept]
    along = [vertices.along_m[one] + share[kept] * np.hypot(*(vertices.xy[one + 1] - vertices.xy[one]).T)
             for one, share in ((a, share_a), (b, share_b))]
    return _Vertices(np.concatenate([line[a], line[b]]), np.concatenate(along), np.concatenate([xy, xy]))


def _in_order(groups: list[_Vertices]) -> _Vertices:
    """All vertices in the order of their lines, rounded to the centimetre, repeated ones dropped."""
    line = np.concatenate([g.line for g in groups])
    along = np.concatenate([g.along_m for g in groups])
    xy = np.round(np.concatenate([g.xy for g in groups]), 2)
    order = along_lines(line, along, starts(np.bincount(line)))
    line, along, xy = line[order], along[order], xy[order]
    kept = np.ones(len(line), dtype=bool)
    kept[1:] = (line[1:] != line[:-1]) | (xy[1:] != xy[:-1]).any(axis=1)
    return _Vertices(line[kept], along[kept], xy[kept])


def _vertex_ids(vertices: _Vertices, bridge: np.ndarray) -> np.ndarray:
    """A number for each place where lines may meet; vertices inside a bridge where no line ends get one to themselves."""
    vertex_id = pd.factorize(_keys(vertices.xy))[0]
    end = _is_end(vertices.line)
    ends_here = np.bincount(vertex_id, weights=end) > 0
    apart = bridge[vertices.line] & ~ends_here[vertex_id]
    vertex_id[apart] = vertex_id.max() + 1 + np.arange(apart.sum())
    return vertex_id


def _along_hilbert(xy: np.ndarray) -> np.ndarray:
    """Order of points along a Hilbert curve: what is near on the map is near in memory, for searches that stay in one place.

    Balls around a node lie in fewer stretches of memory than after reverse Cuthill-McKee, which strings out whole levels.
    """
    span = max(np.ptp(xy[:, 0]), np.ptp(xy[:, 1]), 1e-9)
    cell = ((xy - xy.min(axis=0)) / span * (HILBERT_SIDE - 1)).astype(np.int64)
    x, y, key = cell[:, 0], cell[:, 1], np.zeros(len(xy), dtype=np.int64)
    side = HILBERT_SIDE >> 1
    while side:
        right, upper = (x & side) > 0, (y & side) > 0
        key += side * side * ((3 * right) ^ upper)
        flip = right & ~upper
        x, y = np.where(flip, HILBERT_SIDE - 1 - x, x), np.where(flip, HILBERT_SIDE - 1 - y, y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
        side >>= 1
    return np.argsort(key, kind="stable")


def _edges(vertices: _Vertices, vertex_id: np.ndarray, ends_joined: int, crossings_split: int) -> Topology:
    is_node = _is_end(vertices.line) | (np.bincount(vertex_id)[vertex_id] > 1)
    at = np.flatnonzero(is_node)
    same_line = vertices.line[at[1:]] == vertices.line[at[:-1]]
    first, last = at[:-1][same_line], at[1:][same_line]
    used = np.zeros(vertex_id.max() + 1, dtype=bool)
    used[vertex_id[first]] = used[vertex_id[last]] = True
    number = np.cumsum(used) - 1
    u, v = number[vertex_id[first]], number[vertex_id[last]]
    ids = np.flatnonzero(used)
    where = np.empty((len(ids), 2))
    where[np.concatenate([u, v])] = vertices.xy[np.concatenate([first, last])]
    by_place = np.lexsort((where[:, 1], where[:, 0]))
    number = np.empty(len(ids), dtype=np.int64)
    number[by_place] = np.arange(len(ids))
    u, v, where = number[u], number[v], where[by_place]
    near = _along_hilbert(where)
    number = np.empty(len(ids), dtype=np.int64)
    number[near] = np.arange(len(ids))
    u, v, where = number[u], number[v], where[near]
    length = vertices.along_m[last] - vertices.along_m[first]
    order = np.lexsort((length, np.minimum(u, v) * len(ids) + np.maximum(u, v)))
    first, last, u, v = first[order], last[order], u[order], v[order]
    sizes = last - first + 1
    flat = ranges(first, sizes)
    return Topology(
        node_x=where[:, 0].copy(), node_y=where[:, 1].copy(), edge_u=u.astype(np.int32), edge_v=v.astype(np.int32),
        edge_line=vertices.line[first].astype(np.int32), vertex_start=starts(sizes),
        vertex_x=vertices.xy[flat, 0], vertex_y=vertices.xy[flat, 1],
        ends_joined=ends_joined, crossings_split=crossings_split,
    )
