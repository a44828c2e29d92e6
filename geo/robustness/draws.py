"""Seeded draws of weights and of what is unknown, and the scores they give. Same seed, same draws."""

from __future__ import annotations

import numpy as np

SPACES = ("spread", "uniform")
UNKNOWN = ("left_out", "sampled")
TIE_BREAK = 1e-12
"""Sites with the same values tie in every draw: a chance smaller than any real difference gives each its share."""


def weight_draws(weights: np.ndarray, *, space: str, spread: float, draws: int, seed: int) -> np.ndarray:
    """Draws of weights, each summing to 1.

    Parameters
    ----------
    weights : array
        Those chosen, sum 1. A criterion of weight 0 keeps it: who gave it none did not mean it.
    space : {"spread", "uniform"}
        Each weight within ``1 - spread .. 1 + spread`` times its own, evenly and on its own, then made to sum to 1; or evenly
        over all weights there can be (the simplex), as exponentials made to sum to 1 (Tervonen and Lahdelma 2007).
    spread : float
        0..1.
    draws, seed : int

    Returns
    -------
    ndarray
        Draws x criteria.

    Raises
    ------
    ValueError
        For an unknown space, a spread outside 0..1 or fewer than one draw.
    """
    if space not in SPACES or not 0 <= spread <= 1 or draws < 1:
        raise ValueError(f"needs space {' or '.join(SPACES)}, spread 0..1 and one draw or more; got {space!r}, {spread}, {draws}")
    rng = np.random.default_rng([seed, SPACES.index(space)])
    if space == "uniform":
        drawn = rng.standard_exponential((draws, len(weights))) * (weights > 0)
    else:
        drawn = weights * (1 + spread * (2 * rng.random((draws, len(weights))) - 1))
    return drawn / drawn.sum(axis=1, keepdims=True)


def drawn_scores(values: np.ndarray, drawn: np.ndarray, *, unknown: str = "left_out", seed: int = 0) -> np.ndarray:
    """Score 0..1 of every site under every draw of weights.

    Parameters
    ----------
    values : array of shape (sites, criteria)
        0..1, NaN unknown.
    drawn : array of shape (draws, criteria)
    unknown : {"left_out", "sampled"}
        As in the ranking, over the criteria known for each site; or every unknown value drawn evenly from 0..1 anew each time, on
        its own. What no site knows is drawn as well: it may tell them apart once it is known.
    seed : int
        For the unknown values.

    Returns
    -------
    ndarray
        Draws x sites; -1 where nothing is known of a site.

    Raises
    ------
    ValueError
        For another way with unknown values.
    """
    if unknown not in UNKNOWN:
        raise ValueError(f"unknown values are {' or '.join(UNKNOWN)}, not {unknown!r}")
    from geo.robustness.kernels import add_unknown

    known = ~np.isnan(values)
    gained = drawn @ np.where(known, values, 0.0).T
    if known.all():
        return gained
    if unknown == "left_out":
        share = drawn @ known.astype("float64").T
        return np.divide(gained, share, out=np.full_like(gained, -1.0), where=share > 0)
    add_unknown(gained, values, drawn, seed)
    return gained


def untied(scores: np.ndarray, values: np.ndarray, seed: int) -> np.ndarray:
    """The scores, with ties of sites that have the same values broken by chance, so that each comes first its share of times."""
    if len(np.unique(np.nan_to_num(values, nan=-1.0), axis=0)) == len(values):
        return scores
    return scores + TIE_BREAK * np.random.default_rng([seed, len(SPACES)]).random(scores.shape)


def half_width(share: np.ndarray | float, draws: int) -> np.ndarray | float:
    """Monte-Carlo error of a share: half the width of its 95 % interval (Wilson 1927), which stays above 0 at shares of 0 and 1."""
    z2 = 1.959964**2
    return np.sqrt(z2 * (share * (1 - share) / draws + z2 / (4 * draws**2))) / (1 + z2 / draws)
