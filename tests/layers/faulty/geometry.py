"""Shapes that are none, are broken, or lie where they should not."""

from __future__ import annotations

import sqlite3
import struct

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from tests import toytown
from tests.layers.faulty.base import CRS, Town, at, fault, frame, square, with_row

X, Y = toytown.ORIGIN


def _first(role: str, geometry) -> gpd.GeoDataFrame:
    layer = frame(role)
    shapes = np.array(layer.geometry.array, dtype=object)
    shapes[0] = geometry
    return layer.set_geometry(gpd.GeoSeries(shapes, crs=layer.crs))


@fault
def null_shape(town: Town) -> None:
    town.put("parcels", with_row("parcels", None))


@fault
def empty_shape(town: Town) -> None:
    town.put("parcels", with_row("parcels", Polygon()))


@fault
def spike(town: Town) -> None:
    town.put("parcels", _first("parcels", at(
        Polygon([(1010, 490), (1030, 490), (1030, 510), (1050, 510), (1030, 510), (1010, 510)])
    )))


@fault
def bowtie(town: Town) -> None:
    town.put("parcels", with_row("parcels", at(Polygon([(1500, 600), (1520, 620), (1520, 600), (1500, 620)]))))


@fault
def hole_outside(town: Town) -> None:
    hole = [(1700, 600), (1710, 600), (1710, 610), (1700, 610)]
    town.put("parcels", with_row("parcels", at(Polygon([(1500, 600), (1520, 600), (1520, 620), (1500, 620)], [hole]))))


@fault
def flat_line_area(town: Town) -> None:
    town.put("parcels", with_row("parcels", at(Polygon([(1500, 600), (1520, 600), (1510, 600)]))))


@fault
def heights(town: Town) -> None:
    layer = frame("parcels")
    town.put("parcels", layer.set_geometry(shapely.force_3d(layer.geometry.array, 812.0)))


@fault
def collection(town: Town) -> None:
    layer = frame("parcels")
    town.put("parcels", _first("parcels", GeometryCollection([layer.geometry.iloc[0], Point(X, Y)])), geometry_type="Unknown")


@fault
def point_among_areas(town: Town) -> None:
    town.put("parcels", with_row("parcels", at(Point(1500, 600))), geometry_type="Unknown")


@fault
def line_among_areas(town: Town) -> None:
    town.put("parcels", with_row("parcels", at(LineString([(1500, 600), (1600, 600)]))), geometry_type="Unknown")


@fault
def area_among_lines(town: Town) -> None:
    town.put("roads", with_row("roads", square(1500, 600)), geometry_type="Unknown")


@fault
def curves(town: Town) -> None:
    """P01 as a CURVEPOLYGON whose ring happens to be straight."""
    path = town.put("parcels", frame("parcels"), geometry_type="Unknown", layer_options={"SPATIAL_INDEX": "NO"})
    ring = shapely.get_coordinates(frame("parcels").geometry.iloc[0])
    line = struct.pack("<BII", 1, 2, len(ring)) + ring.astype("<f8").tobytes()
    curve = struct.pack("<BII", 1, 10, 1) + line
    with sqlite3.connect(path) as base:
        base.execute("UPDATE parcels_x SET geom = ? WHERE parcel_id = 'P01'", (b"GP\x00\x01" + struct.pack("<i", CRS) + curve,))
    base.close()


@fault
def curves_gml(town: Town) -> None:
    """An arc through three points, in GML."""
    shape = (f'<gml:Polygon srsName="EPSG:4547"><gml:exterior><gml:Ring><gml:curveMember><gml:Curve><gml:segments>'
             f'<gml:Arc><gml:posList>{X + 1500} {Y + 600} {X + 1510} {Y + 610} {X + 1520} {Y + 600}</gml:posList></gml:Arc>'
             f'<gml:LineStringSegment><gml:posList>{X + 1520} {Y + 600} {X + 1500} {Y + 600}</gml:posList>'
             '</gml:LineStringSegment></gml:segments></gml:Curve></gml:curveMember></gml:Ring></gml:exterior></gml:Polygon>')
    town.file("arc.gml", '<?xml version="1.0"?><f:c xmlns:f="urn:f" xmlns:gml="http://www.opengis.net/gml"><gml:featureMember>'
              f'<f:p fid="p.0"><f:g>{shape}</f:g><f:parcel_id>A1</f:parcel_id></f:p></gml:featureMember></f:c>')
    town.source("parcels", "arc.gml", 'crs = "EPSG:4547"')


@fault
def repeated_row(town: Town) -> None:
    layer = frame("parcels")
    town.put("parcels", gpd.GeoDataFrame(layer.iloc[[*range(len(layer)), 0]].reset_index(drop=True), crs=layer.crs))


@fault
def repeated_road(town: Town) -> None:
    layer = frame("roads")
    town.put("roads", gpd.GeoDataFrame(layer.iloc[[*range(len(layer)), 1]].reset_index(drop=True), crs=layer.crs))


