"""Vector files read as a stream of Arrow batches, whose shapes are decoded on one core while the next batch is read on another."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from layers.cores import CHUNK, side_by_side, start

_PLAIN = ("OFTInteger", "OFTInteger64", "OFTReal", "OFTString")
"""Types of fields that mean the same in Arrow and in a frame; dates, lists and JSON are for `pyogrio.read_dataframe`."""


def read_stream(path: Path, *, layer: str | None, encoding: str | None, columns: list[str]) -> gpd.GeoDataFrame | None:
    """What `pyogrio.read_dataframe` reads with Arrow, sooner; None for a layer with other fields than numbers and texts.

    Parameters
    ----------
    path : Path
    layer, encoding, columns
        As for `pyogrio.read_dataframe`.

    Raises
    ------
    NotImplementedError
        For curves, which Arrow does not carry.
    """
    with pyogrio.open_arrow(path, layer=layer, encoding=encoding, columns=columns, use_pyarrow=True) as (about, batches):
        name = about["geometry_name"] or "wkb_geometry"
        plain = set(about["ogr_types"]) <= set(_PLAIN) and set(about["ogr_subtypes"]) <= {"OFSTNone"}
        if not plain or name not in batches.schema.names:
            return None
        shapes: list[Future[np.ndarray]] = []
        rest = []
        for batch in batches:
            shapes.append(start(_decoded, batch.column(name)))
            rest.append(batch.drop_columns([name]))
        schema = pa.schema([field for field in batches.schema if field.name != name])
    table = pa.Table.from_batches(rest, schema)
    filled = (side_by_side if len(table) > CHUNK else map)(_column, ((table, column) for column in schema.names))
    frame = pd.DataFrame(dict(zip(schema.names, filled, strict=True)), index=pd.RangeIndex(len(table)), copy=False)
    geometry = np.concatenate([each.result() for each in shapes]) if shapes else np.zeros(0, dtype=object)
    return gpd.GeoDataFrame(frame, geometry=gpd.array.from_shapely(geometry, crs=about["crs"]))


def _column(job: tuple[pa.Table, str]) -> pd.Series:
    """A column in one piece: what is asked of it later is asked once and not for every batch."""
    table, name = job
    column = table.column(name)
    if pa.types.is_string(column.type):
        column = column.cast(pa.large_string())   # as pandas holds texts; the shorter kind cannot hold all of a large layer
    return pa.table({name: column.combine_chunks()}).to_pandas()[name]


def _decoded(wkb: pa.Array) -> np.ndarray:
    storage = wkb.storage if isinstance(wkb, pa.ExtensionArray) else wkb
    return shapely.from_wkb(storage.to_numpy(zero_copy_only=False))
