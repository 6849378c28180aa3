"""Whether the data folder can be worked in: there, writable by whom kb runs as, with room left."""

from __future__ import annotations

import errno
import getpass
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kb.diagnosis import Finding
from kb.mounts import is_read_only_disk
from kb.settings import Settings

SUBJECT = "folder"
_PROBE = b"\0" * 65_536
_SPARE_BYTES = 50_000_000
"""Beside a second copy of the database and of the vectors, so much should be free."""


def examine_folder(settings: Settings) -> Iterator[Finding]:
    """What would keep kb from writing. A file is made there for a moment."""
    data = settings.data
    if not data.is_dir():
        yield Finding("fault", SUBJECT, f"there is no data folder at {data}; `kb index` makes it, or name another with --data or KB_DATA")
        return
    fault = _try_to_write(data)
    if fault is None and settings.database.is_file() and not os.access(settings.database, os.W_OK):
        fault = f"{settings.database} cannot be written by {_user()}; it belongs to {_owner(settings.database)}: change the owner or run kb as {_owner(settings.database)}"
    if fault:
        yield Finding("fault", SUBJECT, fault)
        return
    free, wanted = shutil.disk_usage(data).free, 2 * _size(settings) + _SPARE_BYTES
    if free < wanted:
        yield Finding("warning", SUBJECT, f"the disk of {data} is nearly full: {free / 1e6:.0f} MB free, an index may need {wanted / 1e6:.0f} MB; free space")
    yield Finding("ok", SUBJECT, f"{data} can be written, {free / 1e9:.1f} GB free")


def _try_to_write(data: Path) -> str | None:
    try:
        with tempfile.TemporaryFile(dir=data) as probe:
            probe.write(_PROBE)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"the disk of {data} is full; searches are answered, nothing is recorded or indexed: free some space, nothing was lost"
        if fault.errno == errno.EROFS or is_read_only_disk(data):
            return f"the disk of {data} is read-only; searches are answered, nothing is recorded or indexed: look for disk errors (`dmesg`), then mount it anew"
        return f"{data} cannot be written by {_user()} ({fault.strerror}); it belongs to {_owner(data)}: change the owner or run kb as {_owner(data)}"
    return None


def _size(settings: Settings) -> int:
    files = [*settings.data.glob(f"{settings.database.name}*"), *settings.data.glob("index/*.faiss")]
    return sum(file.stat().st_size for file in files if file.is_file())


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.geteuid()}"


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except (KeyError, OSError, NotImplementedError):
        return f"user {path.stat().st_uid}"
