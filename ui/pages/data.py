"""The Data page: layers with their provenance, what was found on reading them, and what could not be assessed."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pandas as pd
import streamlit as st

from layers.county import County
from layers.findings import SEVERITIES
from layers.schema import RASTER_ROLES, ROLES
from layers.words import say
from ui.engine import step_text
from ui.state import Session

_MARKS = {"error": "✕", "warning": "!", "info": "i"}


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
    _findings(session)
    _not_assessed(session)
    _layers(session)
    _fields(session)
    _seconds(session)


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


def findings_html(table: pd.DataFrame, language: str) -> str:
    """Findings as a table whose long texts wrap; every cell is escaped."""
    heads = [say(f"app.data.column_{name}", language) for name in ("role", "count", "text", "ids")]
    rows = [
        (layer, "" if pd.isna(count) else f"{count:,}", text, ids)
        for layer, count, text, ids in zip(table["layer"], table["count"], table["text"], table["ids"], strict=True)
    ]
    body = "".join("<tr>" + "".join(f"<td><div>{escape(str(cell))}</div></td>" for cell in row) + "</tr>" for row in rows)
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    return f'<table class="cz-findings"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def role_name(role: str, language: str) -> str:
    """The name of a layer in words; one of several, such as ``restrictions.redline``, keeps its own name behind it."""
    general, _, own = role.partition(".")
    if general not in (*ROLES, *RASTER_ROLES):
        return role
    name = say(f"criteria.role.{general}", language)
    return f"{name} · {own}" if own else name


def findings_table(session: Session, severity: str) -> pd.DataFrame:
    """Findings of one severity: layer, how many, the text in the session's language, ids concerned."""
    records = []
    for finding in session.county.findings:
        if finding.severity == severity:
            name = role_name(finding.layer.removeprefix("layers."), session.language)
            text = finding.text(session.language)
            records.append({"layer": name, "count": finding.count, "text": text, "ids": "  ".join(finding.rows)})
    return pd.DataFrame(records, columns=["layer", "count", "text", "ids"]).astype({"count": "Int64"})


def _findings(session: Session) -> None:
    tell = session.say
    st.markdown(f"#### {tell('app.data.findings')}")
    if not session.county.findings:
        st.success(tell("app.data.findings_none"))
        return
    for severity in SEVERITIES:
        table = findings_table(session, severity)
        if table.empty:
            continue
        label = f"{_MARKS[severity]}  {tell(f'app.data.severity_{severity}')} · {len(table):,}"
        with st.expander(label, expanded=severity != "info"):
            st.caption(tell(f"app.data.severity_{severity}_note"))
            st.html(findings_html(table, session.language))


def _not_assessed(session: Session) -> None:
    tell, study = session.say, session.study
    st.markdown(f"#### {tell('app.data.not_assessed')}")
    if study.unassigned:
        st.caption(tell("app.data.unassigned", count=f"{study.unassigned:,}"))
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
    st.caption(tell("app.data.layers_note"))
    table = layers_table(session.county, session.language)
    config = {name: st.column_config.Column(tell(f"app.data.column_{name}")) for name in table.columns}
    config["rows"] = st.column_config.TextColumn(tell("app.data.column_rows"), width=150)
    for name in ("rows_in", "rows_out"):
        config[name] = st.column_config.NumberColumn(tell(f"app.data.column_{name}"), format="localized")
    st.dataframe(table, hide_index=True, width="stretch", row_height=30, height=(len(table) + 1) * 30 + 10, column_config=config,
                 placeholder="")


def _fields(session: Session) -> None:
    tell = session.say
    with st.expander(tell("app.data.fields")):
        st.caption(tell("app.data.fields_note"))
        records = [
            {"role": role_name(item.role, session.language), "file": Path(item.source.split("|")[0]).name,
             "standard": standard, "source": source}
            for item in session.county.provenance for standard, source in item.fields.items()
        ]
        table = pd.DataFrame(records, columns=["role", "file", "standard", "source"])
        config = {name: st.column_config.Column(tell(f"app.data.column_{name}")) for name in table.columns}
        st.dataframe(table, hide_index=True, width="stretch", row_height=30, column_config=config)


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
