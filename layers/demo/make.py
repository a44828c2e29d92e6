"""Make the demo county: terrain first, then what people made of it, then the papers about that, then the files."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine

from layers.demo.buildings import make_buildings
from layers.demo.cases import CASES, Staged, case_table, stage_cases
from layers.demo.cells import bands
from layers.demo.facilities import make_facilities
from layers.demo.limits import keep_largest, region_polygons, without_holes
from layers.demo.papers import land_use, owner_rules, write_papers
from layers.demo.parcels import make_parcels
from layers.demo.people import make_population, village_standing
from layers.demo.places import make_settlements, make_villages
from layers.demo.recipe import RECIPE, Recipe, load_recipe
from layers.demo.restrictions import make_restrictions
from layers.demo.roads import drivable, lay_ways, make_roads, remote_village
from layers.demo.streams import make_streams
from layers.demo.tenure import make_ownership
from layers.demo.terrain import CELL_M, Terrain, make_terrain
from layers.demo.venues import choose_without, give_public_plots, make_venues
from layers.demo.write import (
    BUILDING_FIELDS,
    PARCEL_FIELDS,
    RESTRICTION_LAYERS,
    write_layer,
    write_points,
    write_raster,
    write_roads,
    write_toml,
)

_SHARE_BEFORE = {
    "terrain": 0.0,
    "villages": 0.16,
    "roads": 0.21,
    "parcels": 0.36,
    "papers": 0.62,
    "buildings": 0.75,
    "restrictions": 0.79,
    "files": 0.91,
}
STEPS = tuple(f"demo.steps.{step}" for step in _SHARE_BEFORE)
"""Steps of the making, in order, as progress names them: each is a key of the words."""


def make_demo(folder: Path, *, seed: int | None = None, progress: Callable[[str, float], None] | None = None) -> Path:
    """Make the demo county in a folder and return the path of its county.toml.

    The same seed gives the same county. If it stands there already, made from the same seed and recipe, it is left as it is; files
    of any other run are replaced.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    seed : int, optional
        Instead of the recipe's own. Another seed makes another county; `data/demo/cases.csv` holds for the recipe's seed only.
    progress : callable, optional
        Called with the step (one of `STEPS`) and the share of the whole that is done, 0..1.

    Raises
    ------
    RuntimeError
        If a seed leaves no place for one of the cases.
    OSError
        If the folder cannot be written.
    """
    folder = Path(folder)
    tell = partial(_tell, progress)
    recipe = load_recipe()
    seed = recipe.seed if seed is None else seed
    stamp = _stamp(seed)
    mark = folder / "made.txt"
    if mark.is_file() and mark.read_text(encoding="utf-8") == stamp and (folder / "county.toml").is_file():
        tell("files", 1.0)
        return folder / "county.toml"
    folder.mkdir(parents=True, exist_ok=True)
    mark.unlink(missing_ok=True)
    rngs = [np.random.Generator(np.random.PCG64(s)) for s in np.random.SeedSequence(seed).spawn(16)]
    ground = _ground(recipe, rngs, tell)
    path = _write(ground, _land(ground, rngs, tell), folder, rngs[14], tell)
    mark.write_text(stamp, encoding="utf-8")
    tell("files", 1.0)
    return path


@dataclass(frozen=True)
class _Ground:
    """The county before its land is divided."""

    recipe: Recipe
    terrain: Terrain
    streams: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    settlements: pd.DataFrame
    roads: gpd.GeoDataFrame
    remote: int


@dataclass(frozen=True)
class _Land:
    """What people made of it."""

    staged: Staged
    ownership: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    venues: pd.DataFrame
    facilities: pd.DataFrame
    people: tuple[np.ndarray, Affine]
    restrictions: Mapping[str, gpd.GeoDataFrame]


def _ground(recipe: Recipe, rngs: list[np.random.Generator], tell: Callable[..., None]) -> _Ground:
    tell("terrain")
    terrain = make_terrain(recipe, rngs[0])
    streams = make_streams(recipe, terrain, rngs[1])
    tell("villages")
    places, owner, seats = make_villages(recipe, terrain, rngs[2])
    owner = keep_largest(without_holes(owner))
    villages = gpd.GeoDataFrame(places, geometry=region_polygons(owner, terrain.transform), crs=recipe.crs)
    settlements = make_settlements(recipe, terrain, villages, owner, rngs[3])
    tell("roads")
    remote = remote_village(terrain, villages, owner)
    ways = lay_ways(terrain, villages, settlements, owner, seats, remote, rngs[4])
    roads = _named(recipe, make_roads(recipe, terrain, ways, settlements, owner, remote, streams, rngs[5]))
    return _Ground(recipe, terrain, streams, villages, settlements, roads, remote)


def _land(ground: _Ground, rngs: list[np.random.Generator], tell: Callable[..., None]) -> _Land:
    recipe, villages, settlements, roads = ground.recipe, ground.villages, ground.settlements, ground.roads
    tell("parcels")
    wide = ground.streams[ground.streams["width_m"] > 2.4]
    water = bands(wide.geometry.values, wide["width_m"].to_numpy() / 2 + 0.5, vertices=9)
    parcels = make_parcels(recipe, ground.terrain, villages, settlements, roads, water, rngs[6])
    tell("papers")
    parcels["DLBM"] = land_use(parcels, ground.terrain, rngs[7])
    without = choose_without(recipe, villages, ground.remote, rngs[8])
    parcels = give_public_plots(recipe, parcels, without, rngs[8])
    rule = owner_rules(recipe, villages, rngs[7])
    parcels = write_papers(recipe, parcels, villages, settlements, rule, rngs[7])
    staged = _staged(ground, parcels, without, rule)
    venues = make_venues(recipe, staged.parcels, villages, without, rngs[9])
    state = _state_land(ground, staged.parcels)
    ownership = make_ownership(recipe, villages, settlements, rule, staged.parcels, state, rngs[10])
    tell("buildings")
    buildings = make_buildings(recipe, staged.parcels, villages, venues, roads, rngs[11])
    people = make_population(villages, settlements, buildings)
    facilities = make_facilities(recipe, villages, settlements, staged.parcels, roads, rngs[12])
    tell("restrictions")
    limits = villages.geometry.values
    forbidden = make_restrictions(recipe, ground.terrain, limits, staged.parcels, roads, ground.streams, staged.patches, rngs[13])
    return _Land(staged, ownership, buildings, venues, facilities, people, forbidden)


def _staged(ground: _Ground, parcels: gpd.GeoDataFrame, without: np.ndarray, rule: np.ndarray) -> Staged:
    river = ground.streams[ground.streams["river"]]
    keep_off = np.concatenate([_trunk(ground.roads).geometry.values, river.geometry.values])
    drive = drivable(ground.roads)
    by_road = np.zeros(len(parcels), bool)
    by_road[np.unique(parcels.sindex.query(drive.geometry.values, predicate="dwithin", distance=30.0)[1])] = True
    return stage_cases(ground.recipe, parcels, ground.villages, without, rule, ground.remote, keep_off, by_road, drive)


def _trunk(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return roads[roads["road_class"].isin(["national", "provincial"])]


def _state_land(ground: _Ground, parcels: gpd.GeoDataFrame) -> np.ndarray:
    """Main roads, the main river and the state's parcels, as polygons."""
    trunk, river = _trunk(ground.roads), ground.streams[ground.streams["river"]]
    width_m = trunk["road_class"].map(lambda name: ground.recipe.roads[name]["width_m"]).to_numpy()
    road_land = shapely.buffer(trunk.geometry.values, width_m / 2 + 1.0)
    river_bed = shapely.buffer(river.geometry.values, river["width_m"].to_numpy() / 2 + 0.5)
    return np.concatenate([road_land, river_bed, parcels.geometry.values[(parcels["paper"] == "state").to_numpy()]])


