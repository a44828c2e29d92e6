"""A study saved as one file: the rules, the choices, what it was made from and what came of it; nothing of the data itself.

``*.cunzhi.zip`` holds

=================  ==========================================================================================================
``study.json``     county, content hashes of every layer and of county.toml, versions, weights, judgements, rules of the plan with
                   the plan itself as it was settled, what was selected, what documents were asked for, content hashes of the files
                   written, seconds of the run
``scenario.toml``  the scenario file as it was, where there was one
``rules.toml``     the rules file of the plan as it was, where there was one
``candidates.csv`` every site that passes or waits for a paper: verdict, score with its band, ranks
``villages.csv``   every village: venue, sites, the best of them
=================  ==========================================================================================================

Equal studies give equal bytes. What is read back is looked at as any file from outside: known members only, of sane size, right in
kind.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.results import Study
from geo.scenario import FAIL, Scenario
from layers.county import County
from layers.findings import CunzhiError
from reports.record import source_name, versions
from reports.writing import write_whole

FORMAT = 1
ENDING = ".cunzhi.zip"
STUDY_FILE = f"study{ENDING}"
"""Name of the file that `cunzhi run` and `cunzhi choose` leave beside their results."""

MOST_BYTES = 400_000_000
"""Unpacked size from which on a file is refused."""

DOCUMENT_KEY = ("village", "site", "county", "form", "formats", "language")
"""What tells one document from another: asked for again, it takes the place of the earlier one."""

SITE_COLUMNS = ("candidate_id", "village_code", "village_name", "kind", "verdict", "score", "score_low", "score_high",
                "rank_in_village", "rank_in_county")
VILLAGE_COLUMNS = ("village_code", "village_name", "venue", "passing", "verifying", "best_candidate", "best_score")
_NUMBERS = ("score", "score_low", "score_high", "best_score")
_WHOLE = ("rank_in_village", "rank_in_county", "passing", "verifying")
_MEMBERS = ("study.json", "scenario.toml", "rules.toml", "candidates.csv", "villages.csv")


class SavedStudyError(CunzhiError, ValueError):
    """A file that is no saved study; `code` is a key of ``replay.fault``, `params` fill it."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(f"saved study: {code} {params or ''}".strip())


@dataclass(frozen=True)
class SavedPlan:
    """The plan of a saved study.

    Attributes
    ----------
    built : tuple of str
        Sites it builds.
    proven : bool
        Whether it was proven best.
    time_limit_s : float
    rules_name, rules_text
        The rules file as it was; both None for the default rules, or where the plan came from the app.
    desk : Mapping or None
        What the controls of the Plan page said: `wishes`, `fixed`, `excluded`, `pins`; None for a plan by a rules file.
    settled : Mapping or None
        The plan itself (`geo.settled.settled_of`), since what a search finds in its seconds is another thing on another day; None
        in files of earlier versions.
    """

    built: tuple[str, ...]
    proven: bool
    time_limit_s: float
    rules_name: str | None = None
    rules_text: bytes | None = None
    desk: Mapping[str, Any] | None = None
    settled: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class SavedStudy:
    """What a saved study says.

    Attributes
    ----------
    county : Mapping
        `name`, `code`, `file` (name of county.toml), `sha256` of it, `near` (its place as seen from the saved file, or None).
    inputs : tuple of Mapping
        One per source: `role`, `source`, `layer`, `content_sha256`, `rows_out`.
    versions : Mapping
        `all_versions`.
    language : str
        Of the files written.
    scenario_sha256 : str
        Digest of the rules as they were in force, weights included.
    scenario_name, scenario_text
        The scenario file as it was; None for the default standard.
    weights : Mapping or None
        Weight by criterion where they were set by hand, exact.
    judges : tuple of Mapping
        Pairwise judgements as in a scenario file.
    plan : SavedPlan or None
    view : Mapping
        `township`, `village`, `candidate`, `compare` as selected in the app.
    documents : tuple of Mapping
        What `cunzhi report` was asked for, with the day on the documents, the rules of their plan and the plan itself.
    outputs : Mapping
        SHA-256 by name of the files that were written.
    seconds : Mapping or None
        As in run.json: a repeated run writes them again.
    sites, villages : DataFrame
        `SITE_COLUMNS` of what does not fail, `VILLAGE_COLUMNS`.
    """

    county: Mapping[str, Any]
    inputs: tuple[Mapping[str, Any], ...]
    versions: Mapping[str, str]
    language: str
    scenario_sha256: str
    sites: pd.DataFrame
    villages: pd.DataFrame
    scenario_name: str | None = None
    scenario_text: bytes | None = None
    weights: Mapping[str, float] | None = None
    judges: tuple[Mapping[str, Any], ...] = ()
    plan: SavedPlan | None = None
    view: Mapping[str, Any] = field(default_factory=dict)
    documents: tuple[Mapping[str, Any], ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, Any] | None = None


