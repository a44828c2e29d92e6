"""The command `cunzhi report`: documents on a site, on the best sites of a village, or on the whole county."""

from __future__ import annotations

import dataclasses
import datetime
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from ui.choosing import NoPlan, chosen_plan
from ui.engine import EXPECTED, Outcome, problem_texts
from ui.planning import load_rules
from ui.saving import save_report
from ui.terminal import out, progress_bar, studied

TIME_LIMIT_S = 30.0
"""For the choice of the plan in a county report."""


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
    request = dataclasses.replace(request, formats=",".join(formats), day=request.day or datetime.date.today().isoformat())
    try:
        paths, chosen = write_report(outcome, request, folder, language=language)
        save_report(outcome, request, folder, paths, language=language, scenario=scenario, chosen=chosen)
    except NoPlan as error:
        return error.texts
    except EXPECTED as error:
        return problem_texts(error, language)
    for one in paths:
        out().print(escape(say("document.cli.written", language, path=one)))
    out().print(say("document.cli.seconds", language, seconds=f"{time.perf_counter() - begin:.1f}"))
    return []


def write_report(outcome: Outcome, request: Request, folder: Path, *, language: str,
                 settled: Mapping[str, Any] | None = None) -> tuple[tuple[Path, ...], Plan | None]:
    """The files of what is asked for, with a day and known formats, and the plan in it; `settled` is that plan, chosen earlier."""
    subject = Subject(outcome.study, outcome.county, language, datetime.date.fromisoformat(str(request.day)))
    chosen: Plan | None = None
    if request.county:
        if request.rules is not None:
            chosen = chosen_plan(outcome, load_rules(request.rules, outcome.scenario), language, time_limit_s=TIME_LIMIT_S,
                                 alternatives=False, settled=settled)
        document, name = _county(subject, chosen), file_name(subject, "county")
    else:
        document, name = _site(subject, request)
    with progress_bar("write", language):
        return write_documents(document, folder, name, request.formats.split(",")), chosen


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


def _county(subject: Subject, chosen: Plan | None) -> Document:
    """The county report, with the plan where there is one."""
    from geo.coverage import coverage

    county, study = subject.county, subject.study
    if chosen is not None:
        return county_document(subject, chosen.coverage_before, plan=chosen)
    return county_document(subject, None if county.villages is None else coverage(county, study.scenario))
