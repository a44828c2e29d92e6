"""Planned community service centres: how many a village gets, where they stand, and which of the seven services each one needs."""

from geo.centres.names import chinese_numeral, community_name
from geo.centres.places import PLACES, CentreError
from geo.centres.plan import CENTRE_COLUMNS, Centres, centres
from geo.centres.services import REASONS, STATES
from geo.centres.split import TRIGGERS

__all__ = ["CENTRE_COLUMNS", "PLACES", "REASONS", "STATES", "TRIGGERS", "CentreError", "Centres", "centres", "chinese_numeral",
           "community_name"]
