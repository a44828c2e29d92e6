"""Gates: rules of policy and law that a site meets (pass), breaks (fail) or has yet to prove (verify). One file per gate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.gates import building, collective, courtyard, dispute, restriction, road
from geo.gates.verdicts import NOT_APPLICABLE
from geo.inputs import CountyLike
from geo.scenario import FAIL, GATES, PASS, VERDICTS, VERIFY, Scenario

MODULES = {
    "collective": collective, "dispute": dispute, "courtyard": courtyard,
    "restriction": restriction, "road": road, "building": building,
}
"""Each gate's module: `judge`, `evidence`, `REASONS`. In the order of `GATES`."""


def judge(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario) -> pd.DataFrame:
    """Verdict of every gate and of all together.

    Parameters
    ----------
    candidates : DataFrame
        Candidates with all that gates read: the columns of `geo.candidates.candidates`, `geo.ownership.ownership`,
        `geo.courtyard.areas` and `geo.gates.restriction.shares`, and `road_distance_m`, `road_leads_through`.
    county : CountyLike
        Tells which layers there are.
    scenario : Scenario

    Returns
    -------
    DataFrame
        Same index. `gate_<id>`: pass, verify, fail, missing where the gate does not apply. `reason_<id>`: short code, a key of the
        gate's `REASONS`. `verdict`: the worst of them. `failed_gates`, `unverified_gates`: ids joined by ``;``, empty where none.
    """
    found = [MODULES[gate].judge(candidates, county, scenario) for gate in GATES]
    columns: dict[str, object] = {}
    names = pd.array(VERDICTS, dtype="str")
    for gate, judgement in zip(GATES, found, strict=True):
        columns[f"gate_{gate}"] = names.take(judgement.codes, allow_fill=True)
        columns[f"reason_{gate}"] = judgement.reasons
    codes = np.stack([judgement.codes for judgement in found])
    worst = np.where(codes == NOT_APPLICABLE, VERDICTS.index(PASS), codes).min(axis=0)
    columns["verdict"] = names.take(worst)
    columns["failed_gates"] = _joined(codes == VERDICTS.index(FAIL))
    columns["unverified_gates"] = _joined(codes == VERDICTS.index(VERIFY))
    return pd.DataFrame(columns, index=candidates.index)


def _joined(marked: np.ndarray) -> pd.array:
    """Ids of the marked gates (a row each) joined by ``;``; each of the 64 combinations is spelt once."""
    combination = np.packbits(marked, axis=0, bitorder="little")[0]
    spelt = [";".join(gate for bit, gate in enumerate(GATES) if number >> bit & 1) for number in range(1 << len(GATES))]
    return pd.array(spelt, dtype="str").take(combination)
