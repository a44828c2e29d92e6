"""Where people live in the demo county: villages along streams, their townships, and the natural villages around each."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from layers.demo.recipe import Recipe
from layers.demo.search import allocate
from layers.demo.streams import stream_width_m
from layers.demo.terrain import CELL_M, Terrain


def suitability(terrain: Terrain) -> np.ndarray:
    """How much people like to live in a cell, 0..1: gentle, near water but above it, not too high."""
    wet = terrain.area_m2 >= 1.2e6
    dry_feet = np.where(wet, 0.05, 1.0) * (1.0 - np.exp(-(terrain.above_m + 1.0) / 4.0))
    level = np.exp(-terrain.slope_deg / 6.0)
    near = 0.15 + np.exp(-terrain.above_m / 45.0)
    low = np.exp(-(terrain.z - terrain.z.min()) / 900.0)
    return dry_feet * level * near * low


def spread_out(xy: np.ndarray, keys: np.ndarray, spacing_m: np.ndarray) -> np.ndarray:
    """Indices of points kept when, from the highest key down, none may come closer than the larger spacing (m) of the two."""
    order = np.argsort(-keys, kind="stable")
    tree = cKDTree(xy)
    dead = np.zeros(len(xy), bool)
    kept = []
    for i in order.tolist():
        if not dead[i]:
            kept.append(i)
            dead[tree.query_ball_point(xy[i], spacing_m[i])] = True
    return np.array(kept)


def _centres(terrain: Terrain, liking: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cells of village centres over the whole grid: dense in the valleys, sparse on the heights."""
    cells = rng.choice(liking.size, 30000, replace=False)
    like = liking.ravel()[cells]
    keys = np.log(like + 1e-9) + 0.5 * rng.gumbel(size=len(cells))
    spacing = 1410 + 950 * np.exp(-like * 5)
    xy = terrain.xy(cells)
    return cells[spread_out(xy, keys, spacing)]


def _neighbours(owner: np.ndarray) -> dict[int, list[int]]:
    """Which regions touch: region -> its neighbours, ascending."""
    pairs = np.vstack(
        [np.column_stack([owner[:, :-1].ravel(), owner[:, 1:].ravel()]), np.column_stack([owner[:-1].ravel(), owner[1:].ravel()])]
    )
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    pairs = np.unique(np.vstack([pairs, pairs[:, ::-1]]), axis=0)
    return {int(a): pairs[pairs[:, 0] == a, 1].tolist() for a in np.unique(pairs[:, 0])}


def _grow(start: int, keys: np.ndarray, neighbours: dict[int, list[int]], barred: set[int], count: int) -> list[int]:
    """`count` regions that hang together, from `start`, the smallest key on the rim first."""
    chosen, rim = [start], set(neighbours[start]) - barred
    taken = {start}
    while len(chosen) < count:
        best = min(rim, key=lambda region: (keys[region], region))
        chosen.append(best)
        taken.add(best)
        rim = (rim | set(neighbours[best])) - barred - taken
    return sorted(chosen)


def _townships(
    xy: np.ndarray, like: np.ndarray, neighbours: dict[int, list[int]], first: int, count: int
) -> tuple[np.ndarray, list[int]]:
    """Township number of every village and the seats' villages: far apart and in good places; then even growth."""
    seats = [first]
    apart = np.hypot(*(xy - xy[first]).T)
    while len(seats) < count:
        nxt = int(np.argmax(apart * (0.35 + like)))
        seats.append(nxt)
        apart = np.minimum(apart, np.hypot(*(xy - xy[nxt]).T))
    town = np.full(len(xy), -1)
    town[seats] = np.arange(count)
    size = np.ones(count)
    while (town < 0).any():
        for t in np.argsort(size, kind="stable"):
            rim = sorted({n for v in np.nonzero(town == t)[0].tolist() for n in neighbours[v] if town[n] < 0})
            if rim:
                reach = np.hypot(*(xy[rim] - xy[seats[t]]).T)
                town[rim[int(np.argmin(reach))]] = t
                size[t] += 1
                break
    return town, seats


