"""QGIS styles as QML: symbols, renderers and labels as the text that QGIS reads from a `layer_styles` table or a .qml file.

Only what QGIS 3 needs is written. Each property stands twice, as `Option` (QGIS from 3.20 on) and as `prop` (before).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

VERSION = "3.22.16"
"""The QGIS that the styles were looked at with; a newer one reads them too."""

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
_NAMESPACE = uuid.UUID("6f1d2f0e-8a39-5d0c-9f43-0c6b6a2a7c51")
FONT = "Noto Sans CJK SC"


@dataclass(frozen=True)
class Symbol:
    """How one class is drawn. `kind` is fill, line or marker; widths and sizes in mm; `hatch` is a Qt brush laid over the fill."""

    kind: str
    fill: str
    stroke: str = "#4d5658"
    width: float = 0.2
    opacity: float = 1.0
    hatch: str | None = None
    dash: str = "solid"
    size: float = 2.4


@dataclass(frozen=True)
class Rule:
    """A class of a rule-based renderer: rows that fulfil `condition` (a QGIS expression) are drawn by `symbol`."""

    label: str
    condition: str
    symbol: Symbol


@dataclass(frozen=True)
class Label:
    """What is written beside a shape: a QGIS expression, shown from scale 1:`scale` on inwards. `size` in points."""

    expression: str
    size: float = 8.0
    colour: str = "#1f2a2e"
    bold: bool = False
    scale: int | None = None
    placement: int = 1
    """Of QGIS: 0 around a point, 1 over it, 4 horizontal within an area."""


def rules_qml(rules: Sequence[Rule], label: Label | None = None) -> str:
    """A layer drawn by rules; a row that fulfils several is drawn by each."""
    symbols = "".join(_symbol(str(number), rule.symbol) for number, rule in enumerate(rules))
    rows = "".join(
        f"<rule key={_key(rule.label, rule.condition)} symbol={quoteattr(str(number))} filter={quoteattr(rule.condition)} "
        f"label={quoteattr(rule.label)}/>" for number, rule in enumerate(rules))
    renderer = ('<renderer-v2 type="RuleRenderer" symbollevels="0" enableorderby="0" forceraster="0">'
                f'<rules key={_key("root")}>{rows}</rules><symbols>{symbols}</symbols></renderer-v2>')
    return _document(renderer, label)


def graduated_qml(field: str, bands: Sequence[tuple[float, float, str, Symbol]], label: Label | None = None) -> str:
    """A layer drawn by a number in bands of (from, to, label, symbol)."""
    symbols = "".join(_symbol(str(number), band[3]) for number, band in enumerate(bands))
    ranges = "".join(
        f'<range symbol="{number}" lower="{low:.15f}" upper="{high:.15f}" label={quoteattr(text)} render="true"/>'
        for number, (low, high, text, _) in enumerate(bands))
    renderer = (f'<renderer-v2 type="graduatedSymbol" attr={quoteattr(field)} graduatedMethod="GraduatedColor" symbollevels="0" '
                f'enableorderby="0" forceraster="0"><ranges>{ranges}</ranges><symbols>{symbols}</symbols></renderer-v2>')
    return _document(renderer, label)


def categories_qml(field: str, categories: Sequence[tuple[str, str, Symbol]], label: Label | None = None) -> str:
    """A layer drawn by a field's value in categories of (value, label, symbol)."""
    symbols = "".join(_symbol(str(number), one[2]) for number, one in enumerate(categories))
    rows = "".join(
        f'<category symbol="{number}" value={quoteattr(value)} label={quoteattr(text)} type="string" render="true"/>'
        for number, (value, text, _) in enumerate(categories))
    renderer = (f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(field)} symbollevels="0" enableorderby="0" forceraster="0">'
                f"<categories>{rows}</categories><symbols>{symbols}</symbols></renderer-v2>")
    return _document(renderer, label)


def single_qml(symbol: Symbol, label: Label | None = None) -> str:
    """A layer drawn by one symbol."""
    renderer = ('<renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0" forceraster="0"><symbols>'
                f'{_symbol("0", symbol)}</symbols></renderer-v2>')
    return _document(renderer, label)


