"""Scenario: the rules a study runs by, as one frozen value. Same county + same scenario = same study.

It is built from the mapping of a standards file (``data/standards/*.toml``); every fault in that mapping is reported at once.
Units: areas m2, distances m, times minutes, speeds km/h, slopes degrees, shares 0..1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from geo.planning_rules import PlanningRules, planning_from
from geo.rule_reader import FAIL, PASS, VERDICTS, VERIFY, Problem, Reader, ScenarioError, each_once
from geo.values import ValueFunction, value_function

__all__ = ["FAIL", "PASS", "VERDICTS", "VERIFY", "Problem", "Scenario", "ScenarioError", "scenario_from"]

GATES = ("collective", "dispute", "courtyard", "restriction", "road", "building")
JUDGED_ON = ("parcel", "remainder")
"""Whether a restriction is judged by what it takes of the parcel, or by what it leaves of it."""
GROUPS = ("collective", "courtyard", "transport", "population", "facilities", "terrain", "readiness")


@dataclass(frozen=True)
class CollectiveRule:
    """Gate *collective*: share of the parcel in undisputed collective ownership of its own village, and verdict by owner level."""

    clause: str
    pass_share: float
    fail_share: float
    levels: Mapping[str, str]


@dataclass(frozen=True)
class DisputeRule:
    """Gate *dispute*: verdicts by dispute mark, by use right somebody holds, and by kind of holder."""

    clause: str
    marks: Mapping[str, str]
    use_rights: Mapping[str, str]
    holders: Mapping[str, str]


@dataclass(frozen=True)
class CourtyardRule:
    """Gate *courtyard*: smallest area in m2 and whether the whole parcel or what is left of it decides."""

    clause: str
    min_area_m2: float
    basis: str
    declared_tolerance: float
    house_m2: float
    house_min_side_m: float
    """A new house: area on the ground in m2 and its narrowest side in m."""


@dataclass(frozen=True)
class RestrictionRule:
    """One kind of restriction, widened by `buffer_m`: its verdict where more than `tolerated_share` or `tolerated_m2` lies in it.

    With `judge` *remainder* the verdict is `remainder_verdict` where what is left of the parcel still carries house and yard.
    """

    kind: str
    verdict: str
    judge: str
    remainder_verdict: str
    buffer_m: float
    tolerated_share: float
    tolerated_m2: float
    clause: str


@dataclass(frozen=True)
class RoadLand:
    """What a road's centre line stands for on the ground, in m by road class; `zone_m` are building control zones from its edge.

    `zone_kind` is the kind of restriction whose rule judges the zones. `frontage_gap_m`: a parcel so far from the road's edge still
    lies on it.
    """

    width_m: Mapping[str, float]
    frontage_gap_m: float
    zone_m: Mapping[str, float]
    zone_kind: str


@dataclass(frozen=True)
class LineZones:
    """Protection zones of power lines drawn as lines: (from this voltage in kV, m from the outer wire, m from there to the middle).

    `kind` is the kind of restriction they belong to; `unknown_m` is taken from the middle where the voltage is not known.
    """

    kind: str
    steps: tuple[tuple[float, float, float], ...]
    unknown_m: float


@dataclass(frozen=True)
class LandClassRule:
    """Part of gate *restriction*: verdict by fitness of the land class, for parcels large enough (m2) for the class to be proof."""

    clause: str
    provable_area_m2: float
    verdicts: Mapping[str, str]


@dataclass(frozen=True)
class RoadRule:
    """Gate *road*: distance in m from the parcel's edge to a road for vehicles that leads to a through road."""

    clause: str
    pass_distance_m: float
    verify_distance_m: float
    through_classes: tuple[str, ...]


@dataclass(frozen=True)
class BuildingRule:
    """Gate *building*: smallest gross floor area in m2 of a building to reuse or upgrade."""

    clause: str
    min_floor_area_m2: float


@dataclass(frozen=True)
class VenueRule:
    """What an existing venue must have to count as adequate, in m2."""

    clause: str
    min_floor_area_m2: float
    min_courtyard_m2: float


@dataclass(frozen=True)
class TravelRules:
    """Speeds in km/h, limits in minutes and metres. A road class without a driving speed is not for vehicles."""

    walk_kmh: float
    offroad_walk_factor: float
    offroad_limit_m: float
    offroad_max_slope_deg: float
    walk_limit_min: float
    catchment_min: float
    facility_near_min: float
    snap_tolerance_m: float
    drive_kmh: Mapping[str, float]
    drive_grade_factor: tuple[tuple[float, float], ...]
    """(slope in percent, share of the class speed), interpolated linearly, the last one kept beyond."""


