"""PostGIS as a source, against a real server: what is read, what is refused, and that no credential is ever told."""

from __future__ import annotations

import os

import pytest

from layers import database
from layers.findings import InputError
from layers.open import check_county, open_county
from tests.layers.postgis import Server, reason_to_skip, running

SRID_CGCS2000_114E = 4547
TABLES = f"""
CREATE SCHEMA survey;
CREATE TABLE survey.dltb (bsm bigint PRIMARY KEY, dlbm varchar(5), qsxz numeric(2), qsdwdm varchar(19), qsdwmc text,
                          qlrmc text, tbmj double precision, geom geometry(MultiPolygon, {SRID_CGCS2000_114E}));
INSERT INTO survey.dltb VALUES
 (2, '0702', 30, '6103231000010000000', '甲村农民集体', '某某某', 400.5,
  ST_Multi(ST_MakeEnvelope(500100, 3800000, 500120, 3800020, {SRID_CGCS2000_114E}))),
 (1, '1004', 20, '6103231000010000000', '国有', '某某某', 900,
  ST_Multi(ST_MakeEnvelope(500000, 3800000, 500030, 3800030, {SRID_CGCS2000_114E})));
CREATE VIEW survey.villages AS SELECT '610323100001' AS zldwdm, '甲村' AS zldwmc, ST_Union(geom) AS geom FROM survey.dltb;
CREATE TABLE survey.venues (id integer, cmc text, lon double precision, lat double precision);
INSERT INTO survey.venues VALUES (1, '甲村活动室', 114.0012, 34.3270);
CREATE TABLE survey.mixed (bsm text, geom geometry);
INSERT INTO survey.mixed VALUES ('1', ST_MakeEnvelope(0, 0, 1, 1, 4490)), ('2', ST_MakeEnvelope(0, 0, 1, 1, {SRID_CGCS2000_114E}));
CREATE TABLE survey.closed (bsm text, geom geometry(Polygon, {SRID_CGCS2000_114E}))
"""


@pytest.fixture(scope="module")
def server():
    reason = reason_to_skip()
    if reason is not None and os.environ.get("CI"):
        pytest.fail(f"CI must have PostGIS: {reason}")
    if reason is not None:
        pytest.skip(reason)
    with running() as made:
        made.run(TABLES)
        made.run(f"GRANT USAGE ON SCHEMA survey TO {made.user}; GRANT SELECT ON ALL TABLES IN SCHEMA survey TO {made.user};"
                 f"REVOKE ALL ON survey.closed FROM {made.user}")
        yield made


@pytest.fixture(autouse=True)
def credentials(monkeypatch, request):
    if "server" in request.fixturenames:
        here: Server = request.getfixturevalue("server")
        monkeypatch.setenv("PGUSER", here.user)
        monkeypatch.setenv("PGPASSWORD", here.password)


def county_file(folder, **tables):
    lines = ["[county]", 'name = "岐原县"', 'code = "610323"']
    for role, source in tables.items():
        lines += [f"[layers.{role}]", f'source = "{source}"']
    path = folder / "county.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def only_code(path):
    county, findings = check_county(path)
    errors = [finding for finding in findings if finding.severity == "error"]
    return errors[0]


def test_layers_come_from_tables_and_views(server, tmp_path):
    at = server.address
    county = open_county(county_file(tmp_path, parcels=f"{at}|survey.dltb", villages=f"{at}|survey.villages"))
    parcels = county.parcels
    assert parcels["land_class"].tolist() == ["1004", "0702"], "in the order of the key, codes as text"
    assert parcels.geometry.area.round(1).tolist() == [900.0, 400.0]
    assert county.villages["village_code"].tolist() == ["610323100001"]
    item = next(item for item in county.provenance if item.role == "parcels")
    assert (item.driver, item.layer, item.crs_as_read, item.rows_in) == ("PostGIS", "survey.dltb", "EPSG:4547", 2)


def test_a_table_without_geometry_is_placed_by_its_coordinates(server, tmp_path):
    at = server.address
    county = open_county(county_file(tmp_path, parcels=f"{at}|survey.dltb", venues=f"{at}|survey.venues"))
    point = county.venues.to_crs(4326).geometry.iloc[0]
    assert (round(point.x, 4), round(point.y, 4)) == (114.0012, 34.3270)


