"""Compiled parts of `geo.offroad`: moves barred by water, the search over cells, and the legs of many places.

Cells are addressed by (row, column) from the top left; the middle of a cell stands for it. The eight moves are numbered clockwise
from east, so that the move back is four further on.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.terrain import height_at

MOVE_COLUMN = np.array([1, 1, 0, -1, -1, -1, 0, 1], dtype=np.int64)
MOVE_ROW = np.array([0, 1, 1, 1, 0, -1, -1, -1], dtype=np.int64)

SOURCE_REACH = 0.75
"""Cells whose middle is this many cells from a road are joined to it straight: all that it passes through (half a diagonal)."""

NOISE_M = 1.0
"""Over less than this the grade between two interpolated heights is noise of the model."""


@njit(nogil=True, cache=True)
def paces(grade):
    """Tobler's factors on the time on the level: along a grade (uphill positive) and against it.

    exp(3.5 (|S + 0.05| - 0.05)) for S and -S, by one exponential: beyond 5 % both differ by exp(0.35) only.
    """
    steep = abs(grade)
    slow = np.exp(3.5 * steep)
    quick = 1.0 / slow if steep < 0.05 else slow * 0.7046880897187134
    return (slow, quick) if grade >= 0 else (quick, slow)


@njit(nogil=True, cache=True)
def _meet(ax, ay, bx, by, px, py, qx, qy):
    """Whether two straight pieces touch or cross; parallel ones are taken not to."""
    dx, dy, ex, ey = bx - ax, by - ay, qx - px, qy - py
    turn = dx * ey - dy * ex
    if turn == 0.0:
        return False
    t, s = ((px - ax) * ey - (py - ay) * ex) / turn, ((px - ax) * dy - (py - ay) * dx) / turn
    return 0.0 <= t <= 1.0 and 0.0 <= s <= 1.0


@njit(nogil=True, cache=True)
def crosses_water(ax, ay, bx, by, vertex, x, y, left, bottom, cell, columns, rows, cell_start, cell_segment):
    """Whether the straight way from a to b meets the edge of water; `vertex` and so on are the arrays of a `SegmentIndex`."""
    if vertex.size == 0:
        return False
    c0, c1 = int(np.floor((min(ax, bx) - left) / cell)), int(np.floor((max(ax, bx) - left) / cell))
    r0, r1 = int(np.floor((min(ay, by) - bottom) / cell)), int(np.floor((max(ay, by) - bottom) / cell))
    for r in range(max(r0, 0), min(r1, rows - 1) + 1):
        for c in range(max(c0, 0), min(c1, columns - 1) + 1):
            for i in range(cell_start[r * columns + c], cell_start[r * columns + c + 1]):
                k = vertex[cell_segment[i]]
                if _meet(ax, ay, bx, by, x[k], y[k], x[k + 1], y[k + 1]):
                    return True
    return False


@njit(nogil=True, cache=True)
def bar_moves(vertex, x, y, left, top, wide, high, barred):
    """Set the bits of all moves between the middles of neighbouring cells that meet one of the pieces."""
    rows, columns = barred.shape
    for s in range(vertex.size):
        k = vertex[s]
        ax, ay = (x[k] - left) / wide - 0.5, (top - y[k]) / high - 0.5
        bx, by = (x[k + 1] - left) / wide - 0.5, (top - y[k + 1]) / high - 0.5
        for r in range(max(int(np.floor(min(ay, by))) - 1, 0), min(int(np.floor(max(ay, by))) + 1, rows - 1) + 1):
            for c in range(max(int(np.floor(min(ax, bx))) - 1, 0), min(int(np.floor(max(ax, bx))) + 1, columns - 1) + 1):
                for move in range(4):
                    cc, rr = c + MOVE_COLUMN[move], r + MOVE_ROW[move]
                    if 0 <= cc < columns and rr < rows and _meet(ax, ay, bx, by, c, r, cc, rr):
                        barred[r, c] |= np.uint8(1 << move)
                        barred[rr, cc] |= np.uint8(1 << (move + 4))


@njit(nogil=True, cache=True)
def _grade(rise, run):
    """Rise over run, 0 where a height is unknown or the run too short to tell."""
    return rise / run if run > NOISE_M and np.isfinite(rise) else 0.0


@njit(nogil=True, cache=True)
def mark_around(x, y, reach, left, top, wide, high, within):
    """Mark the cells whose middle lies within `reach` of any of the places; the number of each, rising."""
    rows, columns = within.shape
    marked, count = np.empty(1024, np.int64), 0
    for i in range(x.size):
        column, row, span = (x[i] - left) / wide - 0.5, (top - y[i]) / high - 0.5, reach[i] / high
        for r in range(max(int(np.ceil(row - span)), 0), min(int(np.floor(row + span)), rows - 1) + 1):
            aside = np.sqrt(max(reach[i] * reach[i] - ((r - row) * high) ** 2, 0.0)) / wide
            for c in range(max(int(np.ceil(column - aside)), 0), min(int(np.floor(column + aside)), columns - 1) + 1):
                if not within[r, c]:
                    if count == marked.size:
                        marked = _grown(marked)
                    within[r, c], marked[count], count = True, r * columns + c, count + 1
    return np.sort(marked[:count])


@njit(nogil=True, cache=True)
def add_sources(marked, vertex, x, y, road_left, road_bottom, road_cell, road_columns, road_rows, cell_start, cell_segment, height,
                left, top, wide, high, w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, bank_m, per_m, cells, root, piece, share):
    """Join the marked cells that roads pass through to the nearest point of a road, the quickest of them there and back.

    Makes the marked cells of `cells` and `root` ready for the search; of `piece` and `share` an entry is written for each source.
    How many sources there are, and which cells they are.
    """
    columns, count = root.shape[1], 0
    reach = SOURCE_REACH * max(wide, high)
    source = np.empty(marked.size, np.int64)
    for at in marked:
        r, c = at // columns, at % columns
        mx, my = left + (c + 0.5) * wide, top - (r + 0.5) * high
        best, best_piece, best_share = np.float32(np.inf), -1, 0.0
        best_there, best_back, best_metres = np.float32(np.inf), np.float32(np.inf), np.inf
        far = reach + 1e-6
        c0, c1 = max(int(np.floor((mx - far - road_left) / road_cell)), 0), int(np.floor((mx + far - road_left) / road_cell))
        r0, r1 = max(int(np.floor((my - far - road_bottom) / road_cell)), 0), int(np.floor((my + far - road_bottom) / road_cell))
        for rr in range(r0, min(r1, road_rows - 1) + 1):
            for cc in range(c0, min(c1, road_columns - 1) + 1):
                for n in range(cell_start[rr * road_columns + cc], cell_start[rr * road_columns + cc + 1]):
                    s = cell_segment[n]
                    k = vertex[s]
                    dx, dy = x[k + 1] - x[k], y[k + 1] - y[k]
                    square = dx * dx + dy * dy
                    t = 0.0 if square == 0.0 else min(max(((mx - x[k]) * dx + (my - y[k]) * dy) / square, 0.0), 1.0)
                    px, py = x[k] + t * dx, y[k] + t * dy
                    metres = np.hypot(mx - px, my - py)
                    if metres > reach:
                        continue
                    rise = height_at(height, left, top, wide, high, px, py) - height[r, c]
                    up, down = paces(_grade(rise, metres))
                    there, back = np.float32(up * metres * per_m), np.float32(down * metres * per_m)
                    # of equal ones the first piece, in whatever order the cells list them
                    if there + back > best or (there + back == best and s >= best_piece):
                        continue
                    if metres > bank_m:
                        short = 1.0 - bank_m / metres
                        nx, ny = mx + (px - mx) * short, my + (py - my) * short
                        if crosses_water(mx, my, nx, ny, w0, w1, w2, w3, w4, w5, w6, w7, w8, w9):
                            continue
                    best, best_piece, best_share = there + back, s, t
                    best_there, best_back, best_metres = there, back, metres
        cells[r, c, 0], cells[r, c, 1], cells[r, c, 2], cells[r, c, 3] = best_there, best_back, best_metres, height[r, c]
        root[r, c] = -1
        if best_piece >= 0:
            root[r, c], piece[count], share[count], source[count] = count, best_piece, best_share, at
            count += 1
    return source[:count]


@njit(nogil=True, cache=True)
def spread_out(source, within, steep, barred, wide, high, per_m, limit_m, cells, root):
    """Dijkstra's search over the cells `within` from the sources, by time there and back, as far as `limit_m` on foot.

    The frontier lies in buckets as wide as the quickest move takes, so that what is in a bucket is final (Denardo & Fox 1979).
    """
    rows, columns = root.shape
    width = np.float32(2.0 * per_m * min(wide, high))
    run = np.array([wide, np.hypot(wide, high), high, np.hypot(wide, high)] * 2)
    slots = 64
    head, tail_free = np.full(slots, -1, np.int64), -1
    node, following, due = np.empty(1024, np.int64), np.empty(1024, np.int64), np.empty(1024, np.float32)
    used, waiting = 0, source.size
    bucket, next_source = 0, 0
    order = np.argsort(_totals(source, cells), kind="mergesort")
    while waiting > 0:
        # sources enter as their bucket comes up: they may be further out than a turn of the ring is long
        while next_source < source.size:
            at = source[order[next_source]]
            total = cells[at // columns, at % columns, 0] + cells[at // columns, at % columns, 1]
            if int(total / width) > bucket:
                break
            next_source += 1
            if tail_free >= 0:
                entry, tail_free = tail_free, following[tail_free]
            else:
                if used == node.size:
                    node, following, due = _grown(node), _grown(following), _grown(due)
                entry, used = used, used + 1
            node[entry], due[entry], following[entry] = at, total, head[bucket % slots]
            head[bucket % slots] = entry
        while head[bucket % slots] >= 0:
            entry = head[bucket % slots]
            head[bucket % slots] = following[entry]
            at, now = node[entry], due[entry]
            following[entry], tail_free = tail_free, entry
            waiting -= 1
            r, c = at // columns, at % columns
            if now > cells[r, c, 0] + cells[r, c, 1]:
                continue
            for move in range(8):
                rr, cc = r + MOVE_ROW[move], c + MOVE_COLUMN[move]
                if not (0 <= rr < rows and 0 <= cc < columns) or barred[r, c] >> move & 1 or steep[rr, cc] or not within[rr, cc]:
                    continue
                known = cells[rr, cc, 0] + cells[rr, cc, 1]
                if known <= now + width:
                    continue
                if move & 1 and (steep[r, cc] or not within[r, cc]) and (steep[rr, c] or not within[rr, c]):
                    continue
                metres = cells[r, c, 2] + run[move]
                if metres > limit_m:
                    continue
                rise = cells[r, c, 3] - cells[rr, cc, 3]
                up, down = paces(rise / run[move] if np.isfinite(rise) else 0.0)
                there = cells[r, c, 0] + np.float32(up * run[move] * per_m)
                back = cells[r, c, 1] + np.float32(down * run[move] * per_m)
                if there + back >= known:
                    continue
                cells[rr, cc, 0], cells[rr, cc, 1], cells[rr, cc, 2] = there, back, metres
                root[rr, cc] = root[r, c]
                into = max(int((there + back) / width), bucket)
                if into - bucket >= slots:
                    head, slots = _turned(head, following, node, due, bucket, into - bucket + 1, width)
                if tail_free >= 0:
                    entry, tail_free = tail_free, following[tail_free]
                else:
                    if used == node.size:
                        node, following, due = _grown(node), _grown(following), _grown(due)
                    entry, used = used, used + 1
                node[entry], due[entry], following[entry] = rr * columns + cc, there + back, head[into % slots]
                head[into % slots] = entry
                waiting += 1
        bucket += 1


@njit(nogil=True, cache=True)
def _totals(source, cells):
    columns = cells.shape[1]
    out = np.empty(source.size, np.float32)
    for k in range(source.size):
        out[k] = cells[source[k] // columns, source[k] % columns, 0] + cells[source[k] // columns, source[k] % columns, 1]
    return out


@njit(nogil=True, cache=True)
def _grown(array):
    out = np.empty(2 * array.size, array.dtype)
    out[: array.size] = array
    return out


@njit(nogil=True, cache=True)
def _turned(head, following, node, due, bucket, least, width):
    """A longer ring of buckets with the same entries."""
    slots = 2 * max(head.size, least)
    longer = np.full(slots, -1, np.int64)
    for k in range(head.size):
        entry = head[k]
        while entry >= 0:
            after = following[entry]
            into = max(int(due[entry] / width), bucket)
            following[entry] = longer[into % slots]
            longer[into % slots] = entry
            entry = after
    return longer, slots


@njit(nogil=True, cache=True)
def straight_legs(start, stop, place_x, place_y, road_x, road_y, distance, height, left, top, wide, high, steep,
                  w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, bank_m, per_m, minutes, clear):
    """Minutes there and back along straight ways, a height every cell, and whether neither water nor a steep cell lies on them."""
    rows, columns = height.shape
    step = max(wide, high)
    for i in range(start, stop):
        metres = distance[i]
        if not np.isfinite(metres):
            continue
        px, py, dx, dy = place_x[i], place_y[i], road_x[i] - place_x[i], road_y[i] - place_y[i]
        pieces = max(int(np.ceil(metres / step - 1e-9)), 1)
        clear[i] = 1
        here = height_at(height, left, top, wide, high, px, py)
        for piece in range(1, pieces + 1):
            qx, qy = px + dx * piece / pieces, py + dy * piece / pieces
            there = height_at(height, left, top, wide, high, qx, qy)
            on, back = paces(_grade(there - here, metres / pieces))
            minutes[i, 0] += on * metres / pieces * per_m
            minutes[i, 1] += back * metres / pieces * per_m
            here = there
            if piece < pieces:
                r, c = int(np.floor((top - qy) / high)), int(np.floor((qx - left) / wide))
                if 0 <= r < rows and 0 <= c < columns and steep[r, c]:
                    clear[i] = 0
        if clear[i] and metres > bank_m:
            short = 1.0 - bank_m / metres
            if crosses_water(px, py, px + dx * short, py + dy * short, w0, w1, w2, w3, w4, w5, w6, w7, w8, w9):
                clear[i] = 0


@njit(nogil=True, cache=True)
def ways_over_cells(start, stop, rows_asked, place_x, place_y, height, within, cells, root, source_piece, source_share,
                    left, top, wide, high, w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, per_m, limit_m, piece, share, minutes,
                    length_m, open_):
    """For each place asked the best way through the middle of one of the nine cells around it, if better than what stands."""
    rows, columns = root.shape
    for k in range(start, stop):
        i = rows_asked[k]
        row, column = int(np.floor((top - place_y[i]) / high)), int(np.floor((place_x[i] - left) / wide))
        if not (0 <= row < rows and 0 <= column < columns):
            continue
        best = minutes[i, 0] + minutes[i, 1] if open_[i] else np.inf
        here = height_at(height, left, top, wide, high, place_x[i], place_y[i])
        for r in range(max(row - 1, 0), min(row + 1, rows - 1) + 1):
            for c in range(max(column - 1, 0), min(column + 1, columns - 1) + 1):
                if not within[r, c] or root[r, c] < 0:
                    continue
                mx, my = left + (c + 0.5) * wide, top - (r + 0.5) * high
                metres = np.hypot(mx - place_x[i], my - place_y[i])
                on, back = paces(_grade(cells[r, c, 3] - here, metres))
                on, back = on * metres * per_m + cells[r, c, 0], back * metres * per_m + cells[r, c, 1]
                if on + back >= best or metres + cells[r, c, 2] > limit_m:
                    continue
                if crosses_water(place_x[i], place_y[i], mx, my, w0, w1, w2, w3, w4, w5, w6, w7, w8, w9):
                    continue
                best = on + back
                open_[i], minutes[i, 0], minutes[i, 1] = True, on, back
                length_m[i] = metres + cells[r, c, 2]
                piece[i], share[i] = source_piece[root[r, c]], source_share[root[r, c]]