@fault
def one_shape_two_papers(town: Town) -> None:
    town.put("parcels", with_row("parcels", frame("parcels").geometry.iloc[0], title_owner="state"))


@fault
def sliver(town: Town) -> None:
    town.put("parcels", with_row("parcels", at(box(1500, 600, 1520, 600.2))))


@fault
def parcels_overlap(town: Town) -> None:
    town.put("parcels", with_row("parcels", square(1020, 500)))


@fault
def parcel_within_parcel(town: Town) -> None:
    town.put("parcels", with_row("parcels", square(1012, 492, 10)))


@fault
def villages_overlap(town: Town) -> None:
    town.put("villages", _first("villages", at(box(0, -500, 2010, 3000))))


@fault
def villages_strip(town: Town) -> None:
    town.put("villages", _first("villages", at(box(0, -500, 1990, 3000))))


@fault
def villages_hole(town: Town) -> None:
    town.put("villages", _first("villages", at(box(0, -500, 2000, 3000).difference(box(1500, 2000, 1600, 2100)))))


@fault
def parcel_across_limit(town: Town) -> None:
    town.put("parcels", with_row("parcels", square(1985, 2000)))


@fault
def nan_coordinates(town: Town) -> None:
    broken = bytearray(shapely.to_wkb(square(1500, 600)))
    broken[29:37] = struct.pack("<d", np.nan)
    with np.errstate(invalid="ignore"):
        town.put("parcels", with_row("parcels", shapely.from_wkb(bytes(broken))))


@fault
def infinite_coordinates(town: Town) -> None:
    town.put("parcels", with_row("parcels", Polygon([(X + 1500, Y), (X + 1520, np.inf), (X + 1520, Y + 20)])))


@fault
def huge_coordinates(town: Town) -> None:
    town.put("parcels", with_row("parcels", box(1e300, 1e300, 1.1e300, 1.1e300)))


@fault
def far_coordinates(town: Town) -> None:
    town.put("roads", frame("roads").set_geometry(frame("roads").translate(9e8, 9e8)))


@fault
def far_off_layer(town: Town) -> None:
    layer = frame("roads")
    town.put("roads", layer.set_geometry(layer.translate(300_000, 0)))


@fault
def swapped_axes(town: Town) -> None:
    layer = frame("roads").to_crs(4490)
    town.put("roads", layer.set_geometry(gpd.GeoSeries(shapely.transform(layer.geometry.array, lambda xy: xy[:, ::-1]), crs=None)),
             "roads_x.shp")


@fault
def swapped_grid(town: Town) -> None:
    layer = frame("roads").to_crs(4526)
    town.put("roads", layer.set_geometry(gpd.GeoSeries(shapely.transform(layer.geometry.array, lambda xy: xy[:, ::-1]), crs=None)),
             "roads_x.shp")


@fault
def zone_without_prj(town: Town) -> None:
    town.put("parcels", frame("parcels").to_crs(4526).set_crs(None, allow_override=True), "parcels_x.fgb")


@fault
def grid_without_prj(town: Town) -> None:
    town.put("parcels", frame("parcels").set_crs(None, allow_override=True), "parcels_x.shp", encoding="utf-8")


@fault
def degrees_that_are_metres(town: Town) -> None:
    town.put("roads", frame("roads").set_crs(4490, allow_override=True))


@fault
def old_datum(town: Town) -> None:
    town.put("roads", frame("roads").set_crs(2383, allow_override=True))


@fault
def million_vertices(town: Town) -> None:
    """Liuwan's limit drawn with 10^6 points, one of them a spike."""
    angle = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    ring = np.column_stack([3000 + 990 * np.cos(angle), 1250 + 1700 * np.sin(angle)]) + (X, Y)
    layer = frame("villages")
    shapes = np.array(layer.geometry.array, dtype=object)
    shapes[1] = Polygon(np.insert(ring, 1, ring[0] + 1.0, axis=0))
    shapes[1] = Polygon(np.insert(shapely.get_coordinates(shapes[1]), 2, ring[0], axis=0))
    town.put("villages", layer.set_geometry(gpd.GeoSeries(shapes, crs=CRS)))


@fault
def scribble(town: Town) -> None:
    points = np.random.default_rng(1).random((50_000, 2)) * 100 + (X + 1500, Y + 600)
    town.put("parcels", with_row("parcels", Polygon(points)))


@fault
def ten_thousand_parts(town: Town) -> None:
    parts = MultiPolygon([at(box(1500 + i % 100, 600 + i // 100, 1500.5 + i % 100, 600.5 + i // 100)) for i in range(10_000)])
    town.put("parcels", with_row("parcels", parts))


@fault
def one_row_each(town: Town) -> None:
    for role in ("villages", "parcels", "roads"):
        town.put(role, frame(role).iloc[[0]])
