"""Names of centres as policy D gives them: the village's own name without its committee, and the Chinese ordinal of the centre.

The sentence around them stands in ``data/words/*/centres.toml`` (``name.village`` and so on), by `community_name`'s kind.
"""

from __future__ import annotations

import re
import unicodedata

_BRACKETS = re.compile(r"[(\[【〔][^)\]】〕]*[)\]】〕]")
_BODY = re.compile(r"(?:股份)?(?:经济)?(?:联合社|合作社)$|(?:农民)?集体(?:经济组织)?$|(?:党支部|党总支|党委|支部)(?:委员会)?$")
_NEIGHBOURHOOD = re.compile(r"(?:社区)?(?:居民委员会|居委会)$|社区(?:委员会|村)?$")
_VILLAGE = re.compile(r"村?(?:村民委员会|村委会|村委员会|民委员会)$|(?:行政村|村委)$|村$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]$")
DIGITS = "零一二三四五六七八九"


def community_name(name: object, township_name: object = None) -> tuple[str, str]:
    """The name a centre bears, and whether it is that of a village, a neighbourhood (社区) or written in another script.

    Parameters
    ----------
    name : object
        As a file writes it: 青石村, 青石村村民委员会, 青石村委会, 青石社区居委会, 双溪镇青石村.
    township_name : object
        Left out of the front of the name where it stands there.

    Returns
    -------
    (str, str)
        The name with 村 or 社区 at its end, and ``village``, ``neighbourhood`` or ``other``. Missing gives ``("", "other")``.

    Examples
    --------
    >>> community_name("青石村村民委员会"), community_name("青石社区居委会"), community_name("Mitsamiouli")
    (('青石村', 'village'), ('青石社区', 'neighbourhood'), ('Mitsamiouli', 'other'))
    >>> community_name(None)
    ('', 'other')
    """
    if not isinstance(name, str):
        return "", "other"
    text = unicodedata.normalize("NFKC", name).strip()
    if not _CHINESE.search(re.sub(r"\s+", "", _BRACKETS.sub("", text))):
        return text, "other"
    text = re.sub(r"\s+", "", _BRACKETS.sub("", text))
    if isinstance(township_name, str) and township_name and text.startswith(township_name) and len(text) > len(township_name) + 1:
        text = text.removeprefix(township_name)
    text = _BODY.sub("", text) or text
    for pattern, ending, kind in ((_NEIGHBOURHOOD, "社区", "neighbourhood"), (_VILLAGE, "村", "village")):
        bare = pattern.sub("", text)
        if bare != text:
            return (bare or text) + (ending if bare else ""), kind
    return text + "村", "village"


def chinese_numeral(number: int) -> str:
    """A number from 1 to 99 in Chinese numerals.

    Raises
    ------
    ValueError
        Outside of that range: no village has that many centres.

    Examples
    --------
    >>> [chinese_numeral(n) for n in (1, 10, 11, 20, 32)]
    ['一', '十', '十一', '二十', '三十二']
    """
    if not 1 <= number <= 99:
        raise ValueError(f"Chinese numerals of centres run from 1 to 99, not {number}")
    tens, ones = divmod(number, 10)
    front = "" if not tens else ("十" if tens == 1 else DIGITS[tens] + "十")
    return front + (DIGITS[ones] if ones else "")