def _village_names(recipe: Recipe, count: int, rng: np.random.Generator) -> list[str]:
    first, second = recipe.names["first"], recipe.names["second"]
    picks = rng.permutation(len(first) * len(second))
    names = [first[p // len(second)] + second[p % len(second)] for p in picks.tolist()]
    taken = set(recipe.names["townships"])
    return [name for name in names if name not in taken and name[0] != name[1]][:count]


def make_villages(recipe: Recipe, terrain: Terrain, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray, list[int]]:
    """The administrative villages.

    Returns
    -------
    villages : DataFrame
        One row per village: codes, names, township number and name, centre `cell`, `x`, `y` (m), population, households.
    owner : int array, shape (rows, cols)
        Row of the village that a cell of the working grid falls to, -1 outside the county.
    seats : list of int
        Row of the seat village of each township, the county seat first.
    """
    counts = recipe.counts
    rows, cols = terrain.shape
    liking = suitability(terrain)
    centres = _centres(terrain, liking, rng)
    slowness = 1.0 + 0.25 * stream_width_m(np.where(terrain.area_m2 > 1.2e6, terrain.area_m2, 0))
    owner, _ = allocate(centres, terrain.z.ravel(), slowness.ravel(), rows, cols, CELL_M)
    owner = owner.reshape(rows, cols)
    xy = terrain.xy(centres)
    rim = set(
        np.unique(np.concatenate([owner[:2].ravel(), owner[-2:].ravel(), owner[:, :2].ravel(), owner[:, -2:].ravel()])).tolist()
    )
    middle = np.array([terrain.left + cols * CELL_M / 2, terrain.top - rows * CELL_M / 2])
    away = np.hypot((xy[:, 0] - middle[0]) / 0.92, xy[:, 1] - middle[1]) * rng.uniform(0.86, 1.14, len(xy))
    neighbours = _neighbours(owner)
    inner = [i for i in np.argsort(away, kind="stable").tolist() if i not in rim]
    chosen = _grow(inner[0], away, neighbours, rim, int(counts["villages"]))
    renumber = np.full(len(centres), -1)
    renumber[chosen] = np.arange(len(chosen))
    owner = renumber[owner]
    near = {int(renumber[a]): [int(renumber[b]) for b in neighbours[a] if renumber[b] >= 0] for a in chosen}
    xy, cells = xy[chosen], centres[chosen]
    plain = np.bincount(owner[owner >= 0], weights=liking[owner >= 0], minlength=len(chosen))
    central = np.exp(-((np.hypot(*(xy - middle).T) / 9000) ** 2))
    seat = int(np.argmax(plain * central))
    town, seats = _townships(xy, plain / plain.max(), near, seat, int(counts["townships"]))
    weight = (0.35 + plain / plain.mean()) * rng.lognormal(0, 0.25, len(chosen))
    weight[seats] *= 1.7
    people = _share(int(counts["population"]), np.clip(weight / weight.mean(), 0.25, 2.7), rng)
    names = _village_names(recipe, len(chosen), rng)
    frame = pd.DataFrame({"cell": cells, "x": xy[:, 0], "y": xy[:, 1], "township": town, "village": names, "population": people})
    frame["households"] = np.round(
        frame["population"] / (counts["people_per_household"] * rng.uniform(0.88, 1.12, len(frame)))
    ).astype(int)
    return _codes(recipe, frame, seats), owner, seats


def _share(total: int, weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Whole numbers that sum to `total`, in proportion to the weights, the largest remainders rounded up."""
    exact = total * weight / weight.sum()
    whole = np.floor(exact).astype(int)
    short = total - whole.sum()
    whole[np.argsort(whole - exact, kind="stable")[:short]] += 1
    return whole


def _codes(recipe: Recipe, frame: pd.DataFrame, seats: list[int]) -> pd.DataFrame:
    """Twelve-digit codes (towns 100.., townships 200.., villages 200..) and the names that go with them."""
    towns = int(recipe.counts["towns"])
    number = np.where(frame["township"] < towns, 100 + frame["township"], 200 + frame["township"] - towns)
    suffix = np.where(frame["township"] < towns, "镇", "乡")
    frame["township_code"] = [f"{recipe.code}{n:03d}" for n in number]
    frame["township_name"] = [recipe.names["townships"][t] + s for t, s in zip(frame["township"], suffix, strict=True)]
    is_seat = np.zeros(len(frame), bool)
    is_seat[seats] = True
    order = np.lexsort((frame["x"], -frame["y"], ~is_seat, frame["township"]))
    rank = np.empty(len(frame), int)
    rank[order] = frame.iloc[order].groupby("township").cumcount()
    frame["village_code"] = [f"{code}{200 + r:03d}" for code, r in zip(frame["township_code"], rank, strict=True)]
    frame["village_name"] = frame["village"] + "村"
    frame["urban_rural"] = np.where(is_seat, np.where(frame["township"] < towns, "121", "210"), "220")
    frame["seat"] = is_seat
    return frame


def make_settlements(
    recipe: Recipe, terrain: Terrain, villages: pd.DataFrame, owner: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Natural villages, three to nine per administrative village, the first of them at its centre.

    Returns
    -------
    DataFrame
        `village` (row of the village), `cell`, `x`, `y` (m), `main`, `population`, `households`, `settlement_id`,
        `settlement_name`, `number` (in its village).
    """
    liking = suitability(terrain).ravel()
    flat_owner = owner.ravel()
    cells = np.nonzero((flat_owner >= 0) & (liking > 0.02))[0]
    interior = _inside(owner).ravel()
    cells = cells[interior[cells]]
    keys = np.log(liking[cells]) + 1.1 * rng.gumbel(size=len(cells))
    centre = np.isin(cells, villages["cell"])
    missing = np.setdiff1d(villages["cell"], cells[centre])
    cells = np.concatenate([cells, missing])
    keys = np.concatenate([np.where(centre, 1e3, keys), np.full(len(missing), 1e3)])
    kept = spread_out(terrain.xy(cells), keys, np.full(len(cells), 330.0))
    want = 3 + rng.binomial(6, np.clip(0.1 + 0.45 * villages["population"] / 1250, 0.1, 0.85))
    left = want.copy()
    picked: list[int] = []
    picked_home: list[int] = []
    for i in kept.tolist():
        village = flat_owner[cells[i]]
        if left[village] > 0:
            left[village] -= 1
            picked.append(cells[i])
            picked_home.append(village)
    chosen, home = np.array(picked), np.array(picked_home)
    main = np.isin(chosen, villages["cell"])
    order = np.lexsort((chosen, ~main, home))
    chosen, home, main = chosen[order], home[order], main[order]
    weight = rng.gamma(2.2, 1.0, len(chosen)) * np.where(main, 2.4, 1.0) + 0.3
    people = np.zeros(len(chosen), int)
    house = np.zeros(len(chosen), int)
    for village in range(len(villages)):
        mine = home == village
        people[mine] = _share(int(villages["population"].iloc[village]), weight[mine], rng)
        house[mine] = _share(int(villages["households"].iloc[village]), weight[mine], rng)
    xy = terrain.xy(chosen)
    frame = pd.DataFrame(
        {"village": home, "cell": chosen, "x": xy[:, 0], "y": xy[:, 1], "main": main, "population": people, "households": house}
    )
    number = frame.groupby("village").cumcount()
    frame["settlement_id"] = [f"{villages['village_code'].iloc[v]}{n + 1:02d}" for v, n in zip(home, number, strict=True)]
    frame["number"] = number + 1
    frame["settlement_name"] = _hamlet_names(recipe, frame, villages, rng)
    return frame


def _inside(owner: np.ndarray) -> np.ndarray:
    """Cells at least two cells away from any other region, so that smoothed limits never cut a settlement off."""
    same = np.zeros(owner.shape, bool)
    reach = 2
    core = owner[reach:-reach, reach:-reach]
    good = np.ones(core.shape, bool)
    for dr in range(-reach, reach + 1):
        for dc in range(-reach, reach + 1):
            good &= owner[reach + dr : owner.shape[0] - reach + dr, reach + dc : owner.shape[1] - reach + dc] == core
    same[reach:-reach, reach:-reach] = good
    return same


def _hamlet_names(recipe: Recipe, frame: pd.DataFrame, villages: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    first, second = recipe.names["hamlet_first"], recipe.names["hamlet_second"]
    names = []
    for _, group in frame.groupby("village", sort=True):
        picks = rng.choice(len(first) * len(second), len(group), replace=False)
        for main, pick, village in zip(group["main"], picks.tolist(), group["village"], strict=True):
            names.append(villages["village"].iloc[village] if main else first[pick // len(second)] + second[pick % len(second)])
    return names