def test_same_content_reads_the_same_and_a_change_is_noticed(server, tmp_path):
    source = f"{server.address}|survey.dltb"
    path = county_file(tmp_path, parcels=source)
    first, mark = open_county(path), database.change_mark(source, "parcels")
    second = open_county(path)
    assert first.provenance[0].content_sha256 == second.provenance[0].content_sha256
    server.run("UPDATE survey.dltb SET tbmj = tbmj + 1 WHERE bsm = 2; SELECT pg_stat_force_next_flush()")
    assert open_county(path).provenance[0].content_sha256 != first.provenance[0].content_sha256
    assert database.change_mark(source, "parcels") != mark


def test_the_connection_cannot_write(server):
    import sqlalchemy

    source = f"{server.address}|survey.dltb"
    server.run(f"GRANT DELETE ON survey.dltb TO {server.user}")
    with pytest.raises(InputError, match="25006"), database._connection(source, "parcels") as connection:
        connection.execute(sqlalchemy.text("DELETE FROM survey.dltb"))


def test_holders_are_never_asked_for(server, tmp_path):
    county = open_county(county_file(tmp_path, parcels=f"{server.address}|survey.dltb"))
    assert "某某某" not in county.parcels.to_csv() + repr(county.provenance) + repr(county.findings)


def test_no_credential_is_told_or_kept(server, tmp_path, monkeypatch):
    source = server.address.replace("//", f"//{server.user}:{server.password}@") + "|survey.dltb"
    refused = only_code(county_file(tmp_path, parcels=source))
    assert refused.code == "database_password"
    county = open_county(county_file(tmp_path, parcels=f"{server.address}|survey.dltb"))
    monkeypatch.setenv("PGPASSWORD", f"{server.password}-falsch")
    wrong = only_code(county_file(tmp_path, parcels=f"{server.address}|survey.dltb"))
    assert wrong.code == "database_login"
    told = "".join(finding.text(language) for finding in (refused, wrong) for language in ("zh", "en"))
    for text in (told, repr(refused), repr(wrong), repr(county.provenance), repr(county.findings)):
        assert server.password not in text and server.user not in text


@pytest.mark.parametrize(("table", "code"), [
    ("survey.dltbb", "database_no_table"), ("nowhere.dltb", "database_no_table"), ("survey.closed", "database_permission"),
    ("survey.mixed", "database_srids"),
])
def test_what_cannot_be_read_is_told(server, tmp_path, table, code):
    assert only_code(county_file(tmp_path, parcels=f"{server.address}|{table}")).code == code


def test_near_names_are_proposed(server, tmp_path):
    finding = only_code(county_file(tmp_path, parcels=f"{server.address}|survey.dltbb"))
    assert "survey.dltb" in finding.text("zh")


def test_a_name_is_never_sql(server, tmp_path):
    finding = only_code(county_file(tmp_path, parcels=f"{server.address}|survey.x; DROP TABLE survey.dltb"))
    assert finding.code == "database_no_table"
    assert len(open_county(county_file(tmp_path, parcels=f"{server.address}|survey.dltb")).parcels) == 2


def test_a_server_that_does_not_answer(tmp_path):
    finding = only_code(county_file(tmp_path, parcels="postgresql://127.0.0.1:9/land|survey.dltb"))
    assert finding.code == "database_unreachable"


@pytest.mark.parametrize(("source", "code"), [
    ("postgresql://gis:secret@host/land|dltb", "database_password"),
    ("postgresql://host/land?password=secret|dltb", "database_password"),
    ("postgresql://host/land", "database_address"),
    ("postgresql://host/land?options=-c%20x|dltb", "database_address"),
    ("postgresql://host:port/land|dltb", "database_address"),
])
def test_addresses_that_are_refused(tmp_path, source, code):
    finding = only_code(county_file(tmp_path, parcels=source))
    assert finding.code == code
    assert "secret" not in finding.text("zh") + finding.text("en") + repr(finding)
