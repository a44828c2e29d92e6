"""Changing county.toml on a person's word: a value set or a finding laid aside, comments kept, shown first, and undone at will."""

from __future__ import annotations

import difflib
import hashlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable, Array, Comment, Table, Whitespace

from layers.config import check_text
from layers.database import is_database
from layers.findings import Finding, InputError
from layers.formats import split_source

BACKUPS = Path(".cunzhi") / "before"
"""Where earlier states of a county.toml stay, beside it."""

KEPT = 20
"""Earlier states kept; the oldest goes first."""


@dataclass(frozen=True)
class Change:
    """A county.toml as it is and as it would be."""

    path: Path
    before: str
    after: str

    @property
    def lines(self) -> str:
        """What changes, as a unified diff without its numbers."""
        found = list(difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), lineterm="", n=2))[2:]
        return "\n".join("…" if line.startswith("@@") else line for line in found).removeprefix("…\n")


def with_value(path: Path, where: tuple[str, ...], value: str) -> Change:
    """county.toml with one value set.

    Parameters
    ----------
    path : Path
        The county.toml; it is not written.
    where : tuple of str
        Way to the key: ``("layers", "roads", "datum")``.
    value : str
        What shall stand there.

    Raises
    ------
    InputError
        If the file cannot be read, or what would stand there is not right; with every fault.
    """
    before = _text(path)
    document = _parsed(before)
    place: AbstractTable | Container = document
    for depth, part in enumerate(where[:-1], start=1):
        if part not in place:
            deep = where[0] == "layers" and depth > 2
            _put(place, part, tomlkit.inline_table() if deep else tomlkit.table())
        inner = place[part]
        if not isinstance(inner, AbstractTable | Container):
            raise InputError([Finding("config_not_a_table", "error", ".".join(where[:depth]))])
        place = inner
    if where[-1] == "layer" and isinstance(source := place.get("source"), str) and not is_database(source):
        place["source"] = split_source(source)[0]   # a layer named behind the file's name would win
    if where[-1] in place:
        place[where[-1]] = value
    else:
        _put(place, where[-1], tomlkit.item(value))
    return _checked(path, before, tomlkit.dumps(document))


def _table(document: tomlkit.TOMLDocument, name: str) -> AbstractTable:
    """A table of the file, made where it is missing."""
    if name not in document:
        document[name] = tomlkit.table()
    table = document[name]
    if not isinstance(table, AbstractTable):
        raise InputError([Finding("config_not_a_table", "error", name)])
    return table


def with_ignored(path: Path, key: str, *, ignored: bool = True) -> Change:
    """county.toml with a finding laid aside under ``[findings] ignored``, or taken up again.

    Raises
    ------
    InputError
        As `with_value`.
    """
    before = _text(path)
    document = _parsed(before)
    table = _table(document, "findings")
    kept = [one for one in _texts(table.get("ignored")) if one != key]
    listed = tomlkit.array()
    for one in (*kept, key) if ignored else kept:
        listed.append(one)
    table["ignored"] = listed.multiline(len(listed) > 1)
    return _checked(path, before, tomlkit.dumps(document))


def with_join(path: Path, ends: tuple[float, float, float, float]) -> Change:
    """county.toml with one more join between roads under ``[roads] join``; unchanged where it stands there already.

    Parameters
    ----------
    path : Path
        The county.toml; it is not written.
    ends : (lon, lat, lon, lat)
        Both ends of the join, degrees; kept to 7 decimals, a centimetre.

    Raises
    ------
    InputError
        As `with_value`.
    """
    before = _text(path)
    document = _parsed(before)
    table = _table(document, "roads")
    kept = table.get("join", [])
    if not isinstance(kept, list):
        raise InputError([Finding("config_road_join", "error", "roads", "join", params={"examples": str(kept)})])
    new = [round(float(value), 7) for value in ends]
    listed = tomlkit.array()
    for one in [*kept, *([] if new in [list(old) if isinstance(old, list) else old for old in kept] else [new])]:
        listed.append(one)
    table["join"] = listed.multiline(len(listed) > 1)
    return _checked(path, before, tomlkit.dumps(document))


