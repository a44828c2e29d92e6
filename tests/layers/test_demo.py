"""The demo county is what issue 2 asks for: counts, sums, shapes, cases; and the same every time."""

from __future__ import annotations

import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from layers.county import County
from layers.demo import STEPS, make_demo
from layers.demo.cases import load_cases
from layers.demo.flow import gather, route
from layers.demo.lines import chains, cut_corners, soften
from layers.demo.recipe import load_recipe
from layers.open import open_county
from layers.schema import FACILITY_CATEGORIES, ROAD_CLASSES
from layers.words import LANGUAGES, say

DATA = Path(__file__).resolve().parents[2] / "data" / "demo"


@pytest.fixture(scope="session")
def made(demo_county: Path) -> Path:
    return demo_county.parent


@pytest.fixture(scope="session")
def county(made: Path) -> County:
    return open_county(made / "county.toml")


@pytest.fixture(scope="session")
def cases(made: Path) -> pd.DataFrame:
    return pd.read_csv(made / "cases.csv", dtype=str, keep_default_na=False).set_index("case")


def _digest(folder: Path) -> dict[str, str]:
    """Content of every layer, free of what a format adds on its own (times of writing)."""
    found = {}
    for path in sorted(folder.glob("*.gpkg")):
        for name in sorted(pyogrio.list_layers(path)[:, 0]):
            frame = pyogrio.read_dataframe(path, layer=name, use_arrow=True)
            digest = hashlib.sha256(b"".join(shapely.to_wkb(frame.geometry.values)))
            digest.update(pd.DataFrame(frame.drop(columns="geometry")).to_csv().encode())
            found[f"{path.name}|{name}"] = digest.hexdigest()
    for path in sorted([*folder.glob("*.zip"), *folder.glob("*.csv"), *folder.glob("*.toml")]):
        found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    for path in sorted(folder.glob("*.tif")):
        with rasterio.open(path) as file:
            found[path.name] = hashlib.sha256(file.read(1).tobytes()).hexdigest()
    for path in sorted(folder.glob("*.xlsx")):
        found[path.name] = hashlib.sha256(pd.read_excel(path, dtype=str).to_csv().encode()).hexdigest()
    return found


