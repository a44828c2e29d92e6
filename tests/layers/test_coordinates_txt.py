"""Parcel coordinates in a text file, as the writers differ: axis order, zone, rings, units, encodings; and any rubbish at all."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers import InputError, check_county, open_county
from layers.coordinates_txt import is_coordinates, read_coordinates
from layers.recognise import recognise
from layers.recognise import write_county as write_county_file
from tests.layers.samples import write_county

E, N = 500_000.0, 3_320_000.0
"""108 E, about 30 N, in zone 36."""

HEAD = {"坐标系": "2000国家大地坐标系", "几度分带": "3", "投影类型": "高斯克吕格", "计量单位": "米", "带号": "36", "精度": "0.001"}


def ring(east, north, width, height):
    return [(east, north), (east + width, north), (east + width, north + height), (east, north + height), (east, north)]


def parcel(rings, *, area="", number="甲-1", name="活动场所", points=None):
    lines = [f"{points if points is not None else sum(map(len, rings))},{area},{number},{name},面,H49G,公共设施,0702,@"]
    at = 0
    for index, xy in enumerate(rings, start=1):
        for east, north in xy:
            at += 1
            lines.append((at, index, east, north))
    return lines


def text(parcels, *, head=HEAD, north_first=True, prefix="36"):
    out = ["[属性描述]", *(f"{key}={value}" for key, value in head.items()), "[地块坐标]"]
    for lines in parcels:
        for line in lines:
            if isinstance(line, str):
                out.append(line)
                continue
            at, index, east, north = line
            shown = f"{prefix}{east:.3f}", f"{north:.3f}"
            x, y = shown[::-1] if north_first else shown
            out.append(f"J{at},{index},{x},{y}")
    return "\r\n".join(out)


def read(path, content, *, encoding="gbk", **options):
    path.write_bytes(content.encode(encoding))
    return read_coordinates(path, layer="parcels", **options)


def codes(findings):
    return [finding.code for finding in findings]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("north_first", [True, False])
@pytest.mark.parametrize(("prefix", "epsg"), [("36", 4524), ("", 4545)])
def test_axis_order_zone_and_encoding_make_no_difference(tmp_path, encoding, north_first, prefix, epsg):
    content = text([parcel([ring(E, N, 20, 15)], area="0.03")], north_first=north_first, prefix=prefix)
    frame, used, findings = read(tmp_path / "a.txt", content, encoding=encoding)
    assert frame.crs.to_epsg() == epsg
    here = frame.to_crs(4545).geometry[0]
    assert here.normalize().equals_exact(shapely.box(E, N, E + 20, N + 15).normalize(), 1e-3)
    assert used == {"gbk": "gb18030"}.get(encoding, encoding)
    assert frame.iloc[0][["地块编号", "地块名称", "用途", "地类编码"]].tolist() == ["甲-1", "活动场所", "公共设施", "0702"]
    assert frame["宗地面积"][0] == pytest.approx(300)
    assert codes(findings) == ["txt_area_unit"] and findings[0].params["units"] == "ha"


@pytest.mark.parametrize(("cell", "square_metres", "code"), [
    ("0.03", 300, "txt_area_unit"), ("300.5", 300.5, "txt_area_unit"), ("0.45", 300, "txt_area_unit"),
    ("0.031公顷", 310, None), ("0.6亩", 400, None), ("305平方米", 305, None), ("", None, None),
    ("17", None, "txt_area_unclear"), ("约三百", None, "number_unread"),
])
def test_the_area_is_taken_only_where_its_unit_is_written_or_plain(tmp_path, cell, square_metres, code):
    frame, _, findings = read(tmp_path / "a.txt", text([parcel([ring(E, N, 20, 15)], area=cell)]))
    assert codes(findings) == ([code] if code else [])
    if square_metres is None:
        assert np.isnan(frame["宗地面积"][0])
    else:
        assert frame["宗地面积"][0] == pytest.approx(square_metres)


def test_the_unit_of_the_head_and_of_county_toml_go_first(tmp_path):
    lines = [parcel([ring(E, N, 20, 15)], area="0.9")]
    frame, _, findings = read(tmp_path / "a.txt", text(lines, head={**HEAD, "面积单位": "亩"}))
    assert frame["宗地面积"][0] == pytest.approx(600) and findings == []
    assert read(tmp_path / "a.txt", text(lines), area_unit="mu")[0]["宗地面积"][0] == 0.9


def test_one_that_is_off_follows_the_unit_of_the_others(tmp_path):
    many = [parcel([ring(E + 40 * i, N, 20, 15)], area="0.03" if i else "0.05", number=f"甲-{i}") for i in range(4)]
    (tmp_path / "a.txt").write_bytes(text(many).encode("gbk"))
    county = open_county(write_county(tmp_path, '[layers.parcels]\nsource = "a.txt"'))
    assert county.parcels["declared_area_m2"].tolist() == pytest.approx([500, 300, 300, 300])
    assert [finding.rows for finding in county.findings if finding.code == "area_differs"] == [("甲-0",)]
    assert county.parcels["land_class"].tolist() == ["0702"] * 4


def test_holes_parts_and_several_parcels(tmp_path):
    with_hole = parcel([ring(E, N, 40, 40), ring(E + 10, N + 10, 10, 10)], number="孔")
    two_parts = parcel([ring(E + 100, N, 20, 20), ring(E + 150, N, 10, 10)], number="两块")
    island = parcel([ring(E, N + 100, 40, 40), ring(E + 5, N + 105, 30, 30), ring(E + 10, N + 110, 10, 10)], number="岛")
    hole_first = parcel([ring(E + 210, N + 10, 10, 10), ring(E + 200, N, 40, 40)], number="孔在前")
    frame, _, findings = read(tmp_path / "a.txt", text([with_hole, two_parts, island, hole_first]))
    assert frame["地块编号"].tolist() == ["孔", "两块", "岛", "孔在前"]
    assert frame.geometry.area.tolist() == pytest.approx([1600 - 100, 400 + 100, 1600 - 900 + 100, 1600 - 100])
    assert frame.geometry.is_valid.all() and findings == []
    assert frame.geometry.geom_type.tolist() == ["Polygon", "MultiPolygon", "MultiPolygon", "Polygon"]


def test_rings_that_all_carry_one_number_are_told_by_where_they_close(tmp_path):
    lines = parcel([ring(E, N, 40, 40), ring(E + 10, N + 10, 10, 10)])
    same = [line if isinstance(line, str) else (line[0], 1, *line[2:]) for line in lines]
    assert read(tmp_path / "a.txt", text([same]))[0].geometry.area[0] == pytest.approx(1500)


def test_closing_points_may_be_left_out_and_spaces_may_part_the_cells(tmp_path):
    content = text([parcel([ring(E, N, 20, 15)[:-1]])])
    assert read(tmp_path / "a.txt", content)[0].geometry.area[0] == pytest.approx(300)
    tabs = content.replace(",1,", "\t1\t").replace("2000.000,", "2000.000\t")
    assert read(tmp_path / "a.txt", tabs)[0].geometry.area[0] == pytest.approx(300)


def test_what_cannot_be_read_is_said_with_its_line(tmp_path):
    lines = parcel([ring(E, N, 20, 15)])
    lines.insert(3, "J9,1,不是数,3320000")
    frame, _, findings = read(tmp_path / "a.txt", text([lines]))
    assert frame.geometry.area[0] == pytest.approx(300)
    assert codes(findings) == ["txt_lines_unread"] and findings[0].rows == ("12",)
    _, _, findings = read(tmp_path / "a.txt", text([parcel([ring(E, N, 20, 15)], points=9)]))
    assert codes(findings) == ["txt_points_differ"] and findings[0].rows == ("甲-1",)
    frame, _, findings = read(tmp_path / "a.txt", text([parcel([ring(E, N, 20, 15)[:2]])]))
    assert codes(findings) == ["txt_ring_short"] and frame.geometry.isna().all()


@pytest.mark.parametrize(("head", "prefix", "epsg", "code"), [
    ({"坐标系": "2000国家大地坐标系", "带号": "37"}, "36", 4524, "txt_zone_differs"),
    ({"坐标系": "CGCS2000", "中央子午线": "108"}, "", 4545, None),
    ({"坐标系": "CGCS2000", "几度分带": "6", "带号": "18"}, "18", 4496, None),
    ({"坐标系": "1980西安坐标系", "带号": "36"}, "36", 2360, None),
    ({"坐标系": "1954年北京坐标系", "带号": "36"}, "", 2433, None),
    ({"坐标系": "2000国家大地坐标系"}, "", None, None),
    ({}, "36", None, None),
])
def test_the_system_is_that_of_the_head_and_the_zone_that_of_the_eastings(tmp_path, head, prefix, epsg, code):
    frame, _, findings = read(tmp_path / "a.txt", text([parcel([ring(E, N, 20, 15)])], head=head, prefix=prefix))
    assert (frame.crs.to_epsg() if frame.crs else None) == epsg
    assert codes(findings) == ([code] if code else [])


def test_an_old_datum_a_local_system_and_a_missing_zone_are_refused_with_the_way_out(tmp_path):
    cases = {"1980西安坐标系": ("datum_old", "36", "county.datum"), "某县独立坐标系": ("txt_system_unknown", "36", "crs = "),
             "2000国家大地坐标系": ("crs_missing", "", "4545")}
    for system, (code, prefix, way_out) in cases.items():
        (tmp_path / "a.txt").write_bytes(text([parcel([ring(E, N, 20, 15)])], head={"坐标系": system}, prefix=prefix).encode("gbk"))
        county, findings = check_county(write_county(tmp_path, '[layers.parcels]\nsource = "a.txt"'))
        assert county is None
        refusal = next(finding for finding in findings if finding.code == code)
        assert way_out in refusal.text("zh") and way_out in refusal.text("en")
    local = '[layers.parcels]\nsource = "a.txt"\ncrs = "EPSG:4545"'
    (tmp_path / "a.txt").write_bytes(text([parcel([ring(E, N, 20, 15)])], head={"坐标系": "独立坐标系"}, prefix="").encode("gbk"))
    assert open_county(write_county(tmp_path, local)).parcels["area_m2"][0] == pytest.approx(300)


def test_degrees(tmp_path):
    corners = [(108.0, 30.0), (108.0002, 30.0), (108.0002, 30.00015), (108.0, 30.00015)]
    points = [f"J{at},1,{lat:.6f},{lon:.6f}" for at, (lon, lat) in enumerate(corners, start=1)]
    lines = ["[属性描述]", "坐标系=2000国家大地坐标系", "[地块坐标]", "4,0.0321,甲-1,活动场所,面,,,,@", *points]
    frame, _, _ = read(tmp_path / "a.txt", "\n".join(lines))
    assert frame.crs.to_epsg() == 4490 and frame.total_bounds == pytest.approx([108, 30, 108.0002, 30.00015])
    assert frame["宗地面积"][0] == pytest.approx(321)


def test_a_folder_with_one_is_recognised_and_opens(tmp_path):
    (tmp_path / "坐标.txt").write_bytes(text([parcel([ring(E, N, 20, 15)], area="0.03")]).encode("gbk"))
    (tmp_path / "说明.txt").write_text("名称,经度,纬度\n甲,108,30\n", encoding="utf-8")
    assert is_coordinates(tmp_path / "坐标.txt") and not is_coordinates(tmp_path / "说明.txt")
    found = recognise(tmp_path)
    assert [option.item.source for option in found.chosen["parcels"]] == ["坐标.txt"]


def test_a_file_for_each_parcel_is_one_layer(tmp_path):
    folder = tmp_path / "勘测"
    folder.mkdir()
    for n in range(3):
        one = parcel([ring(E + 100 * n, N, 20, 15)], area="0.03", number=f"甲-{n}")
        (folder / f"地块{n}.txt").write_bytes(text([one]).encode("gbk"))
    found = recognise(tmp_path)
    assert [option.item.source for option in found.chosen["parcels"]] == [f"勘测/地块{n}.txt" for n in range(3)] and not found.ties
    county = open_county(write_county_file(found))
    assert sorted(county.parcels["area_m2"].round(6)) == [300.0] * 3 and county.parcels["parcel_id"].is_unique


LINE = st.one_of(
    st.sampled_from(["[属性描述]", "[地块坐标]", "坐标系=2000国家大地坐标系", "带号=36", "带号=",
                     "4,0.03,1,甲,面,,,,@", "@", ",,@"]),
    st.builds(lambda a, b, c: f"J1,{a},{b},{c}", st.integers(0, 3), st.integers(-10, 10**8),
              st.floats(allow_nan=True, allow_infinity=True)),
    st.builds(lambda a, b: f"J1,1,{3_320_000 + a},{36_500_000 + b}", st.integers(0, 3), st.integers(0, 3)),
    st.text(max_size=30),
)


@settings(max_examples=60, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINE, max_size=25), encoding=st.sampled_from(["gb18030", "utf-8"]), junk=st.binary(max_size=4))
def test_any_text_gives_parcels_or_a_message(tmp_path, lines, encoding, junk):
    path = tmp_path / "fuzz.txt"
    path.write_bytes("\n".join(["[地块坐标]", "4,0.03,1,甲,面,,,,@", *lines]).encode(encoding, errors="ignore") + junk)
    is_coordinates(path)
    try:
        frame, _, findings = read_coordinates(path, layer="parcels")
    except InputError as error:
        assert error.findings
        return
    assert len(frame) >= 1 and all(finding.text("zh") for finding in findings)
    whole = frame.geometry.dropna()
    assert whole.geom_type.isin(["Polygon", "MultiPolygon", "GeometryCollection"]).all()


def test_a_thousand_rings_of_one_parcel(tmp_path):
    rings = [ring(E + 30 * (i % 40), N + 30 * (i // 40), 20, 15) for i in range(1000)]
    frame, _, _ = read(tmp_path / "a.txt", text([parcel(rings)]))
    assert frame.geometry.area[0] == pytest.approx(300_000)
