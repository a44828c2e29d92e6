"""From drawn lines to a graph: where roads meet, and the pieces of line between the meetings.

Lines meet where they share a vertex (to the centimetre), where a loose end comes within a tolerance of another line, and where
they properly cross. A bridge or tunnel meets others only at line ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, reverse_cuthill_mckee
from scipy.spatial import cKDTree

from geo.shapes import ranges, starts

TOUCH_M = 0.01


@dataclass(frozen=True)
class Topology:
    """Nodes and edges of a set of lines; coordinates in metres.

    Edge `e` runs from node `edge_u[e]` to `edge_v[e]` along the vertices ``vertex_start[e]:vertex_start[e + 1]`` of line
    `edge_line[e]`, in the direction in which that line was drawn. Nodes are numbered so that neighbours stand close together
    (reverse Cuthill-McKee), edges by their nodes.
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
    extra, ends_attached = _attachments(lines, vertices, bridge, tolerance_m)
    crossings = _crossings(lines, vertices, bridge) if split_crossings else _nothing()
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


def _keys(xy: np.ndarray) -> np.ndarray:
    """One integer per place, equal to the centimetre; int64."""
    cm = np.round(xy * 100).astype(np.int64)
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
    _, inverse, count = np.unique(_keys(xy), return_inverse=True, return_counts=True)
    key, loose = inverse[end], count[inverse[end]] == 1
    a, b = cKDTree(xy[end]).query_pairs(max(tolerance_m, TOUCH_M), output_type="ndarray").T
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


def _attachments(lines: np.ndarray, vertices: _Vertices, bridge: np.ndarray, tolerance_m: float) -> tuple[_Vertices, int]:
    """Vertices that join line ends to the inside of other lines: one on the line met, one that prolongs the loose end to it."""
    key = np.unique(_keys(vertices.xy), return_inverse=True)[1]
    end = np.flatnonzero(_is_end(vertices.line))
    loose = np.bincount(key)[key[end]] == 1
    reach = np.where(loose, max(tolerance_m, TOUCH_M), TOUCH_M)
    points = shapely.points(vertices.xy[end])
    point, other = shapely.STRtree(lines).query(points, predicate="dwithin", distance=reach)
    has_vertex = np.unique(key * len(lines) + vertices.line)
    kept = ~np.isin(key[end[point]] * len(lines) + other, has_vertex) & ~bridge[other]
    point, other = point[kept], other[kept]
    if not len(point):
        return _nothing(), 0
    gap = shapely.distance(points[point], lines[other])
    order = np.lexsort((gap, point))
    point, other = point[order], other[order]
    nearest = np.concatenate([[True], point[1:] != point[:-1]]) | ~loose[point]
    point, other = point[nearest], other[nearest]
    along = shapely.line_locate_point(lines[other], points[point])
    met = shapely.get_coordinates(shapely.line_interpolate_point(lines[other], along))
    own = end[point]
    past = np.where(vertices.along_m[own] > 0, vertices.along_m[own] + 1.0, -1.0)
    joined = _Vertices(
        np.concatenate([other, vertices.line[own]]), np.concatenate([along, past]), np.concatenate([met, met]),
    )
    return joined, int(loose[point].sum())


def _crossings(lines: np.ndarray, vertices: _Vertices, bridge: np.ndarray) -> _Vertices:
    """Vertices on both lines where two lines cross without having one there, neither being a bridge."""
    level = np.flatnonzero(~bridge)
    a, b = shapely.STRtree(lines[level]).query(lines[level], predicate="crosses")
    a, b = level[a[a < b]], level[b[a < b]]
    if not len(a):
        return _nothing()
    points, pair = shapely.get_parts(shapely.intersection(lines[a], lines[b]), return_index=True)
    point = shapely.get_type_id(points) == 0
    points, pair = points[point], pair[point]
    key = np.unique(_keys(np.concatenate([vertices.xy, shapely.get_coordinates(points)])), return_inverse=True)[1]
    has_vertex = key[: len(vertices.line)] * len(lines) + vertices.line
    crossing = key[len(vertices.line):] * len(lines)
    new = ~(np.isin(crossing + a[pair], has_vertex) & np.isin(crossing + b[pair], has_vertex))
    points, pair = points[new], pair[new]
    line = np.concatenate([a[pair], b[pair]])
    points = np.concatenate([points, points])
    return _Vertices(line, shapely.line_locate_point(lines[line], points), shapely.get_coordinates(points))


