"""Layers as cards: a picture, where it came from, how it was read, and which field of the file filled which column."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pandas as pd
import streamlit as st

from layers.county import Provenance, Raster
from layers.schema import RASTER_ROLES, ROLES
from ui.components.data_findings import role_name
from ui.components.data_thumbs import thumbnail
from ui.state import Session

CARDS_A_ROW = 4
_GRIDS = ("GTiff", "SRTMHGT", "HFA", "AAIGrid")


def layer_cards(session: Session) -> None:
    """Draw one card for each layer that is there, and name those that are not."""
    county, tell = session.county, session.say
    st.caption(tell("data_page.layers.note"))
    entries = sources_by_layer(county.provenance)
    for role in (*ROLES, *RASTER_ROLES):
        if getattr(county, role) is not None and not any(name.partition(".")[0] == role for name in entries):
            entries[role] = []
    shown = [(name, items) for name, items in entries.items() if _layer(session, name) is not None]
    for start in range(0, len(shown), CARDS_A_ROW):
        for column, (name, items) in zip(st.columns(CARDS_A_ROW), shown[start:start + CARDS_A_ROW], strict=False):
            with column, st.container(border=True):
                _card(session, name, items)
    absent = [role for role in (*ROLES, *RASTER_ROLES) if getattr(county, role) is None]
    if absent:
        names = tell("app.data.separator").join(role_name(role, session.language) for role in absent)
        st.caption(f"{tell('data_page.layers.absent')}: {names}")


def sources_by_layer(provenance: tuple[Provenance, ...]) -> dict[str, list[Provenance]]:
    """Sources of each layer by its name in county.toml; a list of villages stands with the villages."""
    entries: dict[str, list[Provenance]] = {}
    for item in provenance:
        entries.setdefault(item.role.removesuffix(".list"), []).append(item)
    return entries


def _layer(session: Session, name: str) -> object:
    """What a card shows: the layer, or of the restrictions only those of the card's own kind where that can be told."""
    role, _, own = name.partition(".")
    layer = getattr(session.county, role, None)
    if layer is None or isinstance(layer, Raster) or role != "restrictions" or not own:
        return layer
    same = layer[layer["kind"].eq(own).fillna(False).to_numpy(dtype=bool)]
    return same if len(same) else layer


def _card(session: Session, name: str, items: list[Provenance]) -> None:
    tell, layer = session.say, _layer(session, name)
    limits = session.county.villages
    mark = f"{session.stamp}-{name}-" + "-".join(item.content_sha256[:16] for item in items)
    picture = thumbnail(mark, layer, limits)
    if picture is None:
        st.caption(tell("data_page.layers.no_picture"))
    else:
        st.image(picture, width="stretch")
    lines = "".join(_source_html(session, item) for item in items)
    if not items and not isinstance(layer, Raster):
        lines = f"<div>{escape(tell('data_page.layers.rows_one', rows_out=f'{len(layer):,}'))}</div>"
    st.html(f'<div class="cz-card"><b>{escape(role_name(name, session.language))}</b>{lines}</div>')
    fields = [(standard, source) for item in items for standard, source in item.fields.items()]
    if fields:
        with st.expander(tell("data_page.layers.known_by", count=len(fields))):
            table = pd.DataFrame(fields, columns=["standard", "source"])
            st.dataframe(table, hide_index=True, width="stretch", row_height=28, column_config={
                "standard": st.column_config.TextColumn(tell("app.data.column_standard")),
                "source": st.column_config.TextColumn(tell("app.data.column_source"))})


def _source_html(session: Session, item: Provenance) -> str:
    tell = session.say
    file, _, layer = item.source.partition("|")
    title = f"{Path(file).name} · {layer or item.layer}" if layer or item.layer else Path(file).name
    stated = tell("data_page.layers.no_encoding")
    facts = [
        tell("data_page.layers.cells" if item.driver in _GRIDS else "data_page.layers.rows",
             rows_in=f"{item.rows_in:,}", rows_out=f"{item.rows_out:,}"),
        tell("data_page.layers.read_as", driver=item.driver, crs=item.crs_as_read or stated),
    ]
    if item.encoding_as_read:
        facts.append(tell("data_page.layers.encoding", encoding=item.encoding_as_read))
    facts.append(tell("data_page.layers.content", hash=item.content_sha256[:12]))
    body = "".join(f"<div>{escape(fact)}</div>" for fact in facts)
    return f'<div class="cz-card-file">{escape(title)}</div><div class="cz-card-facts">{body}</div>'
