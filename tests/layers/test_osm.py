"""OSM: a hand-written .osm, a saved graph, and place names with the network replaced."""

import geopandas as gpd
import networkx as nx
import pytest
from pyproj import Geod
from shapely.geometry import LineString, Point

from layers import open_county
from tests.layers.samples import write_county

TOWN = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="hand">
 <node id="1" lat="30.000" lon="108.000"><tag k="place" v="village"/><tag k="name" v="青石"/>
  <tag k="population" v="812"/></node>
 <node id="2" lat="30.000" lon="108.010"/>
 <node id="3" lat="30.010" lon="108.010"/>
 <node id="4" lat="30.001" lon="108.001"><tag k="amenity" v="school"/><tag k="name" v="青石中学"/></node>
 <node id="5" lat="30.002" lon="108.001"><tag k="amenity" v="social_facility"/><tag k="social_facility" v="nursing_home"/></node>
 <node id="6" lat="30.003" lon="108.001"><tag k="amenity" v="restaurant"/><tag k="name" v="Restaurant de l'école"/></node>
 <node id="7" lat="30.004" lon="108.001"><tag k="highway" v="bus_stop"/></node>
 <node id="11" lat="30.0050" lon="108.0050"/>
 <node id="12" lat="30.0050" lon="108.0052"/>
 <node id="13" lat="30.0051" lon="108.0052"/>
 <node id="14" lat="30.0051" lon="108.0050"/>
 <way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="secondary"/><tag k="ref" v="X203"/>
  <tag k="width" v="7"/><tag k="layer" v="0"/></way>
 <way id="2"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="oneway" v="-1"/>
  <tag k="bridge" v="yes"/></way>
 <way id="3"><nd ref="1"/><nd ref="3"/><tag k="highway" v="proposed"/></way>
 <way id="4"><nd ref="11"/><nd ref="12"/><nd ref="13"/><nd ref="14"/><nd ref="11"/>
  <tag k="building" v="yes"/><tag k="building:levels" v="2"/><tag k="amenity" v="community_centre"/><tag k="name" v="活动室"/></way>
