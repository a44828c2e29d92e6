"""Parcels as tiles: what is drawn covers what it should, whatever the order; what lies at a place is what was drawn there."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import json
import math
from urllib.parse import urlencode, urlsplit

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image
from pyproj import Transformer
from starlette.applications import Starlette

from geo.score import reweight
from tests.toytown import LIUWAN, QINGSHI, TOWN_CRS
from tests.ui.sessions import town_session
from ui import maps, tiles
from ui.map_raster import MARGIN_PX, TILE_PX, draw
from ui.theme import score_colour
from ui.tile_routes import tile_routes
from ui.tile_styles import palette, styles_of, unweighed
from ui.tiles import BLOCK, SHELF, TileShelf, shapes_of

TO_MERCATOR = Transformer.from_crs(TOWN_CRS, 3857, always_xy=True)
WORLD_M = 2 * math.pi * 6378137.0


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """The tile of a place, by the formula of the OpenStreetMap wiki (Slippy map tilenames)."""
    n = 2 ** zoom
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


def pixels(content: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(content))
    assert image.size == (256, 256) and image.mode == "RGBA"
    return np.asarray(image).astype(int)


def place_of(session, item: str) -> tuple[float, float]:
    row = session.candidate_row(item)
    point = gpd.GeoSeries([row.geometry.representative_point()], crs=session.study.candidates.crs).to_crs(4326).iloc[0]
    return point.x, point.y


def asked(address: str, **query: object) -> tuple[int, dict[str, str], bytes]:
    """What the server answers: status, headers and body, by the plain ASGI protocol."""
    parts, sent = urlsplit(address), []

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": parts.path, "raw_path": parts.path.encode(), "headers": [], "root_path": "",
             "query_string": (parts.query or urlencode(query)).encode(), "scheme": "http", "server": ("localhost", 80)}
    asyncio.run(Starlette(routes=tile_routes())(scope, receive, send))
    head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], head, b"".join(message.get("body", b"") for message in sent[1:])


def cover(areas: list, *, scale: float = 1.0, crs: int = 3857) -> np.ndarray:
    """Share of each pixel that areas cover, drawn with the tile's left top at (0, 0) and y running up."""
    shapes = shapes_of(gpd.GeoSeries(areas, crs=crs))
    paint = np.array([[1, 0, 0, 1, 1, 1]], dtype=np.float32)
    left, top = -MARGIN_PX / scale - shapes.origin[0], MARGIN_PX / scale - shapes.origin[1]
    sums = draw(shapes.xy, shapes.ring_start, shapes.ring_sign, shapes.shape_start, shapes.bounds, shapes.blocks, BLOCK,
                np.zeros(len(shapes.bounds), dtype=np.int16), paint, left, top, scale)
    return sums[5][MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX]


def exact(area) -> np.ndarray:
    """The same by shapely: the area of each pixel's square within the shape."""
    rows, columns = np.mgrid[0:TILE_PX, 0:TILE_PX]
    squares = shapely.box(columns, -rows - 1, columns + 1, -rows)
    return shapely.area(shapely.intersection(squares, area))


@pytest.mark.parametrize("area", [
    shapely.Polygon([(10.3, -20.7), (100.9, -33.2), (80.1, -140.4), (22.2, -90.5)]),
    shapely.Polygon([(10.3, -20.7), (22.2, -90.5), (80.1, -140.4), (100.9, -33.2)]),   # the other way round
    shapely.Point(60, -60).buffer(40).difference(shapely.Point(60, -60).buffer(20)),   # with a hole
    shapely.MultiPolygon([shapely.box(5.25, -9.5, 7.5, -5.25), shapely.box(30, -40, 31, -39)]),
    shapely.Polygon([(-300, -0.3), (-300, -90.2), (700, -100.7), (700, -0.9)]),   # far beyond both sides
    shapely.Polygon([(-50.5, -128.2), (128.7, 60.9), (400.1, -128.6), (128.3, -399.4)]),
    shapely.box(200.2, -200.9, 200.7, -200.1),   # less than a pixel
])
def test_pixels_are_covered_as_far_as_the_shape_covers_them(area):
    assert cover([area]) == pytest.approx(exact(area), abs=2e-4)


