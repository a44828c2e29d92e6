"""An opened county kept on disk, so that opening it again takes as long as reading it: never stale, and never needed.

The name under which a county is kept is made from the content of its county.toml, of every file that it names, and of the code and
tables that read them; a changed byte anywhere gives another name. What is kept is the `County` and nothing else, each file with its
hash: one that was damaged is not used, and the county is read from its sources again. Databases and OpenStreetMap are not kept,
since nothing here can tell whether they have changed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from affine import Affine
from pyproj import CRS
from pyproj.exceptions import CRSError

from layers import database
from layers.archive import content_hash
from layers.config import CountyConfig, county_content, read_config
from layers.county import County, Provenance, Raster
from layers.findings import Finding
from layers.formats import split_source
from layers.schema import RASTER_ROLES, ROLES, conform

KEPT = 8
"""Counties kept; the one not used for longest goes first."""

OFF = "off"
_CODE = Path(__file__).resolve().parent
_TABLES = _CODE.parent / "data"
_MANIFEST = "county.json"


def cache_folder() -> Path | None:
    """Where opened counties are kept: CUNZHI_CACHE, else the user's cache folder; None where CUNZHI_CACHE is ``off``."""
    named = os.environ.get("CUNZHI_CACHE")
    if named:
        return None if named.casefold() == OFF else Path(named).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "cunzhi" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cunzhi"


def cache_key(config: CountyConfig) -> str | None:
    """The name of a county by its content; None for one that cannot be told apart by files alone."""
    digest = hashlib.sha256(code_mark().encode())
    digest.update(county_content(config.path))
    hashes: dict[Path, str] = {}
    for spec in config.layers:
        for source in (*spec.sources, *filter(None, (spec.listing,))):
            if source.startswith("osm:") or database.is_database(source):
                return None
            digest.update(f"|{spec.name}|{source}|".encode())
            for path in _read_with(spec.folder / split_source(source)[0]):
                if path not in hashes:
                    hashes[path] = content_hash(path) if path.is_dir() else _hash_of_file(path)
                digest.update(f"{path.name}|{hashes[path]}".encode())
    return digest.hexdigest()[:40]


def _hash_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_with(path: Path) -> list[Path]:
    """The files that reading a source may open: itself, and what stands beside it under the same name."""
    if path.is_dir():
        return [path]
    beside = [other for other in path.parent.iterdir() if other.is_file() and other.name.startswith(f"{path.stem}.")]
    return sorted(beside)


@cache
def code_mark() -> str:
    """A mark of everything but the data that an opened county depends on: the code and tables here, and the libraries."""
    digest = hashlib.sha256()
    for path in (*sorted(_CODE.rglob("*.py")), *sorted(_TABLES.glob("*.toml"))):
        digest.update(path.name.encode() + path.read_bytes())
    import pyogrio
    import pyproj
    import rasterio

    versions = (sys.version, gpd.__version__, shapely.__version__, shapely.geos_version_string, pyogrio.__version__,
                pyogrio.__gdal_version__, pyproj.__version__, pyproj.proj_version_str, rasterio.__version__, pa.__version__)
    digest.update(repr(versions).encode())
    return digest.hexdigest()


def load(path: str | Path, key: str | None) -> County | None:
    """The county of a county.toml as it was kept under `key_of`; None where it was not, or what was kept is damaged.

    Raises
    ------
    InputError
        As `layers.config.read_config`.
    """
    config = read_config(path)
    home = cache_folder()
    try:
        if home is None or key is None or not (home / key / _MANIFEST).is_file():
            return None
        county = _restored(home / key, config)
        os.utime(home / key)
        return county
    except _DAMAGED:
        return None


_DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, CRSError, pa.ArrowException, shapely.errors.ShapelyError)
"""What a file that is not what it was may raise while it is read."""


def key_of(path: str | Path) -> str | None:
    """The name by which a county.toml would be kept as it is now; None where it is not kept or a file cannot be read."""
    try:
        return None if cache_folder() is None else cache_key(read_config(path))
    except OSError:
        return None


def keep(county: County, path: str | Path, key: str | None) -> bool:
    """Keep an opened county for `load`; False where it cannot be kept, which is no fault.

    `key` is `key_of` from before it was opened: a file that changed while it was read is not kept.
    """
    home = cache_folder()
    try:
        if home is None or key is None or key_of(path) != key:
            return False
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = Path(tempfile.mkdtemp(prefix=".part-", dir=home))
        try:
            _write(county, part)
            shutil.rmtree(home / key, ignore_errors=True)   # one that was found damaged
            os.replace(part, home / key)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        _make_room(home)
    except (*_DAMAGED, RuntimeError):   # the latter where the program ends meanwhile: no thread can be started then
        return False
    return True


