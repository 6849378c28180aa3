"""Who uses a data folder: portals hold it together, and whoever puts another database in its place holds it alone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kb.errors import KnowledgeBaseError

SERVING = "serving.lock"
_WORKERS = {"index.lock": "`kb index` is running", "kb.gaps.lock": "the gaps are being updated"}
"""Locks of those who work in the folder for a while, and what it means that one is held."""


class FolderBusy(KnowledgeBaseError):
    """The data folder is in use by another process."""


@contextmanager
def serving(data: Path) -> Iterator[None]:
    """Say that a portal serves from this folder, for as long as the block runs or until the process ends in any way.

    Several portals may. Raises FolderBusy while a backup is being restored into it.
    """
    with ExitStack() as held:
        try:
            data.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(data / SERVING, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError:
            # Where nothing can be written nothing can be restored either.
            descriptor = None
        if descriptor is not None:
            held.callback(os.close, descriptor)
            _lock(descriptor, fcntl.LOCK_SH, f"a backup is being restored into {data}; start again when it is done")
        yield


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Hold the folder against every portal and every run of `kb index`. Raises FolderBusy, naming who has it."""
    with ExitStack() as held:
        for name, what in {SERVING: "a portal is serving from it", **_WORKERS}.items():
            descriptor = os.open(data / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            held.callback(os.close, descriptor)
            _lock(descriptor, fcntl.LOCK_EX, f"{data} is in use: {what}; stop it, then try again")
        yield


def _lock(descriptor: int, kind: int, refusal: str) -> None:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FolderBusy(refusal) from None
