"""Files and folders of a source: zips unpacked with Chinese names intact, shapefiles with all parts, one hash of the content."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from layers.findings import Finding, InputError

MAX_UNPACKED_BYTES = 16 * 2**30
MAX_RATIO, RATIO_FROM_BYTES = 100, 200 * 2**20
"""What a zip may unpack to: so much in all, and from the second size on no more than so many times its own size."""

MAX_MEMBERS = 20_000

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")

_UTF8_FLAG, _LOCKED_FLAG = 0x800, 0x1


@contextmanager
def unpacked(path: Path, *, layer: str = "county.toml") -> Iterator[Path]:
    """The path itself, or for a zip a temporary folder with what is in it, names in GBK read as such.

    A file in a zip is only ever written below that folder, whatever its name says.

    Raises
    ------
    InputError
        If the zip is broken or locked, unpacks to more than it may, or holds links or names that lead out of it.
    """
    if path.suffix.casefold() != ".zip":
        yield path
        return
    check_archive(path, layer=layer)
    with tempfile.TemporaryDirectory(prefix="cunzhi-") as folder, zipfile.ZipFile(path) as archive:
        root = Path(folder)
        for entry in archive.infolist():
            parts = [part for part in PurePosixPath(_entry_name(entry).replace("\\", "/")).parts if part not in ("/", "..", ".")]
            if entry.is_dir() or not parts or parts[0] == "__MACOSX":
                continue
            target = root.joinpath(*(part.replace(":", "_") for part in parts))
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file)
        yield root


def check_archive(path: Path, *, layer: str = "county.toml") -> None:
    """Look at a zip before anything of it is unpacked.

    Raises
    ------
    InputError
        If it is broken or locked, unpacks to more than it may, or holds links or names that lead out of it.
    """
    refuse_bomb(path, layer=layer)
    with zipfile.ZipFile(path) as archive:
        if leading_out := [entry.filename for entry in archive.infolist() if _leads_out(entry)]:
            raise _refused("archive_escapes", path, layer, name=leading_out[0])
        if any(entry.flag_bits & _LOCKED_FLAG for entry in archive.infolist()):
            raise _refused("archive_locked", path, layer)


def refuse_bomb(path: Path, *, layer: str) -> None:
    """Look at what a zip (or an .xlsx, which is one) says of its members before anything is unpacked.

    Raises
    ------
    InputError
        If it is no whole zip, or its members are too many or unpack to too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as error:   # the last: an unknown packing
        raise _refused("archive_broken", path, layer) from error
    size = sum(entry.file_size for entry in entries)
    swollen = size > RATIO_FROM_BYTES and size > MAX_RATIO * max(path.stat().st_size, 1)
    if swollen or size > MAX_UNPACKED_BYTES or len(entries) > MAX_MEMBERS:
        raise _refused("archive_bomb", path, layer, size_mb=round(size / 2**20), members=len(entries))


def _refused(code: str, path: Path, layer: str, **params: object) -> InputError:
    return InputError([Finding(code, "error", layer, "source", params={"path": path.name, **params})])


def _leads_out(entry: zipfile.ZipInfo) -> bool:
    """A link, or a name that climbs out of the folder; no program that packs a layer makes such."""
    return stat.S_ISLNK(entry.external_attr >> 16) or ".." in PurePosixPath(entry.filename.replace("\\", "/")).parts


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """Windows packs names in the system's encoding without saying so; Python then reads them as code page 437."""
    if entry.flag_bits & _UTF8_FLAG or entry.filename.isascii():
        return entry.filename
    raw = entry.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def check_links(path: Path, folder: Path, *, layer: str) -> None:
    """Refuse a path that reads as if it lay in the county's folder and is a link to somewhere else.

    A path that says openly where it leads (absolute, or with ``..``) is the person's own word and is taken.

    Raises
    ------
    InputError
        If it, or a folder on the way to it, is such a link.
    """
    inner = Path(os.path.abspath(path))
    root = Path(os.path.abspath(folder))
    if inner.is_relative_to(root) and not path.resolve().is_relative_to(folder.resolve()):
        raise InputError([Finding("source_link", "error", layer, "source", params={"path": str(inner.relative_to(root))})])
    if path.suffix.casefold() == ".shp":
        home = path.resolve().parent
        for part in path.parent.iterdir():
            if part.stem == path.stem and part.is_symlink() and not part.resolve().is_relative_to(home):
                raise InputError([Finding("source_link", "error", layer, "source", params={"path": part.name})])


def files_of(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Files (and .gdb folders) with one of the suffixes: the path itself, or all below it, sorted by name; no links out of it."""
    if path.suffix.casefold() in suffixes:
        return [path]
    if not path.is_dir():
        return []
    found = []
    root = path.resolve()
    for item in sorted(path.rglob("*")):
        inside_gdb = any(parent.suffix.casefold() == ".gdb" for parent in item.relative_to(path).parents)
        if item.suffix.casefold() in suffixes and not inside_gdb and item.resolve().is_relative_to(root):
            found.append(item)
    return found


def content_hash(path: Path) -> str:
    """SHA-256 of the content of a file, of all parts of a shapefile, or of every file of a folder in the order of their names."""
    if path.is_dir():
        parts = sorted(item for item in path.rglob("*") if item.is_file() and not item.name.endswith(".lock"))
    elif path.suffix.casefold() == ".shp":
        siblings = {item.suffix.casefold(): item for item in path.parent.iterdir() if item.stem == path.stem}
        parts = [siblings[suffix] for suffix in SHAPEFILE_PARTS if suffix in siblings]
    else:
        parts = [path]
    digest = hashlib.sha256()
    for part in parts:
        if len(parts) > 1:
            digest.update(part.relative_to(path if path.is_dir() else path.parent).as_posix().encode())
        with part.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
