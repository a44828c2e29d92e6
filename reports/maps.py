"""Maps for documents, drawn from the county's own layers in its metric CRS: relief, roads, parcels, buildings, restrictions. PNG.

Each has a scale bar, a north arrow (grid north) and a legend of what is on it.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geo.coverage import Coverage
from geo.results import Study
from layers.county import County
from layers.schema import ROAD_CLASSES
from reports import map_layers as layer
from reports.map_sheet import LEGEND_CM, finish, mark, new_sheet
from reports.measure_rows import position_of
from reports.pictures import png_bytes

SITE_HALF_M = 220.0
"""From the site to the edge of its close map, m; more for a large parcel."""


def site_png(study: Study, county: County, candidate_id: str, language: str, *, half_m: float | None = None,
             plain: bool = False, width_cm: float = 17.0, height_cm: float = 11.0) -> bytes:
    """The site and what lies around it.

    Parameters
    ----------
    study, county : Study, County
    candidate_id : str
    language : {"zh", "en"}
    half_m : float, optional
        From the site to the upper edge, m; by default so that the site fills a good part.
    plain : bool
        Only what may be shown to everybody: no other candidates and no restrictions, such as for a public notice.
    width_cm, height_cm : float

    Raises
    ------
    NoSuchCandidate
        When the study has no such candidate.
    """
    row = study.candidates.iloc[position_of(study, candidate_id)]
    middle = row.geometry.centroid
    left, bottom, right, top = row.geometry.bounds
    half = half_m or max(SITE_HALF_M, 1.6 * max(top - bottom, (right - left) * height_cm / width_cm))
    picture, sheet = new_sheet((middle.x, middle.y), half, language, width_cm, height_cm)
    layer.relief(sheet, county.terrain)
    close = half <= 600
    layer.restrictions(sheet, county.restrictions, water_only=plain)
    if close:
        layer.parcels(sheet, county.parcels)
        layer.buildings(sheet, county.buildings)
    if not plain:
        layer.candidates(sheet, study, candidate_id)
    layer.roads(sheet, county.roads, ROAD_CLASSES)
    if not close:
        layer.limits(sheet, county.villages)
    layer.site(sheet, row.geometry)
    layer.settlements(sheet, county.settlements)   # first, so that their names have the first place
    layer.facilities(sheet, county.facilities)
    layer.venues(sheet, county)
    finish(picture, sheet)
    return png_bytes(picture)


def surroundings_half_m(study: Study, candidate_id: str) -> float:
    """Half the height in metres of a map that shows the site's village, 600 to 3,000 m."""
    row = study.candidates.iloc[position_of(study, candidate_id)]
    village = study.villages[study.villages["village_code"].eq(row["village_code"]).fillna(False).to_numpy(bool)]
    if village.empty or village.geometry.iloc[0] is None or village.geometry.iloc[0].is_empty:
        return 1500.0
    left, bottom, right, top = village.geometry.iloc[0].bounds
    middle = row.geometry.centroid
    reach = max(top - middle.y, middle.y - bottom, 0.65 * (right - middle.x), 0.65 * (middle.x - left))
    return float(min(max(1.05 * reach, 700.0), 3000.0))


def county_png(
    study: Study,
    county: County,
    language: str,
    *,
    coverage: Coverage | None = None,
    sites: gpd.GeoDataFrame | None = None,
    most_width_cm: float = 17.0,
    height_cm: float = 14.0,
) -> bytes:
    """Villages by the venue they have, people who are not served as dots, sites that are chosen as marks.

    Parameters
    ----------
    study, county : Study, County
    language : {"zh", "en"}
    coverage : Coverage, optional
        Whose unserved homes are drawn.
    sites : GeoDataFrame, optional
        Chosen sites, in the county's CRS.
    most_width_cm, height_cm : float
        The picture is narrower where the county is.
    """
    villages = study.villages if coverage is None else coverage.villages
    shapes = villages.geometry[~(villages.geometry.isna() | villages.geometry.is_empty)]
    left, bottom, right, top = shapes.total_bounds if len(shapes) else study.candidates.total_bounds
    width_cm = float(np.clip((right - left) / max(top - bottom, 1.0) * (height_cm - LEGEND_CM) * 1.02, 12.0, most_width_cm))
    half = max((top - bottom) / 2, (right - left) / 2 * (height_cm - LEGEND_CM) / width_cm) * 1.04
    picture, sheet = new_sheet(((left + right) / 2, (bottom + top) / 2), half, language, width_cm, height_cm)
    layer.relief(sheet, county.terrain)
    layer.statuses(sheet, villages)
    layer.roads(sheet, county.roads, ROAD_CLASSES[:ROAD_CLASSES.index("county") + 1])
    layer.townships(sheet, villages)
    if coverage is not None:
        layer.unserved(sheet, coverage)
    if sites is not None and len(sites):
        at = shapely.get_coordinates(sites.geometry.centroid.to_numpy())
        sheet.axes.plot(
            at[:, 0], at[:, 1], "^", color="#07404c", markeredgecolor="white", markeredgewidth=0.5, markersize=5, zorder=9
        )
        sheet.legend[sheet.tell("document.map.chosen")] = mark("^", "#07404c")
    finish(picture, sheet)
    return png_bytes(picture)
