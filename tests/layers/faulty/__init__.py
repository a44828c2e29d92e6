"""Builders of the faulty inputs that `tests/layers/faulty_inputs.toml` lists, one function each."""

from tests.layers.faulty import codes, config, files, geometry, hostile, tables, texts
from tests.layers.faulty.base import BUILDERS, Town

__all__ = ["BUILDERS", "Town", "codes", "config", "files", "geometry", "hostile", "tables", "texts"]
