"""Recognition: which layer each file of a folder is, on what evidence, and what only a person can settle."""

from layers.recognise.choose import Recognition, Tie, recognise
from layers.recognise.inventory import Item, inventory
from layers.recognise.judge import Evidence, Proposal, proposals
from layers.recognise.write import to_toml, write_county

__all__ = ["Evidence", "Item", "Proposal", "Recognition", "Tie", "inventory", "proposals", "recognise", "to_toml", "write_county"]