@dataclass(frozen=True)
class CoverageRules:
    """How coverage is told: walks in minutes at which people are counted, and the zones of floating-catchment access.

    `zone_weights` falls with the zones (`zones_min`, each the end of its zone): what a place further off is worth. Who
    counts as served is decided by ``travel.catchment_min``, not here.
    """

    clause: str
    limits_min: tuple[float, ...]
    zones_min: tuple[float, ...]
    zone_weights: tuple[float, ...]


@dataclass(frozen=True)
class GapRules:
    """Where the drawn roads seem to leave out a join; distances m, see `geo.road_gaps`.

    A dead end is suspected at most `longest_m` from another road where the way round is longer than `detour_m`; a piece of the
    network with people on it at most `piece_reach_m` from the rest; a settlement further than `settlement_m` from every road.
    Pieces and settlements count from `least_people` on. What a join would change is computed for `most_joined` of them; a way
    counts as shorter from `least_saving_min` on.
    """

    clause: str
    longest_m: float
    detour_m: float
    piece_reach_m: float
    settlement_m: float
    least_people: float
    most_joined: int
    least_saving_min: float


@dataclass(frozen=True)
class RobustnessRules:
    """How firmly a first site must stand to be called steady or contested; shares 0..1.

    Each weight is drawn within ``1 +- spread`` of its own, `draws` times; a leader first in `steady_share` of them is steady, in
    `contested_share` contested, below a coin toss.
    """

    clause: str
    spread: float
    draws: int
    seed: int
    steady_share: float
    contested_share: float


@dataclass(frozen=True)
class Criterion:
    """One criterion: the measure it reads, how the measure becomes a value 0..1, its weight and clause."""

    id: str
    group: str
    measure: str
    unit: str
    weight: float
    clause: str
    value: ValueFunction


@dataclass(frozen=True)
class Scenario:
    """Everything a study depends on besides the county. Build it with `scenario_from`."""

    id: str
    version: str
    name: Mapping[str, str]
    collective: CollectiveRule
    dispute: DisputeRule
    courtyard: CourtyardRule
    restrictions: tuple[RestrictionRule, ...]
    restriction_clause: str
    road_land: RoadLand
    line_zones: LineZones
    land_class: LandClassRule
    road: RoadRule
    building: BuildingRule
    venues: VenueRule
    travel: TravelRules
    road_gaps: GapRules
    coverage: CoverageRules
    planning: PlanningRules
    criteria: tuple[Criterion, ...]
    robustness: RobustnessRules
    land_classes: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Code system -> fitness (suitable, conditional, farmland, unsuitable) -> code prefixes; the longest prefix decides."""

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each criterion, normalised to sum 1."""
        total = sum(criterion.weight for criterion in self.criteria)
        return {criterion.id: criterion.weight / total for criterion in self.criteria}

    def with_weights(self, weights: Mapping[str, float]) -> Scenario:
        """The same rules with other weights; criteria not named keep theirs.

        Raises
        ------
        ScenarioError
            For an unknown criterion, a negative or non-finite weight, or all weights zero.
        """
        problems = [Problem(f"weights.{name}", "unknown_criterion", {"name": name})
                    for name in weights if name not in {c.id for c in self.criteria}]
        criteria = tuple(replace(c, weight=float(weights.get(c.id, c.weight))) for c in self.criteria)
        problems += _weight_problems(criteria)
        if problems:
            raise ScenarioError(tuple(problems))
        return replace(self, criteria=criteria)


def _weight_problems(criteria: tuple[Criterion, ...]) -> list[Problem]:
    bad = [Problem(f"criteria.{c.id}.weight", "bad_weight", {"value": c.weight})
           for c in criteria if not 0 <= c.weight < float("inf")]
    if not bad and not sum(c.weight for c in criteria) > 0:
        bad.append(Problem("criteria", "no_weight"))
    return bad


def _restrictions(read: Reader) -> tuple[RestrictionRule, ...]:
    rules = []
    for kind in read.table("gates.restriction.kinds"):
        at = f"gates.restriction.kinds.{kind}"
        rules.append(RestrictionRule(
            kind, read.text(f"{at}.verdict", VERDICTS), read.text(f"{at}.judge", JUDGED_ON),
            read.text(f"{at}.remainder_verdict", VERDICTS), read.number(f"{at}.buffer_m"),
            read.number(f"{at}.tolerated_share", 0, 1), read.number(f"{at}.tolerated_m2"), read.text(f"{at}.clause"),
        ))
    return tuple(rules)


