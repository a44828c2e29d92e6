"""Coverage: who is served by the adequate venues there are, or will be, person by person on the ground. Pure analysis.

    from geo.coverage import compare, coverage, ground_of
    ground = ground_of(county, scenario)                                            # once a county
    before = coverage(county, scenario, ground=ground)                              # as it stands
    after = coverage(county, scenario, study=study, chosen=ids, ground=ground)      # with the chosen candidates
    gains = compare(before, after)
"""

from geo.coverage.compare import compare
from geo.coverage.floating import ZoneError, floating_access
from geo.coverage.frames import VENUE_STATES
from geo.coverage.ground import CoverageError, Ground, ground_of
from geo.coverage.homes import UNSERVED_REASONS
from geo.coverage.inequality import gini
from geo.coverage.need import Reason, need_reasons
from geo.coverage.review import Coverage, coverage
from geo.coverage.tables import people_column
from geo.coverage.venues import Venues, chosen_sites, standing_venues, with_sites
from geo.coverage.walks import Walks, walk_pairs

__all__ = ["Coverage", "CoverageError", "Ground", "Reason", "UNSERVED_REASONS", "VENUE_STATES", "Venues", "Walks", "ZoneError",
           "chosen_sites", "compare", "coverage", "floating_access", "gini", "ground_of", "need_reasons", "people_column",
           "standing_venues", "walk_pairs", "with_sites"]
