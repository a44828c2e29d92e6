"""The demo county: a fictional county in the hills, made from a recipe and a seed, with every case that the tool must handle."""

from layers.demo.make import STEPS, make_demo

__all__ = ["STEPS", "make_demo"]
