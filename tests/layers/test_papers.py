import pandas as pd
import pytest

from layers import papers
from layers.rows import translated
from tests.layers.samples import listed


def text(values) -> pd.Series:
    return pd.Series(values, dtype="str")


@pytest.mark.parametrize(
    ("note", "verdict"),
    [
        ("权属界线清楚，四邻无争议", "no_sign"),
        ("与个人没有任何争议", "no_sign"),
        ("无权属争议、无纠纷", "no_sign"),
        ("未发现争议及纠纷", "no_sign"),
        ("该宗地与邻宗存在争议", "yes"),
        ("四至无异议，但与张庄组有林权纠纷", "yes"),
        ("2008年界址争议已调解", "undetermined"),
        ("现状为空闲地", "no_sign"),
    ],
)
def test_survey_notes(note, verdict):
    assert papers.note_says(note) == verdict


def test_title_owner_and_conflicts():
    table = pd.DataFrame(
        [
            ("JB", "7", "203", "collective", False),
            ("GB", "3", "101", "state", False),
            ("GB", None, None, "state", False),
            ("JB", "7", "102", "unknown", True),
            ("GB", "7", None, "unknown", True),
            ("ZB", None, None, "unknown", False),
            (None, "5", None, "collective", False),
            (None, None, None, None, None),
            ("JC", "7", "200", "collective", True),
            (None, None, "101", "state", False),
        ],
        columns=["feature", "right", "nature", "owner", "conflict"],
    )
    owner, conflict = papers.owner_by_title(text(table["feature"]), text(table["right"]), text(table["nature"]))
    assert listed(owner) == listed(table["owner"])
    assert listed(conflict) == listed(table["conflict"])


def test_use_rights_and_words_for_codes():
    feature, rights, natures = (
        text(["JA", "JB", "JC", "JD", "JW", None, None, None]),
        text([None] * 5 + ["8", None, None]),
        text([None] * 6 + ["201", None]),
    )
    out = papers.use_rights(feature, rights, natures)
    assert listed(out) == ["none", "construction", "homestead", "contract", "undetermined", "construction", "contract", None]
    assert papers.right_type("集体建设用地使用权/房屋(构筑物)所有权") == "8"
    assert papers.right_nature("批准拨用") == "203"


def test_feature_from_the_code_or_its_own_field():
    out = papers.feature_of(text(["529901001001jb00001", "short", None, "529901001001QQ00001"]), text([None, "JC", "XX", "GB"]))
    assert listed(out) == ["JB", "JC", None, "GB"]


def test_disputes_name_their_paper():
    feature = text(["JB", "JW", "JB", None, "JB"])
    evidence = {
        "registration": ("DJLX", text(["100", "100", "600", None, "100"])),
        "note": ("QSDCJS", text([None, None, None, None, "有权属纠纷"])),
    }
    verdict, source = papers.disputes(evidence, feature, "ZDDM")
    assert listed(verdict) == ["no_sign", "undetermined", "yes", None, "yes"]
    assert listed(source) == [None, "ZDDM=JW", "DJLX=600", None, "QSDCJS=权属纠纷"]


def test_survey_codes_and_labels():
    labels = text(
        [
            "10",
            "21",
            "30",
            "31",
            "32",
            "33",
            "34",
            "40",
            "集体土地所有权",
            "村集体经济组织",
            "乡集体经济组织",
            "国有土地使用权",
            "其它农民集体经济组织",
            "7x",
        ]
    )
    levels = translated(labels, papers.owner_by_survey).tolist()
    assert levels == [
        "state",
        "state",
        "collective",
        "villager_group",
        "village",
        "township",
        "other_collective",
        "collective",
        "collective",
        "village",
        "township",
        "state",
        "other_collective",
        "unknown",
    ]
