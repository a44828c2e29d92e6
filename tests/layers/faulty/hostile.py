"""Inputs made to do harm: bombs, ways out of the folder, virtual paths, files that send their reader elsewhere.

`PORT` stands for a server of this computer that a test watches: nothing may ever ask it.
"""

from __future__ import annotations

import io
import zipfile

from tests.layers.faulty.base import Town, fault, frame

PORT = [9]
"""Set by the test that watches the port."""


def _address() -> str:
    return f"http://127.0.0.1:{PORT[0]}/x"


def _packed(members: list[tuple[zipfile.ZipInfo | str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def _roads_from(town: Town, name: str, content: str | bytes = b"") -> None:
    town.file(name, content)
    town.source("roads", name)


@fault
def bomb_of_zeros(town: Town) -> None:
    with zipfile.ZipFile(town.folder / "x.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, \
            archive.open("r.csv", "w", force_zip64=True) as member:
        for _ in range(40):
            member.write(bytes(10_000_000))
    town.source("roads", "x.zip")


@fault
def bomb_that_says_so(town: Town) -> None:
    """A directory that claims 3 GB for a few bytes."""
    packed = bytearray(_packed([("r.csv", b"a,b\n" * 10)]))
    at = packed.index(b"PK\x01\x02")
    packed[at + 24 : at + 28] = (3_000_000_000).to_bytes(4, "little")
    _roads_from(town, "x.zip", bytes(packed))


@fault
def bomb_of_members(town: Town) -> None:
    with zipfile.ZipFile(town.folder / "x.zip", "w") as archive:
        for number in range(20_001):
            archive.writestr(f"{number}", b"")
    town.source("roads", "x.zip")


@fault
def bomb_in_a_workbook(town: Town) -> None:
    packed = bytearray(_packed([("xl/workbook.xml", b"<x/>"), ("xl/worksheets/sheet1.xml", b"<x/>")]))
    at = packed.rindex(b"PK\x01\x02")
    packed[at + 24 : at + 28] = (4_000_000_000).to_bytes(4, "little")
    town.file("l.xlsx", bytes(packed))
    town.sources["villages"] += '\nlist = "l.xlsx"'


@fault
def zip_climbs_out(town: Town) -> None:
    _roads_from(town, "x.zip", _packed([("../../escaped.csv", b"a,b\n"), ("r.csv", b"a,b\n")]))


@fault
def zip_climbs_out_by_backslash(town: Town) -> None:
    _roads_from(town, "x.zip", _packed([("gis\\..\\..\\escaped.csv", b"a,b\n")]))


@fault
def zip_with_a_link(town: Town) -> None:
    link = zipfile.ZipInfo("r.csv")
    link.external_attr = 0o120777 << 16
    _roads_from(town, "x.zip", _packed([(link, b"/etc/hostname")]))


@fault
def link_to_a_file_outside(town: Town) -> None:
    (town.folder / "r.gpkg").symlink_to(town.base / "roads.gpkg")
    town.source("roads", "r.gpkg")


@fault
def link_to_a_folder_outside(town: Town) -> None:
    (town.folder / "gis").symlink_to(town.base, target_is_directory=True)
    town.source("roads", "gis/roads.gpkg")


@fault
def link_in_a_folder(town: Town) -> None:
    (town.folder / "gis").mkdir()
    (town.folder / "gis" / "r.gpkg").symlink_to(town.base / "roads.gpkg")
    town.source("roads", "gis")


@fault
def link_to_itself(town: Town) -> None:
    (town.folder / "r.gpkg").symlink_to(town.folder / "r.gpkg")
    town.source("roads", "r.gpkg")


@fault
def folder_within_itself(town: Town) -> None:
    (town.folder / "gis").mkdir()
    (town.folder / "gis" / "gis").symlink_to(town.folder / "gis", target_is_directory=True)
    town.source("roads", "gis")


@fault
def part_of_a_shapefile_linked(town: Town) -> None:
    path = town.put("roads", frame("roads"), "r.shp")
    path.with_suffix(".dbf").rename(town.base / f"{town.folder.name}.dbf")
    path.with_suffix(".dbf").symlink_to(town.base / f"{town.folder.name}.dbf")


@fault
def address_vsicurl(town: Town) -> None:
    town.source("roads", f"/vsicurl/{_address()}.gpkg")


@fault
def address_vsis3(town: Town) -> None:
    town.source("roads", "/vsis3/bucket/r.gpkg")


@fault
def address_vsizip_vsicurl(town: Town) -> None:
    town.source("roads", f"/vsizip//vsicurl/{_address()}.zip/r.shp")


@fault
def address_http(town: Town) -> None:
    town.source("roads", f"{_address()}.geojson")


@fault
def address_file(town: Town) -> None:
    town.source("roads", "file:///etc/hostname")


@fault
def address_of_a_service(town: Town) -> None:
    town.source("roads", f"WFS:{_address()}")


@fault
def address_of_a_raster_service(town: Town) -> None:
    town.source("terrain", f"/vsicurl/{_address()}.tif")


@fault
def virtual_layer(town: Town) -> None:
    _roads_from(town, "r.vrt", "<OGRVRTDataSource/>")


@fault
def virtual_raster(town: Town) -> None:
    town.file("dem.vrt", "<VRTDataset/>")
    town.source("terrain", "dem.vrt")


VIRTUAL = '<OGRVRTDataSource><OGRVRTLayer name="r"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


@fault
def virtual_layer_named_geojson(town: Town) -> None:
    _roads_from(town, "r.geojson", VIRTUAL.format(f"/vsicurl/{_address()}.gpkg"))


@fault
def virtual_layer_named_gml(town: Town) -> None:
    _roads_from(town, "r.gml", VIRTUAL.format("/etc/hostname"))


@fault
def virtual_layer_named_kml_in_a_zip(town: Town) -> None:
    _roads_from(town, "x.zip", _packed([("r.kml", VIRTUAL.format(f"/vsicurl/{_address()}").encode())]))


@fault
def virtual_raster_named_tif(town: Town) -> None:
    town.file("dem.tif", f'<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
              f"<SourceFilename>/vsicurl/{_address()}.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>")
    town.source("terrain", "dem.tif")


@fault
def service_named_gml(town: Town) -> None:
    _roads_from(town, "r.gml", f"<OGRWFSDataSource><URL>{_address()}</URL></OGRWFSDataSource>")


@fault
def kml_that_loads_another(town: Town) -> None:
    _roads_from(town, "r.kml", '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link>'
                f"<href>{_address()}</href></Link></NetworkLink></Document></kml>")


@fault
def gml_with_an_entity(town: Town) -> None:
    _roads_from(town, "r.gml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>')


@fault
def gml_billion_laughs(town: Town) -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    _roads_from(town, "r.gml", f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><x>&a11;</x>')


@fault
def geojson_crs_from_the_network(town: Town) -> None:
    path = town.put("roads", frame("roads"), "r.geojson")
    text = path.read_text(encoding="utf-8")
    linked = f'"crs": {{"type": "link", "properties": {{"href": "{_address()}", "type": "proj4"}}}}, "features"'
    path.write_text(text.replace('"features"', linked, 1), encoding="utf-8")


@fault
def tab_of_other_tabs(town: Town) -> None:
    _roads_from(town, "r.tab", '!table\n!version 100\nbegin_metadata\n"\\IsSeamless" = "TRUE"\nend_metadata\n')


@fault
def side_file_with_an_address(town: Town) -> None:
    town.file("dem.tif", b"II*\0" + b"\0" * 60)
    town.file("dem.tif.aux.xml",
              f"<PAMDataset><Metadata><MDI key='OVERVIEW_FILE'>/vsicurl/{_address()}</MDI></Metadata></PAMDataset>")
    town.source("terrain", "dem.tif")
