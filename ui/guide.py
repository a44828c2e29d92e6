"""The user guide in both languages, made from the same words as the pages: one HTML file each that loads nothing from elsewhere."""

from __future__ import annotations

import base64
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from geo.scenario import GATES, VERDICTS, Scenario
from layers.words import LANGUAGES, say
from reports.record import own_version
from reports.styles import STATUS_COLOURS, VERDICT_COLOURS
from reports.writing import write_whole
from ui.components.formats import VERDICT_MARKS
from ui.components.steps import WAY
from ui.criterion_help import parts_of
from ui.rules import load_scenario

PICTURES = Path(__file__).resolve().parent.parent / "data" / "guide"
"""Pictures of the demo county's pages, as `tests/browser/guide_pictures.py` makes them."""

CHAPTERS = ("way", "gates", "criteria", "colours", "trouble", "keys")
TROUBLES = ("unusable", "wait", "unexpected")

_STYLE = """
body {font: 16px/1.65
  'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei UI','Microsoft YaHei','Segoe UI',sans-serif; color: #1f2a2e;
  max-width: 60rem; margin: 0 auto; padding: 1.5rem;}
h1 {font-size: 1.7rem; margin: .2rem 0;}
h2 {font-size: 1.3rem; border-bottom: 2px solid #0b6470; padding-bottom: .2rem;
  margin-top: 2.2rem;}
h3 {font-size: 1.08rem; margin: 1.4rem 0 .3rem 0;}
nav ol {columns: 2; padding-left: 1.3rem;} a {color: #0b6470;}
dl {display: grid; grid-template-columns: 6rem 1fr; gap: .1rem .8rem; margin: .2rem 0 1rem 0;} dt {font-weight: 600; opacity: .75;}
dd {margin: 0;} img {width: 100%; border: 1px solid #d9ddd8; border-radius: 6px; margin: .4rem 0;}
.lead, .made {opacity: .75;} i.c {display: inline-block; width: .9rem; height: .9rem; border-radius: 3px; margin-right: .4rem;
  vertical-align: -.1rem;}
@media print {h2 {break-before: page;} h3, dl {break-inside: avoid;}}
"""


def guide_html(scenario: Scenario, language: str, *, pictures: Path | None = None) -> str:
    """The guide as one HTML page.

    Parameters
    ----------
    scenario : Scenario
        Whose clauses and value functions are told.
    language : {"zh", "en"}
    pictures : path, optional
        Folder of screenshots ``{page}-{language}.webp`` or ``.png``; they are put into the file itself.
    """
    def word(key: str, **values: object) -> str:
        return escape(say(f"guide.{key}", language, **values))

    bodies = {"way": _way(language, pictures), "gates": _gates(language), "criteria": _criteria(scenario, language),
              "colours": _colours(language), "trouble": _trouble(language), "keys": ""}
    contents = "".join(f'<li><a href="#{name}">{word(f"chapter.{name}")}</a></li>' for name in CHAPTERS)
    chapters = "".join(
        f'<h2 id="{name}">{word(f"chapter.{name}")}</h2>'
        + (f"<p>{word(f'text.{name}')}</p>" if name != "trouble" else "") + bodies[name] for name in CHAPTERS)
    standard = scenario.name.get(language) or scenario.id
    return (f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{word("title")}</title><style>{_STYLE}</style></head><body>'
            f'<h1>{word("title")}</h1><p class="lead">{word("lead")}</p><nav><b>{word("contents")}</b><ol>{contents}</ol></nav>'
            f'{chapters}<p class="made">{word("made", version=own_version(), standard=standard)}</p></body></html>')


def write_guide(folder: Path, scenario: Scenario, *, pictures: Path | None = None) -> list[Path]:
    """Write ``guide-zh.html`` and ``guide-en.html`` into a folder; returns their paths."""
    paths = []
    for language in LANGUAGES:
        paths.append(folder / f"guide-{language}.html")
        write_whole(paths[-1], guide_html(scenario, language, pictures=pictures).encode())
    return paths


def guide_link(language: str) -> None:
    """A link to the guide by the default standard, in a window of its own."""
    st.link_button(say("app.frame.guide", language), f"{_base()}/guide/{language}", icon=":material/menu_book:", type="tertiary",
                   help=say("app.frame.guide_help", language), width="stretch")


def guide_routes() -> list[Route]:
    """Routes for the server that serves the app: the guide by the default standard."""
    return [Route(f"{_base()}/guide/{{language}}", _guide)]


def _guide(request: Request) -> Response:
    language = request.path_params["language"]
    return HTMLResponse(_default_guide(language)) if language in LANGUAGES else Response(status_code=404)


@cache
def _default_guide(language: str) -> str:
    return guide_html(load_scenario(None), language, pictures=PICTURES)


def _base() -> str:
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def _way(language: str, pictures: Path | None) -> str:
    parts = []
    for number, page in enumerate(WAY, start=1):
        name = say(f"app.pages.{page}", language)
        parts.append(f"<h3>{number} {escape(name)}</h3><p>{escape(say(f'app.page_help.{page}', language))}</p>"
                     f"<p>{escape(say(f'tour.stop.{page}', language))}</p>")
        for kind in ("webp", "png") if pictures is not None else ():
            if (file := pictures / f"{page}-{language}.{kind}").is_file():
                data = base64.b64encode(file.read_bytes()).decode()
                alt = escape(say("guide.picture", language, page=name))
                parts.append(f'<img alt="{alt}" src="data:image/{kind};base64,{data}">')
                break
    return "".join(parts)


def _gates(language: str) -> str:
    verdicts = "".join(
        f"<dt>{VERDICT_MARKS[verdict]} {escape(say(f'criteria.verdict.{verdict}', language))}</dt>"
        f"<dd>{escape(say(f'criteria.verdict_help.{verdict}', language))}</dd>" for verdict in reversed(VERDICTS))
    gates = "".join(f"<h3>{escape(say(f'criteria.gate.{gate}', language))}</h3>"
                    f"<p>{escape(say(f'criteria.gate_help.{gate}', language))}</p>" for gate in GATES)
    return f"<dl>{verdicts}</dl>{gates}"


def _criteria(scenario: Scenario, language: str) -> str:
    parts = []
    for criterion in scenario.criteria:
        group = say(f"criteria.group.{criterion.group}", language)
        told = "".join(f"<dt>{escape(say(f'guide.label.{part}', language))}</dt><dd>{escape(text)}</dd>"
                       for part, text in parts_of(criterion, language).items())
        parts.append(f"<h3>{escape(group)} · {escape(say(f'criteria.criterion.{criterion.id}', language))}</h3><dl>{told}</dl>")
    return "".join(parts)


def _colours(language: str) -> str:
    def line(colour: str, mark: str, text: str) -> str:
        return f'<p><i class="c" style="background:{colour}"></i>{mark} {escape(text)}</p>'

    return "".join([line(VERDICT_COLOURS[v], VERDICT_MARKS[v], say(f"criteria.verdict.{v}", language)) for v in reversed(VERDICTS)]
                   + [line(STATUS_COLOURS[s], "", say(f"criteria.venue.{s}", language)) for s in
                      ("none", "below_standard", "adequate", "unknown")])


def _trouble(language: str) -> str:
    return "".join(f"<p>{escape(say(f'guide.text.trouble_{name}', language))}</p>" for name in TROUBLES)
