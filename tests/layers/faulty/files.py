"""Files that are cut off, empty, locked, misnamed, or of a kind that is not read."""

from __future__ import annotations

import io
import zipfile

import geopandas as gpd
import pandas as pd

from tests.layers.faulty.base import Town, fault, frame


def _zip(town: Town, members: dict[str, bytes], role: str = "roads") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    town.file("x.zip", packed.getvalue())
    town.source(role, "x.zip")
    return packed.getvalue()


def _cut(town: Town, role: str, name: str, part: str = "", **options: object) -> None:
    """A layer whose file (or one part of it) ends in the middle."""
    path = town.put(role, frame(role), name, **options)
    path = path.with_suffix(part) if part else path
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@fault
def gpkg_cut_off(town: Town) -> None:
    _cut(town, "roads", "r.gpkg")


@fault
def geojson_cut_off(town: Town) -> None:
    _cut(town, "roads", "r.geojson")


@fault
def fgb_cut_off(town: Town) -> None:
    _cut(town, "roads", "r.fgb")


@fault
def parquet_cut_off(town: Town) -> None:
    _cut(town, "roads", "r.parquet")


@fault
def shp_cut_off(town: Town) -> None:
    _cut(town, "roads", "r.shp", ".shp")


@fault
def shx_cut_off(town: Town) -> None:
    _cut(town, "roads", "r.shp", ".shx")


@fault
def dbf_missing(town: Town) -> None:
    town.put("roads", frame("roads"), "r.shp").with_suffix(".dbf").unlink()


@fault
def dbf_empty(town: Town) -> None:
    town.put("roads", frame("roads"), "r.shp").with_suffix(".dbf").write_bytes(b"")


@fault
def xlsx_cut_off(town: Town) -> None:
    frame("villages").drop(columns="geometry").to_excel(town.folder / "l.xlsx", index=False)
    path = town.folder / "l.xlsx"
    path.write_bytes(path.read_bytes()[:3000])
    town.sources["villages"] += '\nlist = "l.xlsx"'


@fault
def zip_cut_off(town: Town) -> None:
    packed = _zip(town, {"r.csv": b"a,b\n" * 1000})
    town.file("x.zip", packed[: len(packed) // 2])


@fault
def zip_damaged_inside(town: Town) -> None:
    packed = bytearray(_zip(town, {"r.csv": bytes(range(256)) * 100}))
    packed[60:160] = b"\xff" * 100
    town.file("x.zip", bytes(packed))


@fault
def zip_locked(town: Town) -> None:
    packed = bytearray(_zip(town, {"r.csv": b"a,b\n"}))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    town.file("x.zip", bytes(packed))


@fault
def zip_of_nothing(town: Town) -> None:
    _zip(town, {})


@fault
def zip_of_an_empty_file(town: Town) -> None:
    _zip(town, {"r.gpkg": b""})


@fault
def zip_of_other_things(town: Town) -> None:
    _zip(town, {"read me.doc": b"x", "photo.jpg": b"x"})


@fault
def zip_of_zips(town: Town) -> None:
    _zip(town, {"a.zip": _zip(town, {"r.csv": b"a\n"}), "b.zip": b"x"})


@fault
def zip_of_two_layers(town: Town) -> None:
    _zip(town, {"a.geojson": b"{}", "b.geojson": b"{}"})


@fault
def folder_of_nothing(town: Town) -> None:
    (town.folder / "gis").mkdir()
    town.source("roads", "gis")


@fault
def empty_file(town: Town) -> None:
    town.file("r.geojson", b"")
    town.source("roads", "r.geojson")


@fault
def text_named_gpkg(town: Town) -> None:
    town.file("r.gpkg", "road_id,road_class\n1,county\n")
    town.source("roads", "r.gpkg")


@fault
def gpkg_named_shp(town: Town) -> None:
    town.put("roads", frame("roads"), "r.gpkg").rename(town.folder / "r.shp")
    town.source("roads", "r.shp")


@fault
def workbook_named_csv(town: Town) -> None:
    frame("villages").drop(columns="geometry").to_excel(town.folder / "l.xlsx", index=False)
    (town.folder / "l.xlsx").rename(town.folder / "l.csv")
    town.sources["villages"] += '\nlist = "l.csv"'


@fault
def picture_named_tif(town: Town) -> None:
    town.file("dem.tif", b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    town.source("terrain", "dem.tif")


@fault
def tif_cut_off(town: Town) -> None:
    town.file("dem.tif", b"II*\0\x08\0\0\0\xff\xff")
    town.source("terrain", "dem.tif")


@fault
def geojson_of_numbers(town: Town) -> None:
    town.file("r.geojson", "[1, 2, 3]")
    town.source("roads", "r.geojson")


@fault
def geojson_nested_without_end(town: Town) -> None:
    town.file("r.geojson", '{"type":"FeatureCollection","features":[' + "[" * 100_000)
    town.source("roads", "r.geojson")


@fault
def geojson_without_features(town: Town) -> None:
    town.file("r.geojson", '{"type":"FeatureCollection","features":[]}')
    town.source("roads", "r.geojson")


@fault
def graphml_broken(town: Town) -> None:
    town.file("r.graphml", "<graphml><graph><node")
    town.source("roads", "r.graphml")


@fault
def osm_broken(town: Town) -> None:
    town.file("r.osm", "<osm><node id='1' lat='x'")
    town.source("roads", "r.osm")


@fault
def pbf_broken(town: Town) -> None:
    town.file("r.osm.pbf", b"\0\0\0\x0d\x0a\x09OSMHeader\x18\xff\xff\xff")
    town.source("roads", "r.osm.pbf")


@fault
def access_database(town: Town) -> None:
    town.file("r.mdb", b"\0\1\0\0Standard Jet DB")
    town.source("roads", "r.mdb")


@fault
def vct_file(town: Town) -> None:
    town.file("r.vct", "HeadBegin\n")
    town.source("roads", "r.vct")


@fault
def dwg_drawing(town: Town) -> None:
    town.file("r.dwg", "AC1027")
    town.source("roads", "r.dwg")


@fault
def word_document(town: Town) -> None:
    town.file("r.docx", b"PK\x03\x04")
    town.source("roads", "r.docx")


@fault
def fifteen_hundred_fields(town: Town) -> None:
    layer = frame("roads")
    extra = pd.DataFrame({f"field_{n}": [n] * len(layer) for n in range(1500)})
    wide = gpd.GeoDataFrame(pd.concat([layer.drop(columns="road_class"), extra], axis=1), crs=layer.crs)
    town.put("roads", wide, "r.geojson", 'fields = { road_class = "klasse" }')
