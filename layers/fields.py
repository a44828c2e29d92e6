"""From the fields of a file to standard columns: which field is which, and its values as codes, texts, numbers and flags."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layers.cores import side_by_side
from layers.findings import Finding
from layers.formats import is_private
from layers.names import clean_text
from layers.private import mask_codes, mask_column, masked
from layers.texts import asked, matching
from layers.units import UNIT_WORDS, UNITS

_MISSING = {"", "-", "--", "/", "\\", "null", "<null>", "<空>", "none", "nan", "n/a", "na", "#n/a"}
_NUMBER = re.compile(r"([-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S*)")
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+(\d+)")
_TRUE = {"1", "1.0", "true", "t", "yes", "y", "是", "有", "闲置", "空置", "废弃", "闲", "已"}
_FALSE = {"0", "0.0", "false", "f", "no", "n", "否", "无", "在用", "使用", "使用中", "正常", "未", "不"}
_DBF_NAME_BYTES = 10
EXAMPLE_LENGTH, _NAMES_SHOWN = 80, 60
"""Characters of a cell that a finding shows."""

_PUNCTUATION = str.maketrans("，；：（）！？％／～", ",;:()!?%/~")
"""Chinese punctuation, whose narrow form is no change worth telling."""

_MARKUP = r"^[=@+]\s*[A-Za-z(\"']|^-\s*[A-Za-z(]|<[A-Za-z/!]|(?i:javascript:)"
"""What looks like a formula or like markup."""

_LONGEST_SIGN = max(len(sign.encode()) for sign in _MISSING)
_PLAIN_TEXT = r"^(?:[!-~](?:[ -~]*[!-~])?|[!-~\x{4e00}-\x{9fff}]+)$"
_PLAIN_CODE = "^[0-9A-Za-z][0-9A-Za-z_-]*$"
"""Texts that cleaning leaves as they are, unless they are a sign for empty; most of a large file."""


def fold(name: object) -> str:
    """A field name as it is compared: letter case, width and outer blanks do not matter."""
    return unicodedata.normalize("NFKC", str(name)).strip().strip("'\"[]").casefold()


def resolve(
    aliases: Mapping[str, Sequence[str]], available: Sequence[str], explicit: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Which field of a file fills which input column.

    What county.toml says comes first, then the names in the order of the role's table, then the same names cut to ten bytes as a
    shapefile cuts them. Fields that name persons are never taken.

    Parameters
    ----------
    aliases : mapping
        Input column -> names it goes by, best first.
    available : sequence of str
        Fields of the file.
    explicit : mapping
        Input column -> field, from county.toml.

    Returns
    -------
    dict, list of str
        Input column -> field; and the fields that county.toml names but the file does not have.

    Examples
    --------
    >>> resolve({"village_name": ("ZLDWMC", "坐落单位名称")}, ["坐落单位名", "TBMJ"], {})
    ({'village_name': '坐落单位名'}, [])
    """
    here: dict[str, str] = {}
    for field in available:
        if not is_private(field):
            here.setdefault(fold(field), field)
    found, absent = {}, []
    for column, field in explicit.items():
        if fold(field) in here:
            found[column] = here[fold(field)]
        else:
            absent.append(field)
    for column, names in aliases.items():
        if column in found or column in explicit:
            continue
        spellings = [fold(name) for name in (column, *names)]
        spellings += [cut for name in names for cut in _cuts(name)]
        match = next((here[spelling] for spelling in spellings if spelling in here), None)
        if match is not None:
            found[column] = match
    return found, absent


def _cuts(name: str) -> list[str]:
    cuts = []
    for encoding in ("gb18030", "utf-8"):
        raw = name.encode(encoding)
        if len(raw) > _DBF_NAME_BYTES:
            cut = fold(raw[:_DBF_NAME_BYTES].decode(encoding, errors="ignore"))
            if len(cut) >= 3:
                cuts.append(cut)
    return cuts


