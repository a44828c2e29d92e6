"""Questions put to a whole column of texts at once: by Arrow, and once for each different text where these are few."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layers.remembered import once

_SAMPLE, _FEW = 1_000, 0.2
"""Texts looked at to see whether a column says the same things over and over, and the share of different ones that is few."""

Question = Callable[[pa.Array], pa.Array]
"""Answers yes, no or null to each of some texts."""


def asked(values: pd.Series, question: Question) -> np.ndarray:
    """Plain bool: which texts a question says yes to; missing ones are none.

    Parameters
    ----------
    values : Series of str
    question : callable
        Of the text alone, so that it need not be put again for the same text.

    Examples
    --------
    >>> asked(pd.Series(["a1", None, "b"], dtype="str"), lambda texts: pc.match_substring_regex(texts, "[0-9]")).tolist()
    [True, False, False]
    """
    texts = _texts(values)
    if len(texts) > 2 * _SAMPLE and once("few", texts, lambda: _are_few(texts)):
        codes, different = once("encoded", texts, lambda: _encoded(texts))
        return np.append(_plain(question(different)), False)[codes]   # the last one for what is missing (-1)
    return _plain(question(_whole(texts)))


def matching(values: pd.Series, pattern: str) -> np.ndarray:
    """Plain bool: in which texts a pattern of RE2 is found; missing ones are none."""
    return asked(values, lambda texts: pc.match_substring_regex(texts, pattern))


def encoded(values: pd.Series) -> tuple[np.ndarray, Sequence[Any]]:
    """Which of the different values each row has, -1 where it is missing, and these values in the order of their first rows.

    As `pandas.factorize`; texts are looked through once while a county is opened, see `layers.remembered`.

    Examples
    --------
    >>> codes, different = encoded(pd.Series(["b", None, "a", "b"], dtype="str"))
    >>> codes.tolist(), list(different)
    ([0, -1, 1, 0], ['b', 'a'])
    """
    if not isinstance(values.dtype, pd.StringDtype):
        return pd.factorize(values)
    texts = _texts(values)
    codes, different = once("encoded", texts, lambda: _encoded(texts))
    return codes, different.to_pylist()


_WORD = 8
_LONGEST_MARKED = 8 * _WORD
"""Bytes of a text that are worth looking at in one go."""

_MIXING = np.uint64(0x9E3779B97F4A7C15)


def all_different(values: pd.Series) -> bool:
    """Whether no two of these texts are the same, none of them missing; as `Series.is_unique`, and sooner where they are short.

    Examples
    --------
    >>> all_different(pd.Series(["a", "b", "ab"], dtype="str")), all_different(pd.Series(["a", "b", "a"], dtype="str"))
    (True, False)
    """
    texts = _whole(_texts(values))
    if not len(texts) or not pa.types.is_large_string(texts.type) or texts.null_count:
        return bool(values.is_unique)
    offsets = np.frombuffer(texts.buffers()[1], dtype="int64")[texts.offset:texts.offset + len(texts) + 1]
    lengths = np.diff(offsets)
    if lengths.max() > _LONGEST_MARKED:
        return bool(values.is_unique)
    marks = _marks(texts.buffers()[2], offsets[:-1], lengths)
    return not pd.Series(marks).duplicated().any() or bool(values.is_unique)   # two texts may bear one mark


def _marks(content: pa.Buffer | None, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """A number for each text, the same for the same text, from its bytes by eights."""
    data = np.concatenate([np.frombuffer(content or b"", dtype="uint8"), np.zeros(_WORD, dtype="uint8")])
    words = np.lib.stride_tricks.as_strided(data[:_WORD].view("<u8"), (len(data) - _WORD + 1,), (1,))
    kept = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], dtype="uint64")
    marks = lengths.astype("uint64")
    for first in range(0, int(lengths.max()), _WORD):
        left = np.clip(lengths - first, 0, _WORD)
        marks *= _MIXING
        marks ^= marks >> np.uint64(29)
        marks += words[np.minimum(starts + first, len(words) - 1)] & kept[left]
    return marks


def _texts(values: pd.Series) -> pa.Array | pa.ChunkedArray:
    """The texts as Arrow holds them: the very same array each time, where pandas keeps them in Arrow too."""
    inner = values.array
    return inner.__arrow_array__() if hasattr(inner, "__arrow_array__") else pa.array(values, from_pandas=True)


def _whole(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def _are_few(texts: pa.Array | pa.ChunkedArray) -> bool:
    some = texts[:_SAMPLE]
    return pc.count_distinct(some).as_py() < _FEW * len(some)


def _encoded(texts: pa.Array | pa.ChunkedArray) -> tuple[np.ndarray, pa.Array]:
    found = pc.dictionary_encode(_whole(texts))
    return pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False), found.dictionary


def _plain(answers: pa.Array) -> np.ndarray:
    return pc.fill_null(answers, False).to_numpy(zero_copy_only=False)