def test_same_seed_makes_the_same_county(made: Path, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    make_demo(tmp_path, progress=lambda step, share: told.append((step, share)))
    assert _digest(tmp_path) == _digest(made)
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert told[0][1] == 0.0 and told[-1][1] == 1.0
    assert list(dict.fromkeys(step for step, _ in told)) == list(STEPS)


def test_a_county_that_stands_is_not_made_again(made: Path) -> None:
    before = (made / "parcels.gpkg").stat().st_mtime_ns
    assert make_demo(made) == made / "county.toml"
    assert (made / "parcels.gpkg").stat().st_mtime_ns == before


def test_every_step_has_words() -> None:
    assert all(say(step, language) for step in STEPS for language in LANGUAGES)


def test_it_opens_without_errors(county: County) -> None:
    assert [finding.code for finding in county.findings if finding.severity == "error"] == []
    assert county.crs.to_epsg() == 4545


def test_counts_of_places(county: County) -> None:
    assert len(county.villages) == 312 and county.villages["village_code"].is_unique
    assert county.villages["village_name"].is_unique
    assert len(county.townships) == 16 and county.villages["township_code"].nunique() == 16
    per_village = county.settlements.groupby("village_code").size()
    assert len(per_village) == 312 and per_village.between(3, 9).all()
    assert 55_000 <= len(county.parcels) <= 65_000


def test_exactly_73_villages_have_no_venue(county: County) -> None:
    assert county.villages["village_code"].isin(county.venues["village_code"]).sum() == 312 - 73
    venues = county.venues
    unknown = venues["floor_area_m2"].isna() & venues["courtyard_m2"].isna()
    below = (venues["floor_area_m2"] < 90) | (venues["courtyard_m2"] < 200)
    assert int(unknown.sum()) == 2 and int(below.sum()) == 30
    homes = gpd.sjoin(venues, county.villages[["village_code", "geometry"]], predicate="within", rsuffix="lies")
    assert (homes["village_code_left"] == homes["village_code_lies"]).all() and len(homes) == len(venues)


def test_limits_cover_without_overlap(county: County) -> None:
    shapes = county.villages.geometry
    assert shapes.is_valid.all() and (shapes.geom_type == "Polygon").all()
    whole = shapely.union_all(shapes.values)
    assert shapes.area.sum() == pytest.approx(whole.area, rel=1e-9)
    assert county.townships.area.sum() == pytest.approx(whole.area, rel=1e-6)
    left, bottom, right, top = county.villages.total_bounds
    assert 40_000 < right - left < 52_000 and 44_000 < top - bottom < 56_000
    assert county.settlements.within(whole).all()


def test_people_add_up_three_ways(made: Path, county: County) -> None:
    villages = county.villages
    assert villages["population"].sum() == load_recipe().counts["population"]
    assert villages["population"].between(300, 3500).all()
    by_settlement = county.settlements.groupby("village_code")["population"].sum()
    assert (by_settlement.reindex(villages["village_code"]).to_numpy() == villages["population"].to_numpy()).all()
    with rasterio.open(made / "population.tif") as file:
        grid, transform = file.read(1).astype(float), file.transform
    assert transform.a == 100 and grid.sum() == pytest.approx(villages["population"].sum(), abs=0.5)
    row, col = np.nonzero(grid > 0)
    x, y = transform * (col + 0.5, row + 0.5)
    cells = gpd.GeoDataFrame({"people": grid[row, col]}, geometry=gpd.points_from_xy(x, y), crs=county.crs)
    joined = gpd.sjoin(cells, villages[["village_code", "geometry"]], predicate="within")
    sums = joined.groupby("village_code")["people"].sum().reindex(villages["village_code"]).to_numpy()
    assert np.abs(sums - villages["population"].to_numpy()).max() < 0.5


def test_parcels_are_one_piece_and_do_not_overlap(county: County) -> None:
    shapes = county.parcels.geometry
    assert shapes.is_valid.all() and (shapes.geom_type == "Polygon").all()
    assert shapes.area.sum() == pytest.approx(shapely.union_all(shapes.values).area, rel=1e-7)
    assert (shapely.get_num_coordinates(shapes.values) > 6).mean() > 0.8, "squares on a grid have five coordinates"


def test_parcels_lie_off_the_roads_and_in_their_village(county: County) -> None:
    lines, parcels = county.roads.geometry.values, county.parcels
    _, crossed = parcels.sindex.query(lines, predicate="crosses")
    across = set(parcels.index[crossed])
    assert len(across) == 0
    inside = shapely.point_on_surface(parcels.geometry.values)
    points = gpd.GeoDataFrame({"said": parcels["village_code"]}, geometry=inside, crs=county.crs)
    joined = gpd.sjoin(points, county.villages[["village_code", "geometry"]], predicate="within")
    assert (joined["said"] == joined["village_code"]).mean() > 0.9999


def test_papers_follow_the_conventions(county: County) -> None:
    parcels = county.parcels
    code = parcels["parcel_code"].dropna()
    assert code.str.fullmatch(r"\d{12}[GJZ][A-Z]\d{5}").all() and code.is_unique
    assert parcels["owner_code"].str.fullmatch(r"\d{19}").all()
    house = parcels["land_class"] == "0702"
    sizes = parcels.loc[house, "area_m2"]
    assert sizes.between(100, 340).mean() > 0.8
    farm = parcels["land_class"].str.startswith("01")
    assert (parcels.loc[farm, "use_right"] == "contract").mean() > 0.85
    assert (parcels.loc[house, "use_right"] == "homestead").mean() > 0.85
    assert set(parcels["dispute"].dropna()) == {"yes", "undetermined", "no_sign"}
    assert {"village", "villager_group", "township", "collective", "state"} <= set(parcels["survey_owner"])


def test_every_class_and_category_is_there(county: County) -> None:
    assert set(county.roads["road_class"]) == set(ROAD_CLASSES) - {"expressway"}
    assert set(county.facilities["category"]) == set(FACILITY_CATEGORIES)
    kinds = {"basic_farmland", "ecological_redline", "floodway", "hazard", "water", "power_line", "highway_control"}
    assert set(county.restrictions["kind"]) == kinds
    assert county.restrictions.geometry.is_valid.all()
    redline = county.restrictions[county.restrictions["kind"] == "ecological_redline"]
    assert shapely.get_num_coordinates(redline.geometry.values).max() > 300
    assert county.buildings["idle"].fillna(False).sum() > 50 and county.roads["bridge"].fillna(False).sum() > 50


def test_roads_hang_together_at_shared_vertices(county: County) -> None:
    lines = county.roads.geometry.values
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(lines, i)) for i in (0, -1)])
    node = np.unique(ends, axis=0, return_inverse=True)[1].reshape(2, -1)
    count = int(node.max()) + 1
    graph = coo_array((np.ones(len(lines)), (node[0], node[1])), shape=(count, count))
    assert connected_components(graph, directed=False)[0] == 1
    a, b = shapely.STRtree(lines).query(lines, predicate="crosses")
    assert len(a) == len(b) == 0


