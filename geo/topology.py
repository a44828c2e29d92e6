"""From drawn lines to a graph: where roads meet, and the pieces of line between the meetings.

Lines meet where they share a vertex (to the centimetre), where a loose end comes within a tolerance of another line, and where
they properly cross. A bridge or tunnel meets others only at line ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.meetings import crossing_pieces, near_lines
from geo.nearest import SegmentIndex, index_segments
from geo.shapes import ranges, starts
from geo.topology_kernels import (
    centimetres,
    cut_at_nodes,
    distances_along,
    first_at_place,
    hilbert_keys,
    in_order,
    meeting_places,
    parts_of,
    settle_ties,
)

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
    """Vertices of all lines in order: the line each belongs to, its place along that line in m, where it is, and in centimetres.

    `place` numbers the places, `crowd` says how many vertices stand at each of them.
    """

    line: np.ndarray
    along_m: np.ndarray
    xy: np.ndarray
    cm: np.ndarray
    place: np.ndarray
    crowd: np.ndarray


@dataclass
class _PutIn:
    """Vertices that lines get where they meet others: the line, the place along it in m, and where that is."""

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
    xy, line = shapely.get_coordinates(lines, return_index=True)
    vertices = _vertices(xy, line)
    xy, ends_merged = _merge_ends(vertices, tolerance_m)
    if ends_merged:
        lines, vertices = shapely.linestrings(xy, indices=line), _vertices(xy, line)
    x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    pieces = index_segments(starts(np.bincount(line)), x, y, usable=np.ones(len(lines), dtype=bool))
    extra, ends_attached = _attachments(lines, vertices, pieces, bridge, tolerance_m)
    crossings = _crossings(vertices, pieces, bridge) if split_crossings else _nothing()
    put_in = _PutIn(*(np.concatenate(pair) for pair in zip(vars(extra).values(), vars(crossings).values(), strict=True)))
    return _edges(vertices, put_in, bridge, ends_merged + ends_attached, len(crossings.line) // 2)


def _vertices(xy: np.ndarray, line: np.ndarray) -> _Vertices:
    cm = centimetres(xy)
    return _Vertices(line, distances_along(xy, line), xy, cm, *_places(cm))


def _places(cm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of each place, that of the first row there, and how many rows are at the place of that number."""
    table = np.full(1 << (2 * len(cm)).bit_length(), -1, dtype=np.int32)
    place, crowd = np.empty(len(cm), dtype=np.int32), np.zeros(len(cm), dtype=np.int32)
    first_at_place(cm, table, place, crowd)
    return place, crowd


def _nothing() -> _PutIn:
    return _PutIn(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros((0, 2)))


def _is_end(line: np.ndarray) -> np.ndarray:
    """Whether each vertex is the first or last of its line."""
    change = line[1:] != line[:-1]
    return np.concatenate([[True], change]) | np.concatenate([change, [True]])


def _merge_ends(vertices: _Vertices, tolerance_m: float) -> tuple[np.ndarray, int]:
    """Where vertices are once loose ends were moved onto the end of another line within the tolerance; how many were moved."""
    xy, line = vertices.xy, vertices.line
    end = np.flatnonzero(_is_end(line))
    key = vertices.place[end]
    loose = vertices.crowd[key] == 1
    reach_m = max(tolerance_m, TOUCH_M)
    near = np.flatnonzero(_near_any(xy[end], xy[end[loose]], reach_m))
    a, b = _pairs_within(xy[end[near]], np.flatnonzero(loose[near]), reach_m)
    a, b = near[a], near[b]
    wanted = (line[end[a]] != line[end[b]]) & (key[a] != key[b])
    if not wanted.any():
        return xy, 0
    places, at = np.unique(np.concatenate([key[a[wanted]], key[b[wanted]]]), return_inverse=True)
    group = parts_of(len(places), at[: wanted.sum()], at[wanted.sum():])
    ends = np.flatnonzero(np.isin(key, places))
    group = group[np.searchsorted(places, key[ends])]
    order = np.lexsort((xy[end[ends], 1], xy[end[ends], 0], loose[ends], group))
    leader = ends[order[np.searchsorted(group[order], group)]]
    xy = xy.copy()
    xy[end[ends]] = vertices.xy[end[leader]]
    return xy, int((key[ends] != key[leader]).sum())


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


