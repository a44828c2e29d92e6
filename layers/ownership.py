"""Collective ownership polygons 集体土地所有权宗地 (JA): whose land, where."""

from __future__ import annotations

import geopandas as gpd

from layers import papers, private
from layers.fields import rows_of
from layers.findings import Finding
from layers.history import STATUS_NAMES, current
from layers.role import Context, Role
from layers.rows import column, first_of, translated, with_ids
from layers.schema import OWNER_LEVELS

FIELDS = {
    "ownership_id": (),
    "object_id": ("BSM", "标识码", "id", "OBJECTID"),
    "parcel_code": ("ZDDM", "宗地代码", "宗地编码"),
    "feature_code": ("ZDTZM", "宗地特征码"),
    "owner_level": (),
    "owner_nature": ("QSXZ", "权属性质", "QSXZDM"),
    "owner_code": ("QSDWDM", "权属单位代码", "SUYQRDM", "所有权人代码"),
    "owner_name": ("QSDWMC", "权属单位名称", "SUOYQR", "所有权人"),
    "right_type": ("QLLX", "权利类型"),
    "dispute": ("争议", "是否争议", "有无争议", "是否有争议"),
    "registration_type": ("DJLX", "登记类型"),
    "line_nature": ("JXXZ", "界线性质"),
    "survey_note": ("QSDCJS", "权属调查记事"),
    "status": STATUS_NAMES,
}
"""Input column -> names it goes by."""


def finish(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Ownership polygons with their owner's level and whether a paper marks a dispute.

    The level is what QSXZ says; where that names none, what the owner's name says; else what the feature code's first letter says.
    """
    frame, findings = current(frame, context)
    frame, repeated = with_ids(frame, "ownership_id", context.layer, sources=("parcel_code", "object_id"))
    findings += repeated
    feature = papers.feature_of(column(frame, "parcel_code"), column(frame, "feature_code"))
    by_nature = translated(column(frame, "owner_nature"), papers.owner_by_survey)
    names, person = private.bodies_only(column(frame, "owner_name"))
    if person.any():
        rows = rows_of(frame["ownership_id"], person)
        findings.append(Finding("owner_person", "info", context.layer, "owner_name", rows, int(person.sum())))
    frame = frame.assign(owner_name=names)
    by_name = translated(names, papers.owner_by_words)
    by_code = translated(feature.str.slice(0, 1), {"J": "collective", "G": "state", "Z": "unknown"})
    vague = by_nature.isna() | by_nature.isin(["collective", "unknown"])
    level = by_nature.where(~(vague & by_name.notna() & ~by_name.isin(["unknown", "collective"])), by_name)
    level = first_of(level.where(level.notna() & level.ne("unknown")), by_code, by_name)
    level = level.where(by_code.isna() | by_code.ne("unknown"), "unknown")
    given = column(frame, "owner_level")
    kinds = {"dispute": "flag", "registration_type": "registration", "line_nature": "line", "survey_note": "note"}
    evidence = {kind: (context.fields.get(name, name), frame[name]) for name, kind in kinds.items() if name in frame.columns}
    coded = context.fields.get("parcel_code" if column(frame, "parcel_code").notna().any() else "feature_code", "ZDTZM")
    verdict, marked = papers.disputes(evidence, feature, coded)
    said = papers.named_sources([
        (coded, feature), (context.fields.get("owner_nature", "QSXZ"), column(frame, "owner_nature")),
        (context.fields.get("owner_name", "QSDWMC"), names.where(vague)),
    ])
    direct = papers.named_sources([(context.fields.get("owner_level", "owner_level"), given.where(given.isin(OWNER_LEVELS)))])
    return frame.assign(
        owner_level=first_of(given.where(given.isin(OWNER_LEVELS)), level), owner_source=first_of(direct, said),
        dispute=verdict, dispute_source=marked,
    ), findings


ROLE = Role(
    "ownership",
    FIELDS,
    "polygon",
    finish,
    kinds={
        "object_id": "code",
        "feature_code": "code",
        "owner_nature": "code",
        "right_type": "code",
        "registration_type": "code",
        "line_nature": "code",
        "survey_note": "text",
        "status": "code",
        "dispute": "text",
    },
    layer_names=("ownership", "集体土地所有权", "所有权宗地", "SYQZD", "JTTDSYQ", "JA"),
)
