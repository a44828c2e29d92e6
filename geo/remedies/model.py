"""What a remedy is: the steps that would make a site pass, what stands in the way for good, and the effect on verdict and rank."""

from __future__ import annotations

from dataclasses import dataclass

from geo.scenario import PASS


@dataclass(frozen=True)
class Step:
    """One change that answers the deciding reason of one gate.

    `action` is a key of `geo.remedies.actions.ACTIONS`; its phrase stands in ``data/words/*/reasons.toml`` under ``step``.
    """

    gate: str
    reason: str
    action: str
    amount: float | None = None
    """How much, rounded up to whole units; None where the step has no measure (a paper)."""
    unit: str | None = None
    """m2 or m."""
    paper: str | None = None
    """The paper that goes with it: key of ``evidence.papers``."""
    verdict: str = ""
    """Verdict of the gate before the step."""


@dataclass(frozen=True)
class Obstacle:
    """A reason that no change of the site can remove: state-owned land, the whole parcel within the ecological red line."""

    gate: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """The smallest changes by which one candidate passes every gate, judged again by the gates themselves.

    Scores are points 0..100. `score_after` holds only what is sure to change with the steps (a yard, a distance, a title), so the
    real one is at least that; NaN where a step may also take from what is not known without studying the site anew. `rank_after`
    is the lowest rank in the village that this gives if the site alone changes; None where it would still fail, where the score
    is not known, or without a village.
    """

    candidate_id: str
    verdict: str
    score: float
    rank: int | None
    steps: tuple[Step, ...]
    obstacles: tuple[Obstacle, ...]
    verdict_after: str
    score_after: float
    rank_after: int | None
    effort: float
    """Orders plans by how much they ask (`actions.effort_of`); 0 where nothing is asked, inf where it cannot pass."""
    alternative: Plan | None = None
    """Another way, where a step has one: more yard in place of a building cleared."""

    @property
    def possible(self) -> bool:
        """Whether the steps make the site pass."""
        return self.verdict_after == PASS


@dataclass(frozen=True)
class Lever:
    """A single measure by which a site would overtake the leader of its village, all else as it is.

    `needed` is the measure that suffices, a whole number of units away; `now` what it is (after the site's plan, where it
    has to pass first); both are class names where the measure is a class. `amount` is the difference in `unit`, None for a class.
    """

    candidate_id: str
    leader_id: str
    criterion: str
    measure: str
    action: str
    now: float | str | None
    needed: float | str
    amount: float | None
    unit: str
    score_after: float
    paper: str | None = None
