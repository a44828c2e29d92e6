"""Parcels 宗地 and land-survey polygons 地类图斑: what their papers say of owner, right, dispute, land class and area."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers import papers, private
from layers.cores import on_all_cores, start
from layers.fields import rows_of
from layers.findings import Finding
from layers.history import STATUS_NAMES, current
from layers.land_classes import restored_plan, restored_survey
from layers.role import Context, Role
from layers.rows import Alike, column, first_of, like, number, translated, with_ids
from layers.schema import DISPUTES, OWNER_LEVELS, USE_RIGHTS, missing
from layers.units import UNITS, area_factor, clear_area_unit

FIELDS = {
    "parcel_id": ("宗地编号", "地块编号", "DKBH", "DKBM", "地块编码"),
    "object_id": ("BSM", "标识码", "id", "OBJECTID", "FID_1", "gid"),
    "village_code": ("ZLDWDM", "坐落单位代码", "BGHZLDWDM", "XZCDM", "行政村代码", "村代码"),
    "village_name": ("ZLDWMC", "坐落单位名称", "BGHZLDWMC", "XZCMC", "行政村名称", "行政村", "村名"),
    "owner_code": ("QSDWDM", "权属单位代码", "BGHQSDWDM", "SUYQRDM", "所有权人代码"),
    "owner_name": ("QSDWMC", "权属单位名称", "BGHQSDWMC", "SUOYQR", "所有权人"),
    "owner_nature": ("QSXZ", "权属性质", "QSXZDM", "BGHQSXZ", "权属性质代码"),
    "parcel_code": ("ZDDM", "宗地代码", "宗地编码", "DJH_NEW", "zddm_19"),
    "feature_code": ("ZDTZM", "宗地特征码", "宗地特征编码", "TZM"),
    "right_type": ("QLLX", "权利类型"),
    "right_nature": ("QLXZ", "权利性质"),
    "holder": ("QLRLX", "权利人类型", "QLRLXDM"),
    "title_number": ("BDCQZH", "不动产权证号", "不动产权证书号", "TDZH", "土地证号", "QSZSH", "证书号"),
    "title_paper": (),
    "title_owner": (),
    "survey_owner": (),
    "title_conflict": (),
    "use_right": (),
    "dispute": ("争议", "是否争议", "有无争议", "是否有争议", "ZYQK"),
    "dispute_source": (),
    "survey_note": ("QSDCJS", "权属调查记事", "权属调查记"),
    "registration_type": ("DJLX", "登记类型"),
    "line_nature": ("JXXZ", "界线性质"),
    "status": STATUS_NAMES,
    "land_class": (),
    "land_class_system": (),
    "survey_class": ("DLBM", "地类编码", "地类代码", "BGHDLBM"),
    "plan_class": ("YDYHFLDM", "GHDLBM", "JQDLBM", "用地用海分类代码", "规划地类编码", "用地用海代码"),
    "use_class": ("YT", "用途", "PZYT", "SJYT", "批准用途", "实际用途"),
    "declared_area_m2": ("ZDMJ", "宗地面积", "PZMJ"),
    "area_unit": ("MJDW", "面积单位"),
    "survey_area_m2": ("TBMJ", "图斑面积", "BGHTBMJ"),
}
"""Input column -> names it goes by. `*_class`, `*_area_m2`, `status` and the like are read to fill the standard columns."""

AREA_TOLERANCE = 0.05
"""Declared and measured areas further apart than this share are a finding (data-conventions 2.7)."""


def finish(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Parcels in standard columns: owner by survey and title, use right, dispute, land class, declared and measured area (m2)."""
    frame, findings = current(frame, context)
    reading = start(_said, frame)   # beside the search for ids that repeat
    frame, more = with_ids(frame, "parcel_id", context.layer, sources=("parcel_code", "object_id"))
    findings += more
    said, alike = reading.result()
    disputing = start(_disputes, frame, said["feature"], context)
    classing = start(_land_class, frame, context)
    few = _judged(said, alike)
    few |= _sources(few, context, coded=column(frame, "parcel_code").notna().any())
    spreading = {name: start(alike.spread, few[name], frame.index) for name in few if name not in ("feature", "owner_nature")}

    def each(name: str) -> pd.Series:
        return spreading[name].result()

    area_m2 = pd.Series(on_all_cores(shapely.area, np.asarray(frame.geometry.array)), index=frame.index)
    columns = {
        "village_code": column(frame, "village_code").str.slice(0, 12),
        "right_type": each("right_type"),
        "right_nature": each("right_nature"),
        "survey_owner": _declared(frame, "survey_owner", OWNER_LEVELS, each("survey_owner"), context, findings),
        "title_owner": _declared(frame, "title_owner", OWNER_LEVELS, each("title_owner"), context, findings),
        "title_conflict": frame["title_conflict"] if "title_conflict" in frame.columns else each("title_conflict"),
        "use_right": _declared(frame, "use_right", USE_RIGHTS, each("use_right"), context, findings),
        "holder": each("holder"),
        "title_paper": _title_paper(frame),
        "area_m2": area_m2,
    }
    columns["declared_area_m2"] = _declared_area_m2(frame, area_m2, context, findings)
    if "owner_name" in frame.columns:
        columns["owner_name"] = _bodies(frame, context, findings)
    columns["dispute"], columns["dispute_source"] = disputing.result()
    columns["land_class"], columns["land_class_system"], more = classing.result()
    findings += more
    frame = frame.assign(**columns)
    unknown = frame["owner_nature"].notna() & frame["survey_owner"].eq("unknown") if "owner_nature" in frame.columns else None
    if unknown is not None and unknown.any():
        params = {"examples": ", ".join(frame.loc[unknown, "owner_nature"].unique()[:5])}
        findings.append(_finding("owner_nature_unknown", "warning", context, "owner_nature", frame, unknown, params))
    contradicted = frame["title_conflict"].fillna(False).astype(bool)
    if contradicted.any():
        findings.append(_finding("title_conflict", "warning", context, "parcel_code", frame, contradicted))
    _compare_areas(frame, context, findings)
    sources = {f"{name.removesuffix('_owner')}_source": name for name in _DERIVED}
    return frame.assign(**{name: _given_first(each(name), frame, of, context) for name, of in sources.items()}), findings