def _road_land(read: Reader) -> RoadLand:
    return RoadLand(
        read.numbers("roads.width_m", 100), read.number("roads.frontage_gap_m", 0, 100),
        read.numbers("gates.restriction.road_zones.zone_m", 500), read.text("gates.restriction.road_zones.kind"),
    )


def _line_zones(read: Reader) -> LineZones:
    given = read.listed("gates.restriction.line_zones.steps")
    try:
        steps = tuple((float(kv), float(zone_m), float(half_m)) for kv, zone_m, half_m in given)
        if any(a[0] >= b[0] for a, b in zip(steps, steps[1:], strict=False)) or any(min(step) < 0 for step in steps):
            raise ValueError
    except (TypeError, ValueError):
        read.fault("gates.restriction.line_zones.steps", "bad_curve", value=given)
        steps = ()
    return LineZones(
        read.text("gates.restriction.line_zones.kind"), steps, read.number("gates.restriction.line_zones.unknown_m", 0, 500))


def _travel(read: Reader) -> TravelRules:
    speeds = {name: read.number(f"travel.drive_kmh.{name}", 0.1, 200) for name in read.table("travel.drive_kmh")}
    curve = read.listed("travel.drive_grade_factor")
    try:
        points = tuple((float(x), float(y)) for x, y in curve)
        if not points or any(a[0] >= b[0] for a, b in zip(points, points[1:], strict=False)) or any(y <= 0 for _, y in points):
            raise ValueError
    except (TypeError, ValueError):
        read.fault("travel.drive_grade_factor", "bad_curve", value=curve)
        points = ((0.0, 1.0),)
    return TravelRules(
        walk_kmh=read.number("travel.walk_kmh", 0.1, 20),
        offroad_walk_factor=read.number("travel.offroad_walk_factor", 0.01, 1),
        offroad_limit_m=read.number("travel.offroad_limit_m"),
        offroad_max_slope_deg=read.number("travel.offroad_max_slope_deg", 1, 90),
        walk_limit_min=read.number("travel.walk_limit_min", 1),
        catchment_min=read.number("travel.catchment_min", 1),
        facility_near_min=read.number("travel.facility_near_min", 1),
        snap_tolerance_m=read.number("travel.snap_tolerance_m", 0, 50),
        drive_kmh=speeds,
        drive_grade_factor=points,
    )


def _road_gaps(read: Reader) -> GapRules:
    most = read.number("road_gaps.most_joined", 0, 10_000)
    if most != int(most):
        read.fault("road_gaps.most_joined", "bad_number", value=most, low=0, high=10_000)
    return GapRules(
        read.text("road_gaps.clause"), read.number("road_gaps.longest_m", 0, 200), read.number("road_gaps.detour_m", 1, 20_000),
        read.number("road_gaps.piece_reach_m", 0, 5000), read.number("road_gaps.settlement_m", 0, 20_000),
        read.number("road_gaps.least_people"), int(most), read.number("road_gaps.least_saving_min"),
    )


def _coverage(read: Reader) -> CoverageRules:
    def rising(where: str) -> tuple[float, ...]:
        given = read.listed(where)
        numbers = tuple(float(x) for x in given if isinstance(x, int | float) and not isinstance(x, bool) and 0 < x < float("inf"))
        if where in read.taken and (not numbers or len(numbers) < len(given) or list(numbers) != sorted(set(numbers))):
            read.fault(where, "bad_limits", value=given)
        return numbers

    zones, given = rising("coverage.zones_min"), read.listed("coverage.zone_weights")
    weights = tuple(float(x) for x in given if isinstance(x, int | float) and not isinstance(x, bool) and 0 < x <= 1)
    falling = len(weights) == len(given) == len(zones) and list(weights) == sorted(weights, reverse=True)
    if "coverage.zone_weights" in read.taken and not falling:
        read.fault("coverage.zone_weights", "bad_zone_weights", value=given)
    return CoverageRules(read.text("coverage.clause"), rising("coverage.limits_min"), zones, weights)


