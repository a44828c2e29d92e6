"""The ground that coverage is told on: the network and where people live, joined to it once for any number of sets of venues."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from geo.inputs import CountyLike, GeoError, require_metric
from geo.measures.residents import Residents, home_villages, points_of, residents_of
from geo.network import NetworkError, RoadNetwork, build_network
from geo.offroad import water_areas
from geo.scenario import Scenario
from geo.snapping import Snaps, snap


class CoverageError(GeoError, ValueError):
    """Coverage cannot be told from what was given."""


@dataclass(frozen=True)
class Ground:
    """Network, homes and natural villages of a county, ready for walks. Build it with `ground_of`.

    `homes` are the residents' points on the network. `settlements` holds the natural villages that are lived in and have a place,
    with `settlement_villages` their positions in the county's list (-1 none). None where the layer it needs is lacking.
    """

    network: RoadNetwork | None
    residents: Residents | None
    homes: Snaps | None
    settlements: gpd.GeoDataFrame | None
    settlement_villages: np.ndarray | None
    settlement_homes: Snaps | None
    lacking: tuple[str, ...]
    """Roles without which walks cannot be told: roads, population."""


def ground_of(county: CountyLike, scenario: Scenario, *, network: RoadNetwork | None = None) -> Ground:
    """The ground of a county, to be built once and used for every set of venues that is looked at.

    Parameters
    ----------
    county : CountyLike
        With villages; without roads or residents coverage stays unknown, and `Ground.lacking` says why.
    scenario : Scenario
        Speeds and limits of a walk.
    network : RoadNetwork, optional
        The county's network if it is at hand; built from its roads unless given.

    Raises
    ------
    NotMetricError
        When lengths in the county's CRS are not metres.
    CoverageError
        When the county has no list of villages.
    """
    require_metric(county.crs)
    if county.villages is None:
        raise CoverageError("the county has no list of villages: coverage is told village by village")
    if network is None and county.roads is not None:
        try:
            network = build_network(
                county.roads, terrain=county.terrain, travel=scenario.travel, water=water_areas(county.restrictions))
        except NetworkError:
            network = None
    residents = residents_of(county)
    lacking = tuple(role for role, there in (("roads", network), ("population", residents)) if there is None)
    homes = None if network is None or residents is None else snap(residents.xy, network, mode="walk")
    if county.settlements is None:
        return Ground(network, residents, homes, None, None, None, lacking)
    lived_in = county.settlements[county.settlements["population"].ne(0).to_numpy(bool)]
    rows, xy = points_of(lived_in)
    there = lived_in.iloc[rows].reset_index(drop=True)
    villages = home_villages(there["village_code"], county, xy)
    joined = None if network is None else snap(xy, network, mode="walk")
    return Ground(network, residents, homes, there, villages, joined, lacking)
