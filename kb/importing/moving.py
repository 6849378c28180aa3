"""The plan of moving files into the articles folder, written down first, so that whoever finds it later can undo it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

_PLAN = "moving.json"


def write_plan(folder: Path, place: Path, files: Mapping[str, str]) -> None:
    """Keep in `place` which files, by path and SHA-256, are about to go into `folder`, and which folders that makes."""
    parents = {parent.as_posix() for path in files for parent in PurePosixPath(path).parents if parent.as_posix() != "."}
    folders = sorted(parent for parent in parents if not (folder / parent).exists())
    with open(place / _PLAN, "w", encoding="utf-8") as file:
        json.dump({"files": dict(files), "folders": folders}, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())


def has_plan(place: Path) -> bool:
    """Whether files were about to be moved, and that was neither finished nor undone."""
    return (place / _PLAN).exists()


def drop_plan(place: Path) -> None:
    """All files are where they should be."""
    (place / _PLAN).unlink()


def undo(folder: Path, place: Path) -> int:
    """Take out of the articles folder what the plan in `place` has put there and nobody has changed since; how many files."""
    if not has_plan(place):
        return 0
    try:
        plan = json.loads((place / _PLAN).read_text(encoding="utf-8"))
    except ValueError:
        # Cut short while it was written, which is before anything is moved.
        drop_plan(place)
        return 0
    done = 0
    for path, version in plan["files"].items():
        there = folder / path
        if there.is_file() and not there.is_symlink() and hashlib.sha256(there.read_bytes()).hexdigest() == version:
            there.unlink()
            done += 1
    for made in sorted(plan["folders"], key=len, reverse=True):
        if (folder / made).is_dir() and not any((folder / made).iterdir()):
            (folder / made).rmdir()
    drop_plan(place)
    return done
