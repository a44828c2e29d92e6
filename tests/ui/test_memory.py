"""Large arrays go back to the system when they are let go of, where the system's allocator is one that can be told so."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from ui.memory import LARGE_BYTES, give_back_memory, settle

KEPT = """
import numpy as np
from ui.memory import give_back_memory

def held_mib():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 2**20

assert give_back_memory()
before, small = held_mib(), []
for _ in range(40):                                    # each large array is let go of while a small one after it is kept
    large = np.ones(%d)
    small.append(np.ones(1000))
    del large
print(held_mib() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have another allocator")
def test_what_is_let_go_of_is_given_back():
    run = subprocess.run([sys.executable, "-c", KEPT % LARGE_BYTES], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 8 * LARGE_BYTES / 2**20


def test_another_system_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert not give_back_memory()


class Ring:
    """Refers to itself, so that only the collector can end it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_was_settled_is_left_alone_and_goes_once_it_is_in_use_no_more():
    ring = Ring()
    seen = weakref.ref(ring)
    try:
        settle()
        assert gc.get_freeze_count() > 1000
        del ring
        gc.collect()
        assert seen() is not None
        settle()
        assert seen() is None
    finally:
        gc.unfreeze()


LEFT = """
import atexit, sys, tempfile, threading, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from ui.memory import leave

def later(name):
    time.sleep(0.2)
    (Path(sys.argv[1]) / name).write_text("done")

class Careless:
    def __del__(self):
        print("taken apart")

kept, folder = Careless(), tempfile.TemporaryDirectory(dir=sys.argv[1])
threading.Thread(target=later, args=("thread",)).start()
ThreadPoolExecutor(1).submit(later, "pool")
atexit.register(later, "at the end")
print("said", end="")
leave(3)
"""


def test_a_process_left_has_done_all_but_take_itself_apart(tmp_path):
    run = subprocess.run([sys.executable, "-c", LEFT, str(tmp_path)], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (3, "said", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["at the end", "pool", "thread"]   # nor is the folder there


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_what_could_not_be_written_out_is_no_success():
    with Path("/dev/full").open("w") as full:
        run = subprocess.run([sys.executable, "-c", "from ui.memory import leave; print('said'); leave(0)"], stdout=full,
                             env={**os.environ, "PYTHONUNBUFFERED": ""})
    assert run.returncode == 120
