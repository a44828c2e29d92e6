"""The map of a county as one file that opens in any browser without internet, as from a USB stick.

Leaflet, the data and the relief stand in the file. Its content security policy lets the browser load nothing from anywhere and run
no script but the two that stand in it, by their hashes; names from the data are set as text.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import re
from functools import cache
from pathlib import Path

import pandas as pd

from geo.planning import Plan
from geo.reasons import reasons as site_reasons
from geo.results import Study
from layers.county import County
from layers.relief import relief_of, relief_picture
from reports.reasons import reasons_table, sentence_text
from reports.safe import html_text, script_json
from reports.web_map_data import MOST_SITES, map_data

PAGE = Path(__file__).resolve().parent.parent / "data" / "web_map"
RELIEF_PX = 1400
RELIEF_QUALITY = 68


def web_map(study: Study, county: County, *, language: str = "zh", reasons: pd.DataFrame | None = None, plan: Plan | None = None,
            most_sites: int = MOST_SITES) -> bytes:
    """The page as UTF-8: villages, the sites that pass or wait for a paper, roads, limits, venues, planned sites, their reasons.

    Equal studies give equal bytes. The demo county takes 5 MB.

    Parameters
    ----------
    study, county : Study, County
    language : str
        ``zh`` or ``en``.
    reasons : DataFrame, optional
        `reports.reasons.reasons_table` of the same study in the same language, where it has been made already. Without it, it is
        made; with a plan, only the planned sites have their reasons told.
    plan : Plan, optional
        With its details: its sites are drawn too.
    most_sites : int
        Sites at most (`reports.web_map_data.MOST_SITES`); the page says how many of each village it shows.
    """
    if reasons is None:
        reasons = reasons_table(study, county, language) if plan is None else built_reasons(plan, study, county, language)
    data = map_data(study, county, language, reasons=reasons, plan=plan, most_sites=most_sites)
    relief = relief_of(county, most_px=RELIEF_PX)
    if relief is not None:
        picture = base64.b64encode(relief_picture(county, relief, quality=RELIEF_QUALITY)).decode()
        data["relief"] = {"url": f"data:image/webp;base64,{picture}", "bounds": relief.bounds}
    style, leaflet, script = _style(), _leaflet(), (PAGE / "map.js").read_text(encoding="utf-8")
    parts = {
        "language": {"zh": "zh-CN"}.get(language, language), "title": html_text(data["title"]),
        "policy": (f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(leaflet)} {_hash(script)}; "
                   "base-uri 'none'; form-action 'none'"),
        "style": style, "data": script_json(data), "leaflet": leaflet, "script": script,
    }
    page = (PAGE / "map.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], page).encode("utf-8")


def built_reasons(plan: Plan, study: Study, county: County, language: str) -> pd.DataFrame:
    """Sentences for the sites that a plan builds: `village_code`, `candidate_id`, `text`; none for its pins."""
    villages = study.candidates.set_index("candidate_id")["village_code"]
    built = [site for site in (() if plan.choice is None else plan.choice.built) if site in villages.index]
    said = site_reasons(study, county, built)
    rows = [(villages[site], site, sentence_text(one, language)) for site in built for one in said[site]]
    return pd.DataFrame(rows, columns=["village_code", "candidate_id", "text"])


def _hash(text: str) -> str:
    """What the policy knows an inline script or style by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}'"


@cache
def _leaflet() -> str:
    """Leaflet as it is installed, without the line that sends a debugger looking for another file."""
    text = importlib.resources.files("xstatic.pkg.leaflet").joinpath("data/leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"\n//# sourceMappingURL=.*", "", text.replace("\r\n", "\n"))


@cache
def _style() -> str:
    """Leaflet's style sheet without its pictures, none of which is used, and ours."""
    text = importlib.resources.files("xstatic.pkg.leaflet").joinpath("data/leaflet.css").read_text(encoding="utf-8")
    without = re.sub(r"url\([^)]*\)", "none", text.replace("\r\n", "\n"))
    return without + (PAGE / "map.css").read_text(encoding="utf-8")
