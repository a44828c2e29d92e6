"""OpenStreetMap: extracts (.osm.pbf, .osm) through GDAL, saved GraphML and place names through osmnx, tags as columns."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from layers.findings import Finding, InputError
from layers.role import OsmQuery, Role

_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_ROAD_KEYS = ("highway", "name", "ref", "oneway", "bridge", "tunnel", "layer", "surface", "width", "access", "junction", "reversed")


def read_extract(path: Path, role: Role, layer: str, *, extra: tuple[str, ...] = ()) -> gpd.GeoDataFrame:
    """Things of a role from an extract, one row each, its tags in columns; degrees in WGS 84.

    Parameters
    ----------
    path : Path
        .osm.pbf or .osm.
    role : Role
        Says which layers and tags.
    layer : str
        Name for the findings.
    extra : tuple of str
        Further tags to read, because rows are filtered by them.

    Raises
    ------
    InputError
        If this role is not taken from OSM.
    """
    query = _query(role, layer)
    parts = []
    for name in query.layers:
        info = pyogrio.read_info(path, layer=name)
        own = [str(field) for field in info["fields"]]
        keys = tuple(dict.fromkeys((*query.keys, *query.tags, *extra)))
        columns = [key for key in ("osm_id", "osm_way_id", *keys, "other_tags") if key in own]
        where = _where(query, own)
        frame = pyogrio.read_dataframe(path, layer=name, columns=columns, where=where, use_arrow=True)
        parts.append(_with_tags(frame, keys, prefix={"points": "n", "lines": "w", "multipolygons": "r"}[name]))
    whole = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    if query.tags:
        whole = whole[_matches(whole, query)].reset_index(drop=True)
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=4326)


def _query(role: Role, layer: str) -> OsmQuery:
    if role.osm is None:
        raise InputError([Finding("osm_no_such_role", "error", f"layers.{layer}", "source", params={"role": role.name})])
    return role.osm


def _where(query: OsmQuery, own: list[str]) -> str | None:
    """Rows without any of the keys are not even handed over; keys that the driver keeps in `other_tags` are looked for there."""
    tests = [f'"{key}" IS NOT NULL' if key in own else f"other_tags LIKE '%\"{key}\"=>%'" for key in query.tags]
    return " OR ".join(tests) or None


def _with_tags(frame: gpd.GeoDataFrame, keys: tuple[str, ...], *, prefix: str) -> gpd.GeoDataFrame:
    """Tags of the driver's `other_tags` text as columns; ids made unique over nodes, ways and relations."""
    wanted = [key for key in keys if key not in frame.columns]
    tags = [dict(_PAIR.findall(text)) if isinstance(text, str) else {} for text in frame["other_tags"]]
    columns = {key: pd.Series([tag.get(key) for tag in tags], index=frame.index, dtype="str") for key in wanted}
    ids = prefix + frame["osm_id"].astype("str")
    if "osm_way_id" in frame.columns:
        ids = ids.where(frame["osm_id"].notna(), "w" + frame["osm_way_id"].astype("str"))
    out = frame.drop(columns=["other_tags", "osm_way_id"], errors="ignore").assign(osm_id=ids, **columns)
    return out


def _matches(frame: pd.DataFrame, query: OsmQuery) -> np.ndarray:
    hit = np.zeros(len(frame), dtype=bool)
    for key, values in query.tags.items():
        hit |= (frame[key].isin(values) if values else frame[key].notna()).to_numpy()
    return hit


def read_graphml(path: Path, layer: str) -> gpd.GeoDataFrame:
    """Roads of a graph saved by osmnx, one row per street between two junctions; directions as drawn.

    Parameters
    ----------
    path : Path
        .graphml
    layer : str
        Name for the findings.

    Raises
    ------
    InputError
        If it is not a graph that osmnx can load.
    """
    import osmnx

    try:
        graph = osmnx.load_graphml(path)
    except Exception as error:
        # osmnx and networkx let many kinds of error through on a file that is not theirs
        params = {"path": path.name, "problem": f"{type(error).__name__}: {error}"}
        raise InputError([Finding("source_unreadable", "error", f"layers.{layer}", "source", params=params)]) from error
    return _graph_roads(graph)


def _graph_roads(graph) -> gpd.GeoDataFrame:
    import osmnx

    edges = osmnx.graph_to_gdfs(osmnx.convert.to_undirected(graph), nodes=False).reset_index()
    nodes = {node: (data["x"], data["y"]) for node, data in graph.nodes(data=True)}
    start = np.array([nodes[node] for node in edges["from"]])
    first = shapely.get_coordinates(shapely.get_point(edges.geometry.array, 0))
    backwards = np.hypot(*(start - first).T) > 1e-9
    lines = edges.geometry.where(~backwards, edges.geometry.reverse())
    data = {key: edges[key].map(_one) for key in _ROAD_KEYS if key in edges.columns}
    data["oneway"] = (
        edges["oneway"].map({True: "yes", False: "no"}) if "oneway" in edges.columns else pd.Series("no", index=edges.index)
    )
    data["osm_id"] = [f"{u}-{v}-{key}" for u, v, key in zip(edges["u"], edges["v"], edges["key"], strict=True)]
    return gpd.GeoDataFrame(pd.DataFrame(data).astype("str"), geometry=lines.to_numpy(), crs=edges.crs)


def _one(value: object) -> object:
    """osmnx merges ways into one street and then lists their tags: the first one speaks for it."""
    if isinstance(value, (list, tuple, set)):
        return str(next(iter(value))) if value else np.nan
    return np.nan if value is None or (isinstance(value, float) and np.isnan(value)) else str(value)


def read_place(place: str, role: Role, layer: str, *, extra: tuple[str, ...] = ()) -> gpd.GeoDataFrame:
    """Things of a role in a place named as OSM knows it, asked from the network through osmnx.

    Parameters
    ----------
    place : str
        ``岐山县, 宝鸡市``
    role, layer, extra
        As for `read_extract`.

    Raises
    ------
    InputError
        If the role is not taken from OSM, the place is not found, or there is no network.
    """
    query = _query(role, layer)
    import osmnx

    try:
        if role.name == "roads":
            return _graph_roads(osmnx.graph_from_place(place, network_type="all", retain_all=True, simplify=True))
        found = osmnx.features_from_place(place, {key: list(values) or True for key, values in query.tags.items()})
    except OSError as error:
        params = {"place": place, "problem": type(error).__name__}
        raise InputError([Finding("osm_no_network", "error", f"layers.{layer}", "source", params=params)]) from error
    except Exception as error:
        # osmnx keeps its own errors private; what is not a failed connection is a place that it did not find or could not use
        params = {"place": place, "problem": str(error)}
        raise InputError([Finding("osm_place_failed", "error", f"layers.{layer}", "source", params=params)]) from error
    found = found.reset_index()
    keys = [key for key in dict.fromkeys((*query.keys, *query.tags, *extra)) if key in found.columns]
    frame = found[[*keys, "geometry"]].assign(osm_id=found["element"].str[0] + found["id"].astype("str"))
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=found.crs)


def frame_hash(frame: gpd.GeoDataFrame) -> str:
    """SHA-256 of the rows of what came from the network, where there is no file to hash."""
    digest = hashlib.sha256(frame.drop(columns="geometry").to_csv(index=False).encode())
    digest.update(b"".join(shapely.to_wkb(frame.geometry.array)))
    return digest.hexdigest()
