"""Which places of the plane have any of many small shapes at all: asked of boxes, at once for any number of them."""

from __future__ import annotations

import numpy as np
import shapely

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
        left, bottom, right, top = self._cells(boxes)
        steps = np.zeros(tuple(self.size + 1), dtype=np.int32)
        for x, y, step in ((left, bottom, 1), (right + 1, bottom, -1), (left, top + 1, -1), (right + 1, top + 1, 1)):
            np.add.at(steps, (x, y), step)
        taken = np.cumsum(np.cumsum(steps, axis=0), axis=1)[:-1, :-1] > 0
        self.sums = np.zeros(tuple(self.size + 1), dtype=np.int32)
        self.sums[1:, 1:] = np.cumsum(np.cumsum(taken, axis=0, dtype=np.int32), axis=1, dtype=np.int32)

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
