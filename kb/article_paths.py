"""Where an article's file may lie: below the articles folder, in the open, and never through a link that leads out of it."""

from __future__ import annotations

import os
from pathlib import Path

from kb.errors import ArticleError
from kb.files import SUFFIXES


def is_path(path: str) -> bool:
    """Whether an article can have this path below the articles folder: no way out, nothing hidden, nothing that no address carries."""
    return not any(not part or part.startswith(".") or "\\" in part or not part.isprintable() for part in path.split("/"))


def split_path(path: str) -> list[str]:
    """The folders and the file name of `path` below the articles folder. Raises ArticleError when no article can have it."""
    if not is_path(path):
        raise ArticleError(path, None, "is no path of an article; want folders and a name, such as en/billing/refund.md")
    return path.split("/")


def make_parent(folder: Path, parts: list[str], path: str) -> Path:
    """The folder that the file goes into, made where it is missing. No link on the way may lead out of the articles folder."""
    root = folder.resolve(strict=True)
    here = root
    for part in parts:
        here = here / part
        here.mkdir(exist_ok=True)
        if not here.resolve(strict=True).is_relative_to(root):
            raise ArticleError(path, None, "leads out of the articles folder by a link; choose another folder")
    return here


def is_taken(parent: Path, name: str) -> bool:
    """Whether an article of that name is there, also one whose name differs only in case or ending: all are one id."""
    wanted = {(name + suffix).casefold() for suffix in SUFFIXES}
    return any(entry.name.casefold() in wanted for entry in os.scandir(parent))


def find_path(folder: Path, id: str) -> str | None:
    """The path below `folder` of the file that has this id, with its suffix; None without one. `.md` wins over `.markdown`."""
    *folders, name = split_path(id)
    parent = folder.joinpath(*folders)
    if not parent.is_dir():
        return None
    names = {entry.name for entry in os.scandir(parent) if _stem(entry.name) == name}
    found = min(names, key=lambda file: (not file.endswith(".md"), file), default=None)
    return found and "/".join([*folders, found])


def find_same_id(folder: Path, id: str) -> str | None:
    """The path of a file whose id differs from `id` at most in case; None without one. No reader tells the two apart."""
    found = [""]
    *folders, name = (part.casefold() for part in split_path(id))
    for part in folders:
        entries = ((here, entry) for here in found for entry in os.scandir(folder / here))
        found = [f"{here}{entry.name}/" for here, entry in entries if entry.name.casefold() == part and entry.is_dir()]
    files = (f"{here}{entry.name}" for here in found for entry in os.scandir(folder / here) if _stem(entry.name).casefold() == name)
    return min(files, default=None)


def resolve_inside(folder: Path, path: str) -> Path:
    """The file itself, behind links that stay in the articles folder. Raises ArticleError when one leads out."""
    try:
        target = folder.joinpath(path).resolve(strict=True)
    except RuntimeError:
        raise ArticleError(path, None, "is a symlink loop; remove it") from None
    if not target.is_relative_to(folder.resolve(strict=True)):
        raise ArticleError(path, None, "is a symlink that leads out of the articles folder; copy the file in instead")
    return target


def _stem(name: str) -> str:
    """The name without an article's suffix; '' when it has none."""
    stem, suffix = os.path.splitext(name)
    return stem if suffix.lower() in SUFFIXES else ""