def _write(ground: _Ground, land: _Land, folder: Path, rng: np.random.Generator, tell: Callable[..., None]) -> Path:
    recipe, villages = ground.recipe, ground.villages
    tell("files")
    _clear(folder)
    listed = villages.assign(**village_standing(recipe, villages["population"].to_numpy(), rng))
    _write_places(recipe, listed, ground.settlements, ground.streams, folder)
    write_layer(land.staged.parcels[[*PARCEL_FIELDS, "geometry"]], folder / "parcels.gpkg", "宗地")
    write_layer(land.ownership, folder / "国土.gpkg", "集体土地所有权")
    write_layer(land.buildings[[*BUILDING_FIELDS, "geometry"]], folder / "国土.gpkg", "自然幢")
    for kind, frame in land.restrictions.items():
        coded = frame.assign(BSM=[f"{kind[:2].upper()}{i + 1:05d}" for i in range(len(frame))]).rename(columns={"name": "MC"})
        write_layer(coded, folder / "国土.gpkg", RESTRICTION_LAYERS[kind])
    tell("files", 0.96)
    write_roads(recipe, ground.roads, folder / "道路.zip")
    write_points(recipe, land.facilities, land.venues, villages, folder)
    write_raster(*land.people, recipe, folder / "population.tif", nodata=-1)
    fine_grid = ground.terrain.transform @ Affine.scale(0.5)
    write_raster(ground.terrain.dem, fine_grid, recipe, folder / "dem.tif", nodata=-9999)
    cases = case_table(land.staged, villages, land.buildings, land.venues)
    cases.to_csv(folder / "cases.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    return write_toml(recipe, folder, land.restrictions)


def _tell(progress: Callable[[str, float], None] | None, step: str, share: float | None = None) -> None:
    if progress:
        progress(f"demo.steps.{step}", _SHARE_BEFORE[step] if share is None else share)


def _stamp(seed: int) -> str:
    """What a finished county was made from: seed, recipe, cases and code. Written last, so a broken run is made anew."""
    digest = hashlib.sha256(str(seed).encode())
    for source in (RECIPE, CASES, *sorted(Path(__file__).parent.glob("*.py"))):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _named(recipe: Recipe, roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Roads with a `name`: a main road's number, a letter and the way's number for those below, none for lanes."""
    prefix = roads["road_class"].map(lambda name: recipe.roads[name]["name"])
    single = prefix.str.len() > 1
    names = np.where(single | (prefix == ""), prefix, prefix + roads["way"].map("{:04d}".format))
    return roads.assign(name=names)


def _clear(folder: Path) -> None:
    """Remove what an earlier run left, so that no layer is appended to an old file."""
    for path in sorted(folder.iterdir()):
        if path.suffix in (".gpkg", ".zip", ".csv", ".xlsx", ".tif", ".toml"):
            path.unlink()
        elif path.suffix == ".gdb":
            shutil.rmtree(path)


def _write_places(
    recipe: Recipe, villages: gpd.GeoDataFrame, settlements: pd.DataFrame, streams: gpd.GeoDataFrame, folder: Path
) -> None:
    named = {
        "village_code": "行政村代码",
        "village_name": "行政村名称",
        "township_code": "乡镇代码",
        "township_name": "乡镇名称",
        "population": "人口",
        "households": "户数",
        "urban_rural": "城乡分类代码",
        "income_wan_yuan": "村集体经济收入(万元)",
        "village_class": "村级分类",
    }
    path = folder / "行政区.gpkg"
    order = villages.sort_values("village_code").reset_index(drop=True)
    write_layer(order[[*named, "geometry"]].rename(columns=named), path, "行政村")
    towns = order.dissolve("township_code", as_index=False, method="coverage")[["township_code", "township_name", "geometry"]]
    write_layer(towns.rename(columns=named), path, "乡镇")
    points = gpd.GeoDataFrame(
        {
            "自然村代码": settlements["settlement_id"],
            "自然村名称": settlements["settlement_name"],
            "行政村代码": villages["village_code"].to_numpy()[settlements["village"]],
            "人口": settlements["population"],
            "户数": settlements["households"],
        },
        geometry=gpd.points_from_xy(settlements["x"], settlements["y"], crs=recipe.crs),
    )
    write_layer(points, path, "自然村")
    outline = shapely.buffer(shapely.union_all(villages.geometry.values), CELL_M)
    inside = streams[streams.intersects(outline)]
    lines = gpd.GeoDataFrame({"名称": inside["name"], "宽度": inside["width_m"].round(1)}, geometry=inside.geometry)
    write_layer(lines, folder / "水系.gpkg", "水系")