</osm>
"""


def test_a_hand_written_extract(tmp_path):
    (tmp_path / "town.osm").write_text(TOWN, encoding="utf-8")
    roles = ("villages", "settlements", "roads", "facilities", "buildings", "venues")
    county = open_county(
        write_county(tmp_path, "".join(f'[layers.{role}]\nsource = "town.osm"\n' for role in roles), county='name = "t"')
    )
    assert county.villages["village_name"].tolist() == ["青石"] and county.villages["population"].tolist() == [812]
    assert county.settlements["settlement_id"].tolist() == ["n1"]
    roads = county.roads
    assert roads["road_class"].tolist() == ["county", "street"]
    assert roads["oneway"].tolist() == ["no", "backward"]
    assert roads["bridge"].tolist() == [False, True]
    assert roads["width_m"].tolist()[0] == 7
    metres = Geod(ellps="GRS80").geometry_length(LineString([(108, 30), (108.01, 30)]))
    assert roads.length[0] == pytest.approx(metres, rel=2e-4)
    assert roads.geometry[0].coords[-1] == roads.geometry[1].coords[0]
    assert sorted(county.facilities["category"]) == ["bus_stop", "culture", "elderly_care", "middle_school"]
    assert county.buildings["floors"].tolist() == [2]
    assert county.buildings["floor_area_m2"][0] == pytest.approx(2 * county.buildings["footprint_m2"][0])
    assert county.venues["venue_name"].tolist() == ["活动室"]
    dropped = {finding.code: finding.count for finding in county.findings}
    assert dropped["road_not_travelled"] == 1 and dropped["facility_category_unknown"] == 1


def test_a_way_above_the_ground_counts_as_a_bridge(tmp_path):
    raised = TOWN.replace('<tag k="layer" v="0"/>', '<tag k="layer" v="1"/>')
    (tmp_path / "town.osm").write_text(raised, encoding="utf-8")
    layers = "".join(f'[layers.{role}]\nsource = "town.osm"\n' for role in ("villages", "roads"))
    county = open_county(write_county(tmp_path, layers, county='name = "t"'))
    assert county.roads["bridge"].tolist() == [True, True]


def town_graph() -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (x, y) in {1: (108.0, 30.0), 2: (108.01, 30.0), 3: (108.01, 30.01)}.items():
        graph.add_node(node, x=x, y=y)
    both = {"osmid": 10, "highway": "residential", "oneway": False, "length": 965.0}
    graph.add_edge(1, 2, 0, **both, reversed=False)
    graph.add_edge(2, 1, 0, **both, reversed=True)
    bend = LineString([(108.01, 30.01), (108.012, 30.005), (108.01, 30.0)])
    graph.add_edge(3, 2, 0, osmid=11, highway=["tertiary", "primary"], oneway=True, length=1100.0, reversed=False, geometry=bend)
    return graph


def check_town_roads(roads: gpd.GeoDataFrame) -> None:
    assert sorted(roads["road_class"]) == ["street", "township"]
    one_way = roads[roads["oneway"] == "forward"].to_crs(4326).geometry.iloc[0]
    assert one_way.coords[0] == pytest.approx((108.01, 30.01)) and len(one_way.coords) == 3
    assert (roads["oneway"] == "no").sum() == 1


def test_saved_graph(tmp_path):
    import osmnx

    osmnx.save_graphml(town_graph(), tmp_path / "g.graphml")
    (tmp_path / "town.osm").write_text(TOWN, encoding="utf-8")
    layers = '[layers.villages]\nsource = "town.osm"\n[layers.roads]\nsource = "g.graphml"'
    check_town_roads(open_county(write_county(tmp_path, layers)).roads)


def test_place_names(tmp_path, monkeypatch):
    import osmnx

    index = [("node", 1), ("way", 2)]
    places = gpd.GeoDataFrame(
        {"place": ["village", "hamlet"], "name": ["青石", "白水"]}, geometry=[Point(108, 30), Point(108.01, 30)], crs=4326
    )
    places.index = gpd.pd.MultiIndex.from_tuples(index, names=["element", "id"])
    monkeypatch.setattr(osmnx, "graph_from_place", lambda place, **options: town_graph())
    monkeypatch.setattr(osmnx, "features_from_place", lambda place, tags: places)
    layers = '[layers.villages]\nsource = "osm:Qingshi"\n[layers.roads]\nsource = "osm:Qingshi"'
    county = open_county(write_county(tmp_path, layers))
    check_town_roads(county.roads)
    assert county.villages["village_code"].tolist() == ["n1", "w2"]
    assert county.provenance[0].content_sha256 == open_county(write_county(tmp_path, layers)).provenance[0].content_sha256


def test_without_a_network_the_error_says_so(tmp_path, monkeypatch):
    import osmnx

    def offline(place, **options):
        raise ConnectionError("no route")

    monkeypatch.setattr(osmnx, "graph_from_place", offline)
    (tmp_path / "town.osm").write_text(TOWN, encoding="utf-8")
    county = open_county(write_county(tmp_path, '[layers.villages]\nsource = "town.osm"\n[layers.roads]\nsource = "osm:Qingshi"'))
    assert county.roads is None
    assert [finding.code for finding in county.findings] == ["osm_no_network"]


def test_roles_that_osm_does_not_have(tmp_path):
    (tmp_path / "town.osm").write_text(TOWN, encoding="utf-8")
    county = open_county(write_county(tmp_path, '[layers.villages]\nsource = "town.osm"\n[layers.parcels]\nsource = "town.osm"'))
    assert county.parcels is None
    assert [finding.code for finding in county.findings] == ["osm_no_such_role"]
