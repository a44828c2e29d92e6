"""The kept county: the same to the last bit, gone at the first changed byte, harmless when damaged, and nothing but the County."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from pyproj import CRS

from layers import cache
from layers.county import County, Raster
from layers.open import open_county
from layers.schema import ROLES
from tests import toytown
from tests.ui.townfiles import write_town


@pytest.fixture
def town(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("CUNZHI_CACHE", str(tmp_path / "cache"))
    (tmp_path / "town").mkdir()
    return write_town(tmp_path / "town")


def opened(path: Path) -> County:
    county = open_county(path, cache=True)
    for thread in threading.enumerate():
        if thread.name == "cunzhi-cache":
            thread.join()
    return county


def kept(path: Path) -> County | None:
    return cache.load(path, cache.key_of(path))


def assert_same(first: County, second: County) -> None:
    for role in ROLES:
        one, other = getattr(first, role), getattr(second, role)
        assert (one is None) == (other is None), role
        if one is not None:
            assert one.dtypes.equals(other.dtypes) and one.crs == other.crs
            pd.testing.assert_frame_equal(pd.DataFrame(one.drop(columns="geometry")), pd.DataFrame(other.drop(columns="geometry")))
            assert one.geometry.to_wkb().equals(other.geometry.to_wkb())
    for name in ("name", "code", "crs", "provenance", "findings", "source", "options"):
        assert getattr(first, name) == getattr(second, name), name
    assert (first.terrain is None) == (second.terrain is None)


def test_the_second_opening_is_the_first_to_the_last_bit(town, monkeypatch):
    first = opened(town)
    monkeypatch.setattr("layers.open._open", None)   # whoever reads the sources now fails
    assert_same(first, opened(town))


def test_rasters_come_back_with_their_holes_and_their_place(town):
    heights = np.array([[1.5, np.nan], [-3.25, 8000.0]], dtype=np.float32)
    raster = Raster(heights, Affine(30, 0, 500_000.1, 0, -30, 3_000_000.7), CRS.from_epsg(4547))
    county = dataclasses.replace(open_county(town), terrain=raster)
    assert cache.keep(county, town, cache.key_of(town))
    back = kept(town).terrain
    assert back.values.dtype == np.float32 and np.array_equal(back.values, heights, equal_nan=True)
    assert back.transform == raster.transform and back.crs == raster.crs


def test_one_changed_byte_is_enough_even_with_the_same_size_and_time(town):
    opened(town)
    data = town.parent / "town.gpkg"
    before, raw = data.stat(), bytearray(data.read_bytes())
    raw[-1] ^= 1
    data.write_bytes(raw)
    os.utime(data, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert data.stat().st_size == before.st_size and data.stat().st_mtime_ns == before.st_mtime_ns
    assert kept(town) is None


def test_county_toml_counts_but_not_its_comments_and_what_is_laid_aside(town):
    opened(town)
    text = town.read_text(encoding="utf-8")
    town.write_text(f'# a note\n{text}\n[findings]\nignored = ["x:y:z"]\n', encoding="utf-8")
    assert kept(town) is not None
    town.write_text(text.replace("双溪县", "双溪市"), encoding="utf-8")
    assert kept(town) is None


def test_other_code_reads_anew(town, monkeypatch):
    opened(town)
    monkeypatch.setattr(cache, "code_mark", lambda: "another version")
    assert kept(town) is None


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "gone", "nonsense"])
def test_damage_is_noticed_and_mended_by_reading_again(town, damage):
    first = opened(town)
    folder = cache.cache_folder() / cache.key_of(town)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        half = len(whole) // 2
        if damage == "gone":
            path.unlink()
        else:
            path.write_bytes({"flip": whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1:], "cut": whole[:half], "empty": b"",
                              "nonsense": b'{"county": 3, "sha256": []}'}[damage])
        assert kept(town) is None, path.name
        path.write_bytes(whole)
    assert kept(town) is not None
    (folder / "parcels.parquet").write_bytes(b"")
    assert_same(first, opened(town))
    assert_same(first, kept(town))


def test_what_changed_while_it_was_read_is_not_kept(town):
    county, key = open_county(town), cache.key_of(town)
    with town.open("a", encoding="utf-8") as file:
        file.write("\n[other]\nx = 1\n")
    assert not cache.keep(county, town, key) and kept(town) is None


def test_nothing_is_kept_where_it_is_off_or_cannot_be(town, tmp_path, monkeypatch):
    monkeypatch.setenv("CUNZHI_CACHE", "off")
    opened(town)
    assert cache.key_of(town) is None and not (tmp_path / "cache").exists()
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CUNZHI_CACHE", str(tmp_path / "file"))
    assert opened(town).parcels is not None


def test_only_the_last_counties_stay(town, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "KEPT", 2)
    text = town.read_text(encoding="utf-8")
    for name in ("甲县", "乙县", "丙县"):
        town.write_text(text.replace("双溪县", name), encoding="utf-8")
        opened(town)
    assert len(list((tmp_path / "cache").iterdir())) == 2 and kept(town).name == "丙县"


def test_only_what_is_in_the_county_is_in_the_cache(town, tmp_path):
    """A note in county.toml, the path of the folder: nothing of the sources beside the layers' standard columns gets there."""
    with town.open("a", encoding="utf-8") as file:
        file.write("\n# secret-remark\n")
    opened(town)
    folder = next((tmp_path / "cache").iterdir())
    text = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"secret-remark" not in text and str(town.parent).encode() not in text
    assert {path.name for path in folder.iterdir()} == {
        "county.json", *(f"{role}.parquet" for role in ROLES if getattr(kept(town), role) is not None)}


def _many(role: str) -> gpd.GeoDataFrame:
    """The toy town with a thousand facilities: what Arrow would start threads for, which none can at the end of a program."""
    frame = getattr(toytown, role)()
    if role != "facilities":
        return frame
    more = frame.iloc[np.arange(1_000) % len(frame)].reset_index(drop=True)
    return more.set_geometry(gpd.points_from_xy(more.geometry.x + np.arange(1_000), more.geometry.y, crs=frame.crs))


def test_a_program_that_ends_at_once_has_kept_its_county(tmp_path, monkeypatch):
    monkeypatch.setenv("CUNZHI_CACHE", str(tmp_path / "cache"))
    path = write_town(tmp_path / "town", layer=_many)
    code = "import sys; from layers.open import open_county; open_county(sys.argv[1], cache=True)"
    root = Path(cache.__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=root, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    county = kept(path)
    assert county is not None and len(county.facilities) == 1_000
