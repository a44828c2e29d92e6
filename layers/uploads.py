"""Files that a person hands over through the app: kept in a new folder of their own, under safe names, and looked at first."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from layers.archive import check_archive, refuse_bomb
from layers.findings import Finding, InputError
from layers.formats import READABLE, out_of_reach

SIDECARS = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".tfw", ".dat", ".map", ".id", ".ind", ".mid")
"""Files that belong to another one and are read with it."""

ACCEPTED = tuple(suffix for suffix in dict.fromkeys((*READABLE, *SIDECARS)) if suffix != ".gdb")
"""Endings of files that can be handed over; a .gdb is a folder and comes as a zip."""

OFFERED = (*ACCEPTED, ".mdb", ".accdb", ".vct", ".dwg", ".vrt")
"""Endings that a person may choose: those that cannot be read get the message that names the way out."""

LONGEST_NAME_BYTES = 120
_UNSAFE = set('<>:"/\\|?*')
_DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}


@dataclass(frozen=True)
class Received:
    """A new folder with what was kept, and why the rest was not."""

    folder: Path
    kept: tuple[str, ...]
    refused: tuple[Finding, ...]


def data_home() -> Path:
    """Where new counties are kept: CUNZHI_HOME, else ``cunzhi`` in the user's own folder."""
    return Path(os.environ.get("CUNZHI_HOME") or Path.home() / "cunzhi").expanduser()


def safe_name(name: str) -> str:
    """A name that is one file in any folder on any system: no way out, no device, no control characters; "" where none is left.

    Examples
    --------
    >>> safe_name("../../etc/宗地.shp"), safe_name("C:\\\\x\\\\con.csv"), safe_name("..")
    ('宗地.shp', '_con.csv', '')
    """
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    text = "".join("_" if sign in _UNSAFE else sign for sign in last if sign.isprintable()).strip(". ")
    stem, dot, suffix = text.rpartition(".")
    if not dot:
        stem, suffix = text, ""
    room = LONGEST_NAME_BYTES - len((dot + suffix).encode())
    stem = stem.encode()[:max(room, 1)].decode(errors="ignore").rstrip(". ")
    if stem.split(".")[0].casefold() in _DEVICES:
        stem = f"_{stem}"
    return f"{stem}{dot}{suffix}" if stem else ""


def receive(
    files: Iterable[tuple[str, BinaryIO]], *, name: str, home: Path | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Received:
    """Keep handed-over files in a new folder of `home`.

    Parameters
    ----------
    files : iterable of (name, stream)
        As they come; a name is never taken for a path.
    name : str
        Of the folder; a number is put behind one that exists.
    home : Path, optional
        `data_home` by default.
    progress : callable, optional
        Called with each file's name and its number, from 0, before it is kept.

    Returns
    -------
    Received
        Zips and workbooks were looked at: one that unpacks to too much, or out of its folder, is among those refused.

    Raises
    ------
    InputError
        If nothing could be kept, with every reason, or the folder cannot be written; then there is no folder.
    """
    tell = progress or (lambda name, number: None)
    home = data_home() if home is None else home
    folder = _new_folder(home, safe_name(name) or "county")
    kept: list[str] = []
    refused: list[Finding] = []
    try:
        for number, (given, stream) in enumerate(files):
            own = safe_name(given)
            tell(own, number)
            problem = _problem(given, own, kept)
            if problem is not None:
                refused.append(problem)
                continue
            try:
                _keep(stream, folder / own)
                kept.append(own)
            except InputError as error:
                (folder / own).unlink(missing_ok=True)
                refused += error.findings
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _unwritable(home, error) from error
    if not kept:
        shutil.rmtree(folder, ignore_errors=True)
        raise InputError(refused or [Finding("upload_empty", "error", "county.toml")])
    return Received(folder, tuple(kept), tuple(refused))


def _problem(given: str, own: str, kept: list[str]) -> Finding | None:
    suffix = Path(own).suffix.casefold()
    code = "upload_name" if not own else "upload_twice" if own.casefold() in {one.casefold() for one in kept} else None
    if code is None and suffix not in SIDECARS:
        code = out_of_reach(own) or (None if suffix in ACCEPTED else "format_unknown")
    shown = own or "".join(sign for sign in given if sign.isprintable())
    return None if code is None else Finding(code, "error", "upload", params={"path": shown})


def _keep(stream: BinaryIO, target: Path) -> None:
    with target.open("xb") as file:
        shutil.copyfileobj(stream, file, 2**20)
    if target.suffix.casefold() == ".zip":
        check_archive(target, layer="upload")
    elif target.suffix.casefold() in (".xlsx", ".xlsm"):
        refuse_bomb(target, layer="upload")


def _new_folder(home: Path, name: str) -> Path:
    try:
        home.mkdir(parents=True, exist_ok=True)
        for number in range(1, 1000):
            folder = home / (name if number == 1 else f"{name}-{number}")
            try:
                folder.mkdir(mode=0o700)
                return folder
            except FileExistsError:
                continue
    except OSError as error:
        raise _unwritable(home, error) from error
    raise InputError([Finding("upload_unwritable", "error", "upload", params={"path": str(home / name), "problem": "1000"})])


def _unwritable(home: Path, error: OSError) -> InputError:
    problem = error.strerror or type(error).__name__
    return InputError([Finding("upload_unwritable", "error", "upload", params={"path": str(home), "problem": problem})])
