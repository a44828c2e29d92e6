"""Where things are: datum shifts, guessed and chosen coordinate systems."""

import math

import numpy as np
import pytest
from pyproj import CRS, Transformer

from layers.crs import guess_crs, is_likely_metric, is_old_datum, is_swapped, metric_crs, same, unfit
from layers.datum import gcj02_to_bd09, to_wgs84, wgs84_to_gcj02


def gcj02_by_hand(lon: float, lat: float) -> tuple[float, float]:
    """The published formula once more, one point at a time."""
    x, y = lon - 105, lat - 35
    s, pi = math.sin, math.pi
    d_lat = (
        -100
        + 2 * x
        + 3 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * math.sqrt(abs(x))
        + (20 * s(6 * x * pi) + 20 * s(2 * x * pi)) * 2 / 3
    )
    d_lat += (20 * s(y * pi) + 40 * s(y / 3 * pi)) * 2 / 3 + (160 * s(y / 12 * pi) + 320 * s(y * pi / 30)) * 2 / 3
    d_lon = (
        300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + (20 * s(6 * x * pi) + 20 * s(2 * x * pi)) * 2 / 3
    )
    d_lon += (20 * s(x * pi) + 40 * s(x / 3 * pi)) * 2 / 3 + (150 * s(x / 12 * pi) + 300 * s(x / 30 * pi)) * 2 / 3
    rad = lat / 180 * pi
    magic = 1 - 0.00669342162296594323 * s(rad) ** 2
    d_lat = d_lat * 180 / ((6378245 * (1 - 0.00669342162296594323)) / (magic * math.sqrt(magic)) * pi)
    d_lon = d_lon * 180 / (6378245 / math.sqrt(magic) * math.cos(rad) * pi)
    return lon + d_lon, lat + d_lat


def test_gcj02_against_the_formula_and_its_known_size():
    lon, lat = wgs84_to_gcj02(np.array([107.62, 120.0]), np.array([34.44, 30.0]))
    assert (lon[0], lat[0]) == pytest.approx(gcj02_by_hand(107.62, 34.44), abs=1e-12)
    metres = np.hypot((lon - [107.62, 120.0]) * 111_320 * np.cos(np.radians(lat)), (lat - [34.44, 30.0]) * 110_900)
    assert ((metres > 25) & (metres < 693)).all()  # range measured over China, data-conventions 3.2


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_the_way_back_is_exact(datum):
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(75, 132, 500), rng.uniform(20, 50, 500)
    there = wgs84_to_gcj02(lon, lat)
    there = gcj02_to_bd09(*there) if datum == "bd09" else there
    back = to_wgs84(*there, datum)
    assert np.abs(back[0] - lon).max() < 1e-9 and np.abs(back[1] - lat).max() < 1e-9  # a tenth of a millimetre


def test_unknown_datum():
    with pytest.raises(ValueError, match="datum must be one of"):
        to_wgs84(np.array([1.0]), np.array([1.0]), "nad27")


def _meridian(crs: CRS) -> float:
    return next(item.value for item in crs.coordinate_operation.params if item.name == "Longitude of natural origin")


def test_metric_crs_is_the_nearest_meridian_in_china_and_utm_elsewhere():
    for meridian in range(75, 136, 3):
        crs = metric_crs(min(meridian + 1.2, 135.4), 30)
        assert _meridian(crs) == meridian and "CGCS2000" in crs.name
    assert metric_crs(43.4, -11.7).to_epsg() == 32738
    assert metric_crs(-72.1, 43.2).to_epsg() == 32618


@pytest.mark.parametrize(
    ("bounds", "epsg"),
    [
        ((107.1, 34.1, 107.9, 34.7), 4490),
        ((36_400_000, 3_800_000, 36_450_000, 3_850_000), 4524),
        ((18_400_000, 3_800_000, 18_450_000, 3_850_000), 4496),
        ((400_000, 3_800_000, 450_000, 3_850_000), None),
        ((-7_000_000, 0, 8_000_000, 100), None),
        ((math.nan,) * 4, None),
    ],
)
def test_only_what_is_certain_is_guessed(bounds, epsg):
    guess = guess_crs(bounds)
    assert (guess.to_epsg() if guess else None) == epsg


def test_swapped_axes():
    assert is_swapped((3_800_000, 36_400_000, 3_850_000, 36_450_000))
    assert is_swapped((34.1, 107.1, 34.7, 107.9))
    assert not is_swapped((107.1, 34.1, 107.9, 34.7))
    assert not is_swapped((400_000, 3_800_000, 450_000, 3_850_000))


@pytest.mark.parametrize(
    ("epsg", "old"),
    [(4610, True), (2362, True), (4214, True), (2414, True), (4490, False), (4545, False), (4326, False), (3857, False)],
)
def test_old_datums(epsg, old):
    assert is_old_datum(CRS.from_epsg(epsg)) is old


def test_unfit_for_measuring():
    assert unfit(CRS.from_epsg(3857), 108, 35)
    assert unfit(CRS.from_epsg(4490), 108, 35)
    assert unfit(CRS.from_epsg(4545), 116, 35)
    assert not unfit(CRS.from_epsg(4545), 108.5, 35)


@pytest.mark.parametrize(("lon", "lat"), [(107.6, 34.4), (109.4, 30.0), (43.4, -11.7), (-72.1, 43.2), (12.4, 0.2), (178.0, -17.8)])
@pytest.mark.parametrize("epsg", [4545, 4546, 4513, 2329, 32738, 32618, 32633, 32632, 32760, 3857, 4490, 2263])
def test_what_is_guessed_of_a_layer_alone_is_what_is_chosen_for_its_county(lon, lat, epsg):
    crs = CRS.from_epsg(epsg)
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    if not np.isfinite([x, y]).all():
        pytest.skip("this place cannot be told in this system")
    assert is_likely_metric(crs, (x - 100, y - 100, x + 100, y + 100)) == same(crs, metric_crs(lon, lat))


def test_of_a_layer_off_the_map_nothing_is_guessed():
    assert not is_likely_metric(CRS.from_epsg(32738), (9e9, 9e9, 1e10, 1e10))