def _said(frame: pd.DataFrame) -> tuple[dict[str, pd.Series], Alike]:
    """What the papers say of owner and right, as text columns (the feature code as its two letters), and who says the same."""
    names = ("owner_nature", "right_type", "right_nature", "holder")
    feature = papers.feature_of(column(frame, "parcel_code"), column(frame, "feature_code"))
    said = {"feature": feature} | {name: column(frame, name) for name in names}
    return said, Alike.of(*said.values())


_DERIVED = ("survey_owner", "title_owner", "use_right")
"""Columns that papers say together, each with a column for its source."""


def _judged(said: dict[str, pd.Series], alike: Alike) -> dict[str, pd.Series]:
    """What each kind of parcel is by its papers."""
    few = {name: values.iloc[alike.rows].reset_index(drop=True) for name, values in said.items()}
    feature, holder = few["feature"], few["holder"]
    rights = translated(few["right_type"], papers.right_type)
    natures = translated(few["right_nature"], papers.right_nature)
    title_owner, conflict = papers.owner_by_title(feature, rights, natures)
    return {
        "feature": feature,
        "owner_nature": few["owner_nature"],
        "right_type": rights,
        "right_nature": natures,
        "survey_owner": translated(few["owner_nature"], papers.owner_by_survey),
        "title_owner": title_owner,
        "title_conflict": conflict,
        "use_right": papers.use_rights(feature, rights, natures),
        "holder": holder if _standard_holder(holder) else translated(holder, papers.holder),
    }


def _sources(few: dict[str, pd.Series], context: Context, *, coded: bool) -> dict[str, pd.Series]:
    """Which field and value each finding on owner and use right rests on, for each kind of parcel."""
    feature = (context.fields.get("parcel_code" if coded else "feature_code", "ZDTZM"), few["feature"])
    rights = (context.fields.get("right_type", "QLLX"), few["right_type"])
    natures = (context.fields.get("right_nature", "QLXZ"), few["right_nature"])
    return {
        "survey_source": papers.named_sources([(context.fields.get("owner_nature", "QSXZ"), few["owner_nature"])]),
        "title_source": papers.named_sources([feature, rights, natures]),
        "use_right_source": papers.use_right_source(feature, rights, natures),
    }


def _given_first(source: pd.Series, frame: pd.DataFrame, name: str, context: Context) -> pd.Series:
    """The source of a column: what county.toml gives directly goes first, and none where the column says nothing."""
    given = context.fields.get(name)
    if given is not None:
        source = first_of(papers.named_sources([(given, frame[name])]), source)
    silent = frame[name].isna()
    return source.mask(silent, np.nan).astype("str") if silent.any() else source


