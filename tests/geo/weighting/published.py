"""Published matrices with their printed results, each with its source; and the folder of further ones where it is at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "realdata" / "mcda" / "mcda_examples.json"

THIRD, FIFTH = 1 / 3, 1 / 5
HOUSE = [   # Saaty (1990), How to make a decision, EJOR 48, 9-26: buying a house
    [1, 5, 3, 7, 6, 6, THIRD, 1 / 4], [FIFTH, 1, THIRD, 5, 3, 3, FIFTH, 1 / 7], [THIRD, 3, 1, 6, 3, 4, 6, FIFTH],
    [1 / 7, FIFTH, 1 / 6, 1, THIRD, 1 / 4, 1 / 7, 1 / 8], [1 / 6, THIRD, THIRD, 3, 1, 1 / 2, FIFTH, 1 / 6],
    [1 / 6, THIRD, 1 / 4, 4, 2, 1, FIFTH, 1 / 6], [3, 5, 1 / 6, 7, 5, 5, 1, 1 / 2], [4, 7, 5, 8, 6, 6, 2, 1],
]
HOUSE_WEIGHTS = [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333]
HOUSE_LAMBDA, HOUSE_CI, HOUSE_CR = 9.669, 0.238, 0.169
DRINKS = [  # Saaty (2008), Decision making with the AHP, IJSSCI 1: coffee, wine, tea, beer, sodas, milk, water
    [1, 9, 5, 2, 1, 1, 1 / 2], [1 / 9, 1, THIRD, 1 / 9, 1 / 9, 1 / 9, 1 / 9], [FIFTH, 3, 1, THIRD, 1 / 4, THIRD, 1 / 9],
    [1 / 2, 9, 3, 1, 1 / 2, 1, THIRD], [1, 9, 4, 2, 1, 2, 1 / 2], [1, 9, 3, 1, 1 / 2, 1, THIRD], [2, 9, 9, 3, 2, 3, 1],
]
DRINKS_WEIGHTS = [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]
DRINKS_CR = 0.022
FIGHTERS = [
    [2.0, 1500, 20000, 5.5, 5, 9], [2.5, 2700, 18000, 6.5, 3, 5], [1.8, 2000, 21000, 4.5, 7, 7], [2.2, 1800, 20000, 5.0, 5, 5],
]
"""Hwang and Yoon (1981), Multiple Attribute Decision Making: fighter aircraft; the fourth criterion is a cost."""
FIGHTER_TYPES, FIGHTER_WEIGHTS = [1, 1, 1, -1, 1, 1], [0.2, 0.1, 0.1, 0.1, 0.2, 0.3]
FIGHTER_TOPSIS = [0.643, 0.268, 0.613, 0.312]
FIGHTER_ENTROPY = [0.0649, 0.2055, 0.0133, 0.0829, 0.3570, 0.2764]
"""Reckoned in the book from entropies rounded to four decimals, hence its third decimal."""
CLIMB = [[1, 3000], [2, 3750], [5, 4500]]
"""Opricovic and Tzeng (2004), EJOR 156, 445-455: climbing a mountain; risk (a cost) and altitude, equal weights."""
CLIMB_VIKOR = {"s": [0.5, 0.375, 0.5], "r": [0.5, 0.25, 0.5], "q": [1.0, 0.0, 1.0]}
COMPANIES = [
    [61, 1.08, 4.33], [20.7, 0.26, 4.34], [16.3, 1.98, 2.53], [9, 3.29, 1.65], [5.4, 2.77, 2.33], [4, 4.12, 1.21],
    [-6.1, 3.52, 2.10], [-34.6, 3.31, 0.98],
]
"""Diakoulaki, Mavrotas and Papayannakis (1995), Computers and Operations Research 22, 763-770: pharmaceutical companies."""
COMPANIES_CRITIC = [0.20, 0.48, 0.32]


def example(name: str) -> dict:
    """One published case of the shared folder; the test is skipped where that is not at hand."""
    if not FOLDER.exists():
        pytest.skip("the folder of published MCDA examples is not beside the project")
    return next(case for case in json.loads(FOLDER.read_text(encoding="utf-8")) if case["id"] == name)
