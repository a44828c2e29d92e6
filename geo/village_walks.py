"""Compiled: the walks of each village's people to each of the village's places, all against all. Minutes.

Between the homes of a village and its places only few nodes of the network matter: the ends of the edges they stand on. Bounded
searches from these nodes, on the side that has fewer, give a small table; every pair of home and place reads four of its entries.
Times of arcs are multiples of `geo.network.GRAIN_MIN`, so their sums are exact and it does not matter from which side one searches.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.kernels import LIMIT_SLACK_MIN, straight_along

BUCKET_MIN = 1.0
"""Width of the frontier's buckets."""

LANES = 4
"""Neighbouring sources searched from at once; with more of them nodes are taken up again too often."""


@njit(nogil=True, cache=True)
def village_walks(
    start, stop, out_indptr, out_indices, out_minutes, back_indptr, back_indices, back_minutes, component, node_x, node_y,
    least_min_per_m, home_start, home_edge, home_u, home_v, home_along, home_from_u, home_to_u, home_to_v, home_leg, home_people,
    home_end_start, home_end, place_start, place_u, place_v, edge, along, from_u, from_v, to_u, leg, place_end_start, place_end,
    limit, table_room, sum_minutes, sum_reached, worst,
):
    """Person-minutes, people and longest walk of each village's homes to each of its places, walks over `limit` left out.

    Homes and places are sorted by village and edge. `home_end` lists for each village the nodes its homes' edges end at, and
    `home_u`, `home_v` are positions among them; likewise `place_end`, `place_u`, `place_v`. The table has a row for each end of a
    place and a column for each end of a home. Where it would have more than `table_room`
    entries, the side that is searched from is taken in parts.
    """
    nodes = out_indptr.size - 1
    bound = limit + LIMIT_SLACK_MIN
    time, pending_key = np.full((nodes, LANES), np.inf), np.full(nodes, np.inf)
    left, left_of = np.empty(nodes), np.full(nodes, -1, np.int64)
    touched, is_met = np.empty(nodes, np.int64), np.zeros(nodes, np.uint8)
    head = np.full(int(bound / BUCKET_MIN) + 2, -1, np.int64)
    entry_node, entry_next, entry_key = np.empty(256, np.int64), np.empty(256, np.int64), np.empty(256)
    for village in range(start, stop):
        first_h, first_p = home_end_start[village], place_end_start[village]
        homes, places = home_end_start[village + 1] - first_h, place_end_start[village + 1] - first_p
        if homes == 0 or places == 0:
            continue
        by_home = homes <= places
        sources = home_end[first_h:first_h + homes] if by_home else place_end[first_p:first_p + places]
        wanted = place_end[first_p:first_p + places] if by_home else home_end[first_h:first_h + homes]
        indptr, indices = (out_indptr, out_indices) if by_home else (back_indptr, back_indices)
        minutes = out_minutes if by_home else back_minutes
        low_x, high_x, low_y, high_y = np.inf, -np.inf, np.inf, -np.inf
        for k in range(wanted.size):
            x, y = node_x[wanted[k]], node_y[wanted[k]]
            low_x, high_x, low_y, high_y = min(low_x, x), max(high_x, x), min(low_y, y), max(high_y, y)
        box = (low_x, high_x, low_y, high_y, least_min_per_m)
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
            entry_node, entry_next, entry_key = _fill(
                table, by_home, at, sources, wanted, bound, indptr, indices, minutes, component, node_x, node_y, box, village, left,
                left_of, time, pending_key, touched, is_met, head, entry_node, entry_next, entry_key)
            _sum_up(
                first if by_home else h0, item if by_home else h1, p0 if by_home else first, p1 if by_home else item,
                table, used if by_home else homes, column_of, row_of, bound, home_edge, home_u, home_v, home_along,
                home_from_u, home_to_u, home_to_v, home_leg, home_people, place_u, place_v, edge, along, from_u, from_v, to_u,
                leg, sum_minutes, sum_reached, worst,
            )
            first = item


@njit(nogil=True, cache=True)
def _fill(table, by_home, at, sources, wanted, bound, indptr, indices, minutes, component, node_x, node_y, box, village, left,
          left_of, time, pending_key, touched, is_met, head, entry_node, entry_next, entry_key):
    """Times between the sources that have a place in the table (`at` not negative) and the wanted nodes, some sources at a time.

    Gives back the room for entries of the frontier, which may have grown.
    """
    lane_of = np.empty(LANES, np.int64)
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
        met, entry_node, entry_next, entry_key = _search(
            sources, lane_of[:lanes], wanted, bound, indptr, indices, minutes, component, node_x, node_y, box, village, left,
            left_of, time, pending_key, touched, is_met, head, entry_node, entry_next, entry_key)
        for lane in range(lanes):
            for w in range(wanted.size):
                if by_home:
                    table[w, at[lane_of[lane]]] = time[wanted[w], lane]
                else:
                    table[at[lane_of[lane]], w] = time[wanted[w], lane]
        for n in range(met):
            time[touched[n]] = np.inf
            pending_key[touched[n]], is_met[touched[n]] = np.inf, 0
    return entry_node, entry_next, entry_key


