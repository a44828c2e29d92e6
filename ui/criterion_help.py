"""Help on a criterion, the same everywhere: what is measured, why, how it scores, the clause, and the limit."""

from __future__ import annotations

from geo.scenario import Criterion
from layers.words import catalogue, say
from ui.theme import figure

PARTS = ("what", "why", "scored", "clause", "limit")


def parts_of(criterion: Criterion, language: str) -> dict[str, str]:
    """The help of a criterion by `PARTS`; a criterion of another standard that has no words of its own lacks those parts.

    Parameters
    ----------
    criterion : Criterion
        As the scenario has it: its clause and value function are told as they are in force.
    language : {"zh", "en"}
    """
    texts = catalogue(language)
    told = {
        "what": texts.get(f"criteria.criterion_help.{criterion.id}"), "why": texts.get(f"guide.why.{criterion.id}"),
        "scored": scored_text(criterion, language), "clause": criterion.clause, "limit": texts.get(f"guide.limit.{criterion.id}"),
    }
    return {part: text for part in PARTS if (text := told[part])}


def help_text(criterion: Criterion, language: str) -> str:
    """The help as lines ``What: ...`` with a blank line between, for a tooltip."""
    return "\n\n".join(say("guide.label.line", language, label=say(f"guide.label.{part}", language), text=text)
                       for part, text in parts_of(criterion, language).items())


def scored_text(criterion: Criterion, language: str) -> str:
    """The value function in words: which measure gives which value 0..1.

    Examples
    --------
    >>> from ui.rules import load_scenario
    >>> next(scored_text(one, "en") for one in load_scenario(None).criteria if one.id == "collective_share")
    '50.0% gives 0, 100.0% gives 1. In proportion between; nothing more is gained or lost beyond the ends.'
    """
    function, texts = criterion.value, catalogue(language)
    if function.kind == "classes":
        parts = [say("guide.scored.class", language, value=f"{value:g}",
                     name=texts.get(f"criteria.{criterion.measure}.{name}", name))
                 for name, value in function.classes]
        return say("guide.scored.join", language).join(parts)
    parts = [say("guide.scored.point", language, measure=figure(float(measure), criterion.unit, language=language),
                 value=f"{value:g}") for measure, value in function.points]
    how = say("guide.scored.step" if function.kind == "step" else "guide.scored.falls", language)
    return say("guide.scored.whole", language, points=say("guide.scored.join", language).join(parts), how=how)
