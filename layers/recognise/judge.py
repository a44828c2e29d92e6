"""Which roles an item may play, with the evidence for each: its name, its fields, its values, its shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from layers.fields import as_codes, fold, resolve
from layers.recognise.inventory import Item
from layers.recognise.signs import ABBREVIATIONS, ENOUGH, FIELD_LIMIT, NAME_POINTS, SIGNS, VALUE_POINTS, WORD_POINTS
from layers.restrictions import KIND_BY_NAME, kind_of
from layers.roles import ROLE_OF

_SHARE = 0.8
"""Share of the sampled values that must fit before they count as evidence."""

_OWN_ROW = 0.6
"""A village or township has a row of its own; where codes repeat more than this they only say where something lies."""


@dataclass(frozen=True)
class Evidence:
    """One thing that speaks for a role: what it is (a key of the words ``recognise.sign``) and the text that shows it."""

    sign: str
    text: str
    points: int


@dataclass(frozen=True)
class Proposal:
    """A role for an item, with its points and what they rest on; restrictions with their kind."""

    item: Item
    role: str
    evidence: tuple[Evidence, ...]
    kind: str | None = None

    @property
    def points(self) -> int:
        """Sum over the evidence."""
        return sum(piece.points for piece in self.evidence)


def proposals(item: Item) -> tuple[Proposal, ...]:
    """Roles that an item may play, most points first; none below `signs.ENOUGH`.

    Parameters
    ----------
    item : Item
        From `inventory`. OSM extracts and refused files have no role of their own here.
    """
    if item.kind in ("osm", "refused"):
        return ()
    if item.kind == "raster":
        found = [Proposal(item, role, _of_raster(item, role)) for role in ("terrain", "population")]
    else:
        found = [Proposal(item, role, _of_vector(item, role)) for role in SIGNS if role not in ("terrain", "restrictions")]
        found += _as_restriction(item)
    return tuple(sorted((p for p in found if p.points >= ENOUGH), key=lambda p: (-p.points, p.role)))


def _name_evidence(item: Item, own: tuple[str, ...], words: tuple[str, ...]) -> list[Evidence]:
    """The best of: the layer is called like the role, a word of the role stands in its name, or in the name of its file."""
    name, file = fold(item.name), fold(Path(item.source.split("|")[0]).stem)
    if name in {fold(word) for word in own}:
        return [Evidence("name", item.name, NAME_POINTS)]
    for text, points in ((name, WORD_POINTS), (file, WORD_POINTS // 2)):
        word = next((word for word in words if _stands_in(word, text)), None)
        if word:
            return [Evidence("word", word, points)]
    return []


def _stands_in(word: str, text: str) -> bool:
    if word in ABBREVIATIONS:
        return re.search(rf"(?<![a-z]){word}(?![a-z])", text) is not None
    return word in text


def _of_vector(item: Item, role: str) -> tuple[Evidence, ...]:
    signs = SIGNS[role]
    if item.shape not in (*signs.shapes, "any"):
        return ()
    columns, _ = resolve(ROLE_OF[role].fields, list(item.fields), {})
    telling = {column: field for column, field in columns.items() if column in signs.columns}
    evidence = _name_evidence(item, ROLE_OF[role].layer_names, signs.words)
    if telling:
        points = min(FIELD_LIMIT, sum(signs.columns[column] for column in telling))
        evidence.append(Evidence("fields", ", ".join(telling.values()), points))
    return tuple([*evidence, *_of_values(item, role, columns)])


def _of_values(item: Item, role: str, columns: dict[str, str]) -> list[Evidence]:
    """What the values say where names do not: lengths of codes, feature codes, categories. Against the role they count negative."""
    if role in ("villages", "townships"):
        field = columns.get("village_code" if role == "villages" else "township_code")
        codes = _codes(item, field)
        wanted = (12, 19) if role == "villages" else (9,)
        if len(codes):
            digits = codes.str.len()
            fits = digits.isin(wanted).mean() >= _SHARE and codes.nunique() >= _OWN_ROW * len(codes)
            return [Evidence("codes", f"{field}: {int(digits.mode().iloc[0])}", VALUE_POINTS if fits else -VALUE_POINTS)]
    if role in ("ownership", "parcels"):
        letters = _codes(item, columns.get("parcel_code")).str.slice(12, 14)
        letters = letters[letters.str.fullmatch("[A-Z]{2}")]
        if len(letters):
            is_ownership = (letters == "JA").mean() >= _SHARE
            sign = 1 if is_ownership == (role == "ownership") else -1
            return [Evidence("feature", str(letters.mode().iloc[0]), sign * NAME_POINTS)]
    if role == "facilities" and "category" in columns:
        return _of_categories(item, columns["category"])
    return []


def _of_categories(item: Item, field: str) -> list[Evidence]:
    from layers.facilities import categories

    words = {fold(word) for entry in categories().values() for key in ("words", "osm") for word in entry[key]}
    words |= {word.partition("=")[2] for word in words if "=" in word} | {fold(name) for name in categories()}
    values = item.sample[field].dropna().map(fold) if field in item.sample else []
    if not len(values):
        return []
    hits = sum(any(word and word in value for word in words) for value in values) / len(values)
    return [Evidence("values", field, VALUE_POINTS)] if hits >= 0.5 else []


def _codes(item: Item, field: str | None):
    import pandas as pd

    if field is None or field not in item.sample:
        return pd.Series(dtype="str")
    return as_codes(item.sample[field])[0].dropna()


def _as_restriction(item: Item) -> list[Proposal]:
    if item.shape not in (*SIGNS["restrictions"].shapes, "any"):
        return []
    kind = kind_of(item.name) or kind_of(Path(item.source.split("|")[0]).stem)
    fields = [field for field in item.fields if fold(field) in _KIND_FIELDS]
    if kind is None and fields:
        kind = _KIND_FIELDS[fold(fields[0])]
    if kind is None:
        return []
    word = next((w for w in KIND_BY_NAME[kind] if w in fold(item.name) or w in fold(item.source)), "")
    evidence = [Evidence("word", word, NAME_POINTS)] if word else []
    evidence += [Evidence("fields", ", ".join(fields), VALUE_POINTS)] if fields else []
    if item.shape == "line" and kind not in ("power_line", "water"):
        return []
    return [Proposal(item, "restrictions", tuple(evidence), kind)]


_SMOOTH = 0.12
"""Mean step between neighbouring cells as a share of their spread, below which a raster is taken for heights."""

_PEOPLE_MEAN = 50.0
"""Mean of the cells with people below which a raster may be a count of people."""

_KIND_FIELDS = {
    "jbnttbbh": "basic_farmland", "yjjbnttbbh": "basic_farmland", "yjjbnttbbsm": "basic_farmland", "yjjbntmj": "basic_farmland",
    "jbntmj": "basic_farmland", "jbntlx": "basic_farmland", "hxmc": "ecological_redline", "红线类型": "ecological_redline",
    "红线命名": "ecological_redline", "sthjwt": "ecological_redline",
}
"""Fields that only one kind of restriction has (data-conventions 1.1)."""


def _of_raster(item: Item, role: str) -> tuple[Evidence, ...]:
    signs = SIGNS[role]
    evidence = _name_evidence(item, (), signs.words)
    if item.path.suffix.casefold() == ".hgt" and role == "terrain":
        evidence.append(Evidence("name", ".hgt", NAME_POINTS))
    facts = item.facts
    if not facts.get("cells"):
        return tuple(evidence)
    smooth = facts["highest"] > facts["lowest"] and facts["roughness"] < _SMOOTH
    low = facts["lowest"] >= 0 and facts["mean"] < _PEOPLE_MEAN
    sure = ENOUGH if smooth != low else 0   # a smooth raster of low values may be either: its name decides
    if role == "terrain" and smooth:
        evidence.append(Evidence("heights", f"{facts['lowest']:,.0f}–{facts['highest']:,.0f}", sure))
    if role == "population" and low:
        evidence.append(Evidence("counts", f"{facts['mean']:,.2f}", sure))
    return tuple(evidence)
