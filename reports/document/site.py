"""The site-score report: in full for one site, or one page for each of several."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from geo.reasons import reasons
from geo.remedies import Plan, levers
from geo.remedies import plans as find_plans
from geo.remedy_phrases import outlooks_of
from geo.robustness.acceptability import acceptability
from geo.robustness.badge import village_badge
from geo.robustness.contest import contest_of
from geo.robustness.thresholds import thresholds
from geo.robustness.unknown import unknown_effect
from geo.scenario import FAIL, GATES, VERDICTS
from reports.charts import contributions_png, curves_png
from reports.document.errors import DocumentError
from reports.document.gates import missing_papers
from reports.document.model import (
    Block,
    Break,
    Bullets,
    Cell,
    Cover,
    Document,
    Facts,
    Heading,
    Paragraph,
    Picture,
    Row,
    Signatures,
    Table,
)
from reports.document.parts import (
    MARKS,
    Subject,
    banner,
    basis_blocks,
    candidates_of,
    evidence_of,
    evidence_table,
    measures_table,
    papers_blocks,
    ranked_of,
    verdict_cell,
)
from reports.figures import is_missing, measured
from reports.maps import site_png, surroundings_half_m
from reports.measure_rows import measure_rows
from reports.reasons import lever_text, plan_text, sentence_text
from reports.sheet import text_width

LISTED = 15
"""Alternatives told one by one; all stand in candidates.csv."""
SHORT_SITES = 5
"""Sites of a village in the short form."""
SHORT_WIDTH = 1150
"""Width of the text that a page of the short form has room for, reasons and evidence together; a Chinese character counts two."""


def site_document(subject: Subject, candidate_id: str) -> Document:
    """The full report on one site.

    Raises
    ------
    DocumentError
        Where there is no such site.
    """
    row, tell = subject.row(candidate_id), subject.tell
    measures = measure_rows(subject.study, candidate_id)
    told = _reasons(subject, (candidate_id,))[candidate_id]
    blocks: list[Block] = [
        _cover(row, subject),
        Heading(tell("head.decision")),
        banner(row, subject),
        Facts(_facts(row, subject), 3),
    ]
    blocks += [Heading(tell("head.why"), 2), Bullets(told)]
    blocks += [
        Heading(tell("head.contributions"), 2),
        Picture(contributions_png(measures, subject.language), tell("picture.contributions")),
    ]
    blocks += [Heading(tell("head.mend"), 2), *_mend(row, subject)]
    blocks += [Heading(tell("head.papers"), 2), *papers_blocks(row, subject)]
    blocks += [
        Heading(tell("head.maps")),
        Picture(site_png(subject.study, subject.county, candidate_id, subject.language, height_cm=10.0), tell("picture.site")),
        Picture(
            site_png(
                subject.study,
                subject.county,
                candidate_id,
                subject.language,
                half_m=surroundings_half_m(subject.study, candidate_id),
            ),
            tell("picture.around"),
        ),
        Heading(tell("head.evidence")),
        evidence_table(row, subject),
        Heading(tell("head.measures")),
        measures_table(measures, subject),
        Heading(tell("head.curves"), 2),
        Picture(curves_png(subject.study, measures, subject.language), tell("picture.curves")),
        Heading(tell("head.firm")),
        *_firm(row, subject),
    ]
    if not is_missing(row["village_code"]):
        blocks += [Heading(tell("head.alternatives")), *_alternatives(row, subject)]
    blocks += [*basis_blocks(subject), Heading(tell("head.signatures")), signatures(subject)]
    title = tell("title.site")
    return Document(title, subject.language, subject.day, tuple(blocks), tell("running", county=subject.county.name, title=title))


def short_document(subject: Subject, candidate_ids: Sequence[str]) -> Document:
    """One page for each site.

    Raises
    ------
    DocumentError
        Where there is no such site.
    """
    blocks: list[Block] = []
    told = _reasons(subject, [str(subject.row(one)["candidate_id"]) for one in candidate_ids])
    for place, one in enumerate(candidate_ids):
        row = subject.row(one)
        blocks += [Break()] if place else []
        blocks += [
            Heading(subject.tell("page_site", village=_village(row, subject), id=one)), banner(row, subject),
            Facts(_facts(row, subject)[:8], 4),
            Row((Picture(site_png(subject.study, subject.county, one, subject.language, width_cm=8.6, height_cm=6.4),
                         subject.tell("picture.site_short"), 0.5),
                 Picture(site_png(subject.study, subject.county, one, subject.language, width_cm=8.6, height_cm=6.4,
                                  half_m=surroundings_half_m(subject.study, one)), subject.tell("picture.around"), 0.5))),
        ]
        table = evidence_table(row, subject, short=True)
        papers = [subject.say(f"evidence.papers.{paper}") for paper in missing_papers(evidence_of(row, subject))]
        note = f"{subject.say('sites.evidence.papers')}: {subject.listed(papers)}" if papers else ""
        taken = text_width(note) + sum(max(text_width(cell.text) for cell in line) for line in table.rows)
        blocks += [Paragraph(_within(told[one], SHORT_WIDTH - taken, subject)), table]
        blocks += [Paragraph(note, "note")] if papers else []
    title = subject.tell("title.short")
    return Document(
        title, subject.language, subject.day, tuple(blocks), subject.tell("running", county=subject.county.name, title=title)
    )


def _within(sentences: Sequence[str], width: int, subject: Subject) -> str:
    """As many of the first sentences as a width of text has room for, one at least."""
    kept: list[str] = []
    gap, used = "" if subject.language == "zh" else " ", 0
    for sentence in sentences:
        used += text_width(sentence)
        if kept and used > width:
            break
        kept.append(sentence)
    return gap.join(kept)


def best_sites(subject: Subject, village_code: str, *, count: int) -> list[str]:
    """A village's first-ranked sites, best first.

    Raises
    ------
    DocumentError
        Where there is no such village, or none of its sites is ranked.
    """
    village = subject.village(village_code)
    rows = candidates_of(subject.study, village_code)
    ranked = rows[rows["rank_in_village"].notna().to_numpy(bool)]
    if ranked.empty:
        raise DocumentError("no_ranked", village=subject.name(village))
    return [str(one) for one in ranked["candidate_id"].head(count)]


def signatures(subject: Subject) -> Signatures:
    """Who signs: the village, the township, the county."""
    return Signatures(tuple(subject.tell(f"sign.{who}") for who in ("village", "township", "county")), subject.tell("sign.day"))


# --------------------------------------------------------------------------------------------------------------------- pieces
def _village(row: pd.Series, subject: Subject) -> str:
    if is_missing(row["township_name"]):
        return subject.name(row)
    return subject.tell("village", name=subject.name(row), township=row["township_name"])


def _cover(row: pd.Series, subject: Subject) -> Cover:
    tell, verdict = subject.tell, str(row["verdict"])
    there = not (is_missing(row["township_name"]) and is_missing(row["township_code"]))
    facts = (
        *((("township", subject.name(row, of="township")),) if there else ()),
        ("village", subject.name(row)), ("site", str(row["candidate_id"])),
        ("kind", subject.say(f"criteria.kind.{row['kind']}")),
        ("verdict", f"{MARKS[verdict]} {subject.say(f'criteria.verdict.{verdict}')}"), ("score", _score(row, subject)),
        ("rule", subject.rule), ("day", subject.dated),
    )
    return Cover(subject.county.name, tell("title.site"), tell("cover.subject", village=subject.name(row), id=row["candidate_id"]),
                 tuple((tell(f"cover.{name}"), value) for name, value in facts))


def _score(row: pd.Series, subject: Subject) -> str:
    return subject.tell("banner.none") if is_missing(row["score"]) else subject.tell("points", value=subject.points(row["score"]))


def _facts(row: pd.Series, subject: Subject) -> tuple[tuple[str, str], ...]:
    """Figures that are asked for first; what is not known is left out at the end, never at the beginning."""
    tell, study = subject.tell, subject.study
    costs, kind = study.scenario.planning.costs, str(row["kind"])
    minutes = f"{study.scenario.travel.catchment_min:g}"
    people = tell("fact.people_value", people=subject.figure(row["people_15min"], "people"),
                  share=subject.figure(row["people_share_15min"], "share"))
    rank = tell("fact.unranked") if is_missing(row["rank_in_village"]) else tell(
        "fact.rank_value", rank=int(row["rank_in_village"]),
        count=ranked_of(candidates_of(study, str(row["village_code"]))) if not is_missing(row["village_code"]) else 1)
    facts = [
        ("rank", rank),
        ("courtyard", subject.figure(row["courtyard_m2"], "m2")),
        ("people", people if not is_missing(row["people_15min"]) else subject.figure(None)),
        ("road", subject.figure(row["road_time_min"], "min")),
        ("mean_walk", subject.figure(row["mean_walk_min"], "min")),
        ("township", subject.figure(row["township_time_min"], "min")),
        ("owner", measured(row["owner_level"], "class", subject.language, measure="owner_level")),
        (
            "cost",
            tell("fact.cost_value", cost=subject.yuan(costs.by_kind_yuan[kind]), subsidy=subject.yuan(costs.subsidy_yuan[kind])),
        ),
        ("area", subject.figure(row["parcel_area_m2"], "m2")),
        ("rectangle", subject.figure(row["rectangle_m2"], "m2")),
        ("frontage", subject.figure(row["frontage_m"], "m")),
        ("facilities", subject.figure(row["facilities_10min"], "kinds")),
        ("slope", subject.figure(row["slope_deg"], "deg")),
        ("place", place_text(row, subject)),
    ]
    low, high = subject.points(row["score_low"]), subject.points(row["score_high"])
    if low != high:   # all is known: the score says it
        facts.append(("band", tell("fact.band_value", low=low, high=high)))
    if not is_missing(row["floor_area_m2"]):
        facts.insert(8, ("floor_area", subject.figure(row["floor_area_m2"], "m2")))
    if not is_missing(row["parcel_id"]):
        facts.append(("parcel", str(row["parcel_id"])))
    return tuple(
        (tell(f"fact.{name}", minutes=minutes) if name == "people" else tell(f"fact.{name}"), value) for name, value in facts
    )


def place_text(row: pd.Series, subject: Subject) -> str:
    """Where a site lies, in degrees."""
    if is_missing(row["lon"]):
        return subject.figure(None)
    east, north = ("east" if row["lon"] >= 0 else "west"), ("north" if row["lat"] >= 0 else "south")
    return subject.tell("fact.place_value", lon=subject.tell(f"fact.{east}", degrees=f"{abs(row['lon']):.5f}"),
                        lat=subject.tell(f"fact.{north}", degrees=f"{abs(row['lat']):.5f}"))


def _reasons(subject: Subject, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The sentences of `geo.reasons` for some sites, with how firm each leader stands."""
    villages = dict.fromkeys(str(code) for one in ids if not is_missing(code := subject.row(one)["village_code"]))
    badges = [badge for code in villages if not (badge := village_badge(subject.study, code)).empty]
    outlooks = outlooks_of(pd.concat(badges, ignore_index=True), subject.study.scenario.robustness) if badges else {}
    found = reasons(subject.study, subject.county, ids, outlooks=outlooks)
    return {one: tuple(sentence_text(sentence, subject.language) for sentence in said) for one, said in found.items()}


