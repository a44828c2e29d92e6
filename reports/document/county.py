"""The county report in long form: where the county stands, who is served, which villages wait, what is planned, the cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.coverage import Coverage
from geo.planning import Plan
from geo.results import KINDS
from geo.village_reasons import county_reasons
from layers.words import say
from reports.document.model import Block, Bullets, Cell, Cover, Document, Facts, Heading, Paragraph, Picture, Table
from reports.document.parts import MARKS, Subject, basis_blocks
from reports.document.site import signatures
from reports.figures import is_missing
from reports.maps import county_png
from reports.pictures import width_cm
from reports.plan import centres_table, sites_layer
from reports.plan_words import fact_texts, reason_text
from reports.reasons import sentence_text

_WAITING = ("none", "below_standard")


def county_document(subject: Subject, coverage: Coverage | None, *, plan: Plan | None = None) -> Document:
    """The county report.

    Parameters
    ----------
    subject : Subject
    coverage : Coverage or None
        As the county stands; None without villages.
    plan : Plan, optional
        Sites chosen together, with their centres; without it each village's best site stands for its cost.
    """
    tell = subject.tell
    blocks: list[Block] = [_cover(subject), Heading(tell("head.standing")), Facts(_facts(subject), 4)]
    blocks.append(Bullets(tuple(sentence_text(one, subject.language) for one in county_reasons(subject.study))))
    blocks += _coverage(subject, coverage)
    if len(subject.study.villages):
        if _has_townships(subject):
            blocks += [Heading(tell("head.townships")), _townships(subject, coverage)]
        blocks += [Heading(tell("head.waiting")), *_waiting(subject, coverage)]
    if plan is not None and plan.choice is not None:
        blocks += [Heading(tell("head.plan")), *_plan(subject, plan)]
    blocks += [Heading(tell("head.cost")), *_cost(subject, plan)]
    rule = subject.study.scenario.building
    blocks += [Heading(tell("head.rooms"), 2),
               Paragraph(tell("text.rooms", area=subject.figure(rule.min_floor_area_m2, "m2"), clause=rule.clause))]
    if plan is not None and plan.choice is not None:   # the longest list of all: what has to be decided stands before it
        blocks += [Heading(tell("head.centres")), *_centres(subject, plan)]
    blocks += [*basis_blocks(subject), Heading(tell("head.signatures")), signatures(subject)]
    title = tell("title.county")
    return Document(title, subject.language, subject.day, tuple(blocks), tell("running", county=subject.county.name, title=title))


def _cover(subject: Subject) -> Cover:
    tell = subject.tell
    facts = [("county", subject.county.name), ("rule", subject.rule), ("day", subject.dated)]
    return Cover(subject.county.name, tell("title.county"), tell("cover.of_day") + " " + subject.dated,
                 tuple((tell(f"cover.{name}"), value) for name, value in facts))


def _facts(subject: Subject) -> tuple[tuple[str, str], ...]:
    """Villages by the venue they have."""
    villages = subject.study.villages
    counts = [("villages", len(villages)), *((name, int(villages["venue"].eq(status).sum())) for name, status in (
        ("none", "none"), ("below", "below_standard"), ("adequate", "adequate"), ("unknown", "unknown")))]
    ready = villages["venue"].eq("none").to_numpy(bool) & (villages["passing"] > 0).to_numpy(bool)
    counts.append(("ready", int(ready.sum())))
    pairs = [(subject.tell(f"table.{name}"), subject.figure(count, decimals=0)) for name, count in counts]
    population = villages["population"]
    if population.notna().any():
        pairs.append((subject.tell("table.people"), subject.figure(population.sum(), "people")))
    return tuple(pairs)


def _coverage(subject: Subject, coverage: Coverage | None) -> list[Block]:
    """The coverage map and how many are served."""
    if coverage is None:
        return []
    tell, county = subject.tell, coverage.county.iloc[0]
    minutes = f"{coverage.served_min:g}"
    blocks: list[Block] = [Heading(subject.tell("head.coverage"))]
    known = not is_missing(county["people_served"])
    if known:
        blocks.append(Paragraph(tell("text.served", served=subject.figure(county["people_served"], decimals=0),
                                     people=subject.figure(county["people"], decimals=0),
                                     share=subject.figure(county["served_share"], "share"), minutes=minutes), "lead"))
    else:
        roles = [subject.say(f"criteria.role.{role}") for role in coverage.not_assessed]
        blocks.append(Paragraph(tell("text.coverage_unknown", roles=subject.listed(roles))))
    caption = tell("picture.county_unserved", minutes=minutes) if known and len(coverage.unserved) else tell("picture.county")
    if subject.study.villages.geometry.is_empty.all() or subject.study.villages.geometry.isna().all():
        return [*blocks, Paragraph(tell("text.no_limits"), "note")]
    blocks.append(_map(county_png(subject.study, subject.county, subject.language, coverage=coverage), caption))
    return blocks


def _townships(subject: Subject, coverage: Coverage | None) -> Table:
    """Villages by venue and people served, township by township; the county last."""
    villages = subject.study.villages
    codes = villages["township_code"].astype(object).where(villages["township_code"].notna(), "")
    served = {} if coverage is None else dict(zip(
        coverage.townships["township_code"].astype(object).where(coverage.townships["township_code"].notna(), ""),
        zip(coverage.townships["people"], coverage.townships["served_share"], strict=True), strict=True))
    rows = []
    for code in sorted(set(codes)):
        of = villages[codes.eq(code).to_numpy(bool)]
        people, share = served.get(code, (np.nan, np.nan))
        rows.append(
            _township(of, subject.name(of.iloc[0], of="township") if code else subject.tell("no_name"), people, share, subject)
        )
    people, share = (np.nan, np.nan) if coverage is None else coverage.county[["people", "served_share"]].iloc[0]
    rows.append(_township(villages, subject.tell("table.total"), people, share, subject, tone="strong"))
    names = ("township", "villages", "none", "below", "adequate", "unknown", "ready", "people", "served")
    return Table(tuple(subject.tell(f"table.{name}") for name in names), tuple(rows), (2, 1, 0.9, 1, 0.9, 0.9, 1.5, 1.2, 1.1),
                 ("left", *("right",) * 8))


def _township(of: pd.DataFrame, name: str, people: float, share: float, subject: Subject, *, tone: str = "") -> tuple[Cell, ...]:
    counts = [len(of), *(int(of["venue"].eq(status).sum()) for status in ("none", "below_standard", "adequate", "unknown")),
              int((of["venue"].eq("none").to_numpy(bool) & (of["passing"] > 0).to_numpy(bool)).sum())]
    tones = [tone, "alarm" if counts[1] and not tone else tone, *([tone] * 4)]
    return (Cell(name, tone or "strong"), *(Cell(f"{count:,}", one) for count, one in zip(counts, tones, strict=True)),
            Cell(subject.figure(people, decimals=0), tone), Cell(subject.figure(share, "share"), tone))


def _waiting(subject: Subject, coverage: Coverage | None) -> list[Block]:
    """Every village known to have no adequate venue, in the order in which they need one; by code where that cannot be told."""
    villages, tell = subject.study.villages, subject.tell
    waiting = villages[villages["venue"].isin(_WAITING).to_numpy(bool)]
    unknown = int(villages["venue"].eq("unknown").sum())
    also = [Paragraph(tell("text.waiting_unknown", count=f"{unknown:,}"), "note")] if unknown else []
    if len(villages) == unknown:
        return [Paragraph(tell("text.nothing_known"))]
    if waiting.empty:
        return [Paragraph(tell("text.nothing_waiting")), *also]
    place = {} if coverage is None else {code: at for at, code in enumerate(coverage.need["village_code"])}
    order = pd.DataFrame({"at": [place.get(code, len(place)) for code in waiting["village_code"]],
                          "code": waiting["village_code"].to_numpy(object)}).sort_values(["at", "code"], kind="stable").index
    figures = pd.DataFrame() if coverage is None else coverage.villages.set_index("village_code")[["people", "people_unserved"]]
    rows = tuple(
        _waiting_row(number, row, figures, subject) for number, (_, row) in enumerate(waiting.iloc[order].iterrows(), start=1)
    )
    said = tell("text.waiting", count=f"{len(waiting):,}", all=f"{len(villages):,}", none=int(waiting["venue"].eq("none").sum()),
                below=int(waiting["venue"].eq("below_standard").sum()))
    names = ("number", "village", "township", "status", "people", "unserved", "best", "score", "sites")
    return [Paragraph(said), *also, _table(
        names, rows, (0.6, 1.3, 1.2, 1.9, 0.9, 1.1, 3.2, 0.8, 0.8),
        ("right", "left", "left", "left", "right", "right", "left", "right", "right"), subject)]


def _waiting_row(number: int, row: pd.Series, figures: pd.DataFrame, subject: Subject) -> tuple[Cell, ...]:
    tones = {"none": "alarm", "below_standard": "verify"}
    hopeless = is_missing(row["best_candidate"])
    best = Cell(subject.tell("text.hopeless"), "alarm") if hopeless else _site_cell(str(row["best_candidate"]), subject)
    score = subject.say("sites.dash") if is_missing(row["best_score"]) else subject.points(row["best_score"])
    known = row["village_code"] in figures.index
    people = [
        subject.figure(figures.at[row["village_code"], name] if known else None, decimals=0)
        for name in ("people", "people_unserved")
    ]
    return (Cell(str(number)), Cell(subject.name(row), "strong"), Cell(subject.name(row, of="township")),
            Cell(subject.say(f"coverage.venue.{row['venue']}"), tones[str(row["venue"])]), *(Cell(one) for one in people), best,
            Cell(score), Cell(f"{row['passing']:,}"))


def _has_townships(subject: Subject) -> bool:
    """Whether any village is known to belong to a township."""
    return bool(subject.study.villages[["township_code", "township_name"]].notna().to_numpy().any())


def _table(names: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...], widths: tuple[float, ...], sides: tuple[str, ...],
           subject: Subject) -> Table:
    """A table of villages; its column of townships goes to the names where there are no townships."""
    heads = tuple(subject.tell(f"table.{name}") for name in names)
    if _has_townships(subject):
        return Table(heads, rows, widths, sides)
    out = names.index("township")
    wider = tuple(width + widths[out] * (place == out - 1) for place, width in enumerate(widths))
    heads, wider, sides = (one[:out] + one[out + 1:] for one in (heads, wider, sides))   # type: ignore[assignment]
    return Table(heads, tuple(row[:out] + row[out + 1:] for row in rows), wider, sides)


def _map(png: bytes, caption: str) -> Picture:
    """A map at its own size."""
    return Picture(png, caption, min(width_cm(png) / 17.0, 1.0))


def _site_cell(candidate_id: str, subject: Subject) -> Cell:
    verdict = str(subject.row(candidate_id)["verdict"])
    return Cell(f"{MARKS[verdict]}\u00a0{candidate_id}", "verify" if verdict == "verify" else "")


# ------------------------------------------------------------------------------------------------------------------- the plan
def _plan(subject: Subject, plan: Plan) -> list[Block]:
    """Facts of the plan, its map, and village by village which site it gets."""
    language, tell = subject.language, subject.tell
    blocks: list[Block] = [Bullets(tuple(fact_texts(plan, language)))]
    if plan.villages.empty:   # nobody waits for a site
        return blocks
    before, after = plan.coverage_before.county.iloc[0], plan.coverage_after.county.iloc[0]
    if not is_missing(after["people_served"]):
        blocks.append(Paragraph(tell("text.served_before", before=subject.figure(before["people_served"], decimals=0),
                                     after=subject.figure(after["people_served"], decimals=0),
                                     people=subject.figure(after["people"], decimals=0))))
    sites = sites_layer(plan, plan.offered, language)
    drawn = county_png(subject.study, subject.county, language, coverage=plan.coverage_after, sites=sites)
    blocks.append(_map(drawn, tell("picture.county_plan")))
    rows = tuple(_plan_row(row, subject) for _, row in plan.villages.sort_values("village_code", kind="stable").iterrows())
    names = ("village", "township", "decision", "kind", "cost", "subsidy", "mean_walk")
    blocks.append(_table(names, rows, (1.4, 1.2, 2.9, 1.7, 1.2, 1.2, 0.9),
                         ("left", "left", "left", "left", "right", "right", "right"), subject))
    return blocks


def _plan_row(row: pd.Series, subject: Subject) -> tuple[Cell, ...]:
    head = (Cell(subject.name(row), "strong"), Cell(subject.name(row, of="township")))
    if is_missing(row["candidate_id"]):
        reason = "" if is_missing(row["reason"]) else reason_text(str(row["reason"]), subject.language)
        return (*head, Cell(reason, "alarm"), Cell(""), Cell(""), Cell(""), Cell(""))
    kind = "" if is_missing(row["kind"]) else say(f"criteria.kind.{row['kind']}", subject.language)
    money = tuple(Cell("" if is_missing(row[name]) else subject.yuan(row[name])) for name in ("cost_yuan", "subsidy_yuan"))
    return (*head, Cell(str(row["candidate_id"])), Cell(kind), *money,
            Cell(subject.figure(row["mean_walk_after_min"], "min", with_unit=False)))


def _centres(subject: Subject, plan: Plan) -> list[Block]:
    if plan.centres is None or not len(plan.centres.centres):
        return [Paragraph(subject.tell("text.no_centres"))]
    table = centres_table(plan, subject.language)
    rows = []
    for _, row in table.iterrows():
        site = row["candidate_id"] if not is_missing(row["candidate_id"]) else row["venue_id"]
        place = subject.say(f"centres.place.{row['place']}") + ("" if is_missing(site) else f" {site}")
        rows.append(
            (
                Cell(str(row["centre_name"]), "strong"),
                Cell(subject.name(row, of="township")),
                Cell(place),
                Cell(subject.figure(row["people"], decimals=0)),
                Cell(subject.figure(row["mean_walk_min"], "min", with_unit=False)),
            )
        )
    names = ("centre", "township", "place", "people", "walk")
    return [_table(names, tuple(rows), (3.4, 1.1, 3.6, 0.8, 0.9), ("left", "left", "left", "right", "right"), subject)]


def _cost(subject: Subject, plan: Plan | None) -> list[Block]:
    """Cost, subsidy and what is left to be raised, by kind: of the plan, else of every waiting village's best site."""
    costs, tell = subject.study.scenario.planning.costs, subject.tell
    if plan is not None and plan.choice is not None:
        built = plan.villages[plan.villages["decision"].eq("own").to_numpy(bool)]
        by_kind = {kind: built[built["kind"].eq(kind).fillna(False).to_numpy(bool)] for kind in KINDS}
        figures = {kind: (len(of), float(of["cost_yuan"].sum()), float(of["subsidy_yuan"].sum())) for kind, of in by_kind.items()}
        if built.empty:
            return [Paragraph(tell("text.cost_unknown"))]
        said = tell("text.cost_plan")
    else:
        waiting = subject.study.villages[subject.study.villages["venue"].isin(_WAITING).to_numpy(bool)]
        if waiting["best_candidate"].isna().all():   # nothing to reckon with, which is not a cost of 0
            return [Paragraph(tell("text.cost_unknown"))]
        kinds = subject.study.candidates.set_index("candidate_id")["kind"].reindex(waiting["best_candidate"].dropna())
        counted = kinds.value_counts()
        figures = {kind: (int(counted.get(kind, 0)), int(counted.get(kind, 0)) * costs.by_kind_yuan[kind],
                          int(counted.get(kind, 0)) * costs.subsidy_yuan[kind]) for kind in KINDS}
        said = tell("text.cost_assumed", clause=costs.clause, subsidy_clause=costs.subsidy_clause)
    rows = [_cost_row(say(f"criteria.kind.{kind}", subject.language), figures[kind], subject) for kind in KINDS]
    total = tuple(sum(one[at] for one in figures.values()) for at in range(3))
    rows.append(_cost_row(tell("table.total"), total, subject, tone="strong"))
    heads = tuple(tell(f"cost.{name}") for name in ("kind", "count", "cost", "subsidy", "own"))
    blocks: list[Block] = [Paragraph(said), Table(heads, tuple(rows), (2, 1, 1.5, 1.5, 1.5), ("left", *("right",) * 4))]
    return blocks if plan is not None else [*blocks, Paragraph(tell("text.no_plan"), "note")]


def _cost_row(name: str, figures: tuple[float, ...], subject: Subject, *, tone: str = "") -> tuple[Cell, ...]:
    count, cost, subsidy = figures
    return (Cell(name, tone), Cell(f"{count:,.0f}", tone), Cell(subject.yuan(cost), tone), Cell(subject.yuan(subsidy), tone),
            Cell(subject.yuan(cost - subsidy), tone))
