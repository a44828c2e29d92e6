"""The server's own addresses: map tiles, and what lies at a place. They stand beside Streamlit's in the same server (`app.py`).

Nothing here knows a session: what may be asked for was offered by a page (`ui.tiles.SHELF`) under a token that cannot be guessed.
"""

from __future__ import annotations

import math

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from layers.words import LANGUAGES
from ui.map_tips import candidate_tip
from ui.tiles import SHELF

_KEPT = {"Cache-Control": "private, max-age=86400, immutable"}
_NEAR_PX = 6.0


def address(token: str) -> str:
    """Where a picture's tiles and places are asked for, under the server's base path and without an end."""
    return f"{_base()}/tiles/{token}"


def tile_routes() -> list[Route]:
    """Routes for the server that serves the app."""
    at = f"{_base()}/tiles/{{token}}"
    return [Route(at + "/{z:int}/{x:int}/{y:int}.png", _tile), Route(at + "/at", _place)]


def _base() -> str:
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def _tile(request: Request) -> Response:
    """One tile; Starlette calls this in a thread of its own, so that drawing blocks nobody."""
    where = request.path_params
    drawn = SHELF.tile(where["token"], where["z"], where["x"], where["y"], without=request.query_params.get("without") or None)
    return Response(status_code=404) if drawn is None else Response(drawn, media_type="image/png", headers=_KEPT)


def _place(request: Request) -> Response:
    """The candidate at a place: id, tooltip and outline; an empty answer where there is none."""
    picture, asked = SHELF.picture(request.path_params["token"]), request.query_params
    numbers = [_number(asked.get(name)) for name in ("lon", "lat", "zoom")]
    if picture is None:
        return Response(status_code=404)
    if any(number is None for number in numbers) or not abs(numbers[1]) < 85:
        return Response(status_code=400)
    lon, lat, zoom = numbers
    row = picture.at(lon, lat, near_px=_NEAR_PX, zoom=min(max(zoom, 0), 24))
    if row is None:
        return JSONResponse({})
    language = asked.get("lang") if asked.get("lang") in LANGUAGES else LANGUAGES[0]
    facts = picture.rows.iloc[row].to_dict()
    return JSONResponse({"id": facts["candidate_id"], "tip": candidate_tip(facts, language), "shape": picture.outline(row)})


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
