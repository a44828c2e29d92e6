"""Codes and numbers that went through a spreadsheet, or mean nothing."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from tests.layers.faulty.base import Town, fault, frame, square, with_row


def _listed(town: Town, rows: list[tuple], columns: str = "行政村代码 行政村名称 乡镇名称", name: str = "list.csv") -> None:
    """A village list joined to the map."""
    table = pd.DataFrame(rows, columns=columns.split())
    if name.endswith(".csv"):
        table.to_csv(town.folder / name, index=False)
    else:
        table.to_excel(town.folder / name, index=False)
    town.sources["villages"] += f'\nlist = "{name}"'


ROWS = [("419901100201", "青石村", "双溪镇"), ("419901100202", "柳湾村", "双溪镇"), ("419901101200", "云台村", "云台乡")]


@fault
def codes_in_powers_of_ten(town: Town) -> None:
    _listed(town, [("4.19901E+11", *row[1:]) for row in ROWS])


@fault
def codes_in_powers_of_ten_xlsx(town: Town) -> None:
    _listed(town, [("4.19901E+11", *row[1:]) for row in ROWS], name="list.xlsx")


@fault
def owner_codes_as_floats(town: Town) -> None:
    layer = frame("parcels")
    town.put("parcels", layer.assign(owner_code=layer["owner_code"].astype("float64")))


@fault
def code_repeated(town: Town) -> None:
    town.put("parcels", with_row("parcels", square(1500, 600), parcel_id="P01"))


@fault
def code_missing(town: Town) -> None:
    layer = frame("parcels")
    town.put("parcels", layer.assign(parcel_id=layer["parcel_id"].where(layer["parcel_id"] != "P16"), parcel_code=None))


@fault
def village_code_missing(town: Town) -> None:
    layer = frame("villages")
    town.put("villages", layer.assign(village_code=layer["village_code"].where(layer.index != 2)))


@fault
def village_twice(town: Town) -> None:
    layer = frame("villages")
    town.put("villages", gpd.GeoDataFrame(layer.iloc[[0, 1, 2, 0]].reset_index(drop=True), crs=layer.crs))


@fault
def suffixes_differ(town: Town) -> None:
    _listed(town, [(f"9{n}", name.removesuffix("村") + suffix, town_name)
                   for n, ((_, name, town_name), suffix) in enumerate(zip(ROWS, ("村委会", "村民委员会", "社区"), strict=True))])


@fault
def village_only_listed(town: Town) -> None:
    _listed(town, [*ROWS, ("419901101299", "深坑村", "云台乡")])


@fault
def village_only_on_the_map(town: Town) -> None:
    _listed(town, ROWS[:2])


@fault
def village_misspelt(town: Town) -> None:
    _listed(town, [*ROWS[:2], ("419901101999", "云苔村", "云台乡")])


@fault
def owners_unknown(town: Town) -> None:
    town.put("parcels", with_row("parcels", square(1500, 600), owner_code="4199011022010000000", owner_name="消失村农民集体"))


@fault
def historic_by_code(town: Town) -> None:
    layer = with_row("parcels", square(1010, 490)).assign(ZT="1")
    town.put("parcels", layer.assign(ZT=np.where(layer["parcel_id"] == "X99", "2", "1")))


@fault
def historic_by_word(town: Town) -> None:
    layer = with_row("parcels", square(1010, 490))
    town.put("parcels", layer.assign(STATUS=np.where(layer["parcel_id"] == "X99", "历史宗地", "现势")))


@fault
def area_below_zero(town: Town) -> None:
    layer = frame("parcels")
    town.put("parcels", layer.assign(declared_area_m2=np.where(layer["parcel_id"] == "P02", -190.0, layer["declared_area_m2"])))


@fault
def area_in_words(town: Town) -> None:
    layer = frame("parcels")
    words = layer["declared_area_m2"].astype("str").where(layer["parcel_id"] != "P02", "约两百平")
    town.put("parcels", layer.assign(declared_area_m2=words))


@fault
def area_of_another_unit(town: Town) -> None:
    layer = frame("parcels")
    town.put("parcels", layer.assign(declared_area_m2=layer["declared_area_m2"] * 3 / 2000))


@fault
def unit_unknown(town: Town) -> None:
    town.put("parcels", frame("parcels").assign(MJDW="坪"))


@fault
def area_infinite(town: Town) -> None:
    layer = frame("parcels")
    town.put("parcels", layer.assign(declared_area_m2=["inf" if name == "P02" else "1e999" for name in layer["parcel_id"]]))


@fault
def nature_unknown(town: Town) -> None:
    layer = frame("parcels").drop(columns="survey_owner")
    town.put("parcels", layer.assign(owner_nature=np.where(layer["parcel_id"] == "P02", "77", "30")))


@fault
def surveys_mixed(town: Town) -> None:
    layer = frame("parcels").drop(columns=["land_class", "land_class_system"])
    town.put("parcels", layer.assign(DLBM=np.where(layer["parcel_id"] == "P02", "072", "0702")))


@fault
def word_not_in_the_standard(town: Town) -> None:
    layer = frame("parcels")
    town.put("parcels", layer.assign(use_right=np.where(layer["parcel_id"] == "P02", "lease", layer["use_right"])))


@fault
def neither_yes_nor_no(town: Town) -> None:
    layer = frame("parcels")
    town.put("parcels", layer.assign(title_paper=np.where(layer["parcel_id"] == "P02", "maybe", "1")))


@fault
def papers_contradict(town: Town) -> None:
    layer = frame("parcels").drop(columns=["title_owner", "title_conflict"])
    town.put("parcels", layer.assign(QLLX=np.where(layer["parcel_id"] == "P02", "3", "7")))


@fault
def people_below_zero(town: Town) -> None:
    town.put("villages", frame("villages").assign(population=[-1000, 600, 50]))


@fault
def roads_without_a_class(town: Town) -> None:
    layer = frame("roads")
    town.put("roads", layer.assign(road_class=np.where(layer["road_id"] == "C101", "§§", layer["road_class"]))
             .drop(columns="class_as_read", errors="ignore"))
