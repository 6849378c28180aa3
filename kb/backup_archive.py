"""The file of a backup: a zip archive with a manifest of every member, read without trusting a word of it."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from kb.errors import KnowledgeBaseError

FORMAT = "kb-backup/1"
MANIFEST, DATABASE, SETTINGS, HISTORY, ARTICLES = "manifest.json", "kb.sqlite", "settings.env", "history.bundle", "articles/"
MAX_MANIFEST_BYTES = 64_000_000
_PIECE = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError)
"""What zipfile raises on archives that break off, lie about themselves, or are packed in a way it does not know."""


class BackupError(KnowledgeBaseError):
    """A backup cannot be written, is not whole, or cannot be put back where it should."""


@dataclass(frozen=True)
class Member:
    """A file in a backup. `modified` is its time in seconds since 1970."""

    name: str
    size: int
    sha256: str
    modified: float


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `made_at` is in UTC, `schema` names the database's changes, `settings` the KB_* values that were in force."""

    format: str
    version: str
    made_at: str
    schema: tuple[str, ...]
    settings: dict[str, str]
    links: dict[str, str] = field(default_factory=dict)
    """Symbolic links within the articles folder: path -> where it leads, both as in the folder."""
    branch: str = ""
    """What HEAD named in the articles' repository: a branch or, detached, a commit."""
    members: tuple[Member, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all members together, unpacked."""
        return sum(member.size for member in self.members)

    @property
    def articles(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.name.startswith(ARTICLES))

    def holds(self, name: str) -> bool:
        return any(member.name == name for member in self.members)


def add_file(archive: zipfile.ZipFile, name: str, source: BinaryIO, *, modified: float) -> Member:
    """Pack what `source` gives, under this name."""
    digest, size = hashlib.sha256(), 0
    with archive.open(_entry(name), "w", force_zip64=True) as packed:
        while piece := source.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            packed.write(piece)
    return Member(name, size, digest.hexdigest(), modified)


def add_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    archive.writestr(_entry(MANIFEST), json.dumps(asdict(manifest), ensure_ascii=False, indent=1))


@contextmanager
def open_backup(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The archive and its manifest, which agree on every name and size. Raises BackupError when it is no backup, or would lead out of its folder."""
    try:
        archive = zipfile.ZipFile(file)
    except OSError as fault:
        raise BackupError(f"{file} cannot be read: {fault.strerror}; check the path and its permissions") from None
    except _BROKEN:
        raise BackupError(f"{file} is no whole backup; it may be cut short, so copy it again or use another one") from None
    with archive:
        manifest = _read_manifest(archive, file)
        _compare(archive, manifest, file)
        yield archive, manifest


def unpack(archive: zipfile.ZipFile, member: Member, to: BinaryIO | None, *, file: Path) -> None:
    """Write the member's bytes to `to`, or to nowhere. Raises BackupError when they are not those that the manifest promises."""
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(member.name) as packed:
            # What an archive says of sizes may be a lie, so no more is read than was promised.
            while size <= member.size and (piece := packed.read(_PIECE)):
                digest.update(piece)
                size += len(piece)
                if to is not None and size <= member.size:
                    to.write(piece)
    except _BROKEN as fault:
        raise BackupError(f"{file} is damaged at {_shown(member.name)} ({fault}); use another backup") from None
    if (size, digest.hexdigest()) != (member.size, member.sha256):
        raise BackupError(f"{file} is damaged: {_shown(member.name)} is not what was packed; use another backup")


def _read_manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > MAX_MANIFEST_BYTES:
            raise BackupError(f"{file} names more files than any backup has; it is not opened")
        with archive.open(info) as packed:
            told = json.loads(packed.read(MAX_MANIFEST_BYTES))
        if told["format"] != FORMAT:
            raise BackupError(f"{file} has the format {told['format']!r}, this kb reads {FORMAT}; restore it with the kb that made it")
        members = tuple(Member(str(one["name"]), int(one["size"]), str(one["sha256"]), float(one["modified"])) for one in told["members"])
        texts = {name: {str(key): str(value) for key, value in told[name].items()} for name in ("settings", "links")}
        return Manifest(
            FORMAT, str(told["version"]), str(told["made_at"]), tuple(map(str, told["schema"])), **texts, branch=str(told["branch"]), members=members
        )
    except (*_BROKEN, KeyError, TypeError, AttributeError):
        raise BackupError(f"{file} is no backup of kb, or its manifest is damaged; use another one") from None


def _compare(archive: zipfile.ZipFile, manifest: Manifest, file: Path) -> None:
    """Refuse what no backup has: names out of the folder, links, members without a promise, promises without a member."""
    if not manifest.holds(DATABASE):
        raise BackupError(f"{file} holds no database; use another backup")
    promised = {member.name: member for member in manifest.members}
    packed = {info.filename: info for info in archive.infolist() if info.filename != MANIFEST}
    if len(promised) != len(manifest.members) or len(packed) != len(archive.infolist()) - 1 or promised.keys() != packed.keys():
        raise BackupError(f"{file} does not hold what its manifest says; use another backup")
    for name in (*promised, *(ARTICLES + path for path in manifest.links)):
        if not _is_safe(name):
            raise BackupError(f"{file} names a place where no article lies ({_shown(name)}); such a file is not restored")
    for name, info in packed.items():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BackupError(f"{file} holds something other than plain files ({_shown(name)}); such a file is not restored")
        if info.file_size != promised[name].size or promised[name].size < 0:
            raise BackupError(f"{file} holds {_shown(name)} in another size than its manifest says; use another backup")


def _is_safe(name: str) -> bool:
    if name in (DATABASE, SETTINGS, HISTORY):
        return True
    parts = name.removeprefix(ARTICLES).split("/")
    # A repository's own folder could bring programs that git runs: history travels as a bundle.
    bad = any(part in ("", ".", "..") or part.casefold() == ".git" or "\0" in part for part in parts)
    return name.startswith(ARTICLES) and not bad


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, (stat.S_IFREG | 0o600) << 16
    return info


def _shown(name: str) -> str:
    return name if name.isprintable() else ascii(name)[1:-1]
