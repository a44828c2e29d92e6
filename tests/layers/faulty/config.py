"""county.toml with a fault in it."""

from __future__ import annotations

from tests.layers.faulty.base import Town, fault, frame


def _parcels_say(town: Town, line: str) -> None:
    town.sources["parcels"] += f"\n{line}"


@fault
def config_absent(town: Town) -> None:
    town.text = b"absent"


@fault
def config_empty(town: Town) -> None:
    town.text = ""


@fault
def config_no_toml(town: Town) -> None:
    town.text = '[county\nname = "双溪县"'


@fault
def config_twice_the_same_key(town: Town) -> None:
    town.text = '[county]\nname = "a"\nname = "b"\n'


@fault
def config_in_gbk(town: Town) -> None:
    town.text = '[county]\nname = "双溪县"\n'.encode("gbk")


@fault
def config_nested_without_end(town: Town) -> None:
    town.text = "[county]\nname = " + "[" * 100_000


@fault
def config_binary(town: Town) -> None:
    town.text = bytes(range(256)) * 10


@fault
def config_without_name(town: Town) -> None:
    town.head = '[county]\ncode = "419901"\n'


@fault
def config_county_is_text(town: Town) -> None:
    town.head = 'county = "双溪县"\n'


@fault
def config_without_layers(town: Town) -> None:
    town.sources.clear()


@fault
def config_strange_role(town: Town) -> None:
    town.sources["parcel"] = 'source = "parcels.gpkg"'


@fault
def config_strange_key(town: Town) -> None:
    _parcels_say(town, 'encodng = "gbk"')


@fault
def config_strange_column(town: Town) -> None:
    _parcels_say(town, 'fields = { owner = "QSXZ" }')


@fault
def config_strange_unit(town: Town) -> None:
    _parcels_say(town, 'units = { declared_area_m2 = "pyeong" }')


@fault
def config_strange_crs(town: Town) -> None:
    _parcels_say(town, 'crs = "EPSG:999999"')


@fault
def config_crs_from_the_network(town: Town) -> None:
    _parcels_say(town, 'crs = "http://127.0.0.1:9/crs"')


@fault
def config_strange_datum(town: Town) -> None:
    _parcels_say(town, 'datum = "mars"')


@fault
def config_code_as_number(town: Town) -> None:
    town.head = '[county]\nname = "双溪县"\ncode = 419901\n'


@fault
def config_layer_is_text(town: Town) -> None:
    town.text = f'{town.head}\n[layers]\nparcels = "parcels.gpkg"\n'


@fault
def config_source_is_number(town: Town) -> None:
    town.sources["roads"] = "source = 7"


@fault
def config_encoding_is_number(town: Town) -> None:
    _parcels_say(town, "encoding = 936")


@fault
def config_names_a_holder(town: Town) -> None:
    _parcels_say(town, 'fields = { owner_name = "QLRMC" }')


@fault
def config_filters_by_holder(town: Town) -> None:
    _parcels_say(town, 'where = { "身份证号" = "1" }')


@fault
def config_field_not_there(town: Town) -> None:
    _parcels_say(town, 'fields = { owner_nature = "QSXZZ" }')


@fault
def config_layer_not_there(town: Town) -> None:
    _parcels_say(town, 'layer = "parcels\'; DROP TABLE parcels; --"')


@fault
def config_file_not_there(town: Town) -> None:
    town.source("roads", "road.shp")


@fault
def config_file_name_without_end(town: Town) -> None:
    town.source("roads", "r" * 5000 + ".shp")


@fault
def config_datum_parameters(town: Town) -> None:
    town.head += "\n[county.datum]\ndx = 1\n"


@fault
def config_unfit_crs(town: Town) -> None:
    town.head = town.head.replace("EPSG:4547", "EPSG:3857")


@fault
def config_list_is_its_own_map(town: Town) -> None:
    """The village list and the map of villages are one file."""
    town.put("villages", frame("villages"), extra='list = "villages_x.gpkg"')


@fault
def config_other_county(town: Town) -> None:
    town.head = town.head.replace("419901", "529901")
