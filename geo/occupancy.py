"""Which places of the plane have any of many small shapes at all: asked of boxes, at once for any number of them."""

from __future__ import annotations

import numpy as np
import shapely
from numba import njit

CELLS = 2048
"""Cells along the longer side of the ground that the shapes lie on."""


class Occupancy:
    """A grid over the boxes of many shapes, with sums from its corner, so that a box of any size is asked in four look-ups.

    Never says *none* where a shape's box meets the box asked; may say *some* where only a cell is shared.

    Examples
    --------
    >>> ground = Occupancy(np.array([shapely.box(0, 0, 1, 1), shapely.box(90, 90, 100, 100), None]))
    >>> ground.any_in(np.array([[-5, -5, 0, 0], [40, 40, 60, 60], [80, 80, 95, 95], [200, 0, 300, 1]])).tolist()
    [True, False, True, False]
    """

    def __init__(self, shapes: np.ndarray) -> None:
        boxes = shapely.bounds(shapes)
        boxes = boxes[~np.isnan(boxes[:, 0])]
        self.empty = not len(boxes)
        if self.empty:
            return
        self.corner = boxes[:, :2].min(axis=0)
        extent = boxes[:, 2:].max(axis=0) - self.corner
        self.cell = max(float(extent.max()) / (CELLS - 1), 1e-9)
        self.size = np.floor(extent / self.cell).astype(np.int64) + 1
        self.sums = _sums(*np.ascontiguousarray(self._cells(boxes)), *self.size)

    def _cells(self, boxes: np.ndarray) -> np.ndarray:
        """First and last column and row of the cells that boxes (left, bottom, right, top) meet; those outside are cut off."""
        place = np.floor((boxes - np.tile(self.corner, 2)) / self.cell)
        return np.clip(place, 0, np.tile(self.size - 1, 2)).astype(np.int64).T

    def any_in(self, boxes: np.ndarray) -> np.ndarray:
        """Whether any shape may lie in each box.

        Parameters
        ----------
        boxes : float array, shape (n, 4)
            Left, bottom, right, top in the shapes' CRS; NaN for nothing.

        Returns
        -------
        bool array, shape (n,)
        """
        if self.empty or not len(boxes):
            return np.zeros(len(boxes), dtype=bool)
        far = self.corner + self.size * self.cell
        inside = (boxes[:, :2] <= far).all(axis=1) & (boxes[:, 2:] >= self.corner).all(axis=1)   # False for NaN
        left, bottom, right, top = self._cells(np.where(inside[:, None], boxes, np.tile(self.corner, 2)))
        sums = self.sums
        count = sums[right + 1, top + 1] - sums[left, top + 1] - sums[right + 1, bottom] + sums[left, bottom]
        return inside & (count > 0)


@njit(nogil=True, cache=True)
def _sums(left, bottom, right, top, columns, rows):
    """Number of taken cells left of and below each corner of the grid; a cell is taken where any of the boxes covers it."""
    steps = np.zeros((columns + 1, rows + 1), np.int32)      # boxes that begin less those that end, along both axes
    for i in range(left.size):
        steps[left[i], bottom[i]] += 1
        steps[right[i] + 1, bottom[i]] -= 1
        steps[left[i], top[i] + 1] -= 1
        steps[right[i] + 1, top[i] + 1] += 1
    out = np.zeros((columns + 1, rows + 1), np.int32)
    open_ = np.zeros(rows + 1, np.int32)                     # boxes open in this column that begin or end in each row
    for c in range(columns):
        covering, taken = 0, 0
        for r in range(rows):
            open_[r] += steps[c, r]
            covering += open_[r]
            taken += covering > 0
            out[c + 1, r + 1] = out[c, r + 1] + taken
    return out