def as_text(values: pd.Series) -> pd.Series:
    """Texts as `str`: cleaned (NFKC, no outer blanks); empty ones and signs for empty are missing."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return as_codes(values)[0]
    return _cleaned(values)[0]


def _cleaned(values: pd.Series) -> tuple[pd.Series, dict[object, object]]:
    """The texts of `as_text`, and what became of each that was not plain already."""
    odd = _odd(values, _PLAIN_TEXT)
    cleaned: dict[object, object] = {}
    for value in pd.Series(values[odd].unique(), dtype=object):
        text = clean_text(str(value))
        cleaned[value] = np.nan if text.casefold() in _MISSING else text
    return _replaced(values, odd, cleaned), cleaned


def _odd(values: pd.Series, plain: str) -> np.ndarray:
    """Mask of the texts that have to be looked at one by one: neither missing nor of the plain pattern."""
    if not isinstance(values.dtype, pd.StringDtype):
        return values.notna().to_numpy()

    def odd(texts: pa.Array) -> pa.Array:
        fine = pc.ascii_is_alnum(texts)   # what most codes are, and much the quicker question
        if not pc.all(fine).as_py():
            fine = pc.or_(fine, pc.match_substring_regex(texts, plain))
        short = pc.less_equal(pc.binary_length(texts), _LONGEST_SIGN)
        if pc.any(short).as_py():
            fine = pc.and_(fine, pc.invert(pc.is_in(pc.ascii_lower(texts), pa.array(sorted(_MISSING), texts.type))))
        return pc.invert(fine)

    return asked(values, odd)


def _replaced(values: pd.Series, odd: np.ndarray, table: Mapping[object, object]) -> pd.Series:
    """The values as `str`, the odd ones looked up in the table."""
    if not isinstance(values.dtype, pd.StringDtype):
        return values.map(table).astype("str")
    if not odd.any():
        return values
    out = values.copy()
    out[odd] = values[odd].map(table).astype("str")
    return out


def as_codes(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Codes as `str`, and a mask of those whose digits are lost.

    Whole numbers lose their ``.0``. A code that went through a spreadsheet (``1.30424E+11``) or a floating-point column is restored
    only if all its digits are certain: written out in full, or at most fifteen significant ones in a float. What is not certain is
    missing and marked in the mask.

    Examples
    --------
    >>> as_codes(pd.Series(["0702", "610323100001.0", "1.30424E+11", None]))[0].fillna("?").tolist()
    ['0702', '610323100001', '?', '?']
    """
    if pd.api.types.is_bool_dtype(values):
        return values.map({True: "1", False: "0"}).astype("str"), pd.Series(False, index=values.index)
    if pd.api.types.is_float_dtype(values):
        restored = {value: _from_float(float(value)) for value in values.dropna().unique()}
    elif pd.api.types.is_integer_dtype(values):
        restored = {value: str(int(value)) for value in values.dropna().unique()}
    else:
        odd = _odd(values, _PLAIN_CODE)
        restored = {value: _from_text(str(value)) for value in pd.Series(values[odd].unique(), dtype=object)}
        lost = {value for value, code in restored.items() if code is None}
        codes = _replaced(values, odd, {value: code or np.nan for value, code in restored.items()})
        return codes, values.isin(list(lost)) if lost else pd.Series(False, index=values.index)
    lost = {value for value, code in restored.items() if code is None}
    codes = values.map({value: code or np.nan for value, code in restored.items()}).astype("str")
    return codes, values.isin(list(lost)) if lost else pd.Series(False, index=values.index)


def _from_float(value: float) -> str | None:
    """Fifteen significant digits survive a float64; a code with more of them does not."""
    if not np.isfinite(value):
        return ""
    if not value.is_integer():
        return repr(value)
    if abs(value) < 2**53:
        return str(int(value))
    short = f"{value:.15g}"
    return str(int(float(short))) if float(short) == value and int(float(short)) % 10**4 == 0 else None


def _from_text(value: str) -> str | None:
    if value.isascii() and value.isalnum() and value[0].isdigit():
        return value
    text = clean_text(value).removeprefix("'")
    if text.casefold() in _MISSING:
        return ""
    match = _SCIENTIFIC.fullmatch(text)
    if match:
        digits, power = match[1] + (match[2] or ""), int(match[3])
        return digits[: power + 1] if len(digits) > power and not digits[power + 1 :].strip("0") else None
    return re.sub(r"^(\d+)\.0+$", r"\1", text)


def as_numbers(values: pd.Series, *, source_unit: str | None) -> tuple[pd.Series, pd.Series]:
    """Numbers in m2, m or a count as float64, and a mask of cells that hold something else.

    Parameters
    ----------
    values : Series
        Numbers, or texts such as ``1,200``, ``0.5亩``, ``120㎡``.
    source_unit : str or None
        Unit the file writes in (a key of `layers.units.UNITS`); a unit in the cell itself goes before it.
    """
    factor = UNITS[source_unit] if source_unit else 1.0
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        numbers = values.astype("float64") * factor
        return numbers.where(np.isfinite(numbers)), pd.Series(False, index=values.index)
    read, bad = {}, []
    for value in pd.Series(values.dropna().unique(), dtype=object):
        text = clean_text(str(value))
        number = _number(text, factor)
        if number is None and text.casefold() not in _MISSING:
            bad.append(value)
        read[value] = np.nan if number is None else number
    return values.map(read).astype("float64"), values.isin(bad) if bad else pd.Series(False, index=values.index)


def _number(text: str, factor: float) -> float | None:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    word = match[2].casefold()
    if word and word not in UNIT_WORDS:
        return None
    number = float(match[1].replace(",", ""))
    if not np.isfinite(number):
        return None
    own_unit = UNIT_WORDS[word] if word else ""
    return number * (UNITS[own_unit] if own_unit else factor)


