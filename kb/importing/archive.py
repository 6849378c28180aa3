"""The files of a zip archive, which is read without ever being unpacked: no name in it can lead anywhere."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kb.errors import ArticleError
from kb.importing.tree import MAX_FILE_BYTES, MAX_FILES, SourceError, bounded

MAX_ARCHIVE_BYTES = 4_000_000_000
"""Of all files of an archive together, unpacked."""
MAX_RATIO = 200
"""How many times larger than packed a file may be; text shrinks to a tenth, a bomb to a thousandth."""
_SMALL_BYTES = 1_000_000
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_DRIVE = re.compile(r"[A-Za-z]:/")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)
"""What zipfile raises on archives that break off, lie about themselves, or are packed in a way it does not know."""


@dataclass(frozen=True)
class ArchiveTree:
    """The files of a zip archive."""

    archive: zipfile.ZipFile
    label: str
    names: tuple[str, ...]
    entries: dict[str, zipfile.ZipInfo]
    faults: tuple[tuple[str, str], ...] = ()

    def path_of(self, name: str) -> str:
        return f"{self.label}/{name}" if self.label else name

    def read(self, name: str) -> bytes:
        return read_entry(self.archive, self.entries[name], name)


@contextmanager
def open_archive(path: Path) -> Iterator[ArchiveTree]:
    """The files of the zip archive. Raises SourceError when it is broken, locked, or made to fill a disk or leave its folder."""
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as fault:
        if isinstance(fault, OSError) and fault.errno:
            raise SourceError(f"{path} cannot be read: {fault.strerror}; check its permissions") from None
        raise SourceError(f"{path.name} is no complete zip archive; it may be cut short, so download or copy it again") from None
    with archive:
        entries = check_entries(archive, path.name)
        yield ArchiveTree(archive, path.name.removesuffix(path.suffix) or path.name, tuple(sorted(entries)), entries)


def check_entries(archive: zipfile.ZipFile, label: str) -> dict[str, zipfile.ZipInfo]:
    """The files of the archive by name. Raises SourceError when it is locked, too large, or names places outside of itself."""
    infos = archive.infolist()
    if len(infos) > MAX_FILES:
        raise SourceError(f"{label} holds more than {MAX_FILES} files; split it")
    entries: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for info in infos:
        name = _name_of(info)
        if not name or name.endswith("/"):
            continue
        shown = name if name.isprintable() else ascii(name)[1:-1]
        if name.startswith("/") or "\0" in name or _DRIVE.match(name) or ".." in name.split("/"):
            raise SourceError(f"{label} names a file outside of itself ({shown}); such an archive is not opened")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise SourceError(f"{label} holds a symbolic link ({shown}); pack the files themselves")
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise SourceError(f"{label} is protected by a password; unpack it and import the folder")
        total += info.file_size
        if total > MAX_ARCHIVE_BYTES or info.file_size > max(info.compress_size * MAX_RATIO, _SMALL_BYTES):
            raise SourceError(f"{label} would be too large unpacked ({shown}); such an archive is not opened")
        if not any(part.startswith(".") or part == "__MACOSX" for part in name.split("/")):
            entries[name] = info
    return entries


def read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    """The content of a file of an archive. Raises ArticleError when it is damaged or larger than it says."""
    try:
        with archive.open(info) as file:
            # What the archive says about sizes may be a lie, so no more is read than it said.
            content = file.read(min(info.file_size, MAX_FILE_BYTES) + 1)
    except _BROKEN:
        raise ArticleError(name, None, "is damaged inside the archive; download or copy the archive again") from None
    return bounded(content, name)


def _name_of(info: zipfile.ZipInfo) -> str:
    """The name as its author wrote it: without the UTF-8 mark, archives made on Chinese Windows hold GBK."""
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        try:
            written = name.encode("cp437")
        except UnicodeEncodeError:
            return name.replace("\\", "/")
        for encoding in ("utf-8", "gb18030"):
            try:
                return written.decode(encoding).replace("\\", "/")
            except UnicodeDecodeError:
                continue  # The other one may fit; if none does, the name stays as zipfile read it.
    return name.replace("\\", "/")
