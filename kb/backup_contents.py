"""What of an articles folder goes into a backup: every plain file, links that stay inside, and by name what is left out."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.backup_archive import BackupError

_OWN_REMAINS = ".kb-"
"""What kb itself was writing when it was killed: see kb/durable_files.py."""


@dataclass(frozen=True)
class Entry:
    """Something below the articles folder, `path` from there. One of: a file; a link, with its relative `target`; left out, for `reason`."""

    path: str
    target: str = ""
    reason: str = ""


def list_contents(folder: Path) -> Iterator[Entry]:
    """Everything below the folder in a fixed order; repositories' own folders and what kb left behind are not spoken of.

    Raises BackupError when a folder cannot be read: a backup that silently lacks a part is none.
    """
    yield from _scan(folder, "", folder.resolve())


def open_entry(folder: Path, entry: Entry):
    """The file for reading; None when it is gone by now. Raises BackupError when it cannot be read."""
    try:
        descriptor = os.open(folder / entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise BackupError(f"{folder / entry.path} cannot be read: {fault.strerror}; check its permissions, nothing was backed up") from None
    return open(descriptor, "rb")


def _scan(folder: Path, prefix: str, root: Path) -> Iterator[Entry]:
    try:
        found = sorted(os.scandir(folder), key=lambda one: one.name)
    except OSError as fault:
        raise BackupError(f"{folder} cannot be read: {fault.strerror}; check its permissions, nothing was backed up") from None
    for one in found:
        path = prefix + one.name
        if one.name.casefold() == ".git" or one.name.startswith(_OWN_REMAINS):
            continue
        if not _is_text(path):
            yield Entry(path, reason="its name is not UTF-8; rename it")
        elif one.is_symlink():
            yield _read_link(Path(one.path), path, root)
        elif one.is_dir():
            yield from _scan(Path(one.path), f"{path}/", root)
        elif stat.S_ISREG(one.stat(follow_symlinks=False).st_mode):
            yield Entry(path)
        else:
            yield Entry(path, reason="is no plain file")


def _read_link(link: Path, path: str, root: Path) -> Entry:
    try:
        inside = link.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        return Entry(path, reason="is a symlink to nothing")
    target = os.readlink(link)
    if not inside or os.path.isabs(target) or not _is_text(target):
        return Entry(path, reason="is a symlink that leads out of the articles folder")
    return Entry(path, target=target)


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
