"""The Data page: layers with their provenance, what was found on reading them, and what could not be assessed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from layers.county import County
from layers.findings import InputError
from layers.schema import RASTER_ROLES, ROLES
from layers.words import say
from ui import state
from ui.components.data_bring import bring_in
from ui.components.data_findings import FINDING_STYLE, findings_panel, list_findings, role_name, undo_button
from ui.components.data_layers import layer_cards
from ui.engine import step_text
from ui.errors import show_problems
from ui.state import Session


def render(session: Session) -> None:
    """Draw the page for what is open in the session."""
    tell = session.say
    st.subheader(tell("app.data.title"), anchor=False)
    standard = session.scenario.name.get(session.language) or session.scenario.id
    facts = (
        (tell("app.data.crs"), f"{session.county.crs.name}"),
        (tell("app.data.scenario"), tell("app.data.scenario_value", name=standard, version=session.scenario.version)),
    )
    st.text("    ".join(f"{name}: {value}" for name, value in facts))
    bring_in(session.language)
    st.markdown(f"#### {tell('app.data.findings')}")
    findings_panel()
    _layers(session)
    _not_assessed(session)
    _seconds(session)


def render_closed(error: Exception, language: str) -> None:
    """Draw the page for a county that cannot be opened: what stands in the way, what could be set, and the way to other data."""
    st.subheader(say("app.data.title", language), anchor=False)
    st.info(say("data_page.closed.note", language))
    if isinstance(error, InputError):
        st.html(FINDING_STYLE)
        undo_button(state.county_path(), language)
        list_findings(error.findings, None, language, frozenset())
    else:
        show_problems(error, language)
    bring_in(language, expanded=True)


def layers_table(county: County, language: str) -> pd.DataFrame:
    """One row per role and source: rows, file, format, CRS and encoding as read. A role that is not there has no file."""
    sources: dict[str, list] = {}
    for item in county.provenance:
        sources.setdefault(item.role.split(".")[0], []).append(item)
    records = []
    for role in (*ROLES, *RASTER_ROLES):
        layer = getattr(county, role)
        if layer is None:
            rows = say("app.data.absent", language)
        elif role in RASTER_ROLES:
            height, width = layer.values.shape
            rows = say("app.data.raster", language, rows=f"{height:,}", columns=f"{width:,}", cell=f"{layer.cell_size_m:,.0f}")
        else:
            rows = f"{len(layer):,}"
        for item in sources.get(role, [None]):
            records.append({
                "role": role_name(role if item is None else item.role, language), "rows": rows,
                "rows_in": None if item is None else item.rows_in, "rows_out": None if item is None else item.rows_out,
                "file": None if item is None else Path(item.source.split("|")[0]).name,
                "layer": None if item is None else item.layer, "driver": None if item is None else item.driver,
                "crs": None if item is None else item.crs_as_read, "encoding": None if item is None else item.encoding_as_read,
                "hash": None if item is None else item.content_sha256[:12],
            })
    return pd.DataFrame(records)


def _not_assessed(session: Session) -> None:
    tell, study = session.say, session.study
    st.markdown(f"#### {tell('app.data.not_assessed')}")
    if study.unassigned:
        st.caption(tell("app.data.unassigned", count=f"{study.unassigned:,}"))
    for note, count in study.notes.items():
        st.caption(tell(f"criteria.note.{note}", count=f"{count:,}"))
    if not study.not_assessed:
        st.success(tell("app.data.not_assessed_none"))
        return
    st.caption(tell("app.data.not_assessed_note"))
    st.dataframe(
        not_assessed_table(session), hide_index=True, width="stretch", row_height=30,
        column_config={
            "item": st.column_config.TextColumn(tell("app.data.column_item")),
            "kind": st.column_config.TextColumn(tell("app.data.column_kind"), width="small"),
            "weight": st.column_config.TextColumn(tell("app.data.column_weight"), width="small"),
            "reason": st.column_config.TextColumn(tell("app.data.column_reason")),
        },
    )


def not_assessed_table(session: Session) -> pd.DataFrame:
    """Criteria and gates without a layer to assess them by: name, weight in the score, missing layers."""
    tell, study = session.say, session.study
    weights, gates = study.scenario.weights, {"collective", "dispute", "courtyard", "restriction", "road", "building"}
    records = []
    for item, roles in study.not_assessed.items():
        # A gate and a criterion may share an id (courtyard): where it has a weight it is the criterion.
        kind = "criterion" if item in weights else "gate" if item.removeprefix("gate_") in gates else "other"
        key = {"criterion": f"criteria.criterion.{item}", "gate": f"criteria.gate.{item.removeprefix('gate_')}"}.get(kind)
        records.append({
            "item": tell(key) if key else tell("app.data.venue_status") if item == "venue" else item,
            "kind": tell(f"app.data.item_{kind}"), "weight": session.figure(weights[item], "share") if item in weights else None,
            "reason": tell("app.data.separator").join(role_name(role, session.language) for role in roles),
        })
    return pd.DataFrame(records, columns=["item", "kind", "weight", "reason"])


def _layers(session: Session) -> None:
    tell = session.say
    st.markdown(f"#### {tell('app.data.layers')}")
    layer_cards(session)
    with st.expander(tell("data_page.layers.table")):
        st.caption(tell("app.data.layers_note"))
        table = layers_table(session.county, session.language)
        config = {name: st.column_config.Column(tell(f"app.data.column_{name}")) for name in table.columns}
        config["rows"] = st.column_config.TextColumn(tell("app.data.column_rows"), width=150)
        for name in ("rows_in", "rows_out"):
            config[name] = st.column_config.NumberColumn(tell(f"app.data.column_{name}"), format="localized")
        st.dataframe(table, hide_index=True, width="stretch", row_height=30, height=(len(table) + 1) * 30 + 10,
                     column_config=config, placeholder="")


def _seconds(session: Session) -> None:
    tell, seconds = session.say, session.base_study.seconds
    if not seconds:
        return
    with st.expander(tell("app.data.seconds")):
        table = pd.DataFrame({"step": [step_text(step, session.language) for step in seconds], "seconds": list(seconds.values())})
        st.dataframe(
            table, hide_index=True, width="content", row_height=30,
            column_config={"step": tell("app.data.column_step"),
                           "seconds": st.column_config.NumberColumn(tell("app.data.column_seconds"), format="%.2f")},
        )
