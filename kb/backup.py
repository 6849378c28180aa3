"""One file that holds everything a company cannot make again: the database, the articles with their history, the settings."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path

from kb.accounts import utc_now
from kb.backup_archive import (
    ARTICLES,
    DATABASE,
    FORMAT,
    HISTORY,
    SETTINGS,
    BackupError,
    Manifest,
    Member,
    add_file,
    add_manifest,
    open_backup,
    unpack,
)
from kb.backup_contents import list_contents, open_entry
from kb.database import applied_migrations, copy_database, read
from kb.database_checks import find_damage
from kb.history_bundle import bundle_history
from kb.settings import Settings, name_values
from kb.workplace import workplace

_WORKPLACE = ".kb-backup-"
_SPARE_BYTES = 1_000_000


@dataclass(frozen=True)
class Backup:
    """A backup that was written and read back. `left_out` names what is not in it, and why."""

    file: Path
    size: int
    manifest: Manifest
    left_out: tuple[str, ...]


def write_backup(settings: Settings, file: Path, *, now: Callable[[], datetime] = utc_now) -> Backup:
    """Write a backup into the new file, beside first and then under its name; a portal may go on serving.

    What is derived is not in it: the vector file, the prepared model, caches. Raises BackupError, DatabaseError, and HistoryError.
    """
    articles = settings.articles
    _refuse_place(file, articles)
    _refuse_full_disk(settings, file.parent)
    with _named_faults(file), workplace(file.parent, _WORKPLACE) as place:
        copy_database(settings.database, place / DATABASE)
        if damage := find_damage(place / DATABASE):
            raise BackupError(f"{settings.database} is damaged ({damage[0]}), and so would be its backup; run `kb doctor`")
        with read(place / DATABASE) as database:
            schema = applied_migrations(database)
        history = bundle_history(articles, place / HISTORY) if articles.is_dir() else None
        manifest = Manifest(FORMAT, _own_version(), now().isoformat(timespec="seconds"), schema, name_values(settings))
        if history:
            manifest = replace(manifest, branch=history.branch)
        with zipfile.ZipFile(place / "backup", "x", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            manifest, left_out = _pack(archive, manifest, articles, place)
            add_manifest(archive, manifest)
        (place / DATABASE).unlink()
        _verify(place / "backup", place / DATABASE)
        size = _publish(place / "backup", file)
    return Backup(file, size, manifest, (*left_out, *([history.left_out] if history and history.left_out else ())))


def verify_backup(file: Path) -> Manifest:
    """What the backup holds, every byte of it read and compared, its database examined. Raises BackupError when anything is wrong with it."""
    with tempfile.TemporaryDirectory(prefix=_WORKPLACE) as place:
        return _verify(file, Path(place) / DATABASE)


def _verify(file: Path, copy: Path) -> Manifest:
    with open_backup(file) as (archive, manifest):
        for member in manifest.members:
            if member.name != DATABASE:
                unpack(archive, member, None, file=file)
                continue
            try:
                with open(copy, "wb") as to:
                    unpack(archive, member, to, file=file)
            except OSError as fault:
                raise BackupError(f"there is no room to unpack {file} for looking at it: {copy.parent}: {fault.strerror}; free space") from fault
    if damage := find_damage(copy):
        raise BackupError(f"the database in {file} is damaged ({damage[0]}); use another backup")
    return manifest


def _pack(archive: zipfile.ZipFile, manifest: Manifest, articles: Path, place: Path) -> tuple[Manifest, tuple[str, ...]]:
    members, links, left_out = [], {}, []
    settings = "".join(f"{name}={value}\n" for name, value in manifest.settings.items())
    members.append(add_file(archive, SETTINGS, BytesIO(settings.encode("utf-8")), modified=0.0))
    for name in (DATABASE, HISTORY):
        if (place / name).is_file():
            with open(place / name, "rb") as source:
                members.append(add_file(archive, name, source, modified=(place / name).stat().st_mtime))
    for entry in list_contents(articles) if articles.is_dir() else ():
        if entry.reason:
            left_out.append(f"{_shown(entry.path)}: {entry.reason}")
        elif entry.target:
            links[entry.path] = entry.target
        else:
            members += _pack_article(archive, articles, entry)
    if not articles.is_dir():
        left_out.append(f"the articles: there is no folder at {articles}")
    return replace(manifest, members=tuple(members), links=links), tuple(left_out)


def _pack_article(archive: zipfile.ZipFile, articles: Path, entry) -> list[Member]:
    source = open_entry(articles, entry)
    if source is None:
        return []
    with source:
        return [add_file(archive, ARTICLES + entry.path, source, modified=os.fstat(source.fileno()).st_mtime)]


def _refuse_place(file: Path, articles: Path) -> None:
    if not file.parent.is_dir():
        raise BackupError(f"there is no folder {file.parent} for {file.name}; make it, or name another")
    if os.path.lexists(file):
        raise BackupError(f"{file} is there already, and a backup replaces no other; name a new file")
    if file.parent.resolve().is_relative_to(articles.resolve()):
        raise BackupError(f"{file} would lie in the articles folder and be a part of the next backup; name a file elsewhere")


def _refuse_full_disk(settings: Settings, folder: Path) -> None:
    """Room is needed for a copy of the database and, at worst, for all of it once more packed, and for the articles and their history."""
    database = sum(file.stat().st_size for file in settings.data.glob(f"{settings.database.name}*") if file.is_file())
    articles = sum(file.lstat().st_size for file in settings.articles.rglob("*")) if settings.articles.is_dir() else 0
    needed, free = 2 * (database + articles) + _SPARE_BYTES, shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError(f"{folder} has {free / 1e6:.0f} MB free and the backup may need {needed / 1e6:.0f} MB; free space, or name a file elsewhere")


def _publish(made: Path, file: Path) -> int:
    """Give the finished file its name, on disk before in the folder; how large it is."""
    # What customers wrote, and the team's hashed passwords, are for nobody else on this machine.
    made.chmod(0o600)
    descriptor = os.open(made, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if os.path.lexists(file):
        raise BackupError(f"{file} has appeared meanwhile, and a backup replaces no other; name a new file")
    os.rename(made, file)
    return file.stat().st_size


@contextmanager
def _named_faults(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise BackupError(f"{file} cannot be written: {fault.strerror or fault}; free space or check the permissions, nothing was backed up") from fault


def _own_version() -> str:
    try:
        return version("kb")
    except PackageNotFoundError:
        return "unknown"


def _shown(name: str) -> str:
    return name if name.isprintable() else ascii(name)[1:-1]
