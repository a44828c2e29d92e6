"""What is got ready ahead of time: the analysis loaded while a county's files are read, and our sources compiled at set-up."""

from __future__ import annotations

import compileall
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

PACKAGES = ("geo", "layers", "reports", "ui")


CHOICE_AT = "facilities"
"""Step of a study from which on compiled loops work alone, and there is time to load more."""


def load_analysis() -> Future[None]:
    """Begin to load the analysis with its compiled kernels in a thread beside; nobody need wait for it, and nothing depends on it.

    Loading takes about a second of one core, while reading a county's files mostly waits for another. To be begun after the imports
    that reading needs, so that no two threads import the same.
    """
    return _begin(_load_study)


def load_choice() -> Future[None]:
    """Begin to load what chooses sites, in a thread beside, as `load_analysis` does. To be begun at the step `CHOICE_AT`."""
    return _begin(_load_choice)


def _begin(load: Callable[[], None]) -> Future[None]:
    pool = ThreadPoolExecutor(1, thread_name_prefix="cunzhi-ahead")
    begun = pool.submit(load)
    pool.shutdown(wait=False)
    return begun


def _load_study() -> None:
    from geo.ahead import run_study_kernels

    run_study_kernels()


def _load_choice() -> None:
    from geo.choice.warm import compile_kernels

    compile_kernels()


def load_second_opinion(*, after_s: float = 45.0) -> threading.Timer:
    """Load scikit-criteria so many seconds after the server has started: the second opinion would wait for it else."""
    later = threading.Timer(after_s, import_module, ("skcriteria.agg.vikor",))
    later.name, later.daemon = "cunzhi-later", True
    later.start()
    return later


def compile_sources() -> None:
    """Write the bytecode of our own modules beside them, where that can be written; each start is some 0.3 s shorter for it."""
    for name in PACKAGES:
        compileall.compile_dir(Path(__file__).resolve().parent.parent / name, quiet=2)