def _pairs_within(xy: np.ndarray, asking: np.ndarray, reach_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Each asking point (told by its row) with every point within reach of it, itself among them; found by square cells."""
    if not len(asking):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    column, row = np.floor((xy - xy.min(axis=0)) / (1.001 * reach_m)).astype(np.int64).T
    height = row.max() + 3                     # a row free above and below: neighbours in a column have neighbouring numbers
    cell = column * height + row + 1
    order = np.argsort(cell)
    pairs = []
    for aside in (-height, 0, height):
        first = np.searchsorted(cell, cell[asking] + aside - 1, sorter=order)
        count = np.searchsorted(cell, cell[asking] + aside + 1, side="right", sorter=order) - first
        one, other = np.repeat(asking, count), order[ranges(first, count)]
        dx, dy = (xy[one] - xy[other]).T
        close = np.sqrt(dx * dx + dy * dy) <= reach_m
        pairs.append((one[close], other[close]))
    one, other = (np.concatenate(rows) for rows in zip(*pairs, strict=True))
    return one, other


def _hashed(cells: np.ndarray) -> np.ndarray:
    return (cells[:, 0] * 73_856_093 ^ cells[:, 1] * 19_349_663) % HASHES


def _attachments(
    lines: np.ndarray, vertices: _Vertices, pieces: SegmentIndex, bridge: np.ndarray, tolerance_m: float,
) -> tuple[_PutIn, int]:
    """Vertices that join line ends to the inside of other lines: one on the line met, one that prolongs the loose end to it."""
    end = np.flatnonzero(_is_end(vertices.line))
    loose = vertices.crowd[vertices.place[end]] == 1
    reach = np.where(loose, max(tolerance_m, TOUCH_M), TOUCH_M)
    point, other = near_lines(
        end, reach, pieces.vertex, vertices.line, pieces.x, pieces.y, vertices.cm, pieces.left, pieces.bottom,
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
    joined = _PutIn(
        np.concatenate([other, vertices.line[own]]), np.concatenate([along, past]), np.concatenate([met, met]),
    )
    return joined, int(loose[point].sum())


def _crossings(vertices: _Vertices, pieces: SegmentIndex, bridge: np.ndarray) -> _PutIn:
    """Vertices on both lines where two lines cross without having one there, neither being a bridge."""
    cm, line = vertices.cm, vertices.line
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
    here = centimetres(xy)
    known = [(here == cm[one]).all(axis=1) | (here == cm[one + 1]).all(axis=1) for one in (a, b)]
    low, high = np.minimum(line[a], line[b]), np.maximum(line[a], line[b])
    place = np.column_stack([low, high, here])
    kept = np.flatnonzero(~at_end & ~(known[0] & known[1]))
    kept = kept[np.unique(place[kept], axis=0, return_index=True)[1]] if len(kept) else kept
    a, b, xy = a[kept], b[kept], xy[kept]
    along = [vertices.along_m[one] + share[kept] * np.hypot(*(vertices.xy[one + 1] - vertices.xy[one]).T)
             for one, share in ((a, share_a), (b, share_b))]
    return _PutIn(np.concatenate([line[a], line[b]]), np.concatenate(along), np.concatenate([xy, xy]))


def _along_hilbert(xy: np.ndarray) -> np.ndarray:
    """Order of points along a Hilbert curve: what is near on the map is near in memory, for searches that stay in one place.

    Balls around a node lie in fewer stretches of memory than after reverse Cuthill-McKee, which strings out whole levels. Points
    of one cell stand by x, then y.
    """
    span = max(np.ptp(xy[:, 0]), np.ptp(xy[:, 1]), 1e-9)
    return _sorted(hilbert_keys(xy, xy[:, 0].min(), xy[:, 1].min(), span, HILBERT_SIDE), xy[:, 0].copy(), xy[:, 1].copy())


def _sorted(key: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Order of rows by `key`, then `one`, then `two`, then as they stand; for keys of which few are equal."""
    order = np.argsort(key)
    settle_ties(key, order, one, two)
    return order


def _edges(vertices: _Vertices, put_in: _PutIn, bridge: np.ndarray, ends_joined: int, crossings_split: int) -> Topology:
    """The pieces of line between meetings, with all places rounded to the centimetre."""
    line, along, cm, place = vertices.line, vertices.along_m, vertices.cm, vertices.place
    if len(put_in.line):
        cm = np.concatenate([cm, centimetres(put_in.xy)])
        place = _places(cm)[0]
    rows = in_order(line, along, put_in.line, put_in.along_m, np.lexsort((put_in.along_m, put_in.line)), cm)
    if len(put_in.line):
        line, along = np.concatenate([line, put_in.line]), np.concatenate([along, put_in.along_m])
    first, last, u, v, where = cut_at_nodes(rows, line, *meeting_places(rows, line, place, bridge))
    node_xy = cm[rows[where]] / 100.0
    near = _along_hilbert(node_xy)
    number = np.empty(len(near), dtype=np.int64)
    number[near] = np.arange(len(near))
    u, v, node_xy = number[u], number[v], node_xy[near]
    length = along[rows[last]] - along[rows[first]]
    order = _sorted(np.minimum(u, v) * len(near) + np.maximum(u, v), length, length)
    first, last, u, v = first[order], last[order], u[order], v[order]
    sizes = last - first + 1
    flat = rows[ranges(first, sizes)]
    return Topology(
        node_x=node_xy[:, 0].copy(), node_y=node_xy[:, 1].copy(), edge_u=u.astype(np.int32), edge_v=v.astype(np.int32),
        edge_line=line[rows[first]].astype(np.int32), vertex_start=starts(sizes),
        vertex_x=cm[flat, 0] / 100.0, vertex_y=cm[flat, 1] / 100.0, ends_joined=ends_joined, crossings_split=crossings_split,
    )
