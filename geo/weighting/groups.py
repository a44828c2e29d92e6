"""Weights of groups of criteria, and their spread over the criteria of each group. Weights sum to that of the scenario."""

from __future__ import annotations

from collections.abc import Mapping

from geo.scenario import Scenario


def group_weights(scenario: Scenario) -> dict[str, float]:
    """Share 0..1 of each group that has criteria, in the scenario's order; they sum to 1."""
    shares: dict[str, float] = {}
    weights = scenario.weights
    for criterion in scenario.criteria:
        shares[criterion.group] = shares.get(criterion.group, 0.0) + weights[criterion.id]
    return shares


def spread(groups: Mapping[str, float], scenario: Scenario) -> dict[str, float]:
    """Weight of every criterion from weights of the groups.

    ``w_c = W s_g / sum(s) * w_c0 / sum_{group}(w0)``: within its group a criterion keeps its share of the standard; criteria that
    all weigh nothing there share alike. W is the sum of the scenario's weights, so that figures stay comparable.

    Parameters
    ----------
    groups : Mapping
        Weight by group, not negative; only their ratio counts. Every group of the scenario must be there.
    scenario : Scenario

    Returns
    -------
    dict
        Weight by criterion, for `geo.score.reweight`.

    Raises
    ------
    ValueError
        For a group that is missing or has no criteria, a negative or non-finite weight, or all weights zero.
    """
    present = list(dict.fromkeys(criterion.group for criterion in scenario.criteria))
    wrong = [name for name in groups if name not in present] + [name for name in present if name not in groups]
    if wrong:
        raise ValueError(f"weights are needed for exactly these groups: {', '.join(present)}; see {wrong[0]}")
    bad = [name for name, weight in groups.items() if not 0 <= weight < float("inf")]
    if bad or not sum(groups.values()) > 0:
        raise ValueError(f"group weights must be finite, not negative and not all zero; see {', '.join(bad or groups)}")
    whole = sum(criterion.weight for criterion in scenario.criteria)
    total = sum(groups.values())
    weights = {}
    for name in present:
        members = [criterion for criterion in scenario.criteria if criterion.group == name]
        own = sum(criterion.weight for criterion in members)
        for criterion in members:
            share = criterion.weight / own if own > 0 else 1 / len(members)
            weights[criterion.id] = whole * groups[name] / total * share
    return weights
