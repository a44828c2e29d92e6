"""county.toml: which layers a county has and what deviates from recognition. Checked whole; every problem is reported at once."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyproj import CRS
from pyproj.exceptions import CRSError

from layers import database
from layers.datum import DATUMS
from layers.findings import Finding, InputError, SourceNotFound, UnsupportedFormat
from layers.formats import is_private, out_of_reach, split_source
from layers.old_datum import KINDS, DatumShift, read_shift
from layers.road_joins import Join, read_joins
from layers.roles import RASTER_KEYS, ROLE_OF
from layers.schema import RASTER_ROLES, RESTRICTION_KINDS, ROLES
from layers.units import UNITS

KEYS = ("source", "layer", "crs", "encoding", "datum", "fields", "values", "units", "where", "x", "y", "sheet", "kind", "list")
"""What a [layers.<role>] table may say. `kind` is for restrictions, `list` for villages."""

COUNTY_KEYS = ("name", "code", "crs", "datum")


@dataclass(frozen=True)
class SourceSpec:
    """One layer of county.toml: where it is and what deviates from recognition."""

    role: str
    name: str
    """As county.toml writes it: ``parcels``, ``restrictions.redline``."""
    folder: Path
    sources: tuple[str, ...]
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    datum: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    x: str | None = None
    y: str | None = None
    sheet: str | None = None
    kind: str | None = None
    listing: str | None = None
    shift: DatumShift | None = None
    """The county's way from an old datum to CGCS2000."""


@dataclass(frozen=True)
class CountyConfig:
    """county.toml as read and checked."""

    path: Path
    name: str
    code: str | None
    crs: CRS | None
    layers: tuple[SourceSpec, ...]
    options: Mapping[str, object]
    """Every table that is not read here, such as [candidates]. What [findings] lays aside changes nothing and is left out."""
    joins: tuple[Join, ...] = ()
    """Joins between roads that a person has accepted, ``[roads] join``."""


def read_config(path: str | Path) -> CountyConfig:
    """Read and check a county.toml.

    Parameters
    ----------
    path : path
        The file; sources in it are relative to its folder.

    Raises
    ------
    SourceNotFound
        If it, or any file it names, is missing and nothing else is wrong.
    UnsupportedFormat
        If all that is wrong is a format that cannot be read here.
    InputError
        For everything else: not TOML, unknown roles, keys or columns, wrong values. All problems at once.
    """
    path = Path(path)
    if not path.is_file():
        raise SourceNotFound([Finding("config_missing", "error", "county.toml", params={"path": str(path)})])
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError([Finding("config_not_toml", "error", "county.toml", params={"problem": str(error)})]) from error
    return check_text(text, path)


def check_text(text: str, path: Path) -> CountyConfig:
    """Check the text of a county.toml as if it stood at `path`, which need not exist.

    Raises
    ------
    InputError
        As `read_config`.
    """
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError([Finding("config_not_toml", "error", "county.toml", params={"problem": str(error)})]) from error
    problems: list[Finding] = []
    county, crs = _county(table, problems)
    shift = _shift(county, problems)
    specs = [replace(spec, shift=shift) for spec in _layers(table, path.resolve().parent, problems)]
    joins = read_joins(table, problems)
    if problems:
        codes = {problem.code for problem in problems}
        error_type = SourceNotFound if codes == {"source_missing"} else UnsupportedFormat if codes <= _FORMATS else InputError
        raise error_type(problems)
    options = {key: value for key, value in table.items() if key not in ("county", "layers", "findings", "roads")}
    code = county.get("code")
    return CountyConfig(path, str(county["name"]), None if code is None else str(code), crs, tuple(specs), options, joins)


_FORMATS = {"format_virtual", "source_virtual", "format_mdb", "format_vct", "format_dwg", "format_mapgis", "format_unknown"}


def _county(table: dict, problems: list[Finding]) -> tuple[dict, CRS | None]:
    county = table.get("county")
    if not isinstance(county, dict) or not county.get("name"):
        problems.append(Finding("config_no_name", "error", "county"))
        county = county if isinstance(county, dict) else {}
    for key in county:
        if key not in COUNTY_KEYS:
            problems.append(_unknown("config_unknown_key", "county", key, COUNTY_KEYS))
    code = county.get("code")
    if isinstance(code, int) or (code is not None and not str(code).isalnum()):
        problems.append(Finding("config_code_not_text", "error", "county", "code", params={"value": code}))
    return county, _crs(county.get("crs"), "county", problems)


def _shift(county: dict, problems: list[Finding]) -> DatumShift | None:
    """The county's parameters from an old datum, ``[county.datum]``."""
    table = county.get("datum")
    if table is None:
        return None
    shift, wrong = read_shift(table) if isinstance(table, dict) else (None, "datum")
    if wrong is not None:
        choices = "; ".join(", ".join(names) for names in KINDS.values())
        problems.append(Finding("config_datum_shift", "error", "county.datum", wrong, params={"name": wrong, "choices": choices}))
    return shift


def _layers(table: dict, folder: Path, problems: list[Finding]) -> list[SourceSpec]:
    layers = table.get("layers")
    if not isinstance(layers, dict) or not layers:
        problems.append(Finding("config_no_layers", "error", "county.toml"))
        return []
    specs = []
    for role, entry in layers.items():
        if role not in ROLES and role not in RASTER_ROLES:
            problems.append(_unknown("config_unknown_role", f"layers.{role}", role, (*ROLES, *RASTER_ROLES)))
        elif not isinstance(entry, dict):
            problems.append(Finding("config_not_a_table", "error", f"layers.{role}"))
        elif role == "restrictions" and "source" not in entry:
            for name, part in entry.items():
                if isinstance(part, dict):
                    specs.append(_layer(role, f"{role}.{name}", part, folder, problems))
                else:
                    problems.append(Finding("config_not_a_table", "error", f"layers.{role}.{name}"))
        else:
            specs.append(_layer(role, role, entry, folder, problems))
    return [spec for spec in specs if spec is not None]