@njit(nogil=True, cache=True)
def _search(sources, lane_of, wanted, bound, indptr, indices, minutes, component, node_x, node_y, box, village, left, left_of,
            time, pending_key, touched, is_met, head, entry_node, entry_next, entry_key):
    """Times over the arcs from a few neighbouring nodes to the wanted ones, in the lanes of `time`; inf beyond the bound.

    Neighbours meet much the same nodes in much the same order, so one walk over the graph serves them all (after Then et al. 2014,
    who do so for breadth-first search). The frontier lies in buckets by the least key of a node's lanes: the time to it and the
    least left from it to the box around the wanted nodes (A* after Hart, Nilsson & Raphael 1968), so that what lies behind the
    sources is hardly looked at. A node is taken up again when a lane of it gets better; when a bucket is done, times below its end
    are final.
    """
    met, entries, bucket, filled = 0, 0, head.size, 0
    for lane in range(lane_of.size):
        node = sources[lane_of[lane]]
        if left_of[node] != village:
            left[node], left_of[node] = _left(node_x[node], node_y[node], box), village
        if left[node] > bound:
            continue
        is_met[node], touched[met], met = 1, node, met + 1
        time[node, lane] = 0.0
        pending_key[node] = left[node]
        into = int(left[node] / BUCKET_MIN)
        entry_node[entries], entry_key[entries], entry_next[entries] = node, left[node], head[into]
        head[into], entries = entries, entries + 1
        bucket, filled = min(bucket, into), max(filled, into)
    unsettled, first_unsettled = wanted.size, 0
    while bucket <= filled and first_unsettled < unsettled:
        while head[bucket] >= 0:
            entry = head[bucket]
            head[bucket] = entry_next[entry]
            node = entry_node[entry]
            if entry_key[entry] != pending_key[node]:
                continue
            pending_key[node] = np.inf
            if entries + indptr[node + 1] - indptr[node] > entry_node.size:
                entry_node, entry_next, entry_key = _doubled(entry_node), _doubled(entry_next), _doubled(entry_key)
            for arc in range(indptr[node], indptr[node + 1]):
                other = indices[arc]
                if left_of[other] != village:
                    left[other], left_of[other] = _left(node_x[other], node_y[other], box), village
                least = _relax(time[node], time[other], minutes[arc], bound - left[other])
                if least == np.inf:
                    continue
                if not is_met[other]:
                    is_met[other], touched[met], met = 1, other, met + 1
                due = least + left[other]
                if due < pending_key[other]:
                    pending_key[other] = due
                    into = max(int(due / BUCKET_MIN), bucket)
                    filled = max(filled, into)
                    entry_node[entries], entry_key[entries], entry_next[entries] = other, due, head[into]
                    head[into], entries = entries, entries + 1
        bucket += 1
        while first_unsettled < unsettled and _settled(
                time[wanted[first_unsettled]], bucket * BUCKET_MIN, component, sources, lane_of, wanted[first_unsettled]):
            first_unsettled += 1
    for k in range(bucket, filled + 1):
        head[k] = -1
    return met, entry_node, entry_next, entry_key


@njit(nogil=True, cache=True, fastmath={"nnan", "nsz"})
def _relax(here, there, minutes, latest):
    """Go along an arc in every lane, arriving no later than `latest`; the earliest arrival that is an improvement, inf if none."""
    least = np.inf
    for lane in range(LANES):
        then = here[lane] + minutes
        known = there[lane]
        better = then < known and then <= latest
        there[lane] = then if better else known
        gain = then if better else np.inf
        least = gain if gain < least else least
    return least


@njit(nogil=True, cache=True)
def _settled(times, before, component, sources, lane_of, node):
    """Whether every lane that can reach a node has done so before a time."""
    settled = True
    for lane in range(lane_of.size):
        settled &= times[lane] < before or component[sources[lane_of[lane]]] != component[node]
    return settled


@njit(nogil=True, cache=True)
def _doubled(array):
    out = np.empty(2 * array.size + 64, array.dtype)
    out[: array.size] = array
    return out


@njit(nogil=True, cache=True)
def _left(x, y, box):
    """The least time from a point to a box (low x, high x, low y, high y, least minutes per metre as the crow flies)."""
    low_x, high_x, low_y, high_y, least_min_per_m = box
    if low_x <= x <= high_x and low_y <= y <= high_y:
        return 0.0
    aside, beyond = max(low_x - x, 0.0, x - high_x), max(low_y - y, 0.0, y - high_y)
    return least_min_per_m * np.sqrt(aside * aside + beyond * beyond)


@njit(nogil=True, cache=True)
def _sum_up(
    h0, h1, p0, p1, table, columns, column_of, row_of, bound, home_edge, home_u, home_v, home_along, home_from_u, home_to_u,
    home_to_v, home_leg, home_people, place_u, place_v, edge, along, from_u, from_v, to_u, leg, sum_minutes, sum_reached, worst,
):
    """Add the walks of the homes h0..h1 to the places p0..p1."""
    over = np.empty(columns)
    for i in range(p0, p1):
        by_u, by_v = table[row_of[place_u[i]]], table[row_of[place_v[i]]]
        for a in range(columns):
            over[a] = min(by_u[a] + from_u[i], by_v[a] + from_v[i])
        for k in range(h0, h1):
            way = min(home_to_u[k] + over[column_of[home_u[k]]], home_to_v[k] + over[column_of[home_v[k]]])
            if home_edge[k] == edge[i]:
                way = min(way, straight_along(home_along[k], home_from_u[k], home_to_u[k], along[i], from_u[i], to_u[i]))
            total = leg[i] + way + home_leg[k]
            if total <= bound:
                sum_minutes[i] += home_people[k] * total
                sum_reached[i] += home_people[k]
                worst[i] = max(worst[i], total)
