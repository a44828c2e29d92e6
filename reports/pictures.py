"""Pictures for documents: a canvas of a size in cm, a font with Chinese characters, PNG bytes that are equal for equal pictures.

No global state of matplotlib is touched: several users may draw at once.
"""

from __future__ import annotations

import io
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

INK, QUIET, LINE = "#1f2a2e", "#5c6568", "#c9cecb"
DPI = 180
_CM = 1 / 2.54


def own_font() -> Path | None:
    """The Chinese font that comes with the installation (Noto Sans SC, SIL Open Font License); None where it is not installed."""
    try:
        from pylopdf_fonts_zh_cn import sans_path
    except ImportError:
        return None
    path = Path(sans_path())
    return path if path.is_file() else None


@cache
def _font_file(families: tuple[str, ...]) -> str | None:
    """The installation's font, else the first of the families on this machine."""
    own = own_font()
    if own is not None:
        return str(own)
    from matplotlib.font_manager import FontProperties, findfont

    for family in families:
        try:
            return str(findfont(FontProperties(family=family), fallback_to_default=False))
        except ValueError:
            continue
    return None


def font(size: float, *, heavy: bool = False) -> FontProperties:
    """A font with Chinese characters at a size in points; matplotlib's own where the machine has none."""
    from matplotlib.font_manager import FontProperties

    from reports.document.errors import FAMILIES

    path = _font_file(FAMILIES)
    return FontProperties(fname=path, size=size) if path else FontProperties(size=size, weight="bold" if heavy else "normal")


def canvas(width_cm: float, height_cm: float) -> Figure:
    """An empty white picture of a size in cm."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_cm * _CM, height_cm * _CM), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def write(
    axes: Any, x: float, y: float, text: str, *, size: float = 8, colour: str = INK, halo: bool = False, **options: Any
) -> Any:
    """A text in a picture: nothing in it is read as a formula. `halo` puts white around it, to be read on a map."""
    from matplotlib.patheffects import withStroke

    effects = [withStroke(linewidth=2.2, foreground="white")] if halo else None
    return axes.text(x, y, text, fontproperties=font(size), color=colour, parse_math=False, path_effects=effects, **options)


def png_bytes(figure: Figure) -> bytes:
    """The picture as PNG. Equal pictures give equal bytes."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")   # a name may hold any character; it shows as a box
        figure.savefig(stream, format="png", dpi=DPI, metadata={"Software": None})
    return stream.getvalue()


def width_cm(png: bytes) -> float:
    """How wide a picture of `png_bytes` is meant to be, cm."""
    return int.from_bytes(png[16:20], "big") / DPI / _CM
