"""GCJ-02 and BD-09, the shifted coordinates of Chinese map services, back to WGS 84.

The forward shift is the published polynomial with sines; it has no closed inverse, so it is inverted by fixed-point iteration,
which comes back to within a micrometre. Which datum a file is in cannot be seen in its numbers: the person has to say it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
SHIFTED = ("gcj02", "bd09")

_A = 6378245.0
_EE = 0.00669342162296594323
_ITERATIONS = 8
"""Each step of the iteration gains three digits; six are exact, two more cost nothing."""


def wgs84_to_gcj02(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """GCJ-02 longitude and latitude in degrees of points given in WGS 84 degrees."""
    x, y = np.asarray(lon, dtype=float) - 105.0, np.asarray(lat, dtype=float) - 35.0
    root = np.sqrt(np.abs(x))
    waves = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north = north + (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    north = north + (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east = east + (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    east = east + (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    radians = np.radians(lat)
    magic = 1 - _EE * np.sin(radians) ** 2
    north = north * 180 / (_A * (1 - _EE) / (magic * np.sqrt(magic)) * np.pi)
    east = east * 180 / (_A / np.sqrt(magic) * np.cos(radians) * np.pi)
    return np.asarray(lon) + east, np.asarray(lat) + north


def gcj02_to_bd09(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """BD-09 longitude and latitude in degrees of points given in GCJ-02 degrees."""
    turn = np.pi * 3000 / 180
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(np.asarray(lat) * turn)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(np.asarray(lon) * turn)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def to_wgs84(lon: np.ndarray, lat: np.ndarray, datum: str) -> tuple[np.ndarray, np.ndarray]:
    """WGS 84 longitude and latitude in degrees of points given in `datum`.

    Parameters
    ----------
    lon, lat : array
        Degrees, same shape.
    datum : str
        One of `DATUMS`; ``wgs84`` and ``cgcs2000`` come back as they are (they agree within decimetres).

    Raises
    ------
    ValueError
        For another datum.

    Examples
    --------
    >>> lon, lat = to_wgs84(*wgs84_to_gcj02(np.array([112.3]), np.array([35.1])), "gcj02")
    >>> bool(abs(lon[0] - 112.3) < 1e-11 and abs(lat[0] - 35.1) < 1e-11)
    True
    """
    if datum not in DATUMS:
        raise ValueError(f"datum must be one of {DATUMS}, not {datum!r}")
    if datum not in SHIFTED:
        return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    forward = wgs84_to_gcj02 if datum == "gcj02" else _wgs84_to_bd09
    return _invert(forward, np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))


def to_datum(lon: np.ndarray, lat: np.ndarray, datum: str) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude in degrees, in one of the shifted datums (`SHIFTED`), of points given in WGS 84.

    Examples
    --------
    >>> lon, lat = to_datum(np.array([112.3]), np.array([35.1]), "bd09")
    >>> [round(float(value[0]), 6) for value in to_wgs84(lon, lat, "bd09")]
    [112.3, 35.1]
    """
    return (wgs84_to_gcj02 if datum == "gcj02" else _wgs84_to_bd09)(lon, lat)


def _wgs84_to_bd09(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def _invert(forward: Callable, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    guess_lon, guess_lat = lon.copy(), lat.copy()
    for _ in range(_ITERATIONS):
        there_lon, there_lat = forward(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + lon - there_lon, guess_lat + lat - there_lat
    return guess_lon, guess_lat
