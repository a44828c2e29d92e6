"""How the process holds its memory: large arrays go back to the system as soon as they are let go of.

The allocator of Linux (glibc) keeps blocks that were freed for later, the larger ones too once it has seen some, and every thread
has a heap of its own. A study makes and drops hundreds of arrays of many megabytes on several threads, and what lies between the
shapes is then never given back. With a fixed limit a large array has pages of its own: at a million parcels that saves about a GiB.
Arrow's allocator for columns of text keeps what it had, too; it is told to use the same one.
And the collector of unused objects need not look through all that stays. At the end all of it goes at once, not piece by piece.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import sys
import threading
from typing import NoReturn

LARGE_BYTES = 4 << 20
"""Blocks from this size on have pages of their own, as a column of numbers of a million candidates has."""
HEAPS = 3
"""Heaps that threads share; GEOS asks for much small memory on all cores at once."""
COLLECT = (50_000, 20, 50)
"""New objects before the youngest are looked through for garbage, and rounds before the older ones are. Frames of many shapes make
objects that hardly ever refer to each other in a ring; by the usual 700, 10, 10 a twelfth of a study goes into looking."""

_UNSENT = 120
"""What the interpreter answers when it could not write out what it had to say."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8   # glibc's malloc.h


def give_back_memory() -> bool:
    """Have large blocks given back to the system when freed; whether the system's allocator took it.

    To be called before anything large is made. Does nothing where the allocator is another (Windows, macOS, musl), but that the
    collector of unused objects looks through what there is less often.
    """
    gc.set_threshold(*COLLECT)
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())
    settings = ((_MMAP_THRESHOLD, LARGE_BYTES), (_TRIM_THRESHOLD, 16 * LARGE_BYTES), (_ARENA_MAX, HEAPS))
    return all([mallopt(name, value) == 1 for name, value in settings])


def settle() -> None:
    """Have the collector leave alone what is there now: modules, the county and its study live as long as the server.

    Streamlit has everything searched for garbage after every answer; with half a million objects of libraries that takes 0.2 s in
    which nobody is served. What was left alone before and is in use no more goes at the next call.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def leave(code: int) -> NoReturn:
    """End the process with an exit code, as the interpreter would, but without taking apart all that was made.

    Threads are waited for, what was registered for the end is run and what was printed is written out. To let go of modules,
    compiled kernels and shapes one after the other takes half a second, and the system gets all of it anyway.
    """
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):   # nobody reads it any more, the disk is full, or it was closed
            code = code or _UNSENT
    os._exit(code)
