"""The recipe of the demo county: what `data/demo/recipe.toml` says, checked once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyproj import CRS, Transformer

RECIPE = Path(__file__).resolve().parents[2] / "data" / "demo" / "recipe.toml"


@dataclass(frozen=True)
class Recipe:
    """What may be chosen about the demo county; `left` and `top` (m) are the upper left corner of its grid."""

    seed: int
    name: str
    code: str
    crs: CRS
    left: float
    top: float
    rows: int
    cols: int
    fold_angle_deg: float
    lowest_m: float
    relief_m: float
    counts: Mapping[str, float]
    names: Mapping[str, list[str]]
    standing: Mapping[str, float]
    papers: Mapping[str, float]
    classes: Mapping[str, str]
    roads: Mapping[str, Mapping]
    facilities: Mapping[str, Mapping]
    texts: Mapping[str, str]

    def __post_init__(self) -> None:
        if self.rows % 4 or self.cols % 4:
            raise ValueError(f"recipe: rows and cols must be multiples of 4, not {self.rows} x {self.cols}")
        if self.counts["without_venue"] > self.counts["villages"]:
            raise ValueError("recipe: more villages without a venue than villages")

    def text(self, key: str, **values: object) -> str:
        """One of the recipe's texts with its `{names}` filled."""
        return self.texts[key].format(**values)


@cache
def load_recipe(path: Path = RECIPE) -> Recipe:
    """The recipe of a file; the grid is centred on its longitude and latitude, to a full kilometre.

    Raises
    ------
    ValueError
        For a grid that cannot be halved twice, or counts that contradict each other.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    county = dict(table["county"])
    crs = CRS.from_epsg(county.pop("epsg"))
    east, north = Transformer.from_crs(4490, crs, always_xy=True).transform(county.pop("longitude"), county.pop("latitude"))
    left = round(east / 1000) * 1000 - county["cols"] * 30
    top = round(north / 1000) * 1000 + county["rows"] * 30
    rest = {key: table[key] for key in ("counts", "names", "standing", "papers", "classes", "roads", "facilities", "texts")}
    return Recipe(seed=table["seed"], crs=crs, left=float(left), top=float(top), **county, **rest)
