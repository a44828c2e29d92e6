"""What follows from the layers of a county: candidates, gates, measures, scores. Pure analysis; no files, no network, no pages.

The nouns can be had from here. The three actions stand in the module of their name, so that looking at a result loads no kernels::

    from geo.study import study           # study(county, scenario) -> Study
    from geo.score import reweight        # reweight(study, weights) -> Study
    from geo.evidence import evidence     # evidence(study, candidate_id) -> (Evidence, ...)
"""

from geo.inputs import CountyLike, GeoError, NotMetricError
from geo.results import Evidence, Study
from geo.scenario import Scenario, ScenarioError, scenario_from

__all__ = ["CountyLike", "Evidence", "GeoError", "NotMetricError", "Scenario", "ScenarioError", "Study", "scenario_from"]
