"""Which places of the plane have any of many small shapes at all: asked of boxes, at once for any number of them."""

from __future__ import annotations

import numpy as np
from numba import njit

CELLS = 2048
"""Cells along the longer side of the ground that the shapes lie on."""


class Occupancy:
    """A grid over the bounds of many shapes, with sums from its corner, so that a box of any size is asked in four look-ups.

    Never says *none* where a shape's box meets the box asked; may say *some* where only a cell is shared.

    Examples
    --------
    >>> ground = Occupancy(np.array([[0.0, 0, 1, 1], [90, 90, 100, 100], [np.nan] * 4]))
    >>> ground.any_in(np.array([[-5, -5, 0, 0], [40, 40, 60, 60], [80, 80, 95, 95], [200, 0, 300, 1]])).tolist()
    [True, False, True, False]
    """

    def __init__(self, bounds: np.ndarray) -> None:
        self.empty = bool(np.isnan(bounds[:, 0]).all())
        if self.empty:
            return
        self.corner = np.fmin.reduce(bounds[:, :2])           # fmin and fmax pass over NaN
        extent = np.fmax.reduce(bounds[:, 2:]) - self.corner
        self.cell = max(float(extent.max()) / (CELLS - 1), 1e-9)
        self.size = np.floor(extent / self.cell).astype(np.int64) + 1
        frame: tuple = (*self.corner, self.cell, *self.size)
        self.sums = _sums(bounds, *frame)

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
def _sums(boxes, corner_x, corner_y, cell, columns, rows):
    """Number of taken cells left of and below each corner of the grid; a cell is taken where any of the boxes covers it."""
    steps = np.zeros((columns + 1, rows + 1), np.int32)      # boxes that begin less those that end, along both axes
    for i in range(len(boxes)):
        if np.isnan(boxes[i, 0]):
            continue
        left, bottom = int((boxes[i, 0] - corner_x) / cell), int((boxes[i, 1] - corner_y) / cell)
        right, top = min(int((boxes[i, 2] - corner_x) / cell), columns - 1), min(int((boxes[i, 3] - corner_y) / cell), rows - 1)
        steps[left, bottom] += 1
        steps[right + 1, bottom] -= 1
        steps[left, top + 1] -= 1
        steps[right + 1, top + 1] += 1
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
