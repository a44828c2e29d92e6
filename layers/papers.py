"""What land papers say: nature of ownership, parcel feature code, right type and right nature, holder, dispute.

The rules are those of data-conventions 2.1 to 2.5. Codes and their Chinese words are both understood. Nothing here decides whether
a site passes; it says what each paper says, and where papers contradict each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from layers.rows import first_of, translated

RIGHT_TYPES = {
    "集体土地所有权": "1",
    "国家土地所有权": "2",
    "国有土地所有权": "2",
    "国有建设用地使用权": "3",
    "宅基地使用权": "5",
    "集体建设用地使用权": "7",
    "土地承包经营权": "9",
    "农村土地承包经营权": "9",
    "林地使用权": "11",
    "草原使用权": "13",
    "地役权": "19",
    "其它": "99",
    "其他": "99",
    "国有建设用地使用权/房屋所有权": "4",
    "宅基地使用权/房屋所有权": "6",
    "集体建设用地使用权/房屋所有权": "8",
    "集体建设用地使用权/房屋(构筑物)所有权": "8",
    "国有建设用地使用权/房屋(构筑物)所有权": "4",
}
"""QLLX 权利类型."""

RIGHT_NATURES = {
    "国有土地": "100",
    "划拨": "101",
    "出让": "102",
    "作价出资(入股)": "103",
    "作价出资": "103",
    "租赁": "104",
    "授权经营": "105",
    "国有": "100",
    "集体土地": "200",
    "集体": "200",
    "家庭承包": "201",
    "其它方式承包": "202",
    "其他方式承包": "202",
    "批准拨用": "203",
    "入股": "204",
    "联营": "205",
}
"""QLXZ 权利性质."""

_STATE_RIGHTS, _COLLECTIVE_RIGHTS = {"2", "3", "4", "24"}, {"1", "5", "6", "7", "8", "9", "10"}
_USE_BY_FEATURE = {
    "A": "none",
    "B": "construction",
    "S": "construction",
    "X": "construction",
    "C": "homestead",
    "D": "contract",
    "E": "contract",
    "F": "contract",
    "L": "contract",
    "N": "contract",
    "W": "undetermined",
    "Y": "other",
    "G": "other",
    "H": "other",
}
_USE_BY_RIGHT = {
    "1": "none",
    "2": "none",
    "3": "construction",
    "4": "construction",
    "5": "homestead",
    "6": "homestead",
    "7": "construction",
    "8": "construction",
    "9": "contract",
    "10": "contract",
    "11": "contract",
    "12": "contract",
    "13": "contract",
}
_HELD_RIGHTS = {"construction", "homestead", "contract"}
_HOLDERS = {"1": "person", "2": "enterprise", "3": "institution", "4": "state", "5": "collective", "99": "other"}
_FEATURE = re.compile(r"[GJZ][A-HLNSWXY]")
_WORD_LENGTH = 4
_DISPUTE = r"(?:争议|纠纷|异议)"
_NO_DISPUTE = re.compile(
    rf"(?:无|没有|不存在|未发现|未有|未发生|未提出|未见|不涉及)[^,。;，；]{{0,12}}?{_DISPUTE}(?:(?:、|和|与|及|或|/)?(?:权属|界址|土地|边界)*{_DISPUTE})*"
)
_SETTLED = re.compile(rf"{_DISPUTE}[^,。;，；]{{0,6}}?(?:已|业已)[^,。;，；]{{0,6}}?(?:解决|调解|化解|调处|处理|撤销|撤回)")
DISPUTED_REGISTRATIONS = {"600": "异议登记", "800": "查封登记"}
DISPUTED_LINES = {"600003"}


def owner_by_survey(nature: str) -> str:
    """Owner level by QSXZ 权属性质: its first digit says state (1, 2) or collective (3, 4), its second one the level.

    Examples
    --------
    >>> [owner_by_survey(code) for code in ("20", "30", "31", "32", "33", "34", "村民小组", "国有土地使用权", "?")]
    ['state', 'collective', 'villager_group', 'village', 'township', 'other_collective', 'villager_group', 'state', 'unknown']
    """
    if re.fullmatch(r"[1-4]\d?", nature):
        if nature[0] in "12":
            return "state"
        return {"31": "villager_group", "32": "village", "33": "township", "34": "other_collective"}.get(nature, "collective")
    return owner_by_words(nature)


def owner_by_words(text: str) -> str:
    """Owner level that the words of a nature, an owner or a label name; ``unknown`` if they name none."""
    if text.upper() in ("G", "J"):
        return "state" if text.upper() == "G" else "collective"
    rules = (
        ("国有|国家", "state"),
        ("村民小组|生产队|[第\\d一二三四五六七八九十]+组", "villager_group"),
        ("乡镇?集体|镇集体|乡\\(镇\\)", "township"),
        ("村.{0,4}集体|村民委员会|村委会|村经济|行政村", "village"),
        ("其[它他]农民集体", "other_collective"),
        ("集体", "collective"),
    )
    return next((level for pattern, level in rules if re.search(pattern, text)), "unknown")


def right_type(text: str) -> str:
    """QLLX as a code, from a code (``07``, ``7``) or its words.

    Examples
    --------
    >>> right_type("07"), right_type("集体建设用地使用权")
    ('7', '7')
    """
    if text.isdigit():
        return text.lstrip("0") or "0"
    plain = re.sub(r"\s", "", text)
    return RIGHT_TYPES.get(plain) or next((code for word, code in RIGHT_TYPES.items() if len(word) > 3 and word in plain), text)


def right_nature(text: str) -> str:
    """QLXZ as a code, from a code or its words."""
    return text if text.isdigit() else RIGHT_NATURES.get(re.sub(r"\s", "", text), text)


def feature_of(parcel_code: pd.Series, feature_code: pd.Series) -> pd.Series:
    """The two letters 宗地特征码 of each parcel: from its 19-character code, else from the field that holds them alone."""
    return first_of(translated(parcel_code.str.slice(12, 14), _feature), translated(feature_code, _feature))


def _feature(text: str) -> str | None:
    return text.upper() if _FEATURE.fullmatch(text.upper()) else None


def owner_by_title(feature: pd.Series, rights: pd.Series, natures: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Owner level by registered papers, and whether those papers contradict each other.

    Each of the feature code's first letter, QLLX and QLXZ says collective or state. Two that differ, or two different use rights
    (homestead by the code, construction by the right), are a contradiction; owners that contradict leave the owner ``unknown``.

    Returns
    -------
    Series of str, Series of boolean
        Missing where there is no paper.
    """
    votes = pd.DataFrame(
        {
            "feature": translated(feature.str.slice(0, 1), {"G": "state", "J": "collective", "Z": "unknown"}),
            "right": translated(
                rights, {**dict.fromkeys(_STATE_RIGHTS, "state"), **dict.fromkeys(_COLLECTIVE_RIGHTS, "collective")}
            ),
            "nature": translated(natures, _owner_by_nature),
        }
    )
    state, collective = (votes == "state").any(axis=1), (votes == "collective").any(axis=1)
    owner = pd.Series(np.nan, index=feature.index, dtype=object)
    owner[(votes == "unknown").any(axis=1) | (state & collective)] = "unknown"
    open_owner = owner.isna()
    owner[open_owner & state] = "state"
    owner[open_owner & collective] = "collective"
    by_feature, by_right = translated(feature.str.slice(1, 2), _USE_BY_FEATURE), translated(rights, _USE_BY_RIGHT)
    uses_differ = by_feature.isin(_HELD_RIGHTS) & by_right.isin(_HELD_RIGHTS) & (by_feature != by_right)
    conflict = pd.Series(pd.array(((state & collective) | uses_differ).tolist(), dtype="boolean"), index=feature.index)
    return owner.astype("str"), conflict.mask(votes.isna().all(axis=1))


