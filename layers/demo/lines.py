"""From steps on a grid to lines on a map: chains between junctions, smoothed, with junctions kept where they are."""

from __future__ import annotations

import numpy as np


def soften(xy: np.ndarray, *, rounds: int = 3) -> np.ndarray:
    """A line (n, 2) in metres with its corners averaged away; both ends stay exactly where they are."""
    xy = np.asarray(xy, dtype=float)
    for _ in range(rounds if len(xy) > 2 else 0):
        inner = 0.25 * xy[:-2] + 0.5 * xy[1:-1] + 0.25 * xy[2:]
        xy = np.vstack([xy[:1], inner, xy[-1:]])
    return xy


def cut_corners(xy: np.ndarray) -> np.ndarray:
    """A line (n, 2) in metres after one round of Chaikin's corner cutting; both ends stay exactly where they are."""
    xy = np.asarray(xy, dtype=float)
    if len(xy) < 3:
        return xy
    first, second = 0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]
    inner = np.empty((2 * len(first), 2))
    inner[0::2], inner[1::2] = first, second
    return np.vstack([xy[:1], inner[1:-1], xy[-1:]])


def chains(steps: np.ndarray, ranks: np.ndarray, stops: np.ndarray) -> list[tuple[np.ndarray, int]]:
    """Split a net of steps into chains of cells that run from junction to junction.

    Parameters
    ----------
    steps : (n, 2) int array
        Pairs of cells that are joined; a pair occurs once.
    ranks : (n,) int array
        A number per step; a chain has one number throughout.
    stops : int array
        Cells at which a chain ends besides junctions, dead ends and changes of rank.

    Returns
    -------
    list of (cells, rank), in an order that depends on the input only.
    """
    ends = np.concatenate([steps[:, 0], steps[:, 1]])
    others = np.concatenate([steps[:, 1], steps[:, 0]])
    rank_of = np.concatenate([ranks, ranks])
    step_of = np.tile(np.arange(len(steps)), 2)
    order = np.lexsort((others, ends))
    ends, others, rank_of, step_of = ends[order], others[order], rank_of[order], step_of[order]
    nodes, start, degree = np.unique(ends, return_index=True, return_counts=True)
    place = dict(zip(nodes.tolist(), zip(start.tolist(), degree.tolist(), strict=True), strict=True))
    two = degree == 2
    breaks = ~two
    breaks[two] = rank_of[start[two]] != rank_of[start[two] + 1]
    halts = set(nodes[breaks].tolist()) | set(np.asarray(stops).tolist())
    used = np.zeros(len(steps), bool)
    found = []
    seeds = [n for n in nodes.tolist() if n in halts] + [n for n in nodes.tolist() if n not in halts]
    other_list, step_list = others.tolist(), step_of.tolist()
    for node in seeds:
        first, count = place[node]
        for i in range(first, first + count):
            if used[step_list[i]]:
                continue
            rank = int(rank_of[i])
            used[step_list[i]] = True
            chain = [node, other_list[i]]
            while chain[-1] not in halts and chain[-1] != node:
                at, n = place[chain[-1]]
                onward = [j for j in range(at, at + n) if not used[step_list[j]]]
                if not onward:
                    break
                used[step_list[onward[0]]] = True
                chain.append(other_list[onward[0]])
            found.append((np.array(chain), rank))
    return found