def test_neighbours_leave_no_seam_and_order_does_not_matter():
    cut = [shapely.Polygon([(10, -10), (90.3, -10), (61.7, -200), (10, -200)]),
           shapely.Polygon([(90.3, -10), (200, -10), (200, -200), (61.7, -200)])]
    both = cover(cut)
    assert both[12:198, 12:198] == pytest.approx(1.0, abs=1e-4)
    assert np.array_equal(both, cover(cut[::-1]))


def test_many_parcels_come_to_the_same_place_as_exactly_transformed_ones():
    rng = np.random.default_rng(7)
    xy = np.column_stack([rng.uniform(470_000, 530_000, 6000), rng.uniform(3_800_000, 3_860_000, 6000)])
    areas = gpd.GeoSeries([shapely.box(x, y, x + 30, y + 20) for x, y in xy], crs=4547)
    shapes = shapes_of(areas)
    expected = shapely.get_coordinates(areas.to_crs(3857).to_numpy())
    assert np.abs(shapes.xy + np.array(shapes.origin) - expected).max() < 0.02


def test_a_parcel_is_found_where_it_lies_and_wears_the_colour_of_its_verdict():
    session, shelf = town_session(), TileShelf()
    picture = shelf.picture(shelf.offer(session.stamp, session.study.candidates))
    for item in ("N-P01", "N-P02", "N-P04"):
        lon, lat = place_of(session, item)
        row = picture.at(lon, lat, near_px=4, zoom=18)
        assert session.study.candidates["candidate_id"].iloc[row] == item
        x, y = tile_of(lon, lat, 19)
        drawn = pixels(picture.tile(19, x, y))
        left, top = x * WORLD_M / 2 ** 19 - WORLD_M / 2, WORLD_M / 2 - y * WORLD_M / 2 ** 19
        point = session.candidate_row(item).geometry.representative_point()
        east, north = TO_MERCATOR.transform(point.x, point.y)
        scale = 256 * 2 ** 19 / WORLD_M
        colour = drawn[int((top - north) * scale), int((east - left) * scale)]
        facts = session.candidate_row(item)
        wanted = score_colour(facts["verdict"], round(float(facts["score"])))
        assert colour[:3] == pytest.approx([int(wanted[at:at + 2], 16) for at in (1, 3, 5)], abs=2)
        assert colour[3] > 100
    assert picture.at(lon, lat + 1, near_px=4, zoom=18) is None


def test_outline_is_the_parcel_itself():
    session, shelf = town_session(), TileShelf()
    picture = shelf.picture(shelf.offer(session.stamp, session.study.candidates))
    row = session.study.candidates["candidate_id"].tolist().index("N-P01")
    ring = picture.outline(row)["coordinates"][0]
    back = Transformer.from_crs(4326, TOWN_CRS, always_xy=True)
    area = shapely.Polygon(list(zip(*back.transform(*zip(*ring, strict=True)), strict=True)))
    assert area.symmetric_difference(session.study.candidates.geometry.iloc[row]).area < 0.02 * area.area


def test_places_without_area_are_dots_and_those_without_place_are_left_out():
    session = town_session()
    rows = session.study.candidates.copy()
    first = rows.geometry.iloc[0].representative_point()
    rows.geometry = gpd.GeoSeries([first, None, *rows.geometry.iloc[2:]], index=rows.index, crs=rows.crs)
    shelf = TileShelf()
    picture = shelf.picture(shelf.offer("points", rows))
    shapes, _ = picture.parts()
    assert sorted(shapes.rows) == [0, *range(2, len(rows))]
    lon, lat = place_of(dataclasses.replace(session, study=dataclasses.replace(session.study, candidates=rows)),
                        rows["candidate_id"].iloc[0])
    assert picture.at(lon, lat, near_px=6, zoom=17) == 0
    assert picture.outline(0)["type"] == "Point" and picture.outline(1) is None
    nothing = shelf.picture(shelf.offer("none", rows.iloc[:0]))
    assert pixels(nothing.tile(3, 0, 0)).max() == 0 and nothing.at(lon, lat, near_px=6, zoom=17) is None