def named_sources(papers: list[tuple[str, pd.Series]]) -> pd.Series:
    """What papers say, as ``field=value; field=value``; missing where none says anything.

    Parameters
    ----------
    papers : list of (str, Series of str)
        Field of the file and its values, strongest first; same index.

    Examples
    --------
    >>> said = [("ZDDM", pd.Series(["JB", None], dtype="str")), ("QLLX", pd.Series(["7", None], dtype="str"))]
    >>> named_sources(said).fillna("?").tolist()
    ['ZDDM=JB; QLLX=7', '?']
    """
    key = np.zeros(len(papers[0][1]), dtype=np.int64)
    for _, values in papers:
        codes, unique = pd.factorize(values)
        key = key * (len(unique) + 1) + codes + 1
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    rows = [[(field, values.iloc[at]) for field, values in papers] for at in first]
    texts = pd.Series(["; ".join(f"{field}={value}" for field, value in row if pd.notna(value)) for row in rows], dtype=object)
    table = texts.where(texts != "", np.nan).astype("str").array
    return pd.Series(table.take(inverse), index=papers[0][1].index)


def _owner_by_nature(code: str) -> str | None:
    return {"1": "state", "2": "collective"}.get(code[0]) if re.fullmatch(r"[12]\d\d", code) else None


def use_rights(feature: pd.Series, rights: pd.Series, natures: pd.Series) -> pd.Series:
    """Use right by the feature code's second letter, else by QLLX, else by a contract in QLXZ; missing without any paper."""
    return first_of(*_use_by_each(feature, rights, natures))


def use_right_source(feature: tuple[str, pd.Series], rights: tuple[str, pd.Series], natures: tuple[str, pd.Series]) -> pd.Series:
    """The paper that `use_rights` goes by, as ``field=value``; each is given with its field."""
    said = (feature, rights, natures)
    silent = pd.Series(np.nan, index=feature[1].index, dtype="str")
    answers = _use_by_each(*(values for _, values in said))
    shown = [named_sources([paper]).where(answer.notna(), silent) for paper, answer in zip(said, answers, strict=True)]
    return first_of(*shown)


