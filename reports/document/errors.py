"""What can stand in the way of a document."""

from __future__ import annotations

from layers.findings import CunzhiError
from layers.words import say

FAMILIES = (
    "Noto Sans SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "SimHei",
    "DengXian",
    "SimSun",
    "PingFang SC",
    "WenQuanYi Micro Hei",
)
"""Families with Chinese characters in the order of preference: the installation's own first, then what systems bring."""


class NoFontError(CunzhiError, LookupError):
    """There is no font with Chinese characters, neither in the installation nor on the machine."""

    def __init__(self) -> None:
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """What is missing and how to mend it, in a language."""
        return say("document.errors.no_font", language, families=", ".join(FAMILIES[1:]))


class DocumentError(CunzhiError, ValueError):
    """A document that cannot be made; `text` says why and what to do."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values
        super().__init__(say(f"document.errors.{key}", "en", **values))

    def text(self, language: str) -> str:
        """Why it cannot be made, in a language."""
        return say(f"document.errors.{self.key}", language, **self.values)
