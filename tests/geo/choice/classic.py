"""Textbook location problems as instances: any cost matrix, and OR-Library's p-median files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import floyd_warshall

from geo.choice import Instance, Times
from geo.choice.instance import VILLAGE_COLUMNS

ORLIB = Path(__file__).resolve().parents[3].parent / "shared" / "realdata" / "orlib_pmed"


def instance_of(cost: np.ndarray, people: np.ndarray | None = None) -> Instance:
    """A problem without villages: every column a site, every row a demand point, `cost` their walks in minutes."""
    points, sites = cost.shape
    villages = pd.DataFrame({column: [] for column in VILLAGE_COLUMNS}, dtype=object)
    table = pd.DataFrame({
        "site_id": [f"S{j}" for j in range(sites)], "village_code": [None] * sites, "kind": "new", "verdict": "pass", "score": 0.0,
        "cost_yuan": 0.0, "capacity_people": np.nan, "x_m": 0.0, "y_m": 0.0,
    })
    demand = pd.DataFrame({"people": np.ones(points) if people is None else people, "village_code": [None] * points})
    return Instance(villages, table, demand, Times.from_dense(cost))


def read_pmed(path: Path) -> tuple[np.ndarray, int]:
    """Shortest paths of an OR-Library p-median file and its number of medians; where an edge repeats, the last cost counts."""
    numbers = np.array(path.read_text().split(), dtype=float)
    nodes, edges, medians = numbers[:3].astype(int)
    graph = np.full((nodes, nodes), np.inf)
    for i, j, cost in numbers[3:3 + 3 * edges].reshape(-1, 3):
        graph[int(i) - 1, int(j) - 1] = graph[int(j) - 1, int(i) - 1] = cost
    return floyd_warshall(np.where(np.isinf(graph), 0, graph)), int(medians)


def published() -> dict[str, int]:
    """Published optima by file name."""
    lines = (ORLIB / "pmedopt.txt").read_text().splitlines()[1:]
    return {name: int(value) for name, value in (line.split() for line in lines if line.strip())}
