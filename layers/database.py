"""PostGIS as a source: ``postgresql://host:5432/database|schema.table``, read only, by the credentials of the environment.

User and password come from where every PostgreSQL program takes them (``PGUSER``, ``PGPASSWORD``, ``PGPASSFILE``); they never
stand in county.toml, in a message, in the provenance or in anything that is written. Only the columns a layer needs are asked for.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from layers.findings import Finding, InputError
from layers.formats import split_source

SCHEMES = ("postgresql", "postgres")
TIMEOUT_S = 600
"""A statement that runs longer than this is given up, s."""

_CONNECT_S = 10
_NEEDED = ("sqlalchemy", "geoalchemy2", "psycopg")


@dataclass(frozen=True)
class Table:
    """A table or view, as the database describes it."""

    schema: str
    name: str
    fields: tuple[str, ...]
    """Its columns besides geometry."""
    geometry: str | None
    key: tuple[str, ...]
    """Primary key; empty for a view."""


def is_database(source: str) -> bool:
    """Whether a source is a database's address rather than a file.

    Examples
    --------
    >>> is_database("postgresql://gis.county/land|survey.dltb"), is_database("land.gpkg|dltb")
    (True, False)
    """
    return source.strip().partition("://")[0].casefold() in SCHEMES and "://" in source


def address_problem(source: str) -> str | None:
    """Code of the finding that says what is wrong with a database's address; None if nothing is.

    Examples
    --------
    >>> address_problem("postgresql://gis:secret@host/land|dltb"), address_problem("postgresql://host/land|survey.dltb")
    ('database_password', None)
    """
    address, table = split_source(source)
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return "database_address"
    if parts.password is not None or "password" in parts.query.casefold():
        return "database_password"
    if parts.query or parts.fragment or not parts.hostname or not parts.path.strip("/") or not table:
        return "database_address"
    return None if all(importlib.util.find_spec(name) for name in _NEEDED) else "database_extra"


def without_secret(source: str) -> str:
    """The address as it may be shown: whatever stands before an ``@`` is left out.

    Examples
    --------
    >>> without_secret("postgresql://gis:secret@host/land|dltb")
    'postgresql://host/land|dltb'
    """
    scheme, _, rest = source.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path.partition('?')[0]}"


def describe(source: str, layer: str) -> Table:
    """The table or view that a source names: its columns, its geometry, its key.

    Parameters
    ----------
    source : str
        ``postgresql://host:port/database|schema.table``; without a schema, the search path of the role decides.
    layer : str
        Name for the findings.

    Raises
    ------
    InputError
        For a server that does not answer or refuses, and a table that is not there (with the nearest names).
    """
    import geoalchemy2  # noqa: F401 - registers the geometry types that the inspector meets
    import sqlalchemy

    schema, name = _names(source)
    with _connection(source, layer) as connection:
        inspector = sqlalchemy.inspect(connection)
        schema = schema or inspector.default_schema_name or "public"
        known = [*inspector.get_table_names(schema), *inspector.get_view_names(schema),
                 *inspector.get_materialized_view_names(schema)] if schema in inspector.get_schema_names() else []
        if name not in known:
            raise _absent(source, layer, schema, name, known)
        columns = inspector.get_columns(name, schema)
        shapes = [column["name"] for column in columns if type(column["type"]).__name__ in ("Geometry", "Geography")]
        key = inspector.get_pk_constraint(name, schema).get("constrained_columns") or []
    fields = tuple(str(column["name"]) for column in columns if column["name"] not in shapes)
    return Table(schema, name, fields, shapes[0] if shapes else None, tuple(key))


def read(source: str, table: Table, columns: Sequence[str], layer: str) -> gpd.GeoDataFrame | pd.DataFrame:
    """Rows of a table with the columns asked for, all as text but floating-point numbers; a frame of shapes where it has geometry.

    Rows stand in the order of the primary key, or of all columns where there is none, so that the same content reads the same.
    Curves are straightened by the server. The CRS is the one of the shapes' SRID; without one it stays open.

    Parameters
    ----------
    source : str
        As given to `describe`.
    table : Table
        What it answered.
    columns : sequence of str
        Fields of the table; nothing else is read.
    layer : str
        Name for the findings.

    Raises
    ------
    InputError
        As `describe`; and for a table that the role may not read.
    """
    import sqlalchemy
    from sqlalchemy import Float, String, cast, column, func, select

    given: dict[str, Any] = {name: column(name) for name in (*columns, *table.key)}
    with _connection(source, layer) as connection:
        types = {str(item["name"]): item["type"] for item in sqlalchemy.inspect(connection).get_columns(table.name, table.schema)}
        chosen: list[Any] = [given[name] if isinstance(types[name], Float) else cast(given[name], String).label(name)
                             for name in columns]
        if table.geometry is not None:
            shape: Any = sqlalchemy.literal_column(f"{_quoted(connection, table.geometry)}::geometry")
            chosen += [func.ST_AsBinary(func.ST_CurveToLine(shape)).label("_wkb"), func.ST_SRID(shape).label("_srid")]
        query = select(*chosen).select_from(sqlalchemy.table(table.name, schema=table.schema))
        query = query.order_by(*(given[name] for name in table.key or columns))
        rows = connection.execute(query).fetchall()
        found = {int(row[-1]) for row in rows if row[-1]} if table.geometry is not None else set()
        crs = _crs(connection, found)
    frame = pd.DataFrame([row[: len(columns)] for row in rows], columns=list(columns))
    if table.geometry is None:
        return frame
    if len(found) > 1:
        params = {"path": without_secret(source), "srids": ", ".join(map(str, sorted(found)))}
        raise InputError([Finding("database_srids", "error", f"layers.{layer}", "source", params=params)])
    shapes = shapely.from_wkb([None if row[-2] is None else bytes(row[-2]) for row in rows])
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=crs)


def content_hash(frame: pd.DataFrame) -> str:
    """SHA-256 of the rows as read: what stands for a file's hash in the provenance."""
    shapes = isinstance(frame, gpd.GeoDataFrame)
    plain = frame.drop(columns=frame.geometry.name) if isinstance(frame, gpd.GeoDataFrame) else frame
    digest = hashlib.sha256(plain.to_csv(index=False).encode())
    if shapes:
        digest.update(b"".join(shapely.to_wkb(frame.geometry.array[frame.geometry.notna().to_numpy()])))
    return digest.hexdigest()


