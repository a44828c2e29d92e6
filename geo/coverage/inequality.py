"""How unequal places are: the Gini coefficient between townships or villages, weighted by people. Without a unit."""

from __future__ import annotations

import numpy as np


def gini(values: np.ndarray, people: np.ndarray) -> float:
    """Gini coefficient (0 equal, towards 1 unequal) between groups, each counting by its people.

    ``G = sum_ij p_i p_j |x_i - x_j| / (2 m P^2)`` with `P` all people and `m` their mean. It looks only between the groups,
    not within them; it says nothing of the level (all equally badly served gives 0); of a share served it differs from that of the
    share unserved; with few groups it jumps about. Read it beside the figures of the groups.

    Parameters
    ----------
    values : ndarray
        A figure of each group, not negative; groups with NaN are left out.
    people : ndarray
        People of each group; groups without people are left out.

    Returns
    -------
    float
        NaN with less than two groups, or where nobody has anything.

    Examples
    --------
    Two villages of equal size of which one has everything: half.

    >>> gini(np.array([0.0, 1.0]), np.array([100.0, 100.0]))
    0.5
    >>> gini(np.array([0.0, 0.0]), np.array([100.0, 100.0]))
    nan
    """
    values, people = np.asarray(values, dtype=float), np.asarray(people, dtype=float)
    used = np.isfinite(values) & (people > 0)
    order = np.argsort(values[used], kind="stable")
    value, share = values[used][order], people[used][order] / people[used].sum() if used.any() else np.zeros(0)
    have = share * value
    if len(value) < 2 or not have.sum() > 0:
        return float("nan")
    # area under the Lorenz curve by trapezoids, which are exact for groups
    curve = np.append(0.0, np.cumsum(have)) / have.sum()
    return float(max(1.0 - (share * (curve[1:] + curve[:-1])).sum(), 0.0))
