"""Where weights come from besides being set: pairwise judgements (AHP), several officials' judgements, the data themselves.

AHP is filled in over the groups of criteria, and spread within each group by the standard's shares (`groups`)::

    from geo.weighting.ahp import judged, priorities, revisions
    from geo.weighting.groups import spread
    study = reweight(study, spread(priorities(matrix).by(groups), study.scenario))
"""
