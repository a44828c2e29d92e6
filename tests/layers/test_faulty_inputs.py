"""Every faulty input of `faulty_inputs.toml`: the tool answers as the table says, in time, in words, and never with another score
unless a finding says so."""

from __future__ import annotations

import http.server
import signal
import threading
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.study import study
from layers.county import County
from layers.findings import Finding
from layers.open import check_county
from tests.geo.standard import default_scenario
from tests.layers.faulty import BUILDERS, Town, hostile
from tests.layers.faulty.base import write_base

TABLE = tomllib.loads((Path(__file__).parent / "faulty_inputs.toml").read_text(encoding="utf-8"))
SECONDS = 40
"""Beyond this an input hangs the tool; most take a tenth of a second."""

SEVERITIES = {"mended": {"info", "warning"}, "refused": {"error"}, "left": {"warning"}}


class TooLong(BaseException):
    """Not an Exception, so that nothing on the way catches it."""


@contextmanager
def time_limit() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return write_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def clean(base, tmp_path_factory) -> tuple[Counter, pd.DataFrame]:
    """Findings and scores of the town without a fault."""
    county, findings = check_county(Town(tmp_path_factory.mktemp("clean"), base).close())
    return Counter(map(_told, findings)), scores(county)


@pytest.fixture(scope="module")
def asked() -> Iterator[list[str]]:
    """What is asked of a server of this computer to which the hostile files point."""
    paths: list[str] = []

    class Watch(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        do_HEAD = do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Watch)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hostile.PORT[0] = server.server_address[1]
    yield paths
    server.shutdown()
    server.server_close()
    hostile.PORT[0] = 9


def _told(finding: Finding) -> tuple:
    return finding.code, finding.layer, finding.count


def scores(county: County) -> pd.DataFrame:
    """Verdict and score of every site, by its id."""
    return study(county, default_scenario()).candidates.set_index("candidate_id")[["verdict", "score", "score_low", "score_high"]]


def test_the_table_is_whole():
    """At least a hundred faults; a builder for every line and a line for every builder."""
    assert set(TABLE) == set(BUILDERS)
    assert sum(case["answer"] != "taken" for case in TABLE.values()) >= 100
    for name, case in TABLE.items():
        assert set(case) <= {"given", "answer", "finding", "score"}, name
        assert case["answer"] in {*SEVERITIES, "taken"} and ("finding" in case) == (case["answer"] != "taken"), name


@pytest.mark.parametrize("name", TABLE)
def test_the_answer(name, base, clean, asked, tmp_path):
    case, (known, expected) = TABLE[name], clean
    town = Town(tmp_path, base)
    BUILDERS[name](town)
    path = town.close()
    with time_limit():
        county, findings = check_county(path)
    new = list((Counter(map(_told, findings)) - known).elements())
    if case["answer"] == "taken":
        assert county is not None and not new
    else:
        hits = [finding for finding in findings if finding.code == case["finding"] and _told(finding) in new]
        assert hits, f"only {sorted({code for code, *_ in new})}"
        assert {finding.severity for finding in hits} <= SEVERITIES[case["answer"]]
    if case["answer"] == "refused" and county is not None:
        role = hits[0].layer.removeprefix("layers.").split(".")[0]
        assert getattr(county, role) is None
    for finding in findings:
        for language in ("zh", "en"):
            text = finding.text(language)
            assert "Traceback" not in text and not any(ord(letter) < 32 and letter not in "\n\t" for letter in text)
            assert len(text) < 6000, text[:200]
    if case.get("score") == "same":
        now = scores(county)
        assert now.index.tolist() == expected.index.tolist() and now["verdict"].tolist() == expected["verdict"].tolist()
        for column in ("score", "score_low", "score_high"):
            np.testing.assert_allclose(now[column].to_numpy(), expected[column].to_numpy(), rtol=1e-6)
    assert asked == []
    assert not (tmp_path.parent / "escaped.csv").exists() and not (tmp_path.parent.parent / "escaped.csv").exists()
