"""Many shapes, and what one measure after the other asks of them, found once: coordinates, boxes, areas, validity, an index.

At a million candidates each of these takes a good part of a second, and a dozen measures ask for them, several at the same time.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, TypeVar, overload

import numpy as np
import shapely

from geo.interior import points_inside
from geo.occupancy import Occupancy
from geo.shapes import Shapes, as_geometries, flatten
from geo.validity import are_valid

_Part = TypeVar("_Part")


class _Kept(Generic[_Part]):
    """A property that is found when it is first asked for, by one thread while others wait, and kept."""

    def __init__(self, find: Callable[[Any], _Part]) -> None:
        self.find, self.__doc__ = find, find.__doc__

    @overload
    def __get__(self, plots: None, owner: type) -> _Kept[_Part]: ...

    @overload
    def __get__(self, plots: Plots, owner: type) -> _Part: ...

    def __get__(self, plots: Plots | None, owner: type) -> _Kept[_Part] | _Part:
        if plots is None:
            return self
        with plots.lock:
            if self.find.__name__ not in plots.kept:
                plots.kept[self.find.__name__] = self.find(plots)
        return plots.kept[self.find.__name__]


class Plots:
    """Shapes of any kind in a metric CRS, and what is found of them; parts are made at first asking and are not to be written to.

    Examples
    --------
    >>> plots = Plots(np.array([shapely.box(0, 0, 20, 10), shapely.Point(3, 3), None]))
    >>> plots.area_m2.tolist(), plots.empty.tolist()
    ([200.0, 0.0, nan], [False, False, True])
    """

    def __init__(self, shapes: np.ndarray, flat: Shapes | None = None) -> None:
        self.shapes = np.asarray(shapes, dtype=object)
        self.lock = RLock()
        self.kept: dict[str, Any] = {} if flat is None else {"flat": flat}

    def __len__(self) -> int:
        return len(self.shapes)

    @_Kept
    def flat(self) -> Shapes:
        """Their coordinates, metres."""
        return flatten(self.shapes)

    @_Kept
    def empty(self) -> np.ndarray:
        """Which are missing or have no point at all."""
        return np.diff(self.flat.shape_start) == 0

    @_Kept
    def bounds(self) -> np.ndarray:
        """Left, bottom, right, top, metres; NaN where empty."""
        return shapely.bounds(self.shapes)

    @_Kept
    def area_m2(self) -> np.ndarray:
        """Areas; NaN where missing."""
        return shapely.area(self.shapes)

    @_Kept
    def inside(self) -> np.ndarray:
        """x and y of a point inside each, metres, shape (n, 2); NaN where empty."""
        return points_inside(self.shapes, self.flat)

    @_Kept
    def tree(self) -> shapely.STRtree:
        """An index of their boxes."""
        return shapely.STRtree(self.shapes)

    @_Kept
    def occupancy(self) -> Occupancy:
        """Where on the ground there are any."""
        return Occupancy(self.bounds)

    @_Kept
    def _broken(self) -> np.ndarray:
        return np.flatnonzero(~are_valid(self.shapes, self.flat) & ~shapely.is_missing(self.shapes))

    @_Kept
    def _whole(self) -> Plots:
        return self.exchanged(self._broken, shapely.make_valid(self.shapes[self._broken]))

    def mended(self) -> Plots:
        """The same with invalid shapes made valid; these plots themselves where all are."""
        return self._whole if len(self._broken) else self

    def only(self, rows: np.ndarray) -> Plots:
        """The shapes at the positions `rows`, ascending; these plots themselves where all are asked for."""
        return self if len(rows) == len(self) else Plots(self.shapes[rows], self.flat.only(rows))

    def exchanged(self, at: np.ndarray, shapes: np.ndarray) -> Plots:
        """These plots, but the shapes at the positions `at` exchanged for others."""
        if not len(at):
            return self
        others = self.shapes.copy()
        others[at] = shapes
        return Plots(others, self.flat.exchanged(at, flatten(shapes)))


def plots_of(shapes: object) -> Plots:
    """Plots as they are; geometries (array, series or frame) made into some."""
    return shapes if isinstance(shapes, Plots) else Plots(as_geometries(shapes))
