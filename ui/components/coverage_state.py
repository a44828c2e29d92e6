"""The coverage review of the session: told once for a county, its standards and the plan that stands, then kept."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from geo.coverage import Coverage, Ground, coverage, ground_of, standing_venues
from geo.planning import Plan
from ui import plan_state
from ui.state import Session


@dataclass(frozen=True)
class Review:
    """The coverage as it stands, with the plan of the session if there is one.

    `mark` tells it apart from every other review of the same county. `unknown_counted` says that venues of unknown standing are
    taken for adequate: what is shown is then the most there may be.
    """

    coverage: Coverage
    plan: Plan | None
    mark: tuple
    unknown_counted: bool = False

    def scope(self, township: str | None) -> pd.Series:
        """The figures of a township, or of the county."""
        towns = self.coverage.townships
        here = (towns["township_code"] == township).fillna(False).to_numpy(dtype=bool) if township else []
        return towns[here].iloc[0] if any(here) else self.coverage.county.iloc[0]

    def villages(self, township: str | None) -> pd.DataFrame:
        """`Coverage.villages` without shapes, of a township or all."""
        return self._of(pd.DataFrame(self.coverage.villages.drop(columns="geometry")), township)

    def need(self, township: str | None) -> pd.DataFrame:
        """`Coverage.need`, of a township or all."""
        return self._of(self.coverage.need, township)

    def village_row(self, village_code: str | None) -> pd.Series | None:
        """The figures of a village; None where there is none."""
        rows = self.coverage.villages
        found = rows[(rows["village_code"] == village_code).fillna(False).to_numpy(dtype=bool)]
        return None if village_code is None or found.empty else found.iloc[0]

    @staticmethod
    def _of(rows: pd.DataFrame, township: str | None) -> pd.DataFrame:
        if township is None:
            return rows
        return rows[(rows["township_code"] == township).fillna(False).to_numpy(dtype=bool)]


def review_of(session: Session, *, unknown_counted: bool = False) -> Review:
    """The review of what is open in the session, from the shelf where it has been told before.

    Parameters
    ----------
    session : Session
    unknown_counted : bool
        Whether venues whose standing is not known count as adequate.

    Raises
    ------
    CoverageError
        For a county without a list of villages.
    """
    desk = plan_state.standing(plan_state.about_of(session))
    decided = () if desk is None or desk.plan is None else tuple(sorted(desk.plan.chosen))
    found = _coverage(session.stamp, unknown_counted, decided, session)
    mark = ("coverage", unknown_counted, desk.mark if decided and desk is not None else "")
    return Review(found, desk.plan if decided and desk is not None else None, mark, unknown_counted)


@st.cache_resource(show_spinner=False, max_entries=3)
def _ground(stamp: str, _session: Session) -> Ground:
    return ground_of(_session.county, _session.scenario)


@st.cache_resource(show_spinner=False, max_entries=4)
def _coverage(stamp: str, unknown_counted: bool, decided: tuple[str, ...], _session: Session) -> Coverage:
    county, scenario = _session.county, _session.scenario
    status = ("adequate", "unknown") if unknown_counted else ("adequate",)
    return coverage(county, scenario, decided=decided, venues=standing_venues(county, scenario, status=status),
                    ground=_ground(stamp, _session))
