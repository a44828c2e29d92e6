"""How firmly a village's first site stands: under other weights, and under what is still unknown.

::

    from geo.robustness.badge import badge_of, county_badges    # steady, contested or a coin toss, with the figure behind it
    from geo.robustness.contest import contest_of               # the sites of one village that compete
    from geo.robustness.acceptability import acceptability      # share of weight draws in which each site takes each rank
    from geo.robustness.thresholds import thresholds            # "loses its lead when transport counts for more than 35 %"
    from geo.robustness.change import smallest_change           # the least shift of weight that unseats the leader
    from geo.robustness.unknown import unknown_effect           # can what is unknown overturn it?
"""