def change_mark(source: str, layer: str) -> str:
    """A text that differs once anything was written to the database since: cheap to ask for, hence no hash of the content.

    Raises
    ------
    InputError
        For a server that does not answer or refuses.
    """
    import sqlalchemy

    counted = ("SELECT tup_inserted + tup_updated + tup_deleted, stats_reset FROM pg_stat_database "
               "WHERE datname = current_database()")
    with _connection(source, layer) as connection:
        return "|".join(map(str, connection.execute(sqlalchemy.text(counted)).one()))


@contextmanager
def _connection(source: str, layer: str) -> Iterator[Any]:
    """A read-only connection; what goes wrong within is told in words that name the server and the database, never a credential."""
    import sqlalchemy
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    parts = urlsplit(split_source(source)[0])
    url = sqlalchemy.URL.create("postgresql+psycopg", username=parts.username, host=parts.hostname, port=parts.port,
                                database=parts.path.strip("/"))
    options = f"-c default_transaction_read_only=on -c statement_timeout={TIMEOUT_S * 1000}"
    engine = sqlalchemy.create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": _CONNECT_S, "options": options})
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
        params = {"path": without_secret(source), "state": state or type(error).__name__}
        raise InputError([Finding(_code(error, state), "error", f"layers.{layer}", "source", params=params)]) from None


def _code(error: Exception, state: str) -> str:
    """Which finding tells a failure, by the server's SQLSTATE (PostgreSQL 15, appendix A) or the words of a refused login."""
    refused = any(word in str(error) for word in ("password authentication failed", "no password supplied", "fe_sendauth",
                                                  "role \"", "no pg_hba.conf entry"))
    if state.startswith("28") or (not state and refused):
        return "database_login"
    if state == "42501":
        return "database_permission"
    if state == "57014":
        return "database_slow"
    return "database_failed" if state and state != "3D000" else "database_unreachable"


def _names(source: str) -> tuple[str | None, str]:
    schema, dot, name = (split_source(source)[1] or "").rpartition(".")
    return (schema if dot else None), name


def _absent(source: str, layer: str, schema: str, name: str, known: list[str]) -> InputError:
    import difflib

    near = difflib.get_close_matches(name, known, n=3) or known[:10]
    params = {"path": without_secret(source), "name": f"{schema}.{name}", "choices": ", ".join(f"{schema}.{item}" for item in near)}
    return InputError([Finding("database_no_table", "error", f"layers.{layer}", "source", params=params)])


def _quoted(connection: Any, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)


def _crs(connection: Any, srids: set[int]) -> CRS | None:
    """The CRS of an SRID as the server's own table defines it; a county's local grid is often there and nowhere else."""
    import sqlalchemy

    if len(srids) != 1:
        return None
    row = connection.execute(sqlalchemy.text("SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = :srid"),
                             {"srid": next(iter(srids))}).one_or_none()
    if row is None:
        return None
    try:
        return CRS.from_authority(row[0], row[1]) if row[0] else CRS.from_wkt(row[2])
    except CRSError:
        try:
            return CRS.from_wkt(row[2])
        except CRSError:
            return None
