"""The colours of maps and tables, one choice for the app, the GIS files and the offline map.

Colours are hex strings. Lightness, not hue alone, separates the classes: a colour-blind reader can tell them apart, and in grey
print they keep their order.
"""

from __future__ import annotations

import math

STATUS_COLOURS = {"none": "#c8431f", "below_standard": "#efa64b", "adequate": "#b9dcd6", "unknown": "#a9aeb1",
                  "planned": "#2f8f90"}
"""Fill of a village by what venue it has, or is planned to have."""

STATUS_OPACITY = {"none": 0.8, "below_standard": 0.75, "adequate": 0.5, "unknown": 0.6, "planned": 0.62}
"""What asks for action covers the relief, what is in order lets it through."""

STATUS_HATCHED = frozenset({"below_standard"})
"""Statuses drawn with a hatch as well, for print in grey."""

VERDICT_COLOURS = {"pass": "#0b6470", "verify": "#ad6c0b", "fail": "#9aa1a6"}
"""Plain colour of a verdict, as a fill or a line: each well lighter than the one before, so that they differ in grey print."""

VERDICT_INKS = {"light": {"pass": "#0b6470", "verify": "#8a5606", "fail": "#5f676b"},
                "dark": {"pass": "#6fc2cc", "verify": "#e0a94e", "fail": "#a9b1b4"}}
"""Colour of a verdict's word on a light and on a dark ground: dark or light enough to be read."""

PASS_RAMP = ("#d3ebe6", "#85c4bd", "#3f959a", "#0b6470", "#053b48")
VERIFY_RAMP = ("#fbeac6", "#f3cb7e", "#dfa13f", "#ad6c0b", "#7d4e05")
FAIL_FILL = "#cfd3d4"
RAMP_SPAN = (50.0, 95.0)
"""Scores at which the ramps start and end."""

SELECTED_COLOUR = "#d4006e"
SITE_COLOUR = "#07404c"
"""A site that a plan builds."""

UNSERVED_COLOUR = "#6a1fb0"
"""Dots of people without a venue: apart from every village fill, from the dark dots of venues and from the selection."""


def mix(low: str, high: str, share: float) -> str:
    """The colour `share` of the way (0..1) from one hex colour to another."""
    first, last = (tuple(int(colour[i:i + 2], 16) for i in (1, 3, 5)) for colour in (low, high))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(first, last, strict=True))


def score_colour(verdict: str | None, score: float | None) -> str:
    """Fill of a candidate by its verdict and score (0..100): teal where it passes, amber to verify, grey where it fails.

    A score that is not known takes the lightest colour of its verdict.

    Examples
    --------
    >>> score_colour("pass", 95.0), score_colour("verify", float("nan")), score_colour("fail", 80.0)
    ('#053b48', '#fbeac6', '#cfd3d4')
    """
    ramp = {"pass": PASS_RAMP, "verify": VERIFY_RAMP}.get(verdict or "")
    if ramp is None:
        return FAIL_FILL
    if score is None or math.isnan(score):
        return ramp[0]
    low, high = RAMP_SPAN
    place = min(max((score - low) / (high - low), 0.0), 1.0) * (len(ramp) - 1)
    step = min(int(place), len(ramp) - 2)
    return mix(ramp[step], ramp[step + 1], place - step)


def score_bands() -> list[tuple[float, float, float]]:
    """Bands of the score as (from, to, score whose colour stands for it): as many as a ramp has colours, from 0 to 100."""
    low, high = RAMP_SPAN
    step = (high - low) / (len(PASS_RAMP) - 1)
    middles = [low + step * position for position in range(len(PASS_RAMP))]
    edges = [0.0, *(round(middle + step / 2) for middle in middles[:-1]), 100.0]
    return [(float(edges[n]), float(edges[n + 1]), middle) for n, middle in enumerate(middles)]