def _mend(row: pd.Series, subject: Subject) -> list[Block]:
    """What would make the site pass, and what would make it first."""
    (found,) = find_plans(subject.study, subject.county, [str(row["candidate_id"])])
    texts = _plan_texts(found, subject)
    if row["verdict"] != FAIL and row["rank_in_village"] != 1:
        for lever in levers(subject.study, subject.county, str(row["candidate_id"]))[:2]:
            texts.append(subject.say("defend.better.lever", lever=lever_text(lever, subject.language), other=lever.leader_id))
    return [Bullets(tuple(texts))]


def _plan_texts(found: Plan, subject: Subject) -> list[str]:
    if not found.possible:
        return [subject.tell("text.never", what=plan_text(found, subject.language))]
    if not found.steps:
        return [subject.tell("text.nothing_to_do")]
    texts = [subject.tell("text.to_do", steps=plan_text(found, subject.language))]
    if found.rank_after is not None and not is_missing(found.score_after):
        texts.append(subject.tell("text.after", score=subject.points(found.score_after), rank=found.rank_after))
    return texts


def _firm(row: pd.Series, subject: Subject) -> list[Block]:
    """How firmly the first of the village stands: badge in words, bounds by group, share of draws by site."""
    study, tell = subject.study, subject.tell
    badges = pd.DataFrame() if is_missing(row["village_code"]) else village_badge(study, str(row["village_code"]))
    if badges.empty:
        return [Paragraph(tell("text.firm_none"))]
    badge, rules = badges.iloc[0], study.scenario.robustness
    blocks: list[Block] = []
    if badge["leader"] != row["candidate_id"]:
        blocks.append(Paragraph(tell("text.firm_leader", leader=badge["leader"])))
    spread, draws = subject.figure(rules.spread, "share", decimals=0), f"{rules.draws:,}"
    name = subject.say(f"robustness.badge.{badge['badge']}")
    said = subject.say(f"robustness.badge_help.{badge['badge']}", share=subject.figure(badge["share_first"], "share"), draws=draws,
                       error=subject.figure(badge["error"], "share"), spread=spread)
    contest = contest_of(study, str(row["village_code"]))
    lines = [f"{name}: {said}" if subject.language == "en" else f"{name}：{said}"]
    if not is_missing(badge["cause"]):
        effect = unknown_effect(contest)
        lacks = dict.fromkeys((*effect.leader_lacks, *effect.rival_lacks)) if effect is not None else ()
        lines.append(subject.say(f"robustness.cause.{badge['cause']}", share=subject.figure(badge["share_first_weights"], "share"),
                                 criteria=subject.listed([subject.say(f"criteria.criterion.{one}") for one in lacks])))
    blocks.append(Bullets(tuple(lines)))
    if badge["badge"] == "only":
        return blocks
    rows = tuple(
        (
            Cell(subject.say(f"criteria.group.{one['id']}")),
            Cell(subject.figure(one["share"], "share")),
            Cell(_bounds(one, subject)),
            Cell(_rivals(one, subject), "muted"),
        )
        for one in thresholds(contest).to_dict("records")
    )
    heads = tuple(tell(f"table.{key}") for key in ("group", "now", "bounds", "site"))
    blocks += [Paragraph(tell("text.bounds"), "note"), Table(heads, rows, (2, 1, 2, 3), ("left", "right", "left", "left"))]
    found = acceptability(contest, spread=rules.spread, draws=rules.draws, seed=rules.seed, unknown="sampled")
    first = found.first.sort_values(ascending=False, kind="stable")
    shown = [str(one) for one in first.index[:6]]
    if row["candidate_id"] in first.index and row["candidate_id"] not in shown:
        shown.append(str(row["candidate_id"]))
    table = tuple((Cell(one, "strong" if one == row["candidate_id"] else ""), Cell(subject.figure(float(first[one]), "share")),
                   Cell(f"{found.mean_rank[one]:.1f}")) for one in shown)
    blocks += [Paragraph(tell("text.draws", draws=f"{found.draws:,}", spread=spread), "note"),
               Table((tell("table.site"), tell("table.first"), subject.say("defend.firm.mean_rank")), table, (4, 2, 2),
                     ("left", "right", "right"))]
    return blocks