def test_terrain_is_hills_at_30_m(made: Path) -> None:
    with rasterio.open(made / "dem.tif") as file:
        dem = file.read(1).astype(float)
        assert file.transform.a == 30
    slope = np.degrees(np.arctan(np.hypot(*np.gradient(dem, 30))))
    assert dem.max() - dem.min() > 700
    assert 6 < np.median(slope) < 18 and np.quantile(slope, 0.95) > 22 and np.quantile(slope, 0.05) < 3


def test_ownership_covers_the_villages_without_overlap(county: County) -> None:
    land = county.ownership
    assert land.geometry.is_valid.all()
    assert land.area.sum() == pytest.approx(shapely.union_all(land.geometry.values).area, rel=1e-7)
    assert land.area.sum() > 0.97 * county.villages.area.sum()
    assert {"village", "villager_group", "township", "unknown"} & set(land["owner_level"]) >= {"villager_group", "township"}


def test_cases_stand_where_the_table_says(cases: pd.DataFrame) -> None:
    kept = pd.read_csv(DATA / "cases.csv", dtype=str, keep_default_na=False).set_index("case")
    pd.testing.assert_frame_equal(cases, kept)
    assert list(cases.index) == list(load_cases())
    apart = cases[cases["kind"] != "venue"]
    assert apart["village_code"].is_unique


def test_cases_are_what_they_say(county: County, cases: pd.DataFrame) -> None:
    parcels = county.parcels.set_index("parcel_id")

    def at(case: str) -> pd.Series:
        return parcels.loc[cases.at[case, "parcel_id"]]

    assert at("yard_210")["area_m2"] == pytest.approx(210, abs=0.5)
    assert at("yard_190")["area_m2"] == pytest.approx(190, abs=0.5)
    assert at("school_reuse")["area_m2"] == pytest.approx(600, abs=0.5)
    sliver = at("sliver").geometry
    assert shapely.area(shapely.buffer(sliver, -0.5)) == 0.0 and sliver.length > 20
    assert at("disputed_use")["dispute"] == "yes" and at("disputed_use")["parcel_code"][12:14] == "JW"
    assert at("owner_undetermined")["dispute"] == "undetermined" and at("owner_undetermined")["title_owner"] == "unknown"
    assert at("papers_gb")["title_conflict"] and at("papers_right")["title_conflict"]
    assert pd.isna(at("papers_missing")["parcel_code"]) and not at("papers_missing")["title_paper"]
    assert at("homestead")["use_right"] == "homestead" and at("contracted")["use_right"] == "contract"
    assert at("group_owned")["survey_owner"] == "villager_group" and at("township_owned")["survey_owner"] == "township"
    assert at("enclave")["owner_code"][:12] != at("enclave")["village_code"]
    larger = at("area_declared_larger")
    assert larger["declared_area_m2"] == pytest.approx(1.3 * larger["area_m2"], rel=1e-3)
    assert at("area_in_mu")["declared_area_m2"] == pytest.approx(at("area_in_mu")["area_m2"], rel=1e-3)
    shares = county.villages.intersection(at("two_villages").geometry).area / at("two_villages")["area_m2"]
    assert (shares > 0.05).sum() == 2 and 0.5 < shares.max() < 0.95
    buildings = county.buildings.set_index("building_id")["floor_area_m2"]
    assert buildings[cases.at["school_reuse", "building_id"]] == 240 and buildings[cases.at["house_small", "building_id"]] == 80


