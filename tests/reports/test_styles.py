"""Colours that colour-blind readers can tell apart and that print in grey, by simulation.

Dichromacy by Viénot, Brettel and Mollon (1999), "Digital video colourmaps for checking the legibility of displays by dichromats":
linear RGB, LMS matrix and projections written out here. Differences are CIE 1976 L*a*b* distances; contrast is that of WCAG 2.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from reports.styles import PASS_RAMP, STATUS_COLOURS, VERDICT_COLOURS, VERDICT_INKS, VERIFY_RAMP, score_colour

TELLING = 12.0
"""L*a*b* distance from which two fills beside each other are told apart without looking twice (a just noticeable one is 2.3)."""
GREY = 8.0
"""Lightness L* by which neighbouring steps of a ramp differ in grey print."""
GREY_APART = 12.0
"""The same for classes that are no steps of one ramp."""
DARK_GROUND = "#0e1117"
"""Streamlit's own ground in the dark."""
TO_LMS = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
SEEN = {
    "all": np.eye(3),
    "protan": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
    "deutan": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
}
WHITE = np.array([0.95047, 1.0, 1.08883])
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])


def linear(colour: str) -> np.ndarray:
    """Linear RGB 0..1 of a hex colour (IEC 61966-2-1)."""
    rgb = np.array([int(colour[at:at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear RGB under D65."""
    ratio = TO_XYZ @ rgb / WHITE
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def seen(colour: str, eye: str) -> np.ndarray:
    """A colour as an eye sees it, in L*a*b*."""
    return lab(np.clip(np.linalg.inv(TO_LMS) @ SEEN[eye] @ TO_LMS @ linear(colour), 0, 1))


def lightness(colour: str) -> float:
    """L* of a colour, which is what grey print keeps."""
    return float(lab(linear(colour))[0])


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio, 1..21."""
    high, low = sorted((float(TO_XYZ[1] @ linear(colour)) for colour in (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formulas_give_what_is_published() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21, abs=0.01)          # WCAG 2, definition
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)        # the known edge of AA
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    assert np.linalg.norm(seen("#808080", "deutan") - seen("#808080", "all")) < 1.0   # greys stay grey


@pytest.mark.parametrize("eye", SEEN)
def test_verdicts_are_told_apart(eye: str) -> None:
    for one, other in combinations(VERDICT_COLOURS.values(), 2):
        assert np.linalg.norm(seen(one, eye) - seen(other, eye)) > TELLING


@pytest.mark.parametrize("eye", SEEN)
def test_statuses_are_told_apart(eye: str) -> None:
    for one, other in combinations(STATUS_COLOURS.values(), 2):
        assert np.linalg.norm(seen(one, eye) - seen(other, eye)) > TELLING, (one, other)


def test_verdicts_print_in_grey() -> None:
    """The less can be built on, the lighter."""
    shades = [lightness(VERDICT_COLOURS[verdict]) for verdict in ("pass", "verify", "fail")]
    assert (np.diff(shades) > GREY_APART).all(), shades


@pytest.mark.parametrize("ramp", [PASS_RAMP, VERIFY_RAMP])
def test_a_higher_score_is_darker_in_grey_too(ramp: tuple[str, ...]) -> None:
    steps = -np.diff([lightness(colour) for colour in ramp])
    assert (steps > GREY).all()


@pytest.mark.parametrize("eye", SEEN)
def test_at_equal_scores_pass_and_verify_are_told_apart(eye: str) -> None:
    for score in range(50, 96, 5):
        one, other = score_colour("pass", score), score_colour("verify", score)
        assert np.linalg.norm(seen(one, eye) - seen(other, eye)) > TELLING, score


def test_badges_can_be_read() -> None:
    for ink, ground in (("#ffffff", VERDICT_COLOURS["pass"]), ("#5f3c04", "#fbeac6"), ("#3d4448", "#e6e8e9")):
        assert contrast(ink, ground) >= 4.5


def test_words_of_verdicts_can_be_read_on_light_and_dark() -> None:
    for theme, ground in (("light", "#ffffff"), ("dark", DARK_GROUND)):
        for ink in VERDICT_INKS[theme].values():
            assert contrast(ink, ground) >= 4.5, (theme, ink)
