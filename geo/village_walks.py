"""Compiled: the walks of each village's people to each of the village's places, all against all. Minutes.

Between the homes of a village and its places only few nodes of the network matter: the ends of the edges they stand on. Bounded
searches from these nodes, on the side that has fewer, give a small table; every pair of home and place reads four of its entries.
They go over the contracted graph (`geo.contraction`): up to its core, through it, and down to the nodes wanted in one sweep.
Times of arcs are multiples of `geo.network.GRAIN_MIN`, so their sums are exact and it does not matter from which side one searches.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.kernels import LIMIT_SLACK_MIN
from geo.walk_sums import sum_up

BUCKET_MIN = 1.0
"""Width of the frontier's buckets."""

LANES = 4   # as many as `_search` names
"""Neighbouring sources searched from at once; with more of them nodes are taken up again too often."""

MOST_THROUGH = 1 << 20
"""Most times through the core kept at once: 8 MB a thread."""


@njit(nogil=True, cache=True)
def village_walks(
    start, stop, row_start, row_to, row_forth, row_back, rank, component, node_x, node_y,
    least_min_per_m, home_start, home_edge, home_u, home_v, home_along, home_from_u, home_to_u, home_to_v, home_leg, home_people,
    home_end_start, home_end, place_start, place_u, place_v, edge, along, from_u, from_v, to_u, leg, place_end_start, place_end,
    limit, table_room, sum_minutes, sum_reached, worst,
):
    """Person-minutes, people and longest walk of each village's homes to each of its places, walks over `limit` left out.

    The graph is a `geo.contraction.Contraction`. Homes and places are sorted by village and edge. `home_end` lists for each village
    the nodes its homes' edges end at, and `home_u`, `home_v` are positions among them; likewise `place_end`, `place_u`, `place_v`.
    The table has a row for each end of a place and a column for each end of a home. Where it would have more than `table_room`
    entries, the side that is searched from is taken in parts.
    """
    nodes = rank.size
    bound = limit + LIMIT_SLACK_MIN
    time, pending_key = np.full((nodes, LANES), np.inf), np.full(nodes, np.inf)
    left, left_of = np.empty(nodes), np.full(nodes, -1, np.int64)
    touched, is_met = np.empty(nodes, np.int64), np.zeros(nodes, np.uint8)
    sweep, listed, entry_of = np.empty(nodes, np.int64), np.full(nodes, -1, np.int64), np.full(nodes, -1, np.int64)
    head = np.full(int(bound / BUCKET_MIN) + 2, -1, np.int64)
    after, before = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    for village in range(start, stop):
        first_h, first_p = home_end_start[village], place_end_start[village]
        homes, places = home_end_start[village + 1] - first_h, place_end_start[village + 1] - first_p
        if homes == 0 or places == 0:
            continue
        by_home = homes <= places
        sources = home_end[first_h:first_h + homes] if by_home else place_end[first_p:first_p + places]
        wanted = place_end[first_p:first_p + places] if by_home else home_end[first_h:first_h + homes]
        up, down = (row_forth, row_back) if by_home else (row_back, row_forth)
        graph = (row_start, row_to, up, down, rank)
        swept, core = _above(wanted, village, row_start, row_to, rank, listed, sweep)
        box = (node_x[core].min(), node_x[core].max(), node_y[core].min(), node_y[core].max(), least_min_per_m) if core.size else (
            0.0, 0.0, 0.0, 0.0, 0.0)
        room = max(2, min(sources.size, table_room // wanted.size))
        table = np.empty((places, room)) if by_home else np.empty((room, homes))
        column_of, row_of = np.arange(homes), np.arange(places)
        at = column_of if by_home else row_of
        end_u, end_v = (home_u, home_v) if by_home else (place_u, place_v)
        h0, h1, p0, p1 = home_start[village], home_start[village + 1], place_start[village], place_start[village + 1]
        first = h0 if by_home else p0
        last = h1 if by_home else p1
        while first < last:
            # as many homes (or places) as have room for their ends
            at[:] = -1
            used, item = 0, first
            while item < last:
                u, v = end_u[item], end_v[item]
                new = (at[u] < 0) + (at[v] < 0 and v != u)
                if used + new > room:
                    break
                at[u] = at[v] = 0
                item, used = item + 1, used + new
            used = 0
            for k in range(at.size):
                if at[k] == 0:
                    at[k], used = used, used + 1
            _fill(
                table, by_home, at, sources, wanted, swept, core, bound, graph, component, node_x, node_y, box, village, left,
                left_of, time, pending_key, touched, is_met, entry_of, head, after, before)
            sum_up(
                first if by_home else h0, item if by_home else h1, p0 if by_home else first, p1 if by_home else item,
                table, used if by_home else homes, column_of, row_of, bound, home_edge, home_u, home_v, home_along,
                home_from_u, home_to_u, home_to_v, home_leg, home_people, place_u, place_v, edge, along, from_u, from_v, to_u,
                leg, sum_minutes, sum_reached, worst,
            )
            first = item


@njit(nogil=True, cache=True)
def _above(wanted, village, row_start, row_to, rank, listed, room):
    """What the times to the wanted nodes follow from: the nodes taken out, the latest first, and those of the core."""
    found, core = 0, 0
    for k in range(wanted.size):
        if listed[wanted[k]] != village:
            listed[wanted[k]] = village
            room[found] = wanted[k]
            found += 1
    k = 0
    while k < found:
        node = room[k]
        k += 1
        if rank[node] == rank.size:
            core += 1
            continue
        for arc in range(row_start[node], row_start[node + 1]):
            other = row_to[arc]
            if listed[other] != village:
                listed[other] = village
                room[found] = other
                found += 1
    latest = room[:found][np.argsort(-rank[room[:found]], kind="mergesort")]
    return latest[core:], latest[:core]


@njit(nogil=True, cache=True)
def _fill(table, by_home, at, sources, wanted, swept, core, bound, graph, component, node_x, node_y, box, village, left,
          left_of, time, pending_key, touched, is_met, entry_of, head, after, before):
    """Times between the sources that have a place in the table (`at` not negative) and the wanted nodes, some sources at a time.

    Sources near each other climb to the core over much the same nodes of it. Where these are fewer than the sources, the core is
    crossed from each of them once.
    """
    row_start, row_to, _, down, _ = graph
    entries = _entries(sources, at, graph, time, touched, is_met, entry_of)
    once = entries.size < np.sum(at >= 0) and entries.size * core.size <= MOST_THROUGH
    through = np.empty((entries.size, core.size) if once else (0, 0))
    if once:
        _cross(through, entries, core, bound, graph, component, node_x, node_y, box, village, left, left_of, time, pending_key,
               touched, is_met, head, after, before)
    lane_of, over = np.empty(LANES, np.int64), np.empty((core.size, LANES))
    k = 0
    while k < at.size:
        lanes = 0
        while k < at.size and lanes < LANES:
            if at[k] >= 0:
                lane_of[lanes] = k
                lanes += 1
            k += 1
        if lanes == 0:
            break
        met = _climb(sources, lane_of[:lanes], graph, time, touched, is_met)
        if once:
            _over_core(through, core, entry_of, touched, met, time, over)
        else:
            met = _search(
                sources, lane_of[:lanes], core, bound, graph, component, node_x, node_y, box, village, left, left_of, time,
                pending_key, met, touched, is_met, head, after, before)
        for n in range(swept.size):
            node = swept[n]
            for arc in range(row_start[node], row_start[node + 1]):
                _relax(time, row_to[arc], time, node, down[arc], np.inf)
        for lane in range(lanes):
            for w in range(wanted.size):
                if by_home:
                    table[w, at[lane_of[lane]]] = time[wanted[w], lane]
                else:
                    table[at[lane_of[lane]], w] = time[wanted[w], lane]
        _clear(touched[:met], time, pending_key, is_met)
        for n in range(swept.size):
            time[swept[n]] = np.inf
        for n in range(core.size):
            time[core[n]] = np.inf
    entry_of[entries] = -1


@njit(nogil=True, cache=True)
def _clear(nodes, time, pending_key, is_met):
    for n in range(nodes.size):
        time[nodes[n]] = np.inf
        pending_key[nodes[n]], is_met[nodes[n]] = np.inf, 0


@njit(nogil=True, cache=True)
def _entries(sources, at, graph, time, touched, is_met, entry_of):
    """Nodes of the core that any of the sources in the table climbs to, in the order met; `entry_of` gets their positions."""
    rank = graph[4]
    out, found = np.empty(64, np.int64), 0
    for k in range(at.size):
        if at[k] < 0:
            continue
        met = _climb(sources, np.full(1, k), graph, time, touched, is_met)
        if found + met > out.size:
            longer = np.empty(2 * (found + met), np.int64)
            longer[:found] = out[:found]
            out = longer
        for n in range(met):
            node = touched[n]
            if rank[node] == rank.size and entry_of[node] < 0:
                entry_of[node], out[found] = found, node
                found += 1
            time[node], is_met[node] = np.inf, 0
    return out[:found]


@njit(nogil=True, cache=True)
def _cross(through, entries, core, bound, graph, component, node_x, node_y, box, village, left, left_of, time, pending_key, touched,
           is_met, head, after, before):
    """Put the times from each entry to each node of the core that is asked for into `through`, rows by entry."""
    for first in range(0, entries.size, LANES):
        lane_of = np.arange(first, min(first + LANES, entries.size))
        for lane in range(lane_of.size):
            node = entries[lane_of[lane]]
            touched[lane], is_met[node], time[node, lane] = node, 1, 0.0
        met = _search(
            entries, lane_of, core, bound, graph, component, node_x, node_y, box, village, left, left_of, time, pending_key,
            lane_of.size, touched, is_met, head, after, before)
        for lane in range(lane_of.size):
            for n in range(core.size):
                through[lane_of[lane], n] = time[core[n], lane]
        _clear(touched[:met], time, pending_key, is_met)


@njit(nogil=True, cache=True)
def _over_core(through, core, entry_of, touched, met, time, over):
    """Times to the nodes of the core that are asked for, in the lanes of `time`, from those at the entries that were met."""
    over[:] = np.inf
    for n in range(met):
        entry = entry_of[touched[n]]
        if entry < 0:
            continue
        for c in range(core.size):
            _relax(time, touched[n], over, c, through[entry, c], np.inf)
    for c in range(core.size):
        time[core[c]] = over[c]


@njit(nogil=True, cache=True)
def _climb(sources, lane_of, graph, time, touched, is_met):
    """Times from a few nodes up to the core, in the lanes of `time`; how many nodes were met, which `touched` lists."""
    row_start, row_to, up, _, rank = graph
    met = 0
    for lane in range(lane_of.size):
        node = sources[lane_of[lane]]
        if not is_met[node]:
            is_met[node], touched[met], met = 1, node, met + 1
        time[node, lane] = 0.0
    done = 0
    while done < met:
        # the node taken out first comes next: none that is still to come leads to it
        least = done
        for n in range(done + 1, met):
            if rank[touched[n]] < rank[touched[least]]:
                least = n
        touched[done], touched[least] = touched[least], touched[done]
        node = touched[done]
        done += 1
        if rank[node] == rank.size:
            break
        for arc in range(row_start[node], row_start[node + 1]):
            other = row_to[arc]
            if not is_met[other]:
                is_met[other], touched[met], met = 1, other, met + 1
            _relax(time, node, time, other, up[arc], np.inf)
    return met


@njit(nogil=True, cache=True)
def _search(sources, lane_of, wanted, bound, graph, component, node_x, node_y, box, village, left, left_of, time, pending_key, met,
            touched, is_met, head, after, before):
    """Times within the core from the nodes met so far to the wanted ones, in the lanes of `time`; inf beyond the bound.

    Neighbours meet much the same nodes in much the same order, so one walk over the graph serves them all (after Then et al. 2014,
    who do so for breadth-first search). The frontier lies in buckets by the least key of a node's lanes: the time to it and the
    least left from it to the box around the wanted nodes (A* after Hart, Nilsson & Raphael 1968), so that what lies behind the
    sources is hardly looked at. A node is taken up again when a lane of it gets better; when a bucket is done, times below its end
    are final. Gives back how many nodes were met in all.
    """
    row_start, row_to, up, _, rank = graph
    bucket, filled = head.size, 0
    for n in range(met if wanted.size else 0):
        node = touched[n]
        if rank[node] < rank.size:
            continue
        if left_of[node] != village:
            left[node], left_of[node] = _left(node_x[node], node_y[node], box), village
        due = left[node] + min(time[node, 0], time[node, 1], time[node, 2], time[node, 3])
        if due > bound:
            continue
        pending_key[node] = due
        into = int(due / BUCKET_MIN)
        _link(node, into, head, after, before)
        bucket, filled = min(bucket, into), max(filled, into)
    unsettled, first_unsettled = wanted.size, 0
    while bucket <= filled and first_unsettled < unsettled:
        while head[bucket] >= 0:
            node = head[bucket]
            _unlink(node, head, after, before)
            pending_key[node] = np.inf
            for arc in range(row_start[node], row_start[node + 1]):
                other = row_to[arc]
                if left_of[other] != village:
                    left[other], left_of[other] = _left(node_x[other], node_y[other], box), village
                least = _relax(time, node, time, other, up[arc], bound - left[other])
                if least == np.inf:
                    continue
                if not is_met[other]:
                    is_met[other], touched[met], met = 1, other, met + 1
                due = least + left[other]
                if due < pending_key[other]:
                    if pending_key[other] < np.inf:
                        _unlink(other, head, after, before)
                    pending_key[other] = due
                    into = max(int(due / BUCKET_MIN), bucket)
                    filled = max(filled, into)
                    _link(other, into, head, after, before)
        bucket += 1
        while first_unsettled < unsettled and _settled(
                time, bucket * BUCKET_MIN, component, sources, lane_of, wanted[first_unsettled]):
            first_unsettled += 1
    for k in range(bucket, filled + 1):
        head[k] = -1
    return met


@njit(nogil=True, cache=True)
def _link(node, bucket, head, after, before):
    """Put a node at the head of a bucket; before the first one stands -1 less the number of the bucket."""
    follows = head[bucket]
    head[bucket], after[node], before[node] = node, follows, -1 - bucket
    if follows >= 0:
        before[follows] = node


@njit(nogil=True, cache=True)
def _unlink(node, head, after, before):
    """Take a node out of its bucket."""
    leads, follows = before[node], after[node]
    if leads < 0:
        head[-1 - leads] = follows
    else:
        after[leads] = follows
    if follows >= 0:
        before[follows] = leads


@njit(nogil=True, cache=True, fastmath={"nnan", "nsz"})
def _relax(here, i, there, j, minutes, latest):
    """Go along an arc in every lane, from row `i` to row `j`, arriving no later than `latest`; the earliest arrival that is an
    improvement, inf if none."""
    least = np.inf
    for lane in range(LANES):
        then = here[i, lane] + minutes
        known = there[j, lane]
        better = then < known and then <= latest
        there[j, lane] = then if better else known
        gain = then if better else np.inf
        least = gain if gain < least else least
    return least


@njit(nogil=True, cache=True)
def _settled(time, until, component, sources, lane_of, node):
    """Whether every lane that can reach a node has done so before a time."""
    settled = True
    for lane in range(lane_of.size):
        settled &= time[node, lane] < until or component[sources[lane_of[lane]]] != component[node]
    return settled


@njit(nogil=True, cache=True)
def _left(x, y, box):
    """The least time from a point to a box (low x, high x, low y, high y, least minutes per metre as the crow flies)."""
    low_x, high_x, low_y, high_y, least_min_per_m = box
    if low_x <= x <= high_x and low_y <= y <= high_y:
        return 0.0
    aside, beyond = max(low_x - x, 0.0, x - high_x), max(low_y - y, 0.0, y - high_y)
    return least_min_per_m * np.sqrt(aside * aside + beyond * beyond)
