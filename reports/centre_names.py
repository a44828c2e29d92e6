"""Names of service centres in words: XX村社区服务中心, or XX村第X社区服务中心 where a village gets several (policy D 3.3)."""

from __future__ import annotations

import pandas as pd

from geo.centres import chinese_numeral
from layers.words import say


def centre_name(base: str, kind: str, number: int, count: int, language: str) -> str:
    """The name of one centre.

    Parameters
    ----------
    base, kind : str
        `name_base` and `name_kind` of `geo.centres.CENTRE_COLUMNS`.
    number, count : int
        Which of how many centres in the village.
    language : str
        ``zh`` (ordinals in Chinese numerals) or ``en``.

    Raises
    ------
    ValueError
        For a language without words.
    KeyError
        For an unknown kind of name.

    Examples
    --------
    >>> centre_name("青石村", "village", 1, 1, "zh"), centre_name("青石村", "village", 2, 3, "zh")
    ('青石村社区服务中心', '青石村第二社区服务中心')
    >>> centre_name("青石社区", "neighbourhood", 1, 1, "zh"), centre_name("Moroni", "other", 2, 2, "en")
    ('青石社区服务中心', 'Moroni Community Service Centre No. 2')
    """
    if count == 1:
        return say(f"centres.name.{kind}_one", language, name=base)
    ordinal = chinese_numeral(number) if language == "zh" else str(number)
    return say(f"centres.name.{kind}_many", language, name=base, ordinal=ordinal)


def named(centres: pd.DataFrame, language: str) -> pd.Series:
    """The name of every centre of a plan, on its index; a village without a name goes by its code.

    Parameters
    ----------
    centres : DataFrame
        `Centres.centres`.
    language : str
    """
    base = centres["name_base"].where(centres["name_base"].astype("str") != "", centres["village_code"])
    parts = zip(base, centres["name_kind"], centres["number"], centres["centres_in_village"], strict=True)
    return pd.Series([centre_name(*part, language) for part in parts], index=centres.index, name="centre_name", dtype="str")