def _in_order(groups: list[_Vertices]) -> _Vertices:
    """All vertices in the order of their lines, rounded to the centimetre, repeated ones dropped."""
    line = np.concatenate([g.line for g in groups])
    along = np.concatenate([g.along_m for g in groups])
    xy = np.round(np.concatenate([g.xy for g in groups]), 2)
    order = np.lexsort((along, line))
    line, along, xy = line[order], along[order], xy[order]
    kept = np.ones(len(line), dtype=bool)
    kept[1:] = (line[1:] != line[:-1]) | (xy[1:] != xy[:-1]).any(axis=1)
    return _Vertices(line[kept], along[kept], xy[kept])


def _vertex_ids(vertices: _Vertices, bridge: np.ndarray) -> np.ndarray:
    """A number for each place where lines may meet; vertices inside a bridge where no line ends get one to themselves."""
    _, vertex_id = np.unique(_keys(vertices.xy), return_inverse=True)
    end = _is_end(vertices.line)
    ends_here = np.bincount(vertex_id, weights=end) > 0
    apart = bridge[vertices.line] & ~ends_here[vertex_id]
    vertex_id[apart] = vertex_id.max() + 1 + np.arange(apart.sum())
    return vertex_id


def _edges(vertices: _Vertices, vertex_id: np.ndarray, ends_joined: int, crossings_split: int) -> Topology:
    is_node = _is_end(vertices.line) | (np.bincount(vertex_id)[vertex_id] > 1)
    at = np.flatnonzero(is_node)
    same_line = vertices.line[at[1:]] == vertices.line[at[:-1]]
    first, last = at[:-1][same_line], at[1:][same_line]
    ids, ends = np.unique(np.concatenate([vertex_id[first], vertex_id[last]]), return_inverse=True)
    u, v = ends[: len(first)], ends[len(first):]
    where = np.empty((len(ids), 2))
    where[ends] = vertices.xy[np.concatenate([first, last])]
    by_place = np.lexsort((where[:, 1], where[:, 0]))
    number = np.empty(len(ids), dtype=np.int64)
    number[by_place] = np.arange(len(ids))
    u, v, where = number[u], number[v], where[by_place]
    both = (np.concatenate([u, v]), np.concatenate([v, u]))
    graph = coo_matrix((np.ones(2 * len(u)), both), shape=(len(ids), len(ids))).tocsr()
    near = reverse_cuthill_mckee(graph, symmetric_mode=True)
    number = np.empty(len(ids), dtype=np.int64)
    number[near] = np.arange(len(ids))
    u, v, where = number[u], number[v], where[near]
    length = vertices.along_m[last] - vertices.along_m[first]
    order = np.lexsort((length, np.maximum(u, v), np.minimum(u, v)))
    first, last, u, v = first[order], last[order], u[order], v[order]
    sizes = last - first + 1
    flat = ranges(first, sizes)
    return Topology(
        node_x=where[:, 0].copy(), node_y=where[:, 1].copy(), edge_u=u.astype(np.int32), edge_v=v.astype(np.int32),
        edge_line=vertices.line[first].astype(np.int32), vertex_start=starts(sizes),
        vertex_x=vertices.xy[flat, 0], vertex_y=vertices.xy[flat, 1],
        ends_joined=ends_joined, crossings_split=crossings_split,
    )