def _robustness(read: Reader) -> RobustnessRules:
    whole = {name: read.number(f"robustness.{name}", low, high) for name, low, high in (("draws", 100, 1e6), ("seed", 0, 2**31))}
    for name in (name for name, value in whole.items() if value != int(value)):
        read.fault(f"robustness.{name}", "bad_number", value=whole[name], low=0, high=2**31)
    steady = read.number("robustness.steady_share", 0, 1)
    return RobustnessRules(
        read.text("robustness.clause"), read.number("robustness.spread", 0, 1), int(whole["draws"]), int(whole["seed"]), steady,
        read.number("robustness.contested_share", 0, steady),
    )


def _criteria(read: Reader) -> tuple[Criterion, ...]:
    rows = read.get("criteria")
    if not isinstance(rows, list) or not rows:
        read.fault("criteria", "no_criteria")
        return ()
    criteria = []
    for position, row in enumerate(rows):
        at = f"criteria[{row.get('id', position + 1) if isinstance(row, Mapping) else position + 1}]"
        inner = Reader(row if isinstance(row, Mapping) else {})
        function = inner.table("value")
        try:
            value = value_function(function)
        except ValueError as error:
            inner.fault("value", "bad_value_function", reason=str(error))
            value = value_function({"kind": "linear", "zero": 0, "one": 1})
        criteria.append(Criterion(
            inner.text("id"), inner.text("group", GROUPS), inner.text("measure"), inner.text("unit"),
            inner.number("weight"), inner.text("clause"), value,
        ))
        inner.unknown_keys()
        read.problems += [Problem(f"{at}.{p.where}", p.code, p.params) for p in inner.problems]
    doubles = {c.id for c in criteria if sum(o.id == c.id for o in criteria) > 1}
    for name in sorted(doubles):
        read.fault("criteria", "double_criterion", name=name)
    return tuple(criteria)


def scenario_from(mapping: Mapping[str, object]) -> Scenario:
    """A scenario from the mapping of a standards file.

    Parameters
    ----------
    mapping : Mapping
        As ``tomllib`` reads ``data/standards/default.toml``.

    Raises
    ------
    ScenarioError
        With every missing, misspelt or impossible value at once.
    """
    read = Reader(mapping)
    scenario = Scenario(
        id=read.text("id"),
        version=read.text("version"),
        name={key: read.text(f"name.{key}") for key in read.table("name")},
        collective=CollectiveRule(
            read.text("gates.collective.clause"), read.number("gates.collective.pass_share", 0, 1),
            read.number("gates.collective.fail_share", 0, 1), read.verdicts("gates.collective.levels"),
        ),
        dispute=DisputeRule(
            read.text("gates.dispute.clause"), read.verdicts("gates.dispute.marks"),
            read.verdicts("gates.dispute.use_rights"), read.verdicts("gates.dispute.holders"),
        ),
        courtyard=CourtyardRule(
            read.text("gates.courtyard.clause"), read.number("gates.courtyard.min_area_m2"),
            read.text("gates.courtyard.basis", ("parcel", "usable")), read.number("gates.courtyard.declared_tolerance", 0, 1),
            read.number("gates.courtyard.house_m2"), read.number("gates.courtyard.house_min_side_m"),
        ),
        restrictions=_restrictions(read),
        restriction_clause=read.text("gates.restriction.clause"),
        road_land=_road_land(read),
        line_zones=_line_zones(read),
        land_class=LandClassRule(
            read.text("gates.restriction.land_class.clause"), read.number("gates.restriction.land_class.provable_area_m2"),
            read.verdicts("gates.restriction.land_class.verdicts"),
        ),
        road=RoadRule(
            read.text("gates.road.clause"), read.number("gates.road.pass_distance_m"), read.number("gates.road.verify_distance_m"),
            tuple(map(str, read.listed("gates.road.through_classes"))),
        ),
        building=BuildingRule(read.text("gates.building.clause"), read.number("gates.building.min_floor_area_m2")),
        venues=VenueRule(
            read.text("venues.clause"), read.number("venues.min_floor_area_m2"), read.number("venues.min_courtyard_m2"),
        ),
        travel=_travel(read),
        road_gaps=_road_gaps(read),
        coverage=_coverage(read),
        planning=planning_from(read),
        criteria=_criteria(read),
        robustness=_robustness(read),
        land_classes={
            system: {fit: tuple(map(str, read.listed(f"land_classes.{system}.{fit}")))
                     for fit in read.table(f"land_classes.{system}")}
            for system in read.table("land_classes")
        },
    )
    read.problems += _weight_problems(scenario.criteria) if scenario.criteria else []
    read.unknown_keys()
    if read.problems:
        raise ScenarioError(each_once(read.problems))
    return scenario
