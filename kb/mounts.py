"""What Linux says of the disks that folders lie on; elsewhere nothing is known of them."""

from __future__ import annotations

import os
from pathlib import Path


def is_read_only_disk(folder: Path) -> bool:
    """Whether nobody at all can write to the file system that holds the folder: not only not through this mount."""
    try:
        device = folder.stat().st_dev
    except OSError:
        return False
    found = (disk for here, disk in _mounts() if here[2] == f"{os.major(device)}:{os.minor(device)}")
    return "ro" in next(found, ["", "", ""])[2].split(",")


def is_mount_point(folder: Path) -> bool:
    """Whether something is mounted at the folder, so that it cannot be renamed: a disk, or another folder as containers do it."""
    wanted = os.path.realpath(folder)
    return os.path.ismount(wanted) or any(_unescaped(here[4]) == wanted for here, _ in _mounts())


def _mounts() -> list[tuple[list[str], list[str]]]:
    """The fields of each mount: of the place, and of the disk behind it. See proc(5), mountinfo."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [(here.split(), disk.split()) for here, _, disk in (line.partition(" - ") for line in lines)]


def _unescaped(name: str) -> str:
    for sign in (" ", "\t", "\n", "\\"):
        name = name.replace(f"\\{ord(sign):03o}", sign)
    return name
