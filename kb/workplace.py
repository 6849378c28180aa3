"""A hidden folder for work that is moved into place when it is done: gone afterwards, and so is what a killed run has left."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def workplace(folder: Path, prefix: str) -> Iterator[Path]:
    """A new folder within this one that nobody else can read; those of the same prefix in which nobody works any more are removed."""
    for old in folder.glob(f"{prefix}*"):
        _remove_dead(old)
    place = Path(tempfile.mkdtemp(prefix=prefix, dir=folder))
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(descriptor)


def _remove_dead(place: Path) -> None:
    """Remove the folder unless somebody works in it, and then holds it."""
    if place.is_symlink() or not place.is_dir():
        return
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(place, ignore_errors=True)
    except BlockingIOError:
        return
    finally:
        os.close(descriptor)
