"""Evidence in words: what a piece of it says, where it was read, and the paper that would settle it. Plain texts, no markup."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from geo.results import NOTHING, Evidence
from layers.county import County
from layers.words import catalogue, say

VALUE_WORDS = {"level": "levels", "right": "rights", "holder": "holders", "kinds": "kinds", "road_class": "road_classes"}
"""Values of evidence that are codes: which table of ``evidence`` names them."""

FIELD_WORDS = {
    "title_owner": "evidence.levels", "survey_owner": "evidence.levels", "owner_level": "evidence.levels",
    "use_right": "evidence.rights", "holder": "evidence.holders", "kind": "evidence.kinds", "dispute": "sites.dispute",
    "road_class": "evidence.road_classes",
}
"""The same for the standard columns that evidence quotes."""


def evidence_text(item: Evidence, language: str) -> str:
    """What a piece of evidence says, as a sentence."""
    values = {name: _value(f"evidence.{VALUE_WORDS.get(name)}", value, language) for name, value in item.params.items()}
    return without_unknown_area(say(f"evidence.{item.gate}.{item.reason}", language, **values), language)


def without_unknown_area(text: str, language: str) -> str:
    """A sentence of evidence without an area that is not known: of what is a point on the map only its share can be told."""
    return text.replace(say("evidence.taken", language, area=say("evidence.unknown", language)), "")


def source_texts(item: Evidence, language: str, fields: Mapping[tuple[str, str], str]) -> tuple[str, str, str]:
    """Layer, field and what stands there, in words.

    Parameters
    ----------
    item : Evidence
    language : str
    fields : Mapping
        `file_fields` of the county: the file's own name of a field is what the person who keeps the file knows.
    """
    layer = say(f"criteria.role.{item.layer}", language) if item.layer else ""
    if not item.field:
        return layer, "", ""
    name = fields.get((item.layer, item.field)) or _field_name(item.field, language)
    if item.value in ("", NOTHING):
        return layer, name, say("sites.evidence.empty", language)
    table = FIELD_WORDS.get(item.field)
    value = tuple(item.value.split(";")) if table == "evidence.kinds" else item.value
    return layer, name, _value(table, value, language)


def paper_text(item: Evidence, language: str) -> str:
    """The paper that would settle it; empty where none is missing."""
    return say(f"evidence.papers.{item.paper}", language) if item.paper else ""


def file_fields(county: County) -> dict[tuple[str, str], str]:
    """(role, standard column) -> field of the file that filled it, over all layers of a county."""
    return {(one.role, column): name for one in county.provenance for column, name in one.fields.items()}


def _field_name(field: str, language: str) -> str:
    """A standard column or a measure in words; the field of a file stays as it is."""
    texts = catalogue(language)
    return str(texts.get(f"report.fields.{field}", texts.get(f"criteria.measure.{field}", field)))


def _value(table: str | None, value: object, language: str) -> str:
    if isinstance(value, tuple | list):
        return say("evidence.join", language).join(_value(table, one, language) for one in value)
    if value is None or value == "" or value is pd.NA or isinstance(value, float) and math.isnan(value):
        return say("evidence.unknown", language)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return say("reasons.figure.unreachable", language) if math.isinf(value) else f"{value:,.1f}".removesuffix(".0")
    return str(catalogue(language).get(f"{table}.{value}", str(value)))