def as_flags(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Three-valued `boolean`, and a mask of cells that are neither yes nor no.

    Examples
    --------
    >>> as_flags(pd.Series(["闲置", "否", None, "1"]))[0].tolist()
    [True, False, <NA>, True]
    """
    if pd.api.types.is_bool_dtype(values):
        return values.astype("boolean"), pd.Series(False, index=values.index)
    texts = as_text(values).str.casefold()
    flags = texts.map(lambda text: True if text in _TRUE else False if text in _FALSE else None)
    return pd.Series(pd.array(flags.tolist(), dtype="boolean"), index=values.index), texts.notna() & flags.isna()


def map_values(values: pd.Series, mapping: Mapping[str, object]) -> pd.Series:
    """Cells replaced as `values` in county.toml says; what it does not name stays as it is.

    A cell is compared as a code, so that ``1`` in county.toml meets the number 1 and 1.0 in a file.
    """
    codes = as_codes(values)[0]
    table = {clean_text(key): value for key, value in mapping.items()}
    hit = codes.isin(list(table))
    return values.astype(object).where(~hit, codes.map(table).astype(object))


def shown(names: Iterable[object]) -> str:
    """Names of fields for a finding: none that lead to persons, and no more than a person reads.

    Examples
    --------
    >>> shown(["ZDDM", "QLRMC", "ZL"])
    'ZDDM, ZL'
    """
    kept = [str(name)[:EXAMPLE_LENGTH] for name in names if not is_private(name)]
    return masked(", ".join(kept[:_NAMES_SHOWN])) + (" …" if len(kept) > _NAMES_SHOWN else "")


def rows_of(ids: pd.Series, mask: pd.Series | np.ndarray) -> tuple[str, ...]:
    """Ids of the first twenty rows that a mask marks, for a finding."""
    return tuple(str(value) for value in ids[np.asarray(mask)].head(20))


def _texts(raw: pd.Series, layer: str, field: str, row_numbers: pd.Series) -> tuple[pd.Series, list[Finding]]:
    """A text column cleaned, without identity and telephone numbers, and what was done to it."""
    textual = not (pd.api.types.is_numeric_dtype(raw) or pd.api.types.is_bool_dtype(raw))
    clean, became = _cleaned(raw) if textual else (as_text(raw), {})
    altered = [(str(old), old, new) for old, new in became.items() if isinstance(new, str) and old != new]
    told = [old for text, old, new in altered if text.translate(_PUNCTUATION).strip() != new]
    changed = raw.isin(told).to_numpy() if told else np.zeros(len(raw), dtype=bool)
    texts, persons = mask_column(clean)
    markup = matching(texts, _MARKUP)
    findings = [
        Finding(code, "info", layer, field, rows_of(row_numbers, mask), int(mask.sum()))
        for code, mask in (("text_cleaned", changed), ("text_masked", persons), ("text_markup", markup))
        if mask.any()
    ]
    return texts, findings


def standardise(
    frame: pd.DataFrame, role_kind: Callable[[str], str], found: Mapping[str, str], layer: str, *, values: Mapping, units: Mapping
) -> tuple[dict[str, pd.Series], list[Finding]]:
    """Input columns of a file in their kinds, with a finding for every cell that could not be understood.

    Parameters
    ----------
    frame : DataFrame
        The file as read.
    role_kind : callable
        What an input column holds: code, text, number or flag.
    found : mapping
        Input column -> field.
    layer : str
        Name for the findings.
    values, units : mapping
        What county.toml says about them.
    """
    row_numbers = pd.Series(np.arange(1, len(frame) + 1), index=frame.index)

    def standard(named: tuple[str, str]) -> tuple[pd.Series, list[Finding]]:
        column, field = named
        raw = map_values(frame[field], values[column]) if column in values else frame[field]
        return _standard(raw, role_kind(column), layer, field, row_numbers, units.get(column))

    found_in = (side_by_side if len(frame) > _MANY else map)(standard, found.items())
    columns, findings = {}, []
    for name, (filled, more) in zip(found, found_in, strict=True):
        columns[name] = filled
        findings += more
    return columns, findings


_MANY = 20_000
"""Rows from which on columns are worth handing to other cores."""


def _standard(
    raw: pd.Series, kind: str, layer: str, field: str, row_numbers: pd.Series, unit: str | None
) -> tuple[pd.Series, list[Finding]]:
    """A column in its kind, and what could not be understood of it."""
    if kind == "text":
        return _texts(raw, layer, field, row_numbers)
    findings: list[Finding] = []
    if kind == "code":
        codes, bad = as_codes(raw)
        filled, persons = mask_codes(codes)
        if persons.any():
            findings.append(Finding("text_masked", "info", layer, field, rows_of(row_numbers, persons), int(persons.sum())))
        problem = "code_lost"
    elif kind == "flag":
        filled, bad = as_flags(raw)
        problem = "flag_unread"
    else:
        filled, bad = as_numbers(raw, source_unit=unit)
        problem = "number_unread"
        negative = filled < 0
        if negative.any():
            filled = filled.mask(negative)
            told = rows_of(row_numbers, negative)
            findings.append(Finding("number_negative", "warning", layer, field, told, int(negative.sum())))
    if bad.any():
        examples = masked(", ".join(str(value)[:EXAMPLE_LENGTH] for value in raw[bad].unique()[:3]))
        findings.append(
            Finding(problem, "warning", layer, field, rows_of(row_numbers, bad), int(bad.sum()), {"examples": examples})
        )
    return filled, findings