def test_other_weights_have_another_address_and_equal_ones_the_same():
    session, shelf = town_session(), TileShelf()
    token = shelf.offer(session.stamp, session.study.candidates)
    assert shelf.offer(session.stamp, session.study.candidates.copy()) == token
    weights = {criterion.id: 0.0 for criterion in session.scenario.criteria} | {"courtyard": 1.0}
    assert shelf.offer(session.stamp, reweight(session.study, weights).candidates) != token
    assert TileShelf().offer(session.stamp, session.study.candidates) != token   # nobody guesses it from the county


def test_a_village_can_be_left_out():
    session, shelf = town_session(), TileShelf()
    token = shelf.offer(session.stamp, session.study.candidates)
    x, y = tile_of(*place_of(session, "N-P01"), 18)
    full, without = (pixels(shelf.tile(token, 18, x, y, without=code)) for code in (LIUWAN, QINGSHI))
    assert full[..., 3].sum() > without[..., 3].sum()


def test_styles_follow_kind_verdict_and_score():
    rows = town_session().study.candidates
    style, colours = styles_of(rows, unweighed(rows)), palette()
    assert len(colours) == 3 * 3 * 102 and style.min() >= 0 and style.max() < len(colours)
    for at, (kind, verdict, score) in enumerate(zip(rows["kind"], rows["verdict"], rows["score"], strict=True)):
        wanted = score_colour(verdict, round(float(score)) if np.isfinite(score) else None)
        assert colours[style[at], :3] * 255 == pytest.approx([int(wanted[n:n + 2], 16) for n in (1, 3, 5)])
        assert (colours[style[at], 5] > 1) == (kind != "new")


def test_kept_tiles_and_pictures_are_limited(monkeypatch):
    monkeypatch.setattr(tiles, "KEPT_PICTURES", 2)
    monkeypatch.setattr(tiles, "KEPT_TILES", 3)
    shelf, rows = TileShelf(), town_session().study.candidates
    tokens = [shelf.offer(stamp, rows) for stamp in ("a", "b", "c")]
    assert shelf.picture(tokens[0]) is None and shelf.tile(tokens[0], 3, 0, 0) is None
    for x in range(5):
        shelf.tile(tokens[2], 3, x, 0)
    assert len(shelf.tiles) == 3
    assert shelf.tile(tokens[2], 3, 8, 0) is None   # no such tile at this zoom


def test_of_a_large_county_fewer_pictures_are_kept(monkeypatch):
    rows = town_session().study.candidates
    monkeypatch.setattr(tiles, "MOST_ROWS", 2 * len(rows))
    shelf = TileShelf()
    tokens = [shelf.offer(stamp, rows) for stamp in "abcde"]
    assert [shelf.picture(token) is not None for token in tokens] == [False, False, True, True, True]   # the fewest there may be


def test_a_county_is_made_ready_for_drawing_before_its_first_tile():
    shelf, rows = TileShelf(), town_session().study.candidates
    shelf.begin("town", rows).join(60)
    assert shelf.picture(shelf.offer("town", rows)).made is not None



def test_the_server_answers_tiles_and_places():
    session = town_session()
    told = maps.parcel_tiles(session, shown=True, without=QINGSHI)
    lon, lat = place_of(session, "N-P01")
    x, y = tile_of(lon, lat, 17)
    status, head, content = asked(told["url"].format(z=17, x=x, y=y))
    assert status == 200 and head["content-type"] == "image/png" and "immutable" in head["cache-control"]
    assert pixels(content).shape == (256, 256, 4)
    status, _, content = asked(told["at"], lon=lon, lat=lat, zoom=17, lang="en")
    found = json.loads(content)
    assert status == 200 and found["id"] == found["tip"][0] == "N-P01" and found["shape"]["type"] == "MultiLineString"
    assert json.loads(asked(told["at"], lon=lon, lat=lat + 1, zoom=17)[2]) == {}
    for wrong in ({"lon": "x", "lat": lat, "zoom": 17}, {"lon": lon}, {"lon": "nan", "lat": lat, "zoom": 1},
                  {"lon": 0, "lat": 90, "zoom": 1}):
        assert asked(told["at"], **wrong)[0] == 400
    assert asked("/tiles/unknown/3/1/1.png")[0] == 404
    assert asked("/tiles/unknown/at", lon=1, lat=1, zoom=3)[0] == 404
    assert SHELF.picture(told["at"].split("/")[-2]) is not None
