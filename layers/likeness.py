"""Which of the names left over on one side of a join may be meant by those left over on the other; proposed, never taken."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from layers.names import plain_village_name

ALIKE = 0.5
"""Names less alike (0..1, share of common characters in order) are not proposed; two characters of which one differs give 0.5."""

OTHER_TOWNSHIP = 0.8
"""The same between villages of two townships that are both known and differ."""

_MOST = 300
_PROPOSED = 2


def proposals(
    names: Sequence[object], towns: Sequence[object], others: Sequence[object], other_towns: Sequence[object]
) -> list[str]:
    """For each name that has one, the most alike names of the other side, as ``清水村 -> 青水村?``.

    Parameters
    ----------
    names, towns : sequences
        Villages left over on one side and their townships (missing where not known).
    others, other_towns : sequences
        The same of the other side.

    Examples
    --------
    >>> proposals(["清水沟村"], ["云溪镇"], ["青水沟村委会", "白云村"], ["云溪镇", "云溪镇"])
    ['清水沟村 → 青水沟村委会?']
    >>> proposals(["清水沟村"], ["云溪镇"], [], [])
    []
    """
    plain = [plain_village_name(name) for name in others[:_MOST]]
    town_of = [plain_village_name(town) for town in other_towns[:_MOST]]
    out = []
    for name, town in zip(names[:_MOST], towns[:_MOST], strict=True):
        wanted, home = plain_village_name(name), plain_village_name(town)
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(wanted)
        alike = []
        for at, other in enumerate(plain):
            same_town = bool(home) and home == town_of[at]
            least = OTHER_TOWNSHIP if home and town_of[at] and not same_town else ALIKE
            matcher.set_seq1(other)
            if wanted and other and matcher.real_quick_ratio() >= least and matcher.ratio() >= least:
                alike.append((-same_town, -matcher.ratio(), at))
        if alike:
            shown = " / ".join(str(others[at]) for _, _, at in sorted(alike)[:_PROPOSED])
            out.append(f"{name} → {shown}?")
    return out
