"""Files written whole or not at all, whatever ends the process in between."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_NO_FOLDER_LOCKS = (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)

_turns: dict[str, threading.Lock] = {}


def write_new(path: Path, content: bytes) -> bool:
    """Write the file unless something has that name; whether it was written."""
    beside = _write_beside(path, content, 0o644)
    try:
        # A link appears under its name complete, and fails when the name is taken; a rename would replace what is there.
        os.link(beside, path)
    except FileExistsError:
        return False
    except OSError as fault:
        if fault.errno not in _NO_HARD_LINKS:
            raise
        return _write_in_place(path, content)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return True


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` in the place of the file at `path`, which keeps its permissions."""
    beside = _write_beside(path, content, path.stat().st_mode & 0o777)
    try:
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def remove_file(path: Path) -> None:
    """Remove the file for good. Raises FileNotFoundError without one."""
    path.unlink()
    _sync_folder(path.parent)


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """One holder at a time, in this and every other process on the machine; no file is left behind for it.

    On a network file system that locks no folders: one in this process. Not to be entered twice by one thread.
    """
    with _turns.setdefault(os.path.realpath(folder), threading.Lock()):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as fault:
        if fault.errno not in _NO_FOLDER_LOCKS:
            raise


def _write_beside(path: Path, content: bytes, mode: int) -> Path:
    """A new file in the same folder. Its name is hidden: if the process is killed here, no reader takes the rest for an article."""
    beside = path.parent / f".kb-{secrets.token_hex(8)}.tmp"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        _fill(descriptor, content)
        if beside.stat().st_mode & 0o777 != mode and path.exists():
            beside.chmod(mode)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def _write_in_place(path: Path, content: bytes) -> bool:
    """For file systems without hard links: the name is as safe, only a process killed meanwhile leaves a part of the file."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return False
    try:
        _fill(descriptor, content)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return True


def _fill(descriptor: int, content: bytes) -> None:
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