def saved_from(study: Study, county: County, *, language: str, near: str | None = None, **more: Any) -> SavedStudy:
    """What is to be saved of a study; `more` are the fields of `SavedStudy` from `scenario_name` on."""
    return SavedStudy(
        county={"name": county.name, "code": county.code, "file": source_name(county), "sha256": county_sha256(county),
                "near": near},
        inputs=inputs_of(county), versions=all_versions(), language=language, scenario_sha256=scenario_sha256(study.scenario),
        sites=sites_of(study), villages=villages_of(study), **more,
    )


def inputs_of(county: County) -> tuple[Mapping[str, Any], ...]:
    """Every source of a county with its content hash, in the order of reading."""
    names = ("role", "source", "layer", "content_sha256", "rows_out")
    return tuple({name: getattr(one, name) for name in names} for one in county.provenance)


def all_versions() -> dict[str, str]:
    """Versions as in run.json, and a digest of our own code, standards and words, of which a version number may say nothing."""
    return {**versions(), "code": _code_digest()}


@cache
def _code_digest() -> str:
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for folder, pattern in (("geo", "*.py"), ("layers", "*.py"), ("reports", "*.py"), ("data/standards", "*.toml"),
                            ("data/words", "*.toml"), ("data/web_map", "*")):
        for path in sorted((root / folder).rglob(pattern)):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


def county_sha256(county: County) -> str | None:
    """Content hash of county.toml; None where the county comes from none."""
    if county.source is None or not county.source.is_file():
        return None
    return hashlib.sha256(county.source.read_bytes()).hexdigest()


def scenario_sha256(scenario: Scenario) -> str:
    """Digest of all that a scenario says; of the weights only the shares count, to nine decimals."""
    said = dataclasses.asdict(scenario)
    shares = scenario.weights
    said["criteria"] = [{**one, "weight": round(shares[one["id"]], 9) + 0.0} for one in said["criteria"]]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, default=repr)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sites_of(study: Study) -> pd.DataFrame:
    """The sites that do not fail: `SITE_COLUMNS`, best first within each village."""
    rows = pd.DataFrame(study.candidates[list(SITE_COLUMNS)])[(study.candidates["verdict"] != FAIL).to_numpy()]
    return _typed(rows.sort_values(["village_code", "rank_in_village", "candidate_id"], kind="stable", ignore_index=True))


def villages_of(study: Study) -> pd.DataFrame:
    """The villages: `VILLAGE_COLUMNS`, by code."""
    rows = pd.DataFrame(study.villages[list(VILLAGE_COLUMNS)])
    return _typed(rows.sort_values(["village_code", "village_name"], kind="stable", ignore_index=True))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    kinds = {name: "float64" if name in _NUMBERS else "Int64" if name in _WHOLE else "str" for name in table.columns}
    return table.astype(kinds)


# ------------------------------------------------------------------------------------------------------------- one file
def saved_bytes(saved: SavedStudy) -> bytes:
    """A saved study as the bytes of its file."""
    head = {name: getattr(saved, name) for name in ("county", "inputs", "versions", "language", "scenario_sha256", "scenario_name",
                                                    "weights", "judges", "view", "documents", "outputs", "seconds")}
    plan = saved.plan
    head["plan"] = None if plan is None else {
        name: getattr(plan, name) for name in ("built", "proven", "time_limit_s", "rules_name", "desk", "settled")}
    members = {"study.json": _json({"format": FORMAT, **head})}
    if saved.scenario_text is not None:
        members["scenario.toml"] = saved.scenario_text
    if plan is not None and plan.rules_text is not None:
        members["rules.toml"] = plan.rules_text
    members |= {"candidates.csv": _csv(saved.sites), "villages.csv": _csv(saved.villages)}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in members.items():
            bundle.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def write_saved(saved: SavedStudy, path: Path) -> None:
    """Write a saved study whole or not at all.

    Raises
    ------
    OutputError
        Where the file cannot be written.
    """
    write_whole(path, saved_bytes(saved))


