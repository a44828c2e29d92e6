"""The tables and map layers of a plan: sites by village, coverage before and after, centres, catchments, who walks where.

Numbers are rounded once, so that CSV and GeoPackage say the same. What a column of plan.csv means stands in
`geo.planning.PLAN_COLUMNS`; of the coverage tables in `geo.coverage.Coverage`; of centers.csv in `geo.centres.CENTRE_COLUMNS`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catchments import catchments
from geo.coverage import Coverage
from geo.coverage.tables import within
from geo.near_best import alternatives_table
from geo.planning import Plan, with_pins
from geo.results import Study
from layers.words import LANGUAGES, say
from reports.centre_names import named
from reports.plan_words import fact_texts, way_text
from reports.record import own_version
from reports.tables import decimals_of


class NoPlanToWrite(ValueError):
    """A plan whose rules contradict each other has nothing to write."""


def plan_table(plan: Plan, language: str) -> pd.DataFrame:
    """plan.csv: one row per village that lacks a venue, by village code, with its site, centre, pilot mark and period.

    Raises
    ------
    NoPlanToWrite
        For a plan without a choice or its details.
    """
    if plan.choice is None or plan.centres is None or plan.pilots is None or plan.phases is None:
        raise NoPlanToWrite("the plan has no choice, or was made without centres, pilots and phases")
    rows = plan.villages
    centres = plan.centres.centres
    first = pd.Series(named(centres, language).to_numpy(object), index=centres["village_code"])[centres["number"].eq(1).to_numpy()]
    pilots = plan.pilots.villages.set_index("village_code")["pilot"]
    works = plan.phases.works
    by_code = pd.DataFrame({
        "village_code": [code for served in works["serves"] for code in served.split(";")],
        "row": np.repeat(np.arange(len(works)), works["serves"].str.split(";").str.len().to_numpy(int)),
    }).drop_duplicates("village_code").set_index("village_code")["row"].reindex(rows["village_code"])
    at = by_code.fillna(-1).to_numpy(int)
    dated = {name: pd.Series(np.append(works[name].astype(object).to_numpy(), None)[at])
             for name in ("period", "start_by", "structure_by", "reason")}
    dated["not_phased"] = dated.pop("reason")
    table = rows.assign(
        centre_name=first.reindex(rows["village_code"]).to_numpy(object), pilot=pilots.reindex(rows["village_code"]).to_numpy(),
        **{name: values.map(lambda value: None if pd.isna(value) else str(value)).astype("str") for name, values in dated.items()},
    )
    return _rounded(table.sort_values("village_code", kind="stable", ignore_index=True))


def near_best_table(plan: Plan, language: str) -> pd.DataFrame:
    """alternatives.csv: plans nearly as good, how each differs in words, and who gains and loses (`geo.near_best`)."""
    table = alternatives_table(plan)
    words = [way_text(one.way, one.about, plan, language) if one.choice is not None else say("choice.way.none", language)
             for one in plan.alternatives or ()]
    table.insert(1, "difference", pd.Series(words, dtype="str"))
    return _rounded(table)


def coverage_table(coverage: Coverage) -> pd.DataFrame:
    """coverage_before.csv and coverage_after.csv: every village with who is served, by village code; the county is their sum."""
    table = pd.DataFrame(coverage.villages.drop(columns="geometry"))
    return _rounded(table.sort_values("village_code", kind="stable", na_position="last", ignore_index=True))


def centres_table(plan: Plan, language: str) -> gpd.GeoDataFrame:
    """centers.csv: planned service centres with their names, by centre id."""
    if plan.centres is None:
        raise NoPlanToWrite("the plan was made without centres")
    table = plan.centres.centres
    table = table.assign(centre_name=named(table, language))
    front = ["centre_id", "centre_name"]
    table = table[front + [name for name in table.columns if name not in front]]
    return _rounded(table.sort_values("centre_id", kind="stable", ignore_index=True))


def sites_layer(plan: Plan, study: Study, language: str) -> gpd.GeoDataFrame:
    """The chosen sites as they are on the ground, with the columns of plan.csv; a shared one once for each of its villages."""
    table = plan_table(plan, language)
    table = table[table["candidate_id"].notna()].reset_index(drop=True)
    shapes = with_pins(study, plan).candidates.set_index("candidate_id").geometry.reindex(table["candidate_id"])
    return gpd.GeoDataFrame(table, geometry=shapes.to_numpy(), crs=study.candidates.crs)


def catchments_layer(coverage: Coverage) -> gpd.GeoDataFrame:
    """Who walks where, as one area per venue that serves anybody (`geo.catchments`); people add up to those served."""
    return _rounded(catchments(coverage))


def walks_layer(plan: Plan) -> gpd.GeoDataFrame:
    """Who walks where in the choice, as lines from where people live to their venue: `people`, `walk_min`, `site_id`, `served`.

    `served` is within the catchment walk. With those of no line (out of the reach of any venue) they are all people of the problem.
    """
    if plan.choice is None:
        raise NoPlanToWrite("the plan has no choice")
    visits, instance, points = plan.choice.visits, plan.choice.instance, plan.prepared.problem.points
    point, site = visits["point"].to_numpy(int), visits["site"].to_numpy(int)
    sites = instance.sites.iloc[site]
    ends = np.stack([shapely.get_coordinates(points.geometry.to_numpy()[point]), sites[["x_m", "y_m"]].to_numpy(float)], axis=1)
    return _rounded(gpd.GeoDataFrame({
        "site_id": sites["site_id"].to_numpy(object), "site_village_code": sites["village_code"].to_numpy(object),
        "village_code": points["village_code"].to_numpy(object)[point], "people": visits["people"].to_numpy(float),
        "walk_min": visits["minutes"].to_numpy(float),
        "served": within(visits["minutes"].to_numpy(float), plan.coverage_before.served_min),
    }, geometry=shapely.linestrings(ends), crs=points.crs))


def unserved_layer(coverage: Coverage) -> gpd.GeoDataFrame:
    """People without a venue within the catchment walk, as points: `people`, `village_code`, `walk_min`, `maybe`, `reason`."""
    frame = coverage.unserved[["people", "village_code", "walk_min", "venue_id", "maybe", "reason", "geometry"]]
    return _rounded(frame.reset_index(drop=True))


def plan_layers(plan: Plan, study: Study, language: str) -> dict[str, gpd.GeoDataFrame]:
    """The layers of plan.gpkg by name."""
    if plan.coverage_after is None:
        raise NoPlanToWrite("the plan has no choice")
    return {
        "sites": sites_layer(plan, study, language), "centres": centres_table(plan, language),
        "catchments_before": catchments_layer(plan.coverage_before), "catchments_after": catchments_layer(plan.coverage_after),
        "walks": walks_layer(plan), "unserved_before": unserved_layer(plan.coverage_before),
        "unserved_after": unserved_layer(plan.coverage_after),
    }


def proof_json(plan: Plan, study: Study) -> str:
    """proof.json: what was sought under which rules, value, bound and gap of each objective, and the facts in both languages.

    It holds nothing that differs between two equal runs, such as seconds.
    """
    choice = plan.choice
    if choice is None or plan.coverage_after is None:
        raise NoPlanToWrite("the plan has no choice")
    about = {key: value for key, value in dataclasses.asdict(plan.rules).items() if key not in ("choice", "phases")}
    without = zip(plan.villages["village_code"], plan.villages["reason"].astype(object), strict=True)
    record = {
        "cunzhi": own_version(), "county": {"name": study.county_name, "code": study.county_code},
        "scenario": study.scenario.id, "proven": choice.proven,
        "objectives": [
            {"objective": None if one.objective is None else dataclasses.asdict(one.objective), "value": one.value,
             "bound": one.bound, "gap": one.gap, "status": one.status} for one in choice.stages],
        "facts": {language: fact_texts(plan, language) for language in LANGUAGES},
        "adopted": None if plan.adopted is None else dataclasses.asdict(plan.adopted),
        "alternatives": None if plan.alternatives is None else {
            "loss": plan.rules.alternatives_loss, "plans": _records(near_best_table(plan, LANGUAGES[0]))},
        "what_if": _pins(plan), "built": list(choice.built), "cost_yuan": dict(choice.cost_yuan),
        "problem": {"villages": len(choice.instance.villages), "sites": len(choice.instance.sites), "permitted": choice.permitted,
                    "demand_points": len(plan.prepared.problem.points), "cell_m": plan.prepared.problem.cell_m},
        "coverage": {name: _figures(one) for name, one in (("before", plan.coverage_before), ("after", plan.coverage_after))},
        "villages_without": {code: reason for code, reason in without if isinstance(reason, str)},
        "rules": {**dataclasses.asdict(plan.rules.choice), **about,
                  "phases": [{**vars(one), "begin": str(one.begin), "end": str(one.end)} for one in plan.rules.phases]},
    }
    return json.dumps(_plain(record), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _pins(plan: Plan) -> list[dict[str, object]]:
    """Places that are no candidates: where each lies, what is known of its land, whether it is built on."""
    rows = plan.offered.candidates
    rows = pd.DataFrame(rows[rows["candidate_id"].isin([pin.site_id for pin in plan.rules.pins]).to_numpy(bool)])
    facts = rows[["candidate_id", "lon", "lat", "village_code", "parcel_id", "verdict"]]
    return _records(facts.assign(built=facts["candidate_id"].isin(plan.choice.built if plan.choice else ())))


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Rows of a table as JSON has them; missing is null."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def _figures(coverage: Coverage) -> dict[str, float]:
    row = coverage.county.iloc[0]
    names = ("people", "people_served", "people_unserved", "people_unreachable", "mean_walk_min")
    return {name: float(row[name]) for name in names}


def _plain(value: object) -> object:
    """JSON's own types; what is not a finite number is null or its name."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, float | np.floating):
        return round(float(value), 9) if np.isfinite(value) else None if np.isnan(value) else str(float(value))
    return int(value) if isinstance(value, np.integer) else value


def _rounded(frame: Any) -> Any:
    """Numbers rounded: people to 0.1, yuan to 0.01, all else as in the other tables; minus zero becomes zero."""
    def digits(name: str) -> int:
        if "share" in name:
            return decimals_of(name)
        if "people" in name or name.startswith("served_"):
            return 1
        return 2 if name.endswith("_yuan") else decimals_of(name)

    numbers = {name: np.round(frame[name].to_numpy("float64"), digits(name)) + 0.0 for name in frame.columns
               if name != "geometry" and pd.api.types.is_float_dtype(frame[name].dtype)}
    return frame.assign(**numbers)