def _finding(code: str, severity: str, context: Context, name: str, frame: pd.DataFrame, mask: pd.Series, params=None) -> Finding:
    field = context.fields.get(name, name)
    return Finding(code, severity, context.layer, field, rows_of(frame["parcel_id"], mask), int(mask.sum()), params or {})


def _bodies(frame: pd.DataFrame, context: Context, findings: list[Finding]) -> pd.Series:
    """Names of owners that are bodies of people; a person's name is dropped."""
    names, person = private.bodies_only(frame["owner_name"])
    if person.any():
        findings.append(_finding("owner_person", "info", context, "owner_name", frame, person))
    return names


def _declared(
    frame: pd.DataFrame, name: str, choices: tuple[str, ...], derived: pd.Series, context: Context, findings: list[Finding]
) -> pd.Series:
    """A column that county.toml gives directly goes before what the papers' codes say."""
    if name not in frame.columns:
        return derived
    known = frame[name].isin(choices)
    bad = frame[name].notna() & ~known
    if bad.any():
        params = {"examples": ", ".join(frame.loc[bad, name].unique()[:5]), "choices": ", ".join(choices), "name": name}
        findings.append(_finding("value_unmapped", "warning", context, name, frame, bad, params))
    return first_of(frame[name].where(known), derived)


def _standard_holder(holders: pd.Series) -> bool:
    kinds = {"collective", "person", "enterprise", "institution", "state", "other"}
    return bool(holders.dropna().isin(kinds).all())


def _title_paper(frame: pd.DataFrame) -> pd.Series:
    """A title number that is there says yes, an empty one no; a file without such a field says nothing."""
    if "title_paper" in frame.columns:
        return frame["title_paper"]
    if "title_number" in frame.columns:
        numbers = frame["title_number"]
        return (numbers.notna() & ~numbers.isin(["无", "否", "0"])).astype("boolean")
    return pd.Series(missing(len(frame), "boolean"), index=frame.index)


def _declared_area_m2(frame: pd.DataFrame, area_m2: pd.Series, context: Context, findings: list[Finding]) -> pd.Series:
    title, survey = number(frame, "declared_area_m2"), number(frame, "survey_area_m2")
    units = column(frame, "area_unit")
    title = _by_comparison(title, units, frame, area_m2, context, findings)
    if units.isna().all():
        return title.mask(title == 0).fillna(survey.mask(survey == 0))
    factors = units.astype(object).map({unit: area_factor(unit) for unit in units.dropna().unique()}).astype("float64")
    odd = units.notna() & factors.isna()
    if odd.any():
        params = {"examples": ", ".join(units[odd].unique()[:5])}
        findings.append(_finding("area_unit_unknown", "warning", context, "area_unit", frame, odd, params))
    declared = (title * factors.fillna(1.0)).mask(odd)
    declared = declared.mask(declared == 0)
    return declared.fillna(survey.mask(survey == 0))


_MOST = 0.9
"""Share of the parcels whose area must agree in one unit before it is taken for the unit of all that name none."""


def _by_comparison(
    title: pd.Series, units: pd.Series, frame: pd.DataFrame, area_m2: pd.Series, context: Context, findings: list[Finding]
) -> pd.Series:
    """Areas whose unit is not written, in m2, where nearly all of them agree with the shapes in 亩 or in hectares."""
    bare = (title.gt(0) & units.isna()).to_numpy()
    if not bare.any():
        return title
    found = clear_area_unit(title.to_numpy("float64")[bare], area_m2.to_numpy()[bare], tolerance=AREA_TOLERANCE)
    unit = next((name for name in ("mu", "ha") if (found == name).mean() >= _MOST), None)
    if unit is None:
        return title
    findings.append(_finding("area_unit_by_shape", "warning", context, "declared_area_m2", frame, pd.Series(bare), {"unit": unit}))
    return title.where(~bare, title * UNITS[unit])


