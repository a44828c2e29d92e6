"""Files written whole or not at all: made beside their place in a hidden folder, on the disk, then put in place in one step.

Whoever reads sees the earlier file or the new one, never half of one; what fails leaves the earlier file as it was.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from layers.findings import CunzhiError

_PREFIX = ".cunzhi-"
STALE_S = 24 * 3600.0
"""Seconds after which the folder of files half made is nobody's any more: whoever made it was killed."""


class OutputError(CunzhiError, OSError):
    """The place for the results cannot be written to; `path` and `reason` say which and why."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"cannot write to {path}: {reason}")


def require_writable(folder: Path) -> None:
    """Make the folder where it is missing and make sure that files can be written there, before hours are spent on them.

    Raises
    ------
    OutputError
        Where that is not so.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(folder, error.strerror or str(error)) from error


def write_whole(path: Path, content: bytes | str) -> None:
    """Write one file whole or not at all; a text as UTF-8 with ``\\n``.

    Raises
    ------
    OutputError
        Where the file cannot be written, such as one that is open in a spreadsheet; an earlier file stays as it was.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with whole_file(path) as made:
        made.write_bytes(data)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """For writers that want a path: the path to write to, of the same name; put in place when the block ends well.

    Raises
    ------
    OutputError
        Where the file cannot be written. Any other error passes through; either way an earlier file stays as it was.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with whole_file(folder / "a.txt") as made:
    ...     _ = made.write_text("whole", encoding="utf-8")
    >>> [path.name for path in folder.iterdir()]
    ['a.txt']
    """
    path = Path(path)
    with files_together(path.parent) as workshop:
        yield workshop / path.name


@contextlib.contextmanager
def files_together(folder: Path, *, last: Sequence[str] = ()) -> Iterator[Path]:
    """For several files that belong together: a folder to make them in; all are put in place when the block ends well, or none.

    Parameters
    ----------
    folder : path
        Where the files go, folders within it too; made where missing. Files of the same names are replaced, others stay.
    last : sequence of str
        Files put in place after all others, such as the record that vouches for them.

    Raises
    ------
    OutputError
        Where the folder or a file in it cannot be written. Any other error passes through; either way all earlier files stay.
    """
    folder = Path(folder)
    require_writable(folder)
    _sweep(folder)
    workshop: Path | None = None
    try:
        workshop = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        (workshop / "new").mkdir()
        yield workshop / "new"
        _put_in_place(workshop / "new", folder, workshop / "earlier", last)
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(folder, error.strerror or str(error)) from error
    finally:
        if workshop is not None:
            shutil.rmtree(workshop, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Take away what was left by a run that was killed while it wrote."""
    for left in folder.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if left.is_dir() and time.time() - left.stat().st_mtime > STALE_S:
                shutil.rmtree(left, ignore_errors=True)


def _put_in_place(new: Path, folder: Path, earlier: Path, last: Sequence[str]) -> None:
    """Replace the files one by one; where one cannot be, put the earlier ones back."""
    names = sorted((path.relative_to(new) for path in new.rglob("*") if path.is_file()), key=lambda name: (str(name) in last, name))
    for name in names:
        _to_disk(new / name)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (earlier / name).parent.mkdir(parents=True, exist_ok=True)
        if (folder / name).exists():
            _keep(folder / name, earlier / name)
    done: list[Path] = []
    try:
        for name in names:
            os.replace(new / name, folder / name)
            done.append(name)
    except OSError:
        for name in reversed(done):
            if (earlier / name).exists():
                os.replace(earlier / name, folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
        raise


def _keep(path: Path, at: Path) -> None:
    """The same file under a second name; as a copy on disks that know no links, such as most USB sticks."""
    try:
        os.link(path, at)
    except OSError:
        shutil.copy2(path, at)


def _to_disk(path: Path) -> None:
    """Make sure that a file's content is on the disk before its name is."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
