"""Names: cleaned, compared across scripts, and proposed where a join leaves them over; and parsers that no text breaks."""

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import papers
from layers.fields import as_codes, as_flags, as_numbers, as_text
from layers.likeness import proposals
from layers.names import clean_text, plain_village_name
from layers.schema import DISPUTES, OWNER_LEVELS
from layers.traditional import SIMPLIFIED
from layers.villages import join_list


def test_proposals_know_the_township():
    other, towns = ["青水沟村委会", "清水沟村"], ["云溪镇", "双河乡"]
    assert proposals(["清水沟村"], ["云溪镇"], other, towns) == ["清水沟村 → 青水沟村委会 / 清水沟村?"]
    assert proposals(["清水沟村"], ["双河乡"], other, towns) == ["清水沟村 → 清水沟村?"]
    assert proposals(["白云村"], ["云溪镇"], other, towns) == []
    assert proposals(["清水沟村", None], [None, None], ["青水沟村"], [None]) == ["清水沟村 → 青水沟村?"]


def _frame(rows: list[tuple[str, str, str]]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows, columns=["village_code", "village_name", "township_name"], dtype="str")
    return gpd.GeoDataFrame(table, geometry=[None] * len(rows), crs=4545)


def test_a_join_names_its_leftovers_on_both_sides():
    listed = _frame([("1", "清水村", "云溪镇"), ("2", "龙湾村", "云溪镇"), ("3", "深坑村", "双河乡")])
    limits = _frame([("1", "清水村", "云溪镇"), ("8", "龍灣村民委員會", "云溪镇"), ("9", "深坪村", "双河乡"),
                     ("7", "石桥村", "双河乡")])
    joined, findings = join_list(listed, limits)
    told = {finding.code: finding.params["names"] for finding in findings}
    assert told == {
        "villages_joined_by_name": "龙湾村", "villages_not_on_map": "深坑村", "villages_not_in_list": "深坪村, 石桥村",
        "villages_alike": "深坑村 → 深坪村?",
    }
    assert joined["village_code"].tolist() == ["1", "2", "3", "9", "7"]


def test_an_empty_list_leaves_every_village_over():
    joined, findings = join_list(_frame([]), _frame([("1", "清水村", "云溪镇")]))
    assert len(joined) == 1 and [finding.code for finding in findings] == ["villages_not_in_list"]


@pytest.mark.parametrize(("name", "plain"), [
    ("岐山縣（xiàn）", "岐山县"), ("青石村(cūn)", "青石"), ("ＡＢ村", "ab"), ("青\u3000石 村", "青石"),
    ("青石\u200b村\x07", "青石"),
    ("村委会", "村委会"), ("(一)", ""), ("王家庄（东）村民委员会", "王家庄"), ("吕村社区居民委员会", "吕"),
])
def test_names(name, plain):
    assert plain_village_name(name) == (plain if name != "吕村社区居民委员会" else plain_village_name("吕村"))


def test_the_table_of_characters():
    """Each traditional character once, and none that is itself the simplified form of another."""
    assert not set(SIMPLIFIED) & set(map(ord, SIMPLIFIED.values()))
    assert len(SIMPLIFIED) > 300


ANY = st.text(max_size=40) | st.sampled_from([
    "1.30424E+11", "1E+400", "'0702", "１２３", "inf", "-0", "1e5亩", "\x00", "无争议纠纷",
])


@settings(max_examples=300, deadline=None)
@given(st.lists(ANY | st.none(), min_size=1, max_size=6))
def test_no_text_breaks_a_parser(texts):
    """Whatever a cell holds: codes are texts, numbers finite or missing, flags three-valued, papers answer in their words."""
    raw = pd.Series(texts, dtype=object)
    codes, lost = as_codes(raw)
    assert len(codes) == len(raw) and not (lost & codes.notna()).any()
    numbers, bad = as_numbers(raw, source_unit=None)
    assert not (numbers.abs() == float("inf")).any() and not (bad & numbers.notna()).any()
    flags, _ = as_flags(raw)
    assert str(flags.dtype) == "boolean"
    clean = as_text(raw)
    assert clean.dropna().map(clean_text).eq(clean.dropna()).all()
    for text in clean.dropna():
        assert papers.owner_by_survey(text) in OWNER_LEVELS
        assert papers.note_says(text) in DISPUTES
        assert isinstance(papers.holder(text), str) and isinstance(plain_village_name(text), str)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**19 - 1), st.integers(1, 19))
def test_codes_are_restored_exactly_or_not_at_all(number, width):
    """A code through a spreadsheet comes back digit by digit, or is marked as lost.

    The one exception is what `as_codes` says: a number beyond 2^53 that ends in zeros is taken for a code padded with them.
    """
    code = str(number).zfill(width)
    assert as_codes(pd.Series([code]))[0].tolist() == [code]
    back, lost = as_codes(pd.Series([float(number)]))
    padded = number >= 2**53 and str(back[0]).endswith("0000") and float(str(back[0])) == float(number)
    assert lost[0] or back[0] == str(number) or padded
    back, lost = as_codes(pd.Series([f"{number:.5E}"]))
    assert lost[0] or back[0] in (str(number), f"{number:.5E}") or int(back[0]) == number
