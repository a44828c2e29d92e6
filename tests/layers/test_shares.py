"""Parcels between villages: the area in each of them against cutting every parcel with every village."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers import shares
from layers.remembered import forget
from layers.shares import shares_of
from tests.layers.samples import X, Y


def _squares(side: float, across: int, *, at: tuple[float, float] = (0, 0)) -> np.ndarray:
    x, y = (grid.ravel() * side for grid in np.meshgrid(np.arange(across), np.arange(across)))
    return shapely.box(X + at[0] + x, Y + at[1] + y, X + at[0] + x + side, Y + at[1] + y + side)


def _wavy(villages: np.ndarray) -> np.ndarray:
    """Villages whose common limits run to and fro, the same on both sides."""
    dense = shapely.segmentize(villages, 10)
    return shapely.transform(dense, lambda xy: xy + 3 * np.sin(xy[:, ::-1] / 17))


def _brute(parcels: np.ndarray, villages: np.ndarray) -> dict[tuple[int, int], float]:
    table = shapely.area(shapely.intersection(parcels[:, None], villages[None, :]))
    meets = shapely.intersects(parcels[:, None], villages[None, :])
    return {(int(p), int(v)): table[p, v] for p, v in zip(*np.nonzero(meets), strict=True) if meets[p].sum() > 1}


VILLAGES = {
    "side by side": _wavy(_squares(200, 3)),
    "turned about": shapely.reverse(_wavy(_squares(200, 3))),
    "with one missing": np.delete(_wavy(_squares(200, 3)), 4),
    "overlapping": np.append(_wavy(_squares(200, 3)), shapely.box(X + 150, Y + 150, X + 350, Y + 350)),
    "twice": np.repeat(_wavy(_squares(200, 2)), 2),
    "apart": shapely.buffer(_wavy(_squares(200, 3)), -4, join_style="mitre"),
}


@pytest.mark.parametrize("kind", VILLAGES)
@pytest.mark.parametrize("at", [(-7.5, -7.5), (0, 0)])   # parcels across straight limits, and edge on edge with them
def test_shares_are_those_of_cutting_everything(kind: str, at: tuple[float, float]) -> None:
    villages, parcels = VILLAGES[kind], _squares(15, 42, at=at)
    expected = _brute(parcels, villages)
    parcel, village, area = shares_of(parcels, villages)
    got = {(int(p), int(v)): float(m2) for p, v, m2 in zip(parcel, village, area, strict=True)}
    assert got == pytest.approx({pair: m2 for pair, m2 in expected.items() if pair in got}, abs=1e-6)
    assert all(m2 < 1e-6 or m2 > 225 - 1e-6 for pair, m2 in expected.items() if pair not in got)   # whole, and far from a limit
    forget()


def test_one_cut_suffices_where_villages_lie_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = []

    def counted(some: np.ndarray, limits: np.ndarray) -> np.ndarray:
        cut.append(len(some))
        return shapely.area(shapely.intersection(some, limits))

    monkeypatch.setattr(shares, "_shared", counted)
    villages = np.array([shapely.box(X, Y, X + 100, Y + 100), shapely.box(X + 100, Y, X + 200, Y + 100)])
    parcels = np.array([shapely.box(X + 95, Y + at, X + 110, Y + at + 10) for at in range(-5, 100, 15)])   # the first sticks out
    _, _, area = shares_of(parcels, villages)
    assert area.reshape(-1, 2).tolist() == [[25.0, 50.0]] + [[50.0, 100.0]] * 6
    assert sum(cut) == 2 + 6


def test_parcels_that_meet_one_village_have_no_share() -> None:
    villages = gpd.GeoSeries([shapely.box(X, Y, X + 100, Y + 100)]).to_numpy()
    assert [len(each) for each in shares_of(_squares(15, 10), villages)] == [0, 0, 0]
