"""Files whole or not at all: a disk that is full, a file that cannot be replaced, an error in the middle."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from reports.writing import OutputError, files_together, whole_file, write_whole


def _files(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_is_written_with_its_folder_and_replaced(tmp_path):
    write_whole(tmp_path / "a" / "b.txt", "一\n二")
    assert (tmp_path / "a" / "b.txt").read_bytes() == "一\n二".encode()
    write_whole(tmp_path / "a" / "b.txt", b"\x00")
    assert _files(tmp_path) == {"a/b.txt": b"\x00"}


def test_a_new_file_is_as_open_to_others_as_any(tmp_path):
    (tmp_path / "usual").write_bytes(b"")
    write_whole(tmp_path / "own", b"")
    assert stat.S_IMODE((tmp_path / "own").stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)


def _full(*args, **options):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("where", ["os.fsync", "os.replace"])
def test_a_full_disk_leaves_the_earlier_file_and_nothing_else(tmp_path, monkeypatch, where):
    write_whole(tmp_path / "a.csv", b"earlier")
    monkeypatch.setattr(where, _full)
    with pytest.raises(OutputError, match="cannot write to .*No space left"):
        write_whole(tmp_path / "a.csv", b"later")
    monkeypatch.undo()
    assert _files(tmp_path) == {"a.csv": b"earlier"} and len(list(tmp_path.iterdir())) == 1


def test_a_disk_that_fills_while_a_writer_works_leaves_the_earlier_file(tmp_path):
    write_whole(tmp_path / "a.gpkg", b"earlier")

    def half(path):
        path.write_bytes(b"half")
        _full()

    with pytest.raises(OutputError, match="No space left"), whole_file(tmp_path / "a.gpkg") as path:
        half(path)
    assert _files(tmp_path) == {"a.gpkg": b"earlier"}


def test_any_other_error_passes_through_and_leaves_no_trace(tmp_path):
    with pytest.raises(ZeroDivisionError, match="division"), whole_file(tmp_path / "a.txt") as path:
        path.write_text(str(1 // 0), encoding="utf-8")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("links", [True, False])
def test_where_one_file_cannot_be_replaced_all_earlier_ones_come_back(tmp_path, monkeypatch, links):
    for name in ("a", "c"):
        write_whole(tmp_path / name, b"earlier " + name.encode())
    real, calls = os.replace, []

    def replace(source, target):
        if not calls or "earlier" in str(source):
            calls.append(target)
            return real(source, target)
        if len(calls) < 2:
            calls.append(target)
            return real(source, target)
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(os, "replace", replace)
    if not links:
        monkeypatch.setattr(os, "link", _full)
    with pytest.raises(OutputError, match="in use"), files_together(tmp_path) as workshop:
        for name in ("a", "b", "c"):
            (workshop / name).write_bytes(b"later")
    assert _files(tmp_path) == {"a": b"earlier a", "c": b"earlier c"}


def test_files_in_folders_and_the_record_last(tmp_path, monkeypatch):
    order, real = [], os.replace
    monkeypatch.setattr(os, "replace", lambda source, target: (order.append(target.name), real(source, target)))
    with files_together(tmp_path / "out", last=("run.json",)) as workshop:
        (workshop / "sub").mkdir()
        for name in ("run.json", "z.csv", "sub/a.csv"):
            (workshop / name).write_text(name, encoding="utf-8")
    assert order == ["a.csv", "z.csv", "run.json"]
    assert _files(tmp_path / "out") == {name: name.encode() for name in ("run.json", "z.csv", os.path.join("sub", "a.csv"))}


def test_a_folder_where_a_file_should_be_is_refused(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(OutputError, match="cannot write to"):
        write_whole(tmp_path / "a.csv", b"x")
    assert (tmp_path / "a.csv").is_dir()


_KILLED = """
import os, sys
from pathlib import Path
from reports.writing import files_together
with files_together(Path(sys.argv[1])) as workshop:
    (workshop / "a").write_bytes(b"later")
    (workshop / "b").write_bytes(b"half of")
    print("writing", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_who_is_killed_while_writing_leaves_the_earlier_files_and_what_is_left_over_goes_later(tmp_path):
    write_whole(tmp_path / "a", b"earlier")
    done = subprocess.Popen([sys.executable, "-c", _KILLED, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            text=True, cwd=Path(__file__).resolve().parents[2])
    assert done.stdout.readline() == "writing\n"
    done.kill()
    done.communicate()
    (left,) = tmp_path.glob(".cunzhi-*")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == {"a": b"earlier"}
    write_whole(tmp_path / "c", b"next")
    assert left.is_dir()   # somebody may be at it still
    os.utime(left, (0, 0))
    write_whole(tmp_path / "c", b"next")
    assert _files(tmp_path) == {"a": b"earlier", "c": b"next"} and not left.exists()
