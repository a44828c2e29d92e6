import numpy as np
import pandas as pd
import pytest

from layers.fields import as_codes, as_flags, as_numbers, as_text, map_values, resolve


def test_names_are_found_whatever_their_case_width_or_cut():
    aliases = {"owner_code": ("QSDWDM", "权属单位代码"), "village_name": ("ZLDWMC", "坐落单位名称")}
    assert resolve(aliases, ["qsdwdm", "坐落单位名"], {})[0] == {"owner_code": "qsdwdm", "village_name": "坐落单位名"}
    assert resolve(aliases, ["权属单位代"], {})[0] == {"owner_code": "权属单位代"}
    assert resolve(aliases, ["权属单"], {})[0] == {"owner_code": "权属单"}
    assert resolve(aliases, ["QSDWDM", "OWN"], {"owner_code": "own"})[0] == {"owner_code": "OWN"}
    assert resolve(aliases, ["QSDWDM"], {"owner_code": "gone"}) == ({}, ["gone"])


def test_names_of_persons_are_never_taken():
    assert resolve({"owner_name": ("权利人", "QLRMC")}, ["QLRMC", "权利人"], {"owner_name": "QLRMC"}) == ({}, ["QLRMC"])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("0702", "0702"),
        (702.0, "702"),
        (610323100001.0, "610323100001"),
        (6103231002000000000.0, "6103231002000000000"),
        ("6.10323100001E+11", "610323100001"),
        ("'0101", "0101"),
        ("〇", "〇"),
        ("ＪＢ", "JB"),
        (np.int64(13), "13"),
    ],
)
def test_codes_keep_every_digit(value, code):
    codes, lost = as_codes(pd.Series([value]))
    assert codes[0] == code
    assert not lost[0]


@pytest.mark.parametrize("value", ["1.30424E+11", "1.3e+11", 6103231002001234567.0])
def test_codes_with_lost_digits_are_missing_and_marked(value):
    codes, lost = as_codes(pd.Series([value, value]))
    assert codes.isna().all()
    assert lost.all()


def test_numbers_with_units_and_rubbish():
    values, bad = as_numbers(pd.Series(["1,200", "0.5亩", "120㎡", "约80", None, "-"]), source_unit=None)
    assert values.tolist()[:3] == pytest.approx([1200, 1000 / 3, 120])
    assert values[3:].isna().all()
    assert bad.tolist() == [False, False, False, True, False, False]
    assert as_numbers(pd.Series([1.0]), source_unit="acre")[0][0] == pytest.approx(4046.8564224)
    assert as_numbers(pd.Series([np.inf]), source_unit=None)[0].isna().all()


def test_texts_flags_and_value_maps():
    assert as_text(pd.Series([" 城北　村 ", "", "NULL"])).fillna("?").tolist() == ["城北村", "?", "?"]
    flags, bad = as_flags(pd.Series(["闲置", "在用", "待查", None]))
    assert flags.fillna(False).tolist() == [True, False, False, False] and bad.tolist() == [False, False, True, False]
    assert map_values(pd.Series([1, 2, 3]), {"1": "village", "2": "state"}).tolist() == ["village", "state", 3]