def _layer(role: str, name: str, entry: dict, folder: Path, problems: list[Finding]) -> SourceSpec | None:
    where = f"layers.{name}"
    before = len(problems)
    allowed = tuple(key for key in KEYS if (key != "kind" or role == "restrictions") and (key != "list" or role == "villages"))
    allowed = RASTER_KEYS if role in RASTER_ROLES else allowed
    for key in entry:
        if key not in allowed:
            problems.append(_unknown("config_unknown_key", where, key, allowed))
    sources = entry.get("source", ())
    sources = (sources,) if isinstance(sources, str) else tuple(sources) if isinstance(sources, list) else ()
    if not sources or not all(isinstance(source, str) and source for source in sources):
        if "list" not in entry:
            problems.append(Finding("config_no_source", "error", where, "source"))
        sources = ()
    listing = entry.get("list")
    for source in (*sources, *((listing,) if isinstance(listing, str) else ())):
        _check_source(source, where, folder, problems)
    _crs(entry.get("crs"), where, problems)
    _check_columns(role, entry, where, problems)
    for key in ("layer", "encoding", "x", "y", "sheet", "list"):
        if not isinstance(entry.get(key, ""), str):
            problems.append(Finding("config_not_text", "error", where, key))
    for key, choices in (("datum", DATUMS), ("kind", RESTRICTION_KINDS)):
        if key in entry and entry[key] not in choices:
            problems.append(_unknown("config_unknown_value", where, key, choices, value=entry[key]))
    if len(problems) > before:
        return None
    filters = {key: tuple([value] if isinstance(value, str) else value) for key, value in entry.get("where", {}).items()}
    texts = {key: entry.get(key) for key in ("layer", "encoding", "datum", "x", "y", "sheet", "kind")}
    crs = None if entry.get("crs") is None else str(entry["crs"])
    return SourceSpec(
        role,
        name,
        folder,
        sources,
        crs=crs,
        where=filters,
        listing=listing,
        fields=entry.get("fields", {}),
        values=entry.get("values", {}),
        units=entry.get("units", {}),
        **texts,
    )


def _check_source(source: str, where: str, folder: Path, problems: list[Finding]) -> None:
    if source.startswith("osm:"):
        return
    if database.is_database(source):
        problem = database.address_problem(source)
        if problem:
            params = {"path": database.without_secret(source)}
            problems.append(Finding(problem, "error", where, "source", params=params))
        return
    file, _ = split_source(source)
    refusal = out_of_reach(file)
    if refusal:
        problems.append(Finding(refusal, "error", where, "source", params={"path": file}))
    elif not is_there(folder / file):
        problems.append(Finding("source_missing", "error", where, "source", params={"path": file, "folder": str(folder)}))


def is_there(path: Path) -> bool:
    """Whether a path leads to a file or folder; one that no system could hold (too long, a link to itself) does not."""
    try:
        return path.exists()
    except (OSError, ValueError, RuntimeError):
        return False


def _check_columns(role: str, entry: dict, where: str, problems: list[Finding]) -> None:
    columns = ROLE_OF[role].columns if role in ROLE_OF else ()
    for key in ("fields", "values", "units", "where"):
        part = entry.get(key, {})
        if not isinstance(part, dict):
            problems.append(Finding("config_not_a_table", "error", f"{where}.{key}"))
            continue
        for column, value in part.items():
            if key != "where" and column not in columns:
                problems.append(_unknown("config_unknown_column", f"{where}.{key}", column, columns))
            elif key == "units" and value not in UNITS:
                problems.append(_unknown("config_unknown_value", f"{where}.units", column, tuple(UNITS), value=value))
            elif not _well_formed(key, value):
                problems.append(Finding("config_not_text", "error", f"{where}.{key}", column))
            elif is_private(column if key == "where" else value):
                problems.append(Finding("config_private_field", "error", f"{where}.{key}", column, params={"name": str(value)}))


def _well_formed(key: str, value: object) -> bool:
    if key == "values":
        return isinstance(value, dict) and all(isinstance(text, (str, bool)) for text in value.values())
    if key == "where" and isinstance(value, list):
        return all(isinstance(text, str) for text in value)
    return isinstance(value, str)


def _crs(text: object, where: str, problems: list[Finding]) -> CRS | None:
    if text is None:
        return None
    try:
        return CRS.from_user_input(text)
    except CRSError:
        problems.append(Finding("config_crs_unknown", "error", where, "crs", params={"value": str(text)}))
        return None


def _unknown(code: str, where: str, name: str, choices: tuple[str, ...], *, value: object = None) -> Finding:
    """A word that is not one of the choices, with the nearest one that is."""
    near = difflib.get_close_matches(str(name if value is None else value), choices, n=1)
    params = {
        "name": name,
        "value": value,
        "choices": ", ".join(choices),
        "near": near[0] if near else choices[0] if choices else "",
    }
    return Finding(code, "error", where, name, params=params)


def county_content(path: Path) -> bytes:
    """What of a county.toml bears on the county, as bytes to hash: laying a finding aside does not, nor does a comment.

    A file that is no TOML is its own content.
    """
    raw = path.read_bytes()
    try:
        table = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return raw
    table.pop("findings", None)
    return json.dumps(table, ensure_ascii=False, default=str).encode()
