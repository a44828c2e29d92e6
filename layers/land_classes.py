"""Codes of land classes, and those whose leading zero a number field has swallowed: 702 for 0702.

Codes are those of data-conventions 1.4. Three-digit codes are where care is needed: 101 may be the second survey's railway or the
third survey's paddy field 0101 without its zero. Only what the rest of the layer leaves no doubt about is restored.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

SURVEY3 = frozenset(re.findall(
    r"\w+", "00 01 02 03 04 05 06 07 08 09 10 11 12 "
    "0101 0102 0103 0201 0202 0203 0204 0201K 0202K 0203K 0204K 0301 0302 0303 0304 0305 0306 0307 0301K 0302K 0305K 0307K "
    "0401 0402 0403 0403K 0404 05H1 0508 0601 0602 0603 0701 0702 08H1 08H2 08H2A 0809 0810 0810A "
    "1001 1002 1003 1004 1005 1006 1007 1008 1009 1101 1102 1103 1104 1104A 1104K 1105 1106 1107 1107A 1108 1109 1110 "
    "1201 1202 1203 1204 1205 1206 1207 1208 1301 1302 1303 1304"
))
"""DLBM of the third survey (三调 工作分类)."""

SURVEY2 = frozenset(re.findall(
    r"\w+", "011 012 013 021 022 023 031 032 033 041 042 043 051 052 053 054 061 062 063 071 072 081 082 083 084 085 086 087 088 "
    "091 092 093 094 095 101 102 103 104 105 106 107 111 112 113 114 115 116 117 118 119 121 122 123 124 125 126 127 "
    "201 202 203 204 205"
))
"""DLBM of the second survey (二调)."""


def restored_survey(codes: pd.Series, *, from_numbers: bool = True) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Land-survey codes with their leading zeros; which rows were mended, and which may be of either survey.

    Parameters
    ----------
    codes : Series of str
    from_numbers : bool
        Whether they stood in a number field: a text has its zeros, and 101 in it is the second survey's.

    Returns
    -------
    Series of str, Series of bool, Series of bool
        Same index. Doubtful codes are missing in the first.

    Examples
    --------
    >>> restored_survey(pd.Series(["702", "101", "1201"], dtype="str"))[0].tolist()
    ['0702', '0101', '1201']
    >>> restored_survey(pd.Series(["72", "102"], dtype="str"))[0].tolist()
    ['072', '102']
    >>> restored_survey(pd.Series(["101", "101"], dtype="str"))[2].tolist()
    [True, True]
    """
    unique = [str(code) for code in codes.dropna().unique()]
    zero = {code: f"0{code}" for code in unique if code not in SURVEY3 and f"0{code}" in SURVEY3}
    either = {code for code in zero if code in SURVEY2}
    old_zero = {code: f"0{code}" for code in unique if f"0{code}" in SURVEY2}
    third = any((len(code) > 2 and code in SURVEY3) or (code in zero and code not in either) for code in unique)
    second = any((code in old_zero and code not in SURVEY3) or (code in SURVEY2 and code not in either) for code in unique)
    kept_zeros = any(code.startswith("0") for code in unique)
    table = {code: mended for code, mended in zero.items() if code not in either}
    only_second = second and not third   # then 11 is paddy 011 without its zero, and not the third survey's whole class 11
    table |= {code: mended for code, mended in old_zero.items() if code not in table and (code not in SURVEY3 or only_second)}
    doubtful: set[str] = set()
    if not kept_zeros and third and not second:
        table |= {code: zero[code] for code in either}
    elif from_numbers and not kept_zeros and not (third or second):
        doubtful = either
    return _apply(codes, table, doubtful)


def restored_plan(codes: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Land-sea-use codes (2, 4 or 6 digits) with their leading zeros: an odd number of digits has lost one.

    Examples
    --------
    >>> restored_plan(pd.Series(["704", "80302", "1001", "7"], dtype="str"))[0].tolist()
    ['0704', '080302', '1001', '07']
    """
    return _apply(codes, {code: f"0{code}" for code in codes.dropna().unique() if re.fullmatch(r"[1-9](\d\d){0,2}", code)}, set())


def _apply(codes: pd.Series, table: dict[str, str], doubtful: set[str]) -> tuple[pd.Series, pd.Series, pd.Series]:
    mended, open_rows = codes.isin(list(table)), codes.isin(list(doubtful))
    if mended.any():
        codes = codes.mask(mended, codes.map(table).astype("str"))
    return (codes.mask(open_rows, np.nan).astype("str") if open_rows.any() else codes), mended, open_rows