def ignored_findings(path: Path) -> frozenset[str]:
    """Keys of the findings that county.toml lays aside; none where it cannot be read."""
    try:
        table = tomllib.loads(_text(path)).get("findings")
    except (InputError, tomllib.TOMLDecodeError):
        return frozenset()
    return frozenset(_texts(table.get("ignored"))) if isinstance(table, dict) else frozenset()


def write(change: Change) -> None:
    """Write a change, keeping the state before it for `undo`.

    Raises
    ------
    InputError
        If the file has become another one since the change was made, or cannot be written.
    """
    target = change.path.resolve()
    if _text(target) != change.before:
        raise InputError([Finding("config_changed", "error", "county.toml", params={"path": change.path.name})])
    folder = target.parent / BACKUPS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        earlier = _backups(target)
        number = 1 + (_number(earlier[-1]) if earlier else 0)
        (folder / f"{target.stem}.{number:05d}.{_mark(change.after)}.toml").write_bytes(target.read_bytes())
        _replace(target, change.after.encode())
        for old in _backups(target)[:-KEPT]:
            old.unlink()
    except OSError as error:
        raise _unwritable(change.path, error) from error


def undoable(path: Path) -> Path | None:
    """The state that `undo` would bring back; None where there is none, or the file was written by other means since."""
    earlier = _backups(path.resolve())
    try:
        return earlier[-1] if earlier and earlier[-1].suffixes[-2] == f".{_mark(_text(path))}" else None
    except InputError:
        return None


def undo(path: Path) -> bool:
    """Bring back county.toml as it was before the last `write`; False where that cannot be.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    earlier = undoable(path)
    if earlier is None:
        return False
    try:
        _replace(path.resolve(), earlier.read_bytes())
        earlier.unlink()
    except OSError as error:
        raise _unwritable(path, error) from error
    return True


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise InputError([Finding("config_missing", "error", "county.toml", params={"path": str(path)})]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Finding("config_not_toml", "error", "county.toml", params={"problem": str(error)})]) from error


def _parsed(text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text.removeprefix("\ufeff"))
    except TOMLKitError as error:
        raise InputError([Finding("config_not_toml", "error", "county.toml", params={"problem": str(error)})]) from error


def _checked(path: Path, before: str, after: str) -> Change:
    lead = "\ufeff" if before.startswith("\ufeff") else ""
    check_text(after, path)
    return Change(path, before, lead + after)


def _put(place: AbstractTable | Container, key: str, item: object) -> None:
    """A new key behind the last one of a table: what stands between it and the next table belongs to that one."""
    body = (place.value if isinstance(place, AbstractTable) else place).body
    trailing = []
    while not isinstance(item, Table) and body and body[-1][0] is None and isinstance(body[-1][1], Whitespace | Comment):
        trailing.append(body.pop())
    place[key] = item
    body.extend(reversed(trailing))


def _texts(values: object) -> list[str]:
    return [str(value) for value in values if isinstance(value, str)] if isinstance(values, list | Array) else []


def _backups(target: Path) -> list[Path]:
    folder = target.parent / BACKUPS
    return sorted((path for path in folder.glob(f"{target.stem}.*.*.toml") if _number(path)), key=_number)


def _number(path: Path) -> int:
    parts = path.name.split(".")
    return int(parts[-3]) if len(parts) >= 4 and parts[-3].isdigit() else 0


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _replace(target: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, target)


def _unwritable(path: Path, error: OSError) -> InputError:
    problem = error.strerror or type(error).__name__
    return InputError([Finding("config_unwritable", "error", "county.toml", params={"path": path.name, "problem": problem})])
