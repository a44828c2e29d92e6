"""Starting the app: a free port, Streamlit as a child process, the address once it answers."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

APP = Path(__file__).resolve().parent.parent / "app.py"
FIRST_PORT = 8501
PORTS_TRIED = 50
START_LIMIT_S = 60.0


def free_port(first: int = FIRST_PORT) -> int:
    """The first port from `first` on that nobody listens on.

    Raises
    ------
    OSError
        Where none of the next `PORTS_TRIED` is free.
    """
    for port in range(first, first + PORTS_TRIED):
        if is_free(port):
            return port
    raise OSError(f"no free port from {first} to {first + PORTS_TRIED - 1}")


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def has_desktop() -> bool:
    """Whether a browser can be opened here: always on Windows and macOS, elsewhere where a display is named."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def serve(
    county: Path, *, port: int, headless: bool, language: str, scenario: Path | None, on_ready: Callable[[str], None],
) -> int:
    """Run the app until it ends or is interrupted.

    Parameters
    ----------
    county : path
        The county.toml it opens.
    port : int
        Port to listen on.
    headless : bool
        Whether to leave the browser alone.
    language : str
        Language the app starts in, ``zh`` or ``en``.
    scenario : path or None
        Scenario file.
    on_ready : callable
        Called once with the address when the app answers.

    Returns
    -------
    int
        0 when it was ended by the user, else Streamlit's exit code.
    """
    environment = {**os.environ, "CUNZHI_COUNTY": str(county.resolve()), "CUNZHI_LANG": language}
    if scenario is not None:
        environment["CUNZHI_SCENARIO"] = str(scenario.resolve())
    command = [
        sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port), "--server.headless", str(headless).lower(),
        "--browser.gatherUsageStats", "false",
    ]
    before = signal.signal(signal.SIGTERM, _interrupt)   # so that ending this ends the app too
    child = subprocess.Popen(command, cwd=APP.parent, env=environment, stdout=subprocess.DEVNULL)
    try:
        if _answers(child, port):
            on_ready(f"http://localhost:{port}")
        return child.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _answers(child: subprocess.Popen, port: int) -> bool:
    """Wait until the app answers; False where it ends or is silent for too long."""
    end = time.monotonic() + START_LIMIT_S
    while child.poll() is None and time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return True
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    return False
