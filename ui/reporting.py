"""The command `cunzhi report`: documents on a site, on the best sites of a village, or on the whole county."""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape

from geo.planning import Plan
from layers.words import say
from reports.document.files import (
    FORMATS,
    FORMS,
    SHORT_SITES,
    Document,
    Subject,
    best_sites,
    county_document,
    file_name,
    notice_document,
    short_document,
    site_document,
    write_documents,
)
from ui.engine import EXPECTED, Outcome, problem_texts
from ui.terminal import out, progress_bar, studied


@dataclass(frozen=True)
class Request:
    """What is asked for: exactly one of `village`, `site` and `county`; the form of a site's document; formats, joined by commas.

    `rules` is a rules file: with it the county report holds the plan chosen by it.
    """

    village: str | None
    site: str | None
    county: bool
    form: str | None
    formats: str
    day: str | None
    rules: Path | None


def report_command(path: Path, folder: Path, scenario: Path | None, request: Request, language: str) -> list[str]:
    """Make and write the documents; what to tell the person where that cannot be done (empty: it was done)."""
    begin = time.perf_counter()
    formats = tuple(dict.fromkeys(one.strip().lower() for one in request.formats.split(",") if one.strip()))
    texts = _faults(request, formats, language)
    if texts:
        return texts
    outcome, texts = studied(path, folder, scenario, language)
    if texts or outcome is None:
        return texts
    day = datetime.date.fromisoformat(request.day) if request.day else datetime.date.today()
    subject = Subject(outcome.study, outcome.county, language, day)
    try:
        with progress_bar("write", language):
            made = _county(subject, outcome, request) if request.county else _site(subject, request)
            paths = write_documents(made[0], folder, made[1], formats)
    except EXPECTED as error:
        return problem_texts(error, language)
    for one in paths:
        out().print(escape(say("document.cli.written", language, path=one)))
    out().print(say("document.cli.seconds", language, seconds=f"{time.perf_counter() - begin:.1f}"))
    return []


def _faults(request: Request, formats: tuple[str, ...], language: str) -> list[str]:
    """What is wrong with what is asked for, all of it at once."""
    texts = []
    if sum((request.village is not None, request.site is not None, request.county)) != 1:
        texts.append(say("document.cli.one_of", language))
    if request.form is not None and (request.county or request.form not in FORMS):
        key = "no_form" if request.county else "bad_form"
        texts.append(say(f"document.cli.{key}", language, value=request.form, forms=", ".join(FORMS)))
    if not formats or not set(formats) <= set(FORMATS):
        texts.append(say("document.cli.bad_format", language, value=request.formats, formats=", ".join(FORMATS)))
    if request.rules is not None and not request.county:
        texts.append(say("document.cli.rules_for_county", language))
    if request.day is not None:
        try:
            datetime.date.fromisoformat(request.day)
        except ValueError:
            texts.append(say("document.cli.bad_day", language, value=request.day))
    return texts


def _site(subject: Subject, request: Request) -> tuple[Document, str]:
    """The document on a site or on a village's best sites, and its file's name."""
    form = request.form or "full"
    count = SHORT_SITES if form == "short" else 1
    ids = [request.site] if request.site is not None else best_sites(subject, str(request.village), count=count)
    village = subject.name(subject.row(ids[0]))
    name = village if request.site is None else f"{village}-{request.site}"
    if form == "short":
        return short_document(subject, ids), file_name(subject, form, village=name)
    make = site_document if form == "full" else notice_document
    return make(subject, ids[0]), file_name(subject, form, village=name)


def _county(subject: Subject, outcome: Outcome, request: Request) -> tuple[Document, str]:
    """The county report, with the plan where rules are given."""
    from geo.coverage import coverage

    county, study = outcome.county, outcome.study
    chosen: Plan | None = None
    found = None if county.villages is None else coverage(county, study.scenario)
    if request.rules is not None:
        from ui.planning import load_rules, plan

        chosen = plan(county, study, load_rules(request.rules, outcome.scenario), time_limit_s=30.0)
        found = chosen.coverage_before
    return county_document(subject, found, plan=chosen), file_name(subject, "county")
