"""Tables as offices keep them: titles, merged cells, totals, no header, no encoding."""

from __future__ import annotations

import openpyxl
import pandas as pd

from tests.layers.faulty.base import Town, fault
from tests.layers.faulty.codes import ROWS

HEAD = ("行政村代码", "行政村名称", "乡镇名称")
SHOPS = "名称,类型,lon,lat\n双溪超市,超市,{},34.77\n"


def _csv(town: Town, text: str | bytes, name: str = "list.csv") -> None:
    town.file(name, text)
    town.sources["villages"] += f'\nlist = "{name}"'


def _book(town: Town, rows: list[tuple], merge: tuple[str, ...] = ()) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merge:
        book.active.merge_cells(area)
    book.save(town.folder / "list.xlsx")
    town.sources["villages"] += '\nlist = "list.xlsx"'


def _lines(rows: list[tuple]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


@fault
def title_above_csv(town: Town) -> None:
    _csv(town, "双溪县行政村名单,,\n2021年,,\n" + _lines([HEAD, *ROWS]))


@fault
def title_above_xlsx(town: Town) -> None:
    _book(town, [("双溪县行政村名单",), (), HEAD, *ROWS], merge=("A1:C1",))


@fault
def township_merged(town: Town) -> None:
    rows = [("双溪镇", *ROWS[0][:2]), (None, *ROWS[1][:2]), ("云台乡", *ROWS[2][:2])]
    _book(town, [("乡镇名称", "行政村代码", "行政村名称"), *rows], merge=("A2:A3",))


@fault
def totals_below(town: Town) -> None:
    _csv(town, _lines([HEAD, *ROWS]) + "合计,3,\n")


@fault
def no_header(town: Town) -> None:
    town.sources["villages"] = 'list = "list.csv"'
    town.file("list.csv", _lines(ROWS))


@fault
def only_a_header(town: Town) -> None:
    _csv(town, _lines([HEAD]))


@fault
def table_of_nothing(town: Town) -> None:
    _csv(town, ",,,\n\n ,, \n")


@fault
def workbook_of_nothing(town: Town) -> None:
    _book(town, [])


@fault
def workbook_without_that_sheet(town: Town) -> None:
    pd.DataFrame({"名称": ["双溪超市"], "lon": [114.01], "lat": [34.77]}).to_excel(town.folder / "shops.xlsx", index=False)
    town.source("facilities", "shops.xlsx", 'sheet = "超市"')


@fault
def bytes_of_no_encoding(town: Town) -> None:
    _csv(town, _lines([HEAD, *ROWS]).encode("gbk") + b"\xff\xff\xff,\x81\n")


@fault
def quote_without_end(town: Town) -> None:
    _csv(town, _lines([HEAD, *ROWS]) + '"419901101200,x\n' * 3)


@fault
def a_thousand_columns(town: Town) -> None:
    head = [*HEAD, *(f"f{n}" for n in range(1000))]
    _csv(town, _lines([("名单",), tuple(head), *((*row, *("1" for _ in range(1000))) for row in ROWS)]))


@fault
def fields_of_no_meaning(town: Town) -> None:
    town.file("shops.csv", "a,b\n1,2\n")
    town.source("facilities", "shops.csv")


@fault
def coordinates_in_words(town: Town) -> None:
    town.file("shops.csv", SHOPS.format("114.01") + "云台超市,超市,东经一百度,34.77\n")
    town.source("facilities", "shops.csv")


@fault
def rows_without_coordinates(town: Town) -> None:
    town.file("shops.csv", SHOPS.format("114.01") + "云台超市,超市,,\n")
    town.source("facilities", "shops.csv")


@fault
def wkt_without_end(town: Town) -> None:
    town.file("shops.csv", '名称,类型,wkt\n甲,超市,POINT (114.01 34.77)\n乙,超市,"POLYGON ((114 34"\n')
    town.source("facilities", "shops.csv", 'crs = "EPSG:4490"')


@fault
def facility_of_no_kind(town: Town) -> None:
    town.file("shops.csv", SHOPS.format("114.01") + "甲,占卜馆,114.01,34.77\n")
    town.source("facilities", "shops.csv")
