"""Joins that a person accepts: written into county.toml, checked there, and the network then has the link."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import LineString

from geo.network import build_network
from geo.road_gaps import dead_end_gaps
from layers import open_county
from layers.config import read_config
from layers.findings import InputError
from layers.mending import undo, with_join, write
from tests.geo.standard import default_scenario
from tests.layers import samples
from tests.layers.samples import write_county

SCENARIO = default_scenario()


def county_with(folder: Path, toml: str = "") -> Path:
    """Two roads with 12 m between them, a county road and a track."""
    x, y = samples.X, samples.Y
    gpd.GeoDataFrame(
        {"FEATID": ["1", "2"], "TYPE": ["县道", "机耕路"]},
        geometry=[LineString([(x, y), (x + 400, y)]), LineString([(x + 412, y), (x + 900, y)])], crs=samples.CRS,
    ).to_file(folder / "r.gpkg", layer="r")
    samples.parcels().to_file(folder / "p.gpkg", layer="p")
    return write_county(folder, f'[layers.parcels]\nsource = "p.gpkg"\n[layers.roads]\nsource = "r.gpkg"\n{toml}')


def degrees(*metres: tuple[float, float]) -> tuple[float, ...]:
    points = gpd.GeoSeries(gpd.points_from_xy(*zip(*[(samples.X + dx, samples.Y + dy) for dx, dy in metres], strict=True)),
                           crs=samples.CRS).to_crs(4326)
    return tuple(value for point in points for value in (point.x, point.y))


def parts(county) -> int:
    return len(build_network(county.roads, terrain=None, travel=SCENARIO.travel).walk.component_length_m)


def codes(county) -> set[str]:
    return {finding.code for finding in county.findings if finding.layer == "roads"}


def test_a_gap_that_is_found_can_be_accepted_and_the_network_has_the_link(tmp_path):
    path = county_with(tmp_path, '# the end\n')
    county = open_county(path)
    network = build_network(county.roads, terrain=None, travel=SCENARIO.travel)
    gap = dead_end_gaps(network, SCENARIO.road_gaps)
    assert parts(county) == 2 and gap.length_m.tolist() == pytest.approx([12], abs=0.01)
    ends = gpd.GeoSeries(gpd.points_from_xy([gap.first.x[0], gap.second.x[0]], [gap.first.y[0], gap.second.y[0]]),
                         crs=county.crs).to_crs(4326)
    change = with_join(path, (ends.x[0], ends.y[0], ends.x[1], ends.y[1]))
    assert "+join = [[" in change.lines and "# the end" in change.after
    write(change)
    mended = open_county(path)
    assert parts(mended) == 1 and codes(mended) == {"road_joined"}
    join = mended.roads.iloc[-1]
    assert (join["road_id"], join["road_class"], join["oneway"]) == ("join-1", "track", "no")   # the lesser of the two classes
    assert join.geometry.length == pytest.approx(12, abs=0.01)
    finding = next(one for one in mended.findings if one.code == "road_joined")
    assert finding.count == 1 and finding.place is not None and "12" in finding.text("zh")
    # even without any tolerance: the ends lie on the roads to the centimetre
    exact = SCENARIO.travel.__class__(**{**vars(SCENARIO.travel), "snap_tolerance_m": 0.0})
    assert len(build_network(mended.roads, terrain=None, travel=exact).walk.component_length_m) == 1
    assert undo(path) and parts(open_county(path)) == 2


def test_joins_are_added_one_after_the_other_and_the_same_one_only_once(tmp_path):
    path = county_with(tmp_path)
    first, second = (107.1, 29.1, 107.2, 29.2), (107.3, 29.3, 107.4, 29.400000000001)
    for ends in (first, second, first):
        write(with_join(path, ends))
    assert read_config(path).joins == (first, (107.3, 29.3, 107.4, 29.4))
    assert read_config(path).options == {}


def test_a_join_to_the_side_of_a_road_meets_it(tmp_path):
    lon1, lat1, lon2, lat2 = degrees((200, 3), (600, -2))   # by hand, some metres off both roads
    county = open_county(county_with(tmp_path, f"[roads]\njoin = [[{lon1}, {lat1}, {lon2}, {lat2}]]\n"))
    assert parts(county) == 1 and codes(county) == {"road_joined"}
    assert county.roads.geometry.iloc[-1].length == pytest.approx(400, abs=0.1)


def test_what_joins_nothing_is_said(tmp_path):
    off, far = degrees((200, 40), (600, 0)), degrees((0, 0), (0, 3000))
    rows = ", ".join(str(list(one)) for one in (off, far))
    county = open_county(county_with(tmp_path, f"[roads]\njoin = [{rows}]\n"))
    found = {finding.code: finding for finding in county.findings if finding.layer == "roads"}
    assert set(found) == {"road_joined", "road_join_off", "road_join_unfit"}
    assert found["road_join_off"].rows == ("join-1",) and found["road_join_unfit"].rows == ("join-2",)
    assert county.roads["road_id"].tolist() == ["1", "2", "join-1"]


def test_joins_without_roads_are_said(tmp_path):
    samples.parcels().to_file(tmp_path / "p.gpkg", layer="p")
    path = write_county(tmp_path, '[layers.parcels]\nsource = "p.gpkg"\n[roads]\njoin = [[107.1, 29.1, 107.2, 29.2]]')
    assert codes(open_county(path)) == {"road_join_no_roads"}


@pytest.mark.parametrize("join", [
    "1", '["a"]', "[[1, 2, 3]]", "[[107.1, 29.1, 107.1, 29.1]]", "[[29.1, 107.1, 29.2, 107.2]]", "[[true, 1, 2, 3]]",
    "[[nan, 1, 2, 3]]", "[[107.1, inf, 2, 3]]"])
def test_what_is_no_join_is_refused_with_what_it_should_be(tmp_path, join):
    with pytest.raises(InputError, match="must be a list of joins"):
        read_config(county_with(tmp_path, f"[roads]\njoin = {join}\n"))


def test_other_keys_and_no_table_are_refused(tmp_path):
    with pytest.raises(InputError, match="unknown key 'joins'"):
        read_config(county_with(tmp_path, "[roads]\njoins = []\n"))
    with pytest.raises(InputError, match="must be a table"):
        read_config(_with_line(tmp_path, "roads = 3"))


def _with_line(folder: Path, line: str) -> Path:
    path = county_with(folder)
    path.write_text(f"{line}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    return path


def test_bridges_tunnels_and_layers_of_the_data_are_read_as_such(tmp_path):
    """What the topology goes by: fields bridge and tunnel in any of their words, and the layer of OpenStreetMap."""
    x, y = samples.X, samples.Y
    gpd.GeoDataFrame({
        "highway": ["residential"] * 5, "bridge": [None, "yes", "viaduct", "no", None], "tunnel": [None, None, None, None, "yes"],
        "name": list("abcde"),
    }, geometry=[LineString([(x + 50 * i, y - 50), (x + 50 * i, y + 50)]) for i in range(5)], crs=samples.CRS).to_file(
        tmp_path / "r.gpkg", layer="r")
    samples.parcels().to_file(tmp_path / "p.gpkg", layer="p")
    county = open_county(write_county(tmp_path, '[layers.parcels]\nsource = "p.gpkg"\n[layers.roads]\nsource = "r.gpkg"'))
    assert county.roads["bridge"].fillna(False).tolist() == [False, True, True, False, True]
