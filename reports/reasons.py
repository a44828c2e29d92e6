"""Reasons in words: the sentences of `geo.reasons` in Chinese or English, fit for a meeting minute, and the table of them.

Figures carry thousands separators and their unit; one that had to be rounded is called *about*. What is unknown or cannot be
reached is said so, never shown as a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from geo.phrases import Fact, Figure, Listing, Part, Said, Term
from geo.reasons import Sentence, reasons
from geo.remedies import Lever, Obstacle, Plan, Step, plan_order
from geo.remedies import plans as find_plans
from geo.remedy_phrases import lever_part, obstacles_part, outlooks_of, step_part, steps_part
from geo.results import Evidence, Study
from geo.robustness.badge import county_badges
from geo.scenario import FAIL
from geo.village_reasons import county_reasons, near_misses, village_reasons
from layers.county import County
from layers.words import catalogue, say
from reports.evidence_words import without_unknown_area

LARGE = 100.0
"""From here on areas and distances are told in whole units, below to one decimal; minutes from 10 on."""
ROUNDING = 0.005
"""Smaller differences are not worth an *about*."""
PER_VILLAGE = 5
"""Ranked candidates of each village, best first, that the table gives reasons for."""
NEAR_MISSES = 20
"""Candidates of each village whose plans are compared for its nearest miss."""
EVIDENCE_WORDS = {"level": "levels", "right": "rights", "holder": "holders", "kinds": "kinds", "road_class": "road_classes"}
"""Values of evidence that are codes: which table of ``evidence`` names them."""
COLUMNS = ("village_code", "village_name", "candidate_id", "verdict", "sentence_no", "about", "text", "rests_on")


def sentence_text(sentence: Sentence, language: str) -> str:
    """One sentence in a language, ``zh`` or ``en``. Plain text: names from the data stand in it as they are."""
    return _finished(_say(sentence.phrase, language), language)


def sentences_text(sentences: Sequence[Sentence], language: str) -> str:
    """Several sentences as one paragraph."""
    texts = [sentence_text(sentence, language) for sentence in sentences]
    return "".join(texts) if language == "zh" else " ".join(texts)


def rests_on_text(sentence: Sentence) -> str:
    """What a sentence rests on, as ``source=value`` joined by ``; ``: for checking, in the words of the tables."""
    return "; ".join(f"{fact.source}={_plain(fact)}" for fact in sentence.rests_on)


def step_text(step: Step, language: str) -> str:
    """One step of a plan as a verb phrase: ``enlarge the yard by 12 m²``."""
    return _say(step_part(step), language).strip()


def plan_text(plan: Plan, language: str) -> str:
    """All steps of a plan as a verb phrase; what stands in the way for good where it cannot pass; empty where nothing is asked."""
    if plan.possible:
        return _say(steps_part(plan.steps), language).strip() if plan.steps else ""
    return _say(obstacles_part(plan.obstacles), language).strip()


def obstacle_text(obstacle: Obstacle, language: str) -> str:
    """What cannot be changed, as a clause."""
    return _say(obstacles_part((obstacle,)), language).strip()


def lever_text(lever: Lever, language: str) -> str:
    """What would make a site overtake the leader, as a verb phrase."""
    return _say(lever_part(lever), language).strip()


# ------------------------------------------------------------------------------------------------------------------ wording
def _say(part: Part, language: str) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Figure):
        return _figure(part, language)
    if isinstance(part, Term):
        return _term(part, language)
    if isinstance(part, Said):
        return _told(part.evidence, language)
    if isinstance(part, Listing):
        return _joined([_say(one, language) for one in part.parts], part.joiner, language)
    return say(f"reasons.{part.key}", language, **{name: _say(one, language) for name, one in part.values.items()})


def _joined(texts: list[str], joiner: str, language: str) -> str:
    """Texts in a row; some rows have a word of their own before the last."""
    between, last = say(f"reasons.join.{joiner}", language), catalogue(language).get(f"reasons.join.{joiner}_last")
    if last is None or len(texts) < 2:
        return between.join(texts)
    return f"{between.join(texts[:-1])}{last}{texts[-1]}"


def _figure(figure: Figure, language: str) -> str:
    """A figure with its unit. In Chinese a space goes before a digit; `_finished` takes it away where it is not wanted."""
    if math.isnan(figure.value):
        return say("reasons.figure.unknown", language)
    if math.isinf(figure.value):
        return say("reasons.figure.unreachable", language)
    value = figure.value * 100 if figure.unit == "share" else figure.value
    digits = _digits(figure.unit, value)
    number = f"{value + 0.0:,.{digits}f}"
    if figure.unit != "points" and digits:
        number = number.rstrip("0").rstrip(".")
    if number.lstrip("-0.") == "":
        number = number.lstrip("-")
    rounded = abs(round(value, digits) - value) > ROUNDING
    text = _with_unit(number, figure.unit, language)
    if rounded and not figure.exact and figure.unit in ("m2", "m", "min", "people", "deg"):
        return say("reasons.figure.about", language, value=text)
    return f" {text}" if language == "zh" else text


def _digits(unit: str, value: float) -> int:
    if unit in ("points", "share", "deg"):
        return 1
    if unit == "min":
        return 0 if abs(value) >= 10 and float(value * 2).is_integer() is False else 1
    return 0 if unit not in ("m2", "m") or abs(value) >= LARGE else 1


def _with_unit(number: str, unit: str, language: str) -> str:
    if unit in ("", "count"):
        return number
    return say(f"reasons.unit.{unit}" if unit in ("points", "kinds") else f"app.units.{unit}", language, value=number)


def _term(term: Term, language: str) -> str:
    texts = catalogue(language)
    fallback = "reasons.obstacle.other" if term.table == "reasons.obstacle" else ""
    word = texts.get(f"{term.table}.{term.code}", texts.get(fallback, term.code))
    return _small(word) if language == "en" else f" {word}" if word[:1].isdigit() else word


def _told(item: Evidence, language: str) -> str:
    """What evidence says, without its full stop, to stand within a sentence."""
    values = {name: _evidence_value(name, value, language) for name, value in item.params.items()}
    text = without_unknown_area(say(f"evidence.{item.gate}.{item.reason}", language, **values), language)
    unknown = say("evidence.unknown", language)
    text = text.replace(f"{unknown} m²", unknown)
    for unit, written in (("m2", " m²"), ("m", " m")):
        text = re.sub(rf"(?<=\d){written}(?![\w²])", f" {say(f'reasons.spelt.{unit}', language)}", text)
    return _small(text.removesuffix(".")) if language == "en" else text[:-1] if not text[-1].isalnum() else text


def _evidence_value(name: str, value: object, language: str) -> str:
    if isinstance(value, tuple | list):
        return say("evidence.join", language).join(_evidence_value(name, one, language) for one in value)
    if value is None or value == "" or value is pd.NA or isinstance(value, float) and math.isnan(value):
        return say("evidence.unknown", language)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return say("reasons.figure.unreachable", language) if math.isinf(value) else f"{value:,.1f}".removesuffix(".0")
    return catalogue(language).get(f"evidence.{EVIDENCE_WORDS.get(name)}.{value}", str(value))


def _small(text: str) -> str:
    """The first letter small, unless the word is written in capitals."""
    return text if len(text) > 1 and text[1].isupper() else text[:1].lower() + text[1:]


def _finished(text: str, language: str) -> str:
    if language == "zh":
        return re.sub(r"\s{2,}", " ", re.sub(r"(?<=[\uff08\uff0c\uff1b\uff1a\u3001\u3002\u201c])\s+|^\s+", "", text))
    return text[:1].upper() + text[1:]


def _plain(fact: Fact) -> str:
    value = fact.value
    if isinstance(value, float | np.floating):
        number = float(value)
        return f"{number:.6g}" if abs(number) < 1e6 else f"{number:.1f}"
    return str(value)


# ---------------------------------------------------------------------------------------------------------------- the table
def reasons_table(study: Study, county: County, language: str, *, per_village: int = PER_VILLAGE) -> pd.DataFrame:
    """Sentences for the county, for every village, for its best candidates, and for the one that comes nearest to passing.

    Parameters
    ----------
    study, county : Study, County
    language : str
        ``zh`` or ``en``.
    per_village : int
        Ranked candidates per village, best first.

    Returns
    -------
    DataFrame
        `COLUMNS`, one row per sentence: the county's first (no village), then village by village its own (no candidate), its ranked
        candidates, its nearest miss. `rests_on` names the measures behind the sentence with their values.
    """
    shortlists = near_misses(study, each=NEAR_MISSES)
    listed = find_plans(study, county, [name for ids in shortlists.values() for name in ids])
    by_id = {plan.candidate_id: plan for plan in listed}
    chosen = _chosen(study, shortlists, by_id, per_village)
    outlooks = outlooks_of(county_badges(study), study.scenario.robustness)
    sites = reasons(study, county, [name for ids in chosen.values() for name in ids], plans=by_id, outlooks=outlooks)
    verdicts = study.candidates.set_index("candidate_id")["verdict"]
    rows = list(_rows(("", "", "", ""), county_reasons(study), language))
    villages = study.villages.sort_values(["village_code", "village_name"], kind="stable")
    for code, name in zip(villages["village_code"], villages["village_name"], strict=True):
        head = ("" if pd.isna(code) else str(code), "" if pd.isna(name) else str(name))
        known = [by_id[one] for one in shortlists.get(head[0], [])]
        hopeless = bool(known) and not any(plan.possible for plan in known)   # then all candidates must be looked at
        said = village_reasons(study, county, head[0], plans=None if hopeless else known)
        rows += _rows((*head, "", ""), said, language)
        for one in chosen.get(head[0], []):
            rows += _rows((*head, one, str(verdicts[one])), sites[one], language)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _chosen(study: Study, shortlists: dict[str, list[str]], plans: dict[str, Plan], per_village: int) -> dict[str, list[str]]:
    """Candidates by village: the best ranked, then the failing one that asks least to pass."""
    ranks = study.candidates["rank_in_village"].to_numpy("int64", na_value=0)
    ranked = study.candidates.loc[(ranks > 0) & (ranks <= per_village), ["village_code", "candidate_id", "rank_in_village"]]
    chosen: dict[str, list[str]] = {}
    ranked = ranked.sort_values(["village_code", "rank_in_village"])
    for code, name in zip(ranked["village_code"], ranked["candidate_id"], strict=True):
        chosen.setdefault(str(code), []).append(str(name))
    for code, ids in shortlists.items():
        failing = [plans[one] for one in ids if plans[one].verdict == FAIL]
        if failing:
            chosen.setdefault(code, []).append(min(failing, key=plan_order).candidate_id)
    return chosen


def _rows(head: tuple[str, ...], sentences: Sequence[Sentence], language: str) -> Iterator[tuple]:
    for number, sentence in enumerate(sentences, start=1):
        yield (*head, number, sentence.part, sentence_text(sentence, language), rests_on_text(sentence))