def keep_later(county: County, path: str | Path, key: str | None) -> threading.Thread:
    """As `keep`, beside the work that follows; the program waits for it before it ends."""
    writer = threading.Thread(target=keep, args=(county, path, key), name="cunzhi-cache")
    writer.start()
    return writer


def _write(county: County, folder: Path) -> None:
    files: dict[str, str] = {}
    for role in ROLES:
        frame = getattr(county, role)
        if frame is None:
            continue
        if list(frame.columns) != [*(column.name for column in ROLES[role]), "geometry"] or frame.crs != county.crs:
            raise ValueError(role)   # more than the standard columns would not come back
        files[f"{role}.parquet"] = _put(folder / f"{role}.parquet", _packed(frame))
    rasters = {}
    for role in RASTER_ROLES:
        raster = getattr(county, role)
        if raster is not None:
            buffer = io.BytesIO()
            np.save(buffer, raster.values, allow_pickle=False)
            files[f"{role}.npy"] = _put(folder / f"{role}.npy", buffer.getbuffer())
            rasters[role] = {"transform": list(raster.transform)[:6], "crs": raster.crs.srs}
    manifest = {
        "name": county.name, "code": county.code, "crs": county.crs.srs, "files": files, "rasters": rasters,
        "provenance": [_plain(item) for item in county.provenance], "findings": [_plain(item) for item in county.findings],
    }
    text = json.dumps(manifest, ensure_ascii=False)
    if [Finding(**_finding(item)) for item in json.loads(text)["findings"]] != list(county.findings):
        raise ValueError("findings")   # some parameter that JSON does not bring back as it was
    _put(folder / _MANIFEST, json.dumps({"county": text, "sha256": hashlib.sha256(text.encode()).hexdigest()}).encode())


def _packed(frame: gpd.GeoDataFrame) -> memoryview:
    """A layer as Parquet, its shapes as WKB. By one thread: a program that ends lets no other one be started."""
    plain = [name for name in frame.columns if name != "geometry"]
    table = pa.Table.from_pandas(pd.DataFrame(frame[plain]), preserve_index=False, nthreads=1)
    table = table.append_column("geometry", pa.array(shapely.to_wkb(np.asarray(frame.geometry.array)), type=pa.binary()))
    buffer = io.BytesIO()
    # shapes are all different, and looking for repeats among them is what takes longest in writing and reading
    pq.write_table(table, buffer, compression="lz4", use_dictionary=plain, write_statistics=False)
    return buffer.getbuffer()


def _unpacked(content: bytes, crs: CRS) -> gpd.GeoDataFrame:
    table = pq.read_table(pa.BufferReader(content))
    shapes = shapely.from_wkb(table.column("geometry").to_numpy())
    return gpd.GeoDataFrame(table.drop_columns(["geometry"]).to_pandas(), geometry=gpd.array.from_shapely(shapes, crs=crs))


def _put(path: Path, content: bytes | memoryview) -> str:
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _restored(folder: Path, config: CountyConfig) -> County:
    sealed = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    if hashlib.sha256(sealed["county"].encode()).hexdigest() != sealed["sha256"]:
        raise ValueError(_MANIFEST)
    manifest = json.loads(sealed["county"])
    layers: dict[str, gpd.GeoDataFrame | Raster] = {}
    crs = CRS.from_user_input(manifest["crs"])
    for name, expected in manifest["files"].items():
        content = (folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != expected:
            raise ValueError(name)
        role = Path(name).stem
        if name.endswith(".npy"):
            values, about = np.load(io.BytesIO(content), allow_pickle=False), manifest["rasters"][role]
            layers[role] = Raster(values, Affine(*about["transform"]), CRS.from_user_input(about["crs"]))
        else:
            layers[role] = conform(_unpacked(content, crs), role)
    return County(
        manifest["name"], manifest["code"], crs, provenance=tuple(Provenance(**item) for item in manifest["provenance"]),
        findings=tuple(Finding(**_finding(item)) for item in manifest["findings"]), source=config.path.resolve(),
        options=config.options, **layers,
    )


def _plain(item: Provenance | Finding) -> dict[str, object]:
    values = {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}


def _finding(item: Mapping) -> dict:
    place = item["place"]
    return {**item, "rows": tuple(item["rows"]), "place": None if place is None else (place[0], place[1])}


def _make_room(home: Path) -> None:
    kept = sorted((path for path in home.iterdir() if (path / _MANIFEST).is_file()), key=lambda path: path.stat().st_mtime)
    for old in kept[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
