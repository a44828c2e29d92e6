"""Files and folders of a source: zips unpacked with Chinese names intact, shapefiles with all parts, one hash of the content."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")

_UTF8_FLAG = 0x800


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The path itself, or for a zip a temporary folder with what is in it, names in GBK read as such.

    A file in a zip is only ever written below that folder, whatever its name says.
    """
    if path.suffix.casefold() != ".zip":
        yield path
        return
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


def files_of(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Files (and .gdb folders) with one of the suffixes: the path itself, or all below it, sorted by name."""
    if path.suffix.casefold() in suffixes:
        return [path]
    if not path.is_dir():
        return []
    found = []
    for item in sorted(path.rglob("*")):
        inside_gdb = any(parent.suffix.casefold() == ".gdb" for parent in item.relative_to(path).parents)
        if item.suffix.casefold() in suffixes and not inside_gdb:
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
