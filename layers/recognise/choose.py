"""From proposals to a county: one source for most roles, several for some; what is close is left to a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from layers.fields import as_codes, resolve
from layers.recognise.inventory import Item, inventory
from layers.recognise.judge import Evidence, Proposal, proposals
from layers.recognise.signs import CLOSE, SIGNS
from layers.roles import ROLE_OF
from layers.schema import RASTER_ROLES, ROLES

LIST = "villages.list"
"""The place of a bare list of villages beside their limits."""

_OSM_ROLES = ("villages", "settlements", "venues", "buildings", "roads", "facilities")


@dataclass(frozen=True)
class Tie:
    """Something only a person can settle: which of several items has a role, or which of several roles an item has."""

    options: tuple[Proposal, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles in question."""
        return tuple(dict.fromkeys(option.role for option in self.options))

    @property
    def items(self) -> tuple[Item, ...]:
        """Items in question."""
        return tuple(dict.fromkeys(option.item for option in self.options))


@dataclass(frozen=True)
class Recognition:
    """What a folder holds and what it is taken for."""

    folder: Path
    items: tuple[Item, ...]
    chosen: Mapping[str, tuple[Proposal, ...]]
    """Role (or `LIST`) -> its sources, best first."""
    ties: tuple[Tie, ...]
    unused: tuple[Item, ...]
    """Readable, but no role fits."""
    refused: tuple[Item, ...]
    name: str | None = None
    """The county's name, where the data says it."""
    code: str | None = None
    code_field: str | None = field(default=None)
    """Where the county's code was read."""

    @property
    def can_open(self) -> bool:
        """Whether what is chosen suffices to open a county."""
        return any(role in self.chosen for role in ("parcels", "villages", "buildings"))


def recognise(folder: str | Path, *, settled: Mapping[str, str] | None = None) -> Recognition:
    """Which layer each file of a folder is.

    Parameters
    ----------
    folder : path
        Looked through with all folders in it.
    settled : mapping, optional
        What a person decided: source -> role (``""`` for none). It overrules every proposal.

    Returns
    -------
    Recognition
        Roles whose best two proposals lie within `signs.CLOSE` points are not chosen but listed as ties.

    Raises
    ------
    NotADirectoryError
        If it is no folder.
    """
    folder, settled = Path(folder), settled or {}
    items = inventory(folder)
    chosen: dict[str, list[Proposal]] = {}
    ties: list[Tie] = []
    contested: dict[str, list[Proposal]] = {}
    for item in items:
        if item.source in settled:
            _settle(item, settled[item.source], chosen)
            continue
        options = proposals(item)
        if not options:
            continue
        close = tuple(option for option in options if options[0].points - option.points < CLOSE)
        if len(close) > 1:
            ties.append(Tie(close))
        else:
            contested.setdefault(_place(options[0]), []).append(options[0])
    for role, candidates in contested.items():
        _choose(role, candidates, chosen, ties, decided=role in chosen)
    _from_osm(items, settled, chosen, ties)
    used = {option.item for options in chosen.values() for option in options} | {item for tie in ties for item in tie.items}
    refused = tuple(item for item in items if item.kind == "refused")
    unused = tuple(item for item in items if item not in used and item.kind != "refused")
    code, code_field, name = _county(chosen)
    return Recognition(folder, items, {role: tuple(chosen[role]) for role in _in_order(chosen)}, tuple(ties), unused, refused,
                       name, code, code_field)


def _settle(item: Item, role: str, chosen: dict[str, list[Proposal]]) -> None:
    if not role:
        return
    kind = role.partition(".")[2] or None
    proposal = Proposal(item, role.partition(".")[0] if role != LIST else "villages", (Evidence("person", "", 100),),
                        kind if role.startswith("restrictions") else None)
    chosen.setdefault(LIST if role == LIST else _place(proposal), []).append(proposal)


def _place(option: Proposal) -> str:
    """A table of villages without places is a list to be joined to their limits, not the limits."""
    return LIST if option.role == "villages" and option.item.shape == "none" else option.role


def _choose(role: str, options: list[Proposal], chosen: dict[str, list[Proposal]], ties: list[Tie], *, decided: bool) -> None:
    options = sorted(options, key=lambda option: (-option.points, option.item.source))
    if SIGNS["villages" if role == LIST else role].several or (role == "terrain"):
        chosen.setdefault(role, []).extend(options)
        return
    if decided:
        return
    close = tuple(option for option in options if options[0].points - option.points < CLOSE)
    if len(close) == 1:
        chosen[role] = [options[0]]
    elif _one_survey(close):
        chosen[role] = list(close)
    else:
        ties.append(Tie(close))


def _one_survey(options: tuple[Proposal, ...]) -> bool:
    """Whether they are coordinate files side by side in one folder: surveyors hand over a file for each parcel or few."""
    return (all(option.item.path.suffix.casefold() == ".txt" and option.item.shape == "polygon" for option in options)
            and len({option.item.path.parent for option in options}) == 1)


def _from_osm(items: tuple[Item, ...], settled: Mapping[str, str], chosen: dict[str, list[Proposal]], ties: list[Tie]) -> None:
    """An OSM extract fills the roles that nothing else does; its places are villages only where the county has no others."""
    extracts = [item for item in items if item.kind == "osm" and settled.get(item.source) != ""]
    open_roles = {role for tie in ties for role in tie.roles}
    for item in extracts:
        roads_only = item.path.suffix.casefold() == ".graphml"
        has_villages = "villages" in chosen or LIST in chosen
        for role in ("roads",) if roads_only else _OSM_ROLES:
            skipped = (role == "settlements" and not has_villages) or role in open_roles
            taken = role in chosen and not SIGNS[role].several
            if not skipped and not taken and (role != "villages" or not has_villages):
                chosen.setdefault(role, []).append(Proposal(item, role, (Evidence("osm", item.name, 30),)))


def _in_order(chosen: Mapping[str, object]) -> list[str]:
    order = ["villages", LIST, *(role for role in (*ROLES, *RASTER_ROLES) if role != "villages")]
    return [role for role in order if role in chosen]


def _county(chosen: Mapping[str, list[Proposal]]) -> tuple[str | None, str | None, str | None]:
    """Code and name of the county: the first six digits that village and owner codes share; a name that stands in every row."""
    code = where = None
    for role, column in (("villages", "village_code"), (LIST, "village_code"), ("townships", "township_code"),
                         ("parcels", "village_code"), ("parcels", "owner_code")):
        for option in chosen.get(role, ()):
            fields = resolve(ROLE_OF[option.role].fields, list(option.item.fields), {})[0]
            field_name = fields.get(column)
            if field_name is None or field_name not in option.item.sample or code is not None:
                continue
            digits = as_codes(option.item.sample[field_name])[0].dropna()
            starts = Counter(text[:6] for text in digits if text.isdigit() and len(text) in (9, 12, 19))
            if starts and starts.most_common(1)[0][1] >= 0.8 * starts.total():
                code, where = starts.most_common(1)[0][0], f"{option.item.source}: {field_name}"
    return code, where, _county_name(chosen)


def _county_name(chosen: Mapping[str, list[Proposal]]) -> str | None:
    names: Counter[str] = Counter()
    for options in chosen.values():
        for option in options:
            for field_name in option.item.sample.columns:
                if field_name.strip() in ("县", "县名", "县名称", "区县", "县(区)", "县（区）", "XIANMC", "COUNTY", "区县名称"):
                    names.update(option.item.sample[field_name].dropna().unique())
    return names.most_common(1)[0][0] if len(names) == 1 else None
