"""A folder that is to be replaced as a whole: by renaming it or, where something is mounted there, by renaming all that it holds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kb.mounts import is_mount_point


@dataclass(frozen=True)
class Place:
    """Where a folder goes. Its successor has to be made in `beside`, which is on the same disk."""

    folder: Path
    beside: Path

    @classmethod
    def of(cls, folder: Path) -> Place:
        """The place of this folder, there or not. Makes what has to be above it."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.is_dir() and (is_mount_point(folder) or not os.access(folder.parent, os.W_OK)):
            return cls(folder, folder)
        return cls(folder, folder.parent)

    def aside(self, stamp: str) -> Path:
        """Where that goes which is there now. Within the folder it is hidden, so that nothing in it is taken for an article."""
        name = f"before-restore-{stamp}"
        return self.folder / f".{name}" if self.beside == self.folder else self.folder.with_name(f"{self.folder.name}-{name}")


def take_place(new: Path, place: Place, stamp: str) -> list[Path]:
    """Move what is in the place aside and `new` in; where that lies now which was there, if there was anything."""
    folder, aside = place.folder, place.aside(stamp)
    was = folder.stat() if folder.is_dir() else None
    moved = []
    if place.beside == folder:
        held = [one for one in folder.iterdir() if one != new and not one.name.startswith(".before-restore-")]
        if held:
            aside.mkdir(mode=0o700)
            moved.append(aside)
        for one in held:
            os.rename(one, aside / one.name)
        _give(new, was)
        for one in sorted(new.iterdir()):
            os.rename(one, folder / one.name)
        return moved
    if was and any(folder.iterdir()):
        os.rename(folder, aside)
        moved.append(aside)
    elif was:
        folder.rmdir()
    new.chmod(was.st_mode & 0o777 if was else 0o755)
    _give(new, was or folder.parent.stat())
    os.rename(new, folder)
    return moved


def give_to_owner(path: Path, like: os.stat_result) -> None:
    """Restored by root, a file still belongs to whom kb runs as: the owner of what it replaces or lies in."""
    if os.geteuid() == 0:
        os.chown(path, like.st_uid, like.st_gid, follow_symlinks=False)


def _give(folder: Path, like: os.stat_result) -> None:
    give_to_owner(folder, like)
    for here, folders, files in os.walk(folder):
        for name in (*folders, *files):
            give_to_owner(Path(here) / name, like)