def read_saved(source: Path | bytes) -> SavedStudy:
    """A saved study from its file or the bytes of it.

    Raises
    ------
    SavedStudyError
        Where it cannot be read, is no saved study, is damaged, or was written by a later version in another format.
    """
    try:
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise SavedStudyError("unreadable", file=str(source), reason=error.strerror or str(error)) from error
    members = _members(content)
    try:
        head = json.loads(members["study.json"].decode("utf-8"))
        if not isinstance(head, dict) or not isinstance(head.get("format"), int):
            raise SavedStudyError("no_study")
        if head["format"] != FORMAT:
            raise SavedStudyError("other_format", format=head["format"])
        return _saved(head, members)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, SavedStudyError):
            raise
        raise SavedStudyError("damaged", reason=str(error)) from error


def _members(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            known = [one for one in bundle.infolist() if one.filename in _MEMBERS]
            if "study.json" not in {one.filename for one in known}:
                raise SavedStudyError("no_study")
            if sum(one.file_size for one in known) > MOST_BYTES:
                raise SavedStudyError("too_large", size=f"{MOST_BYTES // 1_000_000}")
            return {one.filename: bundle.read(one) for one in known}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:   # damaged, packed strangely, or locked
        raise SavedStudyError("no_study") from error


def _saved(head: dict[str, Any], members: Mapping[str, bytes]) -> SavedStudy:
    plan = head["plan"]
    weights = head["weights"]
    return SavedStudy(
        county=_mapping(head["county"], "name", "code", "file", "sha256", "near"),
        inputs=tuple(_mapping(one, "role", "source", "content_sha256") for one in head["inputs"]),
        versions={str(name): str(value) for name, value in head["versions"].items()},
        language=str(head["language"]), scenario_sha256=str(head["scenario_sha256"]),
        sites=_table(members["candidates.csv"], SITE_COLUMNS), villages=_table(members["villages.csv"], VILLAGE_COLUMNS),
        scenario_name=head["scenario_name"], scenario_text=members.get("scenario.toml"),
        weights=None if weights is None else {str(name): float(value) for name, value in weights.items()},
        judges=tuple(head["judges"]), view=dict(head["view"]), seconds=head["seconds"],
        documents=tuple(_mapping(one, *DOCUMENT_KEY, "day") for one in head.get("documents", ())),
        outputs={str(name): str(value) for name, value in head["outputs"].items()},
        plan=None if plan is None else SavedPlan(
            tuple(str(site) for site in plan["built"]), bool(plan["proven"]), float(plan["time_limit_s"]), plan["rules_name"],
            members.get("rules.toml"), plan["desk"], plan.get("settled")),
    )


def _mapping(value: Any, *needed: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not set(needed) <= set(value):
        raise ValueError(f"needs {', '.join(needed)}")
    return value


def _table(content: bytes, columns: tuple[str, ...]) -> pd.DataFrame:
    table = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False, na_values=[""])
    if tuple(table.columns) != columns:
        raise ValueError(f"columns {', '.join(table.columns)}")
    exact = {name: [float(text) if isinstance(text, str) else np.nan for text in table[name]]
             for name in columns if name in _NUMBERS}
    return _typed(table.assign(**exact))


def _csv(table: pd.DataFrame) -> bytes:
    """Exact, unlike the tables for people: what is read back equals what was saved."""
    return table.to_csv(index=False, lineterminator="\n").encode("utf-8")


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, default=_jsonable) + "\n").encode("utf-8")


def _jsonable(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, tuple | set | frozenset) else str(value)


def merged(now: SavedStudy, earlier: SavedStudy) -> SavedStudy:
    """The study saved now with what an earlier one in the same folder adds; as it is where that one was of other data or rules."""
    alike = all(getattr(now, name) == getattr(earlier, name) for name in ("inputs", "versions", "language", "scenario_sha256"))
    if not alike or now.county["sha256"] != earlier.county["sha256"]:
        return now
    asked = {tuple(str(one.get(name)) for name in DOCUMENT_KEY): one for one in (*earlier.documents, *now.documents)}
    return dataclasses.replace(now, plan=now.plan or earlier.plan, seconds=now.seconds or earlier.seconds,
                               documents=tuple(asked.values()), outputs={**earlier.outputs, **now.outputs})
