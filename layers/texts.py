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
