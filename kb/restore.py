"""Putting a backup back: everything is unpacked and examined beside, then takes its place; what was there is moved aside, never deleted."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

from kb.accounts import utc_now
from kb.backup_archive import ARTICLES, DATABASE, HISTORY, BackupError, Manifest, open_backup, unpack
from kb.database import fold_in, read, refuse_newer
from kb.database_checks import find_damage
from kb.errors import DatabaseError
from kb.folder_use import alone
from kb.history_bundle import unbundle_history
from kb.places import Place, give_to_owner, take_place
from kb.settings import Settings, name_values
from kb.workplace import workplace

LOG = logging.getLogger("kb")

SETTINGS_FILE = "settings-of-backup.env"
_STAGING = ".kb-restore-"
_SPARE_BYTES = 1_000_000


@dataclass(frozen=True)
class Restored:
    """What was put back. `aside` is where that lies now which was there before; `differs` are settings, name -> (in the backup, in force)."""

    manifest: Manifest
    aside: tuple[Path, ...]
    left_out: tuple[str, ...]
    differs: dict[str, tuple[str, str]]


def restore_backup(file: Path, settings: Settings, *, force: bool = False, now: Callable[[], datetime] = utc_now) -> Restored:
    """Put database and articles of the backup in their places, and its settings into a file to read.

    Nothing is changed before all of it has been unpacked and examined. Raises BackupError without `force` when there is something already,
    FolderBusy while a portal serves from the folder, and DatabaseError when the backup comes from a newer kb. Killed halfway, it can be run again.
    """
    articles = Path(os.path.realpath(settings.articles))
    with open_backup(file) as (archive, manifest):
        if not force:
            _refuse_to_replace(settings.database, articles)
        with _named_faults(settings, articles):
            settings.data.mkdir(parents=True, exist_ok=True)
            with alone(settings.data):
                place = Place.of(articles)
                stamp = _unused_stamp(now(), settings.database, place)
                _refuse_full_disks(manifest, settings.data, place.beside)
                with workplace(settings.data, _STAGING) as new_data, workplace(place.beside, _STAGING) as new_articles:
                    _unpack_all(archive, manifest, file, database=new_data / DATABASE, articles=new_articles)
                    _examine(new_data / DATABASE, file)
                    left_out = _bring_history(archive, manifest, file, new_articles, bundle=new_data / HISTORY)
                    _write_settings(settings.data / SETTINGS_FILE, manifest)
                    # Before anything takes its place: a disk that loses power keeps the old or has the new.
                    os.sync()
                    aside = [*_replace_database(new_data / DATABASE, settings.database, stamp), *take_place(new_articles, place, stamp)]
                    os.sync()
    in_force = name_values(settings)
    told = {name: (was, in_force.get(name, "")) for name, was in manifest.settings.items() if name not in ("KB_ARTICLES", "KB_DATA")}
    return Restored(manifest, tuple(aside), left_out, {name: both for name, both in told.items() if both[0] != both[1]})


def _refuse_to_replace(database: Path, articles: Path) -> None:
    there = [str(database)] if database.exists() else []
    if articles.is_dir() and any(articles.iterdir()):
        there.append(str(articles))
    if there:
        raise BackupError(f"{' and '.join(there)} would be replaced; name empty folders with --data and --articles, or pass --force to move them aside")


def _refuse_full_disks(manifest: Manifest, data: Path, articles: Path) -> None:
    # Both count for both: where they share a disk it has to hold all of it.
    for folder in (data, articles):
        free = shutil.disk_usage(folder).free
        if free < manifest.size + _SPARE_BYTES:
            raise BackupError(f"{folder} has {free / 1e6:.0f} MB free and the backup needs {manifest.size / 1e6:.0f} MB; free space or choose another disk")


def _unpack_all(archive: ZipFile, manifest: Manifest, file: Path, *, database: Path, articles: Path) -> None:
    for member in manifest.members:
        if member.name == DATABASE:
            path = database
        elif member.name.startswith(ARTICLES):
            path = articles.joinpath(*member.name.removeprefix(ARTICLES).split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
        else:
            continue
        with open(path, "xb") as to:
            unpack(archive, member, to, file=file)
        if path is not database:
            os.utime(path, (member.modified, member.modified))
    for path, target in sorted(manifest.links.items()):
        _link(articles, path, target, file)


def _link(articles: Path, path: str, target: str, file: Path) -> None:
    """Make a link again. Never through another link, and never to a place outside."""
    link = articles.joinpath(*path.split("/"))
    inside = Path(os.path.normpath(link.parent / target))
    if os.path.isabs(target) or "\0" in target or not inside.is_relative_to(articles) or link.parent.resolve() != link.parent:
        raise BackupError(f"{file} holds a link that leads out of the articles folder ({path!r}); such a file is not restored")
    link.parent.mkdir(parents=True, exist_ok=True)
    os.symlink(target, link)


def _examine(database: Path, file: Path) -> None:
    if damage := find_damage(database):
        raise BackupError(f"the database in {file} is damaged ({damage[0]}); use another backup")
    with read(database) as opened:
        refuse_newer(opened, Path(f"the database in {file}"))


def _bring_history(archive: ZipFile, manifest: Manifest, file: Path, articles: Path, *, bundle: Path) -> tuple[str, ...]:
    for member in manifest.members:
        if member.name == HISTORY:
            with open(bundle, "xb") as to:
                unpack(archive, member, to, file=file)
            left_out = unbundle_history(articles, bundle, branch=manifest.branch)
            return (left_out,) if left_out else ()
    return ()


def _write_settings(path: Path, manifest: Manifest) -> None:
    lines = "".join(f"{name}={value}\n" for name, value in manifest.settings.items())
    path.write_text(f"# Settings that were in force when the backup of {manifest.made_at} was made. Nothing reads this file.\n{lines}", "utf-8")


def _replace_database(new: Path, database: Path, stamp: str) -> list[Path]:
    """Move the database aside with the files that belong to it, and the new one in: another's changes beside it would damage it."""
    aside, moved = _aside(database, stamp), []
    was = database.stat() if database.is_file() else None
    if was:
        try:
            fold_in(database)
        except DatabaseError as fault:
            # It is damaged, perhaps the reason for restoring: its files are moved as they lie.
            LOG.warning("moved aside as it is: %s", fault)
    for suffix in ("-shm", "-wal", ""):
        old = database.with_name(database.name + suffix)
        if old.exists():
            os.rename(old, aside.with_name(aside.name + suffix))
            moved = [aside]
    new.chmod(was.st_mode & 0o777 if was else 0o600)
    give_to_owner(new, was or database.parent.stat())
    os.rename(new, database)
    return moved


def _aside(database: Path, stamp: str) -> Path:
    return database.with_name(f"{database.name}-before-restore-{stamp}")


def _unused_stamp(moment: datetime, database: Path, place: Place) -> str:
    """The moment as part of a name that nothing moved aside earlier has."""
    stamp = moment.strftime("%Y%m%dT%H%M%SZ")
    while any(os.path.lexists(path) for path in (_aside(database, stamp), place.aside(stamp))):
        stamp += "+"
    return stamp


@contextmanager
def _named_faults(settings: Settings, articles: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        where = fault.filename or settings.data
        raise BackupError(f"{where} cannot be written: {fault.strerror or fault}; free space or check the permissions, then restore again") from fault
