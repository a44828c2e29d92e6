"""Leaflet and jQuery from the installation instead of the internet, and the map class that uses them.

folium links to hosts outside; in an office without internet that leaves a blank page. Here the same files come from the packages
XStatic-Leaflet and XStatic-jQuery, are copied into ``static/`` beside app.py and served by Streamlit itself.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import mimetypes
from pathlib import Path

import folium
import streamlit as st

from reports.writing import write_whole

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"

_FILES = {
    "leaflet.js": ("xstatic.pkg.leaflet", "data/leaflet.js"),
    "leaflet.css": ("xstatic.pkg.leaflet", "data/leaflet.css"),
    "images/layers.png": ("xstatic.pkg.leaflet", "data/images/layers.png"),
    "images/layers-2x.png": ("xstatic.pkg.leaflet", "data/images/layers-2x.png"),
    "images/marker-icon.png": ("xstatic.pkg.leaflet", "data/images/marker-icon.png"),
    "images/marker-icon-2x.png": ("xstatic.pkg.leaflet", "data/images/marker-icon-2x.png"),
    "images/marker-shadow.png": ("xstatic.pkg.leaflet", "data/images/marker-shadow.png"),
    "jquery.js": ("xstatic.pkg.jquery", "data/jquery.min.js"),
}
_OWN = ("map_view.js", "map_tiles.js", "map_sync.js")
"""Our own scripts, in the order in which they build on each other; the browser gets them as one."""


def own_script() -> str:
    """File name of our map script in static/, with a mark of its content, so that a browser never keeps an old one."""
    return f"map_view-{hashlib.sha256(_own_scripts()).hexdigest()[:8]}.js"


def _own_scripts() -> bytes:
    return b"\n".join((Path(__file__).resolve().parent / name).read_bytes() for name in _OWN)


def prepare_static(folder: Path = STATIC) -> Path:
    """Copy the map's files into the folder that Streamlit serves; quick where they are there already.

    Parameters
    ----------
    folder : Path
        Made where it does not exist.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ModuleNotFoundError
        Where XStatic-Leaflet or XStatic-jQuery is not installed.
    """
    # Windows reads these types from its registry, where .js is often text/plain: the browser would refuse the script.
    for kind, ending in (("text/javascript", ".js"), ("text/css", ".css"), ("image/webp", ".webp"), ("image/png", ".png")):
        mimetypes.add_type(kind, ending)
    for name, (package, path) in _FILES.items():
        source = importlib.resources.files(package).joinpath(path)
        target = folder / name
        with importlib.resources.as_file(source) as file:
            if not target.is_file() or target.stat().st_size != file.stat().st_size:
                write_whole(target, file.read_bytes())
    target = folder / own_script()
    if not target.is_file():
        for old in folder.glob("map_view-*.js"):
            old.unlink(missing_ok=True)
        write_whole(target, _own_scripts())
    return folder


def static_url(name: str) -> str:
    """Address of a file of ``static/``, on this server and under its base path."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/app/static/{name}" if base else f"/app/static/{name}"


class OfflineMap(folium.Map):
    """A folium map that asks nothing of the internet: no tiles, scripts and styles from this installation."""

    def __init__(self, **options: object) -> None:
        super().__init__(tiles=None, attributionControl=False, **options)
        self.default_js = [
            ("leaflet", static_url("leaflet.js")), ("jquery", static_url("jquery.js")), ("cunzhi", static_url(own_script())),
        ]
        self.default_css = [("leaflet_css", static_url("leaflet.css"))]