def _document(renderer: str, label: Label | None) -> str:
    labelling = "" if label is None else _labelling(label)
    return (f'{_DOCTYPE}\n<qgis version="{VERSION}" styleCategories="Symbology|Labeling" '
            f'labelsEnabled="{int(label is not None)}">{renderer}{labelling}<blendMode>0</blendMode></qgis>\n')


def _symbol(name: str, symbol: Symbol) -> str:
    layers = {"fill": _fill, "line": _line, "marker": _marker}[symbol.kind](symbol)
    return (f'<symbol type="{symbol.kind}" name="{name}" alpha="{symbol.opacity:g}" clip_to_extent="1" force_rhr="0">'
            f"{layers}</symbol>")


def _fill(symbol: Symbol) -> str:
    own = _layer("SimpleFill", {
        "color": _colour(symbol.fill), "style": "no" if symbol.fill == "none" else "solid", "outline_color": _colour(symbol.stroke),
        "outline_style": symbol.dash, "outline_width": f"{symbol.width:g}", "outline_width_unit": "MM", "joinstyle": "bevel",
    })
    if symbol.hatch is None:
        return own
    return own + _layer("SimpleFill", {
        "color": _colour(symbol.stroke), "style": symbol.hatch, "outline_color": _colour(symbol.stroke), "outline_style": "no",
        "outline_width": "0", "outline_width_unit": "MM", "joinstyle": "bevel",
    })


def _line(symbol: Symbol) -> str:
    return _layer("SimpleLine", {
        "line_color": _colour(symbol.stroke), "line_style": symbol.dash, "line_width": f"{symbol.width:g}", "line_width_unit": "MM",
        "capstyle": "round", "joinstyle": "round",
    })


def _marker(symbol: Symbol) -> str:
    return _layer("SimpleMarker", {
        "name": "circle", "color": _colour(symbol.fill), "outline_color": _colour(symbol.stroke), "outline_style": "solid",
        "outline_width": f"{symbol.width:g}", "outline_width_unit": "MM", "size": f"{symbol.size:g}", "size_unit": "MM",
        "angle": "0", "scale_method": "diameter",
    })


def _layer(name: str, values: dict[str, str]) -> str:
    options = "".join(f'<Option type="QString" name="{key}" value="{value}"/>' for key, value in values.items())
    props = "".join(f'<prop k="{key}" v="{value}"/>' for key, value in values.items())
    return f'<layer class="{name}" enabled="1" locked="0" pass="0"><Option type="Map">{options}</Option>{props}</layer>'


def _labelling(label: Label) -> str:
    visible = label.scale is not None
    return (
        '<labeling type="simple"><settings calloutType="simple">'
        f'<text-style fieldName={quoteattr(label.expression)} isExpression="1" fontFamily="{FONT}" fontSize="{label.size:g}" '
        f'fontSizeUnit="Point" fontWeight="{75 if label.bold else 50}" namedStyle="{"Bold" if label.bold else "Regular"}" '
        f'textColor="{_colour(label.colour)}" textOpacity="1">'
        '<text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" bufferColor="255,255,255,255" bufferOpacity="0.9" '
        'bufferJoinStyle="128" bufferNoFill="1"/></text-style>'
        f'<placement placement="{label.placement}" dist="0" priority="5" centroidInside="1" centroidWhole="1"/>'
        f'<rendering drawLabels="1" scaleVisibility="{int(visible)}" scaleMin="0" scaleMax="{label.scale or 0}" obstacle="1" '
        'displayAll="0"/></settings></labeling>')


def _colour(colour: str) -> str:
    """A hex colour as QGIS writes it; ``none`` is transparent."""
    if colour == "none":
        return "255,255,255,0"
    return ",".join(str(int(colour[i:i + 2], 16)) for i in (1, 3, 5)) + ",255"


def _key(*parts: str) -> str:
    """A rule's key: QGIS wants a unique one, and equal styles must have equal ones."""
    return f'"{{{uuid.uuid5(_NAMESPACE, "|".join(parts))}}}"'