def _disputes(frame: pd.DataFrame, feature: pd.Series, context: Context) -> tuple[pd.Series, pd.Series]:
    kinds = {"dispute": "flag", "registration_type": "registration", "line_nature": "line", "survey_note": "note"}
    evidence = {kind: (context.fields.get(name, name), frame[name]) for name, kind in kinds.items() if name in frame.columns}
    coded = "parcel_code" in frame.columns and column(frame, "parcel_code").notna().any()
    field = context.fields.get("parcel_code" if coded else "feature_code", "ZDTZM")
    alike = Alike.of(feature, *(values for _, values in evidence.values()))
    few = {kind: (name, values.iloc[alike.rows].reset_index(drop=True)) for kind, (name, values) in evidence.items()}
    verdict, source = papers.disputes(few, feature.iloc[alike.rows].reset_index(drop=True), field)
    verdict, source = (alike.spread(answers, frame.index) for answers in (verdict.where(verdict.isin(DISPUTES)), source))
    return verdict, first_of(frame["dispute_source"], source) if "dispute_source" in frame.columns else source


def _land_class(frame: pd.DataFrame, context: Context) -> tuple[pd.Series, pd.Series, list[Finding]]:
    """Land class, the system it is coded in, and what was found; by the field's name, never by the value: 0702 means two things."""
    names = ("survey_class", "plan_class", "use_class", "land_class", "land_class_system")
    said = [column(frame, name) for name in names]
    alike = Alike.of(*said)
    findings: list[Finding] = []
    survey, plan, use, given, system_given = (values.iloc[alike.rows].reset_index(drop=True) for values in said)

    def tell(code: str, severity: str, name: str, mask: pd.Series, params: dict | None = None) -> None:
        findings.append(_finding(code, severity, context, name, frame, alike.spread(mask, frame.index), params))

    restore = partial(restored_survey, from_numbers="survey_class" in context.numbers)
    survey = _with_zeros(survey, "survey_class", restore, tell)
    plan = _with_zeros(plan, "plan_class", restored_plan, tell)
    three, four = like(survey, r"\d{3}"), like(survey, r"\d{4}[A-Z]?|\d\d[A-Z]\d[A-Z]?")
    parcels = np.bincount(alike.kind, minlength=len(alike.rows))
    in_three, in_four = parcels[three.to_numpy()].sum(), parcels[four.to_numpy()].sum()
    if in_three and in_four:
        tell("land_class_mixed", "warning", "survey_class", three if in_three < in_four else four)
    survey_system = "survey2" if in_three > in_four else "survey3"
    classes = first_of(given, survey, plan, use)
    chosen = np.select(
        [given.notna(), survey.notna(), plan.notna(), use.notna()], ["given", survey_system, "landuse_sea", "other"], ""
    )
    system = pd.Series(chosen, dtype=object)
    system = system.where(system != "given", system_given.astype(object).where(system_given.notna(), "other"))
    system = system.where(system != "", np.nan).astype("str")
    return alike.spread(classes, frame.index), alike.spread(system, frame.index), findings


def _with_zeros(codes: pd.Series, name: str, restore: Callable, tell: Callable) -> pd.Series:
    """Codes from a number field with the zero that it swallowed; one that may be of either survey is missing, and said."""
    mended, changed, doubtful = restore(codes)
    for code, severity, rows in (("land_class_zero", "info", changed), ("land_class_doubtful", "warning", doubtful)):
        if rows.any():
            tell(code, severity, name, rows, {"examples": ", ".join(codes[rows].unique()[:5])})
    return mended


def _compare_areas(frame: pd.DataFrame, context: Context, findings: list[Finding]) -> None:
    declared, measured = frame["declared_area_m2"], frame["area_m2"]
    apart = ((declared - measured).abs() > AREA_TOLERANCE * measured) & declared.notna()
    if apart.any():
        ratio = float((declared[apart] / measured[apart]).median())
        params = {"known": int(declared.notna().sum()), "ratio": f"{ratio:.2f}"}
        findings.append(_finding("area_differs", "warning", context, "declared_area_m2", frame, apart, params))


ROLE = Role(
    "parcels",
    FIELDS,
    "polygon",
    finish,
    kinds={
        "object_id": "code",
        "feature_code": "code",
        "title_number": "text",
        "survey_note": "text",
        "registration_type": "code",
        "line_nature": "code",
        "status": "code",
        "survey_class": "code",
        "plan_class": "code",
        "use_class": "code",
        "area_unit": "code",
        "survey_area_m2": "number",
        "dispute": "text",
    },
    layer_names=("宗地", "ZDJBXX", "SHYQZD", "parcels", "地类图斑", "DLTB", "ZD"),
)