def _use_by_each(feature: pd.Series, rights: pd.Series, natures: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    return (translated(feature.str.slice(1, 2), _USE_BY_FEATURE),
            translated(rights, lambda code: _USE_BY_RIGHT.get(code, "other")),
            translated(natures, dict.fromkeys(("106", "107", "201", "202"), "contract")))


def holder(text: str) -> str:
    """Kind of right holder by 权利人类型, a code or a word; never a name.

    Examples
    --------
    >>> [holder(word) for word in ("1", "企业", "5 集体", "99", "事业单位")]
    ['person', 'enterprise', 'collective', 'other', 'institution']
    """
    if text in _HOLDERS:
        return _HOLDERS[text]
    rules = (
        ("集体|村委会|村民委员会|合作社|村民小组", "collective"),
        ("个人|农户|自然人|家庭", "person"),
        ("企业|公司", "enterprise"),
        ("事业", "institution"),
        ("国家|机关|政府", "state"),
    )
    return next((kind for pattern, kind in rules if re.search(pattern, text)), "other")


def note_says(note: str) -> str:
    """What a survey note says of disputes: ``yes``, ``undetermined`` (one that is said to be settled) or ``no_sign``.

    Examples
    --------
    >>> note_says("权属清楚,无任何争议、纠纷"), note_says("与邻宗存在界址纠纷"), note_says("原界址争议已调解")
    ('no_sign', 'yes', 'undetermined')
    """
    rest = _NO_DISPUTE.sub("", note)
    unsettled = _SETTLED.sub("", rest)
    if re.search(_DISPUTE, unsettled):
        return "yes"
    return "undetermined" if unsettled != rest else "no_sign"


def disputes(evidence: dict[str, tuple[str, pd.Series]], feature: pd.Series, feature_field: str) -> tuple[pd.Series, pd.Series]:
    """Whether a paper marks a dispute, and which one.

    Parameters
    ----------
    evidence : dict
        Kind of evidence (``flag``, ``registration``, ``line``, ``note``) -> its field in the file and its values.
    feature : Series
        The two letters of the feature code.
    feature_field : str
        Field they came from.

    Returns
    -------
    Series, Series
        `layers.schema.DISPUTES` or missing; ``field=value`` of the paper that says so.
    """
    said: list[tuple[pd.Series, str, pd.Series]] = []
    for kind, (field, values) in evidence.items():
        shown = translated(values, _phrase) if kind in ("note", "flag") else values
        said.append((translated(values, _RULES[kind]), field, shown))
    undetermined = feature.str.slice(0, 1).eq("Z") | feature.str.slice(1, 2).eq("W")
    by_feature = undetermined.map({True: "undetermined", False: "no_sign"}).where(feature.notna())
    said.append((by_feature, feature_field, feature))
    verdict = pd.Series(np.nan, index=feature.index, dtype=object)
    source = verdict.copy()
    for wanted in ("yes", "undetermined", "no_sign"):
        for answer, field, values in said:
            hit = verdict.isna() & answer.eq(wanted)
            verdict[hit] = wanted
            if wanted != "no_sign":
                source[hit] = field + "=" + values[hit].astype("str")
    return verdict.astype("str"), source.astype("str")


_PHRASE = re.compile(
    rf"(?:权属|界址|界线|土地|边界|宅基地|承包|相邻|邻宗|地界|四至)*{_DISPUTE}(?:[^,。;，；]{{0,2}}(?:已|业已)[^,。;，；]{{0,2}}?(?:解决|调解|化解|调处|处理|撤销|撤回))?"
)


def _phrase(text: str) -> str:
    """Of a note only the words that speak of a dispute: the rest may name persons."""
    if len(text) <= _WORD_LENGTH and not re.search(_DISPUTE, text):
        return text
    found = _PHRASE.search(_NO_DISPUTE.sub("", text)) or _PHRASE.search(text)
    return found[0] if found else "…"


def _flag_says(text: str) -> str:
    if text.casefold() in ("1", "是", "有", "true", "yes", "y"):
        return "yes"
    if text.casefold() in ("0", "否", "无", "false", "no", "n", "no_sign"):
        return "no_sign"
    return text if text in ("yes", "undetermined") else note_says(text)


def _registration_says(text: str) -> str:
    return "yes" if text in DISPUTED_REGISTRATIONS or "异议" in text or "查封" in text else "no_sign"


def _line_says(text: str) -> str:
    return "yes" if text in DISPUTED_LINES or "争议" in text else "undetermined" if text == "600002" else "no_sign"


_RULES: dict[str, Callable[[str], str]] = {
    "flag": _flag_says,
    "registration": _registration_says,
    "line": _line_says,
    "note": note_says,
}
