"""Village limits of the demo county: regions of a grid turned into polygons that share their borders exactly."""

from __future__ import annotations

import numpy as np
import shapely
from affine import Affine
from rasterio.features import shapes
from scipy import ndimage

from layers.demo.lines import cut_corners, soften


def keep_largest(owner: np.ndarray) -> np.ndarray:
    """The same regions without their scattered bits: what is cut off from a region's largest piece falls to a neighbour."""
    owner = owner.copy()
    loose = np.zeros(owner.shape, bool)
    boxes = ndimage.find_objects(owner + 1)
    for number, box in enumerate(boxes):
        mine = owner[box] == number
        pieces, count = ndimage.label(mine)
        if count > 1:
            sizes = np.bincount(pieces.ravel())[1:]
            loose[box] |= mine & (pieces != 1 + int(np.argmax(sizes)))
    if loose.any():
        _, (rows, cols) = ndimage.distance_transform_edt(loose, return_indices=True)
        owner = owner[rows, cols]
    return owner


def without_holes(owner: np.ndarray) -> np.ndarray:
    """The same regions with nobody's land that they enclose (-1) given to the nearest of them: a county has no gaps."""
    gaps = ndimage.binary_fill_holes(owner >= 0) & (owner < 0)
    if not gaps.any():
        return owner
    _, (rows, cols) = ndimage.distance_transform_edt(owner < 0, return_indices=True)
    return np.where(gaps, owner[rows, cols], owner)


def region_polygons(owner: np.ndarray, transform: Affine, *, rounds: int = 8, tolerance_m: float = 6.0) -> np.ndarray:
    """One polygon per region number 0, 1, ...; neighbours share the same vertices, corners of the grid are smoothed away.

    Raises
    ------
    RuntimeError
        If smoothing made two borders cross, so that a region got lost.
    """
    found: dict[int, list[shapely.Polygon]] = {}
    for geometry, value in shapes(owner.astype(np.int32), mask=owner >= 0, transform=transform):
        found.setdefault(int(value), []).append(shapely.Polygon(geometry["coordinates"][0], geometry["coordinates"][1:]))
    raw = [max(found[i], key=lambda p: p.area) for i in range(int(owner.max()) + 1)]
    net = shapely.line_merge(shapely.union_all(shapely.boundary(raw)))
    arcs = []
    for arc in shapely.get_parts(net):
        xy = shapely.get_coordinates(arc)
        smooth = cut_corners(soften(xy, rounds=rounds))
        line = shapely.simplify(shapely.linestrings(smooth), tolerance_m)
        arcs.append(line if len(shapely.get_coordinates(line)) > 2 or not arc.is_ring else arc)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(shapely.multilinestrings(arcs)))))
    inner = shapely.get_coordinates(shapely.point_on_surface(faces))
    cols, rows = ~transform * (inner[:, 0], inner[:, 1])
    number = owner[rows.astype(int), cols.astype(int)]
    out = []
    for i in range(len(raw)):
        mine = faces[number == i]
        if len(mine) == 0:
            raise RuntimeError(f"region {i} got lost when its borders were smoothed")
        out.append(mine[0] if len(mine) == 1 else shapely.union_all(mine))
    return np.array(out)