def _bounds(one: dict, subject: Subject) -> str:
    low, high = (None if is_missing(one[side]) else subject.figure(one[side], "share") for side in ("below", "above"))
    if low is None and high is None:
        return subject.tell("text.bound_always")
    if low is None:
        return subject.tell("text.bound_below", high=high)
    return subject.tell("text.bound_above", low=low) if high is None else subject.tell("text.bound_between", low=low, high=high)


def _rivals(one: dict, subject: Subject) -> str:
    return subject.listed(list(dict.fromkeys(str(one[f"{side}_to"]) for side in ("below", "above") if not is_missing(one[side]))))


def _alternatives(row: pd.Series, subject: Subject) -> list[Block]:
    """The village's candidates in their order, with what each stands on; this site is marked."""
    rows = candidates_of(subject.study, str(row["village_code"]))
    shown = rows.head(LISTED)
    if row["candidate_id"] not in set(shown["candidate_id"]):
        shown = pd.concat([shown, rows[rows["candidate_id"].eq(row["candidate_id"]).to_numpy(bool)]])
    counts = {verdict: int(rows["verdict"].eq(verdict).sum()) for verdict in VERDICTS}
    key = "alternatives" if len(shown) < len(rows) else "alternatives_all"
    said = subject.tell(f"text.{key}", shown=len(shown), count=len(rows), village=subject.name(row), passing=counts["pass"],
                        verifying=counts["verify"], failing=counts["fail"])
    lines = tuple(_alternative(one, str(row["candidate_id"]), subject) for _, one in shown.iterrows())
    names = ("rank", "site", "verdict", "score", "courtyard", "mean_walk", "road", "open")
    return [
        Paragraph(said),
        Table(
            tuple(subject.tell(f"table.{name}") for name in names),
            lines,
            (0.75, 3.0, 1.35, 0.85, 0.95, 0.95, 0.9, 3.2),
            ("right", "left", "left", "right", "right", "right", "right", "left"),
        ),
    ]


def _alternative(one: pd.Series, chosen: str, subject: Subject) -> tuple[Cell, ...]:
    tone = "strong" if one["candidate_id"] == chosen else ""
    rank = subject.say("sites.dash") if is_missing(one["rank_in_village"]) else str(int(one["rank_in_village"]))
    open_ = [f"{MARKS[verdict]} {subject.say(f'criteria.gate.{gate}')}" for verdict in VERDICTS[:2] for gate in GATES
             if one.get(f"gate_{gate}") == verdict]

    def short(value: object, unit: str) -> str:
        return subject.figure(value, unit, with_unit=False)

    return (
        Cell(rank, tone),
        Cell(str(one["candidate_id"]), tone),
        verdict_cell(one["verdict"], subject),
        Cell(subject.points(one["score"]), tone),
        Cell(short(one["courtyard_m2"], "m2")),
        Cell(short(one["mean_walk_min"], "min")),
        Cell(short(one["road_time_min"], "min")),
        Cell(subject.listed(open_) if open_ else "", "muted"),
    )
