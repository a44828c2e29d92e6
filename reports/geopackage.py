"""The study as a GeoPackage for the county's GIS: layers `candidates` and `villages` in the county's metric CRS.

Colours and labels go with it (`reports.layer_styles`): QGIS applies them when a layer is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pyogrio

from geo.results import Study
from layers.words import LANGUAGES
from reports.layer_styles import TABLE, style_table
from reports.tables import candidates_table, villages_table

_STAMP = "OGR_CURRENT_DATE"
_NO_DATE = "1970-01-01T00:00:00.000Z"
_VERSION = "1.2"
"""Of the format: what every QGIS 3 reads without a warning."""


def write_geopackage(
    study: Study, path: Path, *, candidates: gpd.GeoDataFrame | None = None, language: str = LANGUAGES[0],
) -> None:
    """Write the candidates and the villages, with the columns of the CSV files, to a new GeoPackage.

    Ranks are nullable integers, missing is NULL, unreachable is infinite. The date of change that the format asks for is fixed, so
    that equal studies give equal files. Villages also carry what villages.csv leaves out (`venue_lacks`, `verifying`).

    Parameters
    ----------
    study : Study
        The study.
    path : Path
        The file; it must not exist yet.
    candidates : GeoDataFrame, optional
        `candidates_table` of the same study, where it has been made already.
    language : str
        Of the classes' names in the styles.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    table = candidates_table(study) if candidates is None else candidates
    write_layers(path, {"candidates": table, "villages": villages_table(study, full=True)}, language=language)


def write_layers(path: Path, layers: Mapping[str, gpd.GeoDataFrame], *, language: str = LANGUAGES[0]) -> None:
    """Write frames as the layers of a new GeoPackage, with the styles known for them; equal frames give equal files.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    before = pyogrio.get_gdal_config_option(_STAMP)
    pyogrio.set_gdal_config_options({_STAMP: _NO_DATE})
    try:
        for position, (name, frame) in enumerate(layers.items()):
            _write(frame, path, name, append=position > 0)
        styles = style_table(layers, language)
        if not styles.empty:   # QGIS knows the columns by name; its own table has the row number in `id`
            pyogrio.write_dataframe(styles, path, layer=TABLE, driver="GPKG", append=True,
                                    layer_options={"FID": "id", "DATETIME_PRECISION": "MILLISECOND"})
    except pyogrio.errors.DataSourceError as error:
        raise OSError(str(error)) from error
    finally:
        pyogrio.set_gdal_config_options({_STAMP: before})


def _write(frame: gpd.GeoDataFrame, path: Path, layer: str, *, append: bool) -> None:
    types = set(frame.geometry.dropna().geom_type)
    kind = "MultiPolygon" if types and types <= {"Polygon", "MultiPolygon"} else next(iter(types)) if len(types) == 1 else "Unknown"
    pyogrio.write_dataframe(
        frame, path, layer=layer, driver="GPKG", append=append, use_arrow=True, geometry_type=kind,
        promote_to_multi=kind == "MultiPolygon", dataset_options={} if append else {"VERSION": _VERSION},
    )
