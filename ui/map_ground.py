"""What lies under a map and what can be switched on it: relief, online maps where the office has internet, groups of layers."""

from __future__ import annotations

import os
from urllib.parse import quote

import streamlit as st

from ui.assets import static_url
from ui.basemap import basemap
from ui.state import Session

BACKGROUND = "#eceee8"

GROUPS: dict[str, tuple[str, ...]] = {
    "parcels": (), "villages": ("villages",), "roads": ("road-", "casing-"),
    "limits": ("township-edges", "townships", "limit", "neighbours"),
    "names": ("township-names", "settlement-names"), "settlements": ("settlements",), "facilities": ("facilities",),
    "venues": ("venues",), "restrictions": ("restriction-",),
}
"""Groups of the layer control, and how the names of their layers begin."""

_OSM = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
_TIANDITU = "https://t0.tianditu.gov.cn/DataServer?T=%s&x={x}&y={y}&l={z}&tk=%s"


def ground(session: Session) -> dict:
    """The relief under a map, the online maps that can be chosen, and the words and groups of its layer control."""
    relief = basemap(session.county)
    image = None if relief is None else {"url": static_url(relief.file), "bounds": relief.bounds}
    words = {name: session.say(f"maps.control.{name}") for name in ("layers", "ground", "own", "north")}
    groups = [{"id": name, "names": names, "text": session.say(f"maps.group.{name}")} for name, names in GROUPS.items()]
    return {"image": image, "background": BACKGROUND, "online": online(session), "words": words, "groups": groups}


def online(session: Session) -> list[dict]:
    """Online maps to choose from; none is asked for anything until it is chosen, but for the office's own tile server.

    ``CUNZHI_TILES`` names a tile server of the office ({z}, {x}, {y} in it), shown at once. ``CUNZHI_TIANDITU_KEY``, or
    ``tianditu_key`` in Streamlit's secrets, is the user's key of Tianditu.
    """
    found = []
    custom, key = os.environ.get("CUNZHI_TILES"), tianditu_key()
    if custom:
        found.append({"id": "custom", "text": session.say("maps.control.custom"), "urls": [custom], "on": True})
    if key:
        urls = [_TIANDITU % (layer, quote(key, safe="")) for layer in ("vec_w", "cva_w")]
        found.append({"id": "tianditu", "text": session.say("maps.control.tianditu"), "urls": urls,
                      "credit": session.say("maps.credit.tianditu")})
    found.append({"id": "osm", "text": session.say("maps.control.osm"), "urls": [_OSM], "credit": session.say("maps.credit.osm")})
    return found


def tianditu_key() -> str | None:
    """The user's key of Tianditu from the environment or Streamlit's secrets; None without one."""
    key = os.environ.get("CUNZHI_TIANDITU_KEY")
    if not key and st.secrets.load_if_toml_exists():
        key = st.secrets.get("tianditu_key")
    return str(key) if key else None