@pytest.mark.parametrize(
    ("case", "kind"),
    [("in_farmland", "basic_farmland"), ("in_redline", "ecological_redline"), ("in_floodway", "floodway"), ("in_hazard", "hazard")],
)
def test_cases_lie_partly_in_their_restriction_and_in_no_other(county: County, cases: pd.DataFrame, case: str, kind: str) -> None:
    shape = county.parcels.set_index("parcel_id").geometry[cases.at[case, "parcel_id"]]
    over = county.restrictions[county.restrictions.intersection(shape).area > 1e-6]
    assert set(over["kind"]) == {kind}
    assert 0.2 < over.intersection(shape).area.sum() / shape.area < 0.8


def test_good_cases_touch_no_restriction(county: County, cases: pd.DataFrame) -> None:
    clean = cases[(cases["kind"] != "village") & ~cases["gates"].str.contains("restriction") & (cases["parcel_id"] != "")]
    shapes = county.parcels.set_index("parcel_id").geometry[
        [i for i in clean["parcel_id"] if i in set(county.parcels["parcel_id"])]
    ]
    assert len(county.restrictions.sindex.query(shapes.values, predicate="overlaps")[0]) == 0


def test_no_vehicle_road_comes_near_the_village_on_foot_only(county: County, cases: pd.DataFrame) -> None:
    mine = county.parcels[county.parcels["village_code"] == cases.at["footpath_only", "village_code"]]
    drive = county.roads[county.roads["road_class"] != "path"]
    assert len(mine) > 10
    assert len(drive.sindex.query(mine.geometry.values, predicate="dwithin", distance=200.0)[0]) == 0
    paths = county.roads[county.roads["road_class"] == "path"]
    assert len(np.unique(paths.sindex.query(mine.geometry.values, predicate="dwithin", distance=100.0)[0])) > 0.5 * len(mine)


def test_no_person_is_named(made: Path) -> None:
    fields = pyogrio.read_info(made / "parcels.gpkg", layer="宗地")["fields"].tolist()
    assert not {"QLRMC", "ZJH", "DH", "XM"} & set(fields)


def test_flow_of_a_plane_goes_down_and_keeps_the_water() -> None:
    rows, cols = 6, 5
    z = (np.arange(rows)[::-1, None] * 10.0 + np.zeros(cols)).ravel()
    outlet = (rows - 1) * cols + 2
    z[outlet] = -1.0
    order, receiver, filled = route(z, rows, cols, outlet)
    assert sorted(order.tolist()) == list(range(rows * cols))
    assert (filled[receiver] <= filled).all()
    assert gather(order, receiver, 1.0)[outlet] == rows * cols, "all that falls leaves at the outlet"


def test_chains_run_from_junction_to_junction() -> None:
    steps = np.array([[0, 1], [1, 2], [2, 3], [2, 4], [4, 5]])
    found = chains(steps, np.array([0, 0, 0, 0, 1]), np.array([], int))
    assert sorted(tuple(cells.tolist()) for cells, _ in found) == [(0, 1, 2), (2, 3), (2, 4), (4, 5)]


def test_smoothing_keeps_both_ends() -> None:
    xy = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [20.0, 10.0]])
    for smooth in (soften(xy), cut_corners(xy)):
        assert smooth[0].tolist() == [0.0, 0.0] and smooth[-1].tolist() == [20.0, 10.0]
        assert shapely.length(shapely.linestrings(smooth)) < 30.0


def test_recipe_refuses_a_grid_that_cannot_be_halved(tmp_path: Path) -> None:
    text = (DATA / "recipe.toml").read_text(encoding="utf-8").replace("rows = 920", "rows = 921")
    (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="multiples of 4"):
        load_recipe(tmp_path / "recipe.toml")
