"""Names of villages brought to one form, so that lists that write them differently can be joined."""

from __future__ import annotations

import re
import unicodedata

from layers.traditional import SIMPLIFIED

_BRACKETS = re.compile(r"[(\[【〔][^)\]】〕]*[)\]】〕]")
_SPACES = re.compile(r"\s+")
_SUFFIX = re.compile(
    r"(?:股份)?(?:经济)?(?:联合社|合作社)$|(?:农民)?集体(?:经济组织)?$|村民小组$|"
    r"(?:社区)?(?:居民委员会|居委会|村民委员会|村委会|民委员会|委员会)$"
)
_KIND = re.compile(r"(?:行政村|社区村|社区|村)$")


_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""Characters that no name holds and that turn texts around, hide them or break what they are written to."""

_TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ"
_PHONETIC = re.compile(rf"(?<=[\u4e00-\u9fff])\s*[(\[][a-z{_TONES}' ]*[{_TONES}][a-z{_TONES}' ]*[)\]]", re.IGNORECASE)
"""A reading in brackets behind a character, as web pages put it: 縣(xiàn)."""


def clean_text(text: str) -> str:
    """A text in one Unicode form (NFKC), without outer blanks, blanks between Chinese characters, control characters and readings.

    Examples
    --------
    >>> clean_text(" 城北　村 "), clean_text("岐山縣（xiàn）")
    ('城北村', '岐山縣')
    """
    text = _CONTROLS.sub("", unicodedata.normalize("NFKC", text)).strip()
    text = _PHONETIC.sub("", text)
    return re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", text)


def plain_village_name(name: object) -> str:
    """The name of a village without what only says that it is one: 村, 村委会, 村民委员会, 社区居委会, 农民集体.

    Names that differ after this are different villages; names that agree may still be two villages of different townships.

    Parameters
    ----------
    name : object
        Any spelling; missing values give an empty text.

    Examples
    --------
    >>> [plain_village_name(n) for n in ("城北村", "城北村民委员会", "城北 村委会", "城北社区居委会", "城北村农民集体")]
    ['城北', '城北', '城北', '城北', '城北']
    >>> plain_village_name("龍灣鄉青石溝村（gōu）")
    '龙湾乡青石沟'
    >>> plain_village_name(None)
    ''
    """
    if not isinstance(name, str):
        return ""
    text = _SPACES.sub("", _BRACKETS.sub("", clean_text(name))).translate(SIMPLIFIED)
    while True:
        shorter = _SUFFIX.sub("", text)
        if shorter == text or not shorter:
            break
        text = shorter
    bare = _KIND.sub("", text)
    return (bare if len(bare) > 1 else text).casefold()
