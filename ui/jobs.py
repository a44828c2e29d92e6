"""Long work in a thread of its own: it tells its steps, can be cancelled, and leaves every session free to click meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Found = TypeVar("Found")
Tell = Callable[[str, float], None]
_LEFT_S = 5.0
"""A session that has not asked for so long has gone away."""


class Cancelled(BaseException):
    """Ends cancelled work at its next step; no `except Exception` on the way takes it for a fault."""


@dataclass
class Job(Generic[Found]):
    """One piece of work. `work` gets a function to tell its steps by; what it returns or raises is kept for whoever asks.

    Examples
    --------
    >>> job = Job(lambda tell: 6 * 7).start()
    >>> job.wait(10.0), job.result()
    (True, 42)
    """

    work: Callable[[Tell], Found]
    turn: threading.Lock | None = None
    """Work that shares a lock is done one after the other; cancelled work gives up its place."""
    step: str = ""
    share: float = 0.0
    past: list[tuple[str, float]] = field(default_factory=list)
    """Steps that are done, with the seconds each took."""
    queued: bool = False
    """Whether it waits for its turn."""
    _began: float = 0.0
    _step_began: float = 0.0
    _ended: float | None = None
    _found: list[Found] = field(default_factory=list)
    _error: BaseException | None = None
    _done: threading.Event = field(default_factory=threading.Event)
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _seen: dict[str, float] = field(default_factory=dict)

    def start(self) -> Job[Found]:
        """Begin; returns the job itself."""
        self._began = self._step_began = time.monotonic()
        threading.Thread(target=self._run, name="cunzhi-job", daemon=True).start()
        return self

    def _run(self) -> None:
        try:
            while self.turn is not None and not self.turn.acquire(timeout=0.2):
                self.queued = True
                self._heed()
            self.queued = False
            try:
                self._heed()
                self._step_began = time.monotonic()
                self._found.append(self.work(self._tell))
            finally:
                if self.turn is not None:
                    self.turn.release()
        except BaseException as error:   # handed to whoever asks for the result
            self._error = error
        finally:
            self._ended = time.monotonic()
            self._done.set()

    def _heed(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled

    def _tell(self, step: str, share: float) -> None:
        self._heed()
        now = time.monotonic()
        if step != self.step:
            if self.step:
                self.past.append((self.step, now - self._step_began))
            self.step, self._step_began = step, now
        self.share = min(max(float(share), 0.0), 1.0)

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._done.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether it was told to end early."""
        return self._cancelled.is_set()

    @property
    def seconds(self) -> float:
        """Time since it began, s; once it has ended, how long it took."""
        return (self._ended or time.monotonic()) - self._began

    def wait(self, seconds: float) -> bool:
        """Wait at most so long, s, for the end; whether it has come."""
        return self._done.wait(seconds)

    def result(self) -> Found:
        """What the work returned.

        Raises
        ------
        Cancelled
            Where it was cancelled.
        BaseException
            Whatever the work raised.
        """
        if self._error is not None:
            raise self._error
        return self._found[0]

    def watched_by(self, session: str) -> None:
        """Note that a session waits for it."""
        self._seen[session] = time.monotonic()

    def leave(self, session: str) -> bool:
        """A session waits no longer; the work is cancelled where nobody else does. Returns whether it was."""
        self._seen.pop(session, None)
        if any(time.monotonic() - seen < _LEFT_S for seen in tuple(self._seen.values())):
            return False
        self._cancelled.set()
        return True
