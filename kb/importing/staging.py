"""A hidden folder beside the articles in which an import takes shape, and the one step that moves it in, whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from kb.article_images import store_image
from kb.article_paths import find_same_id, make_parent
from kb.durable_files import locked_folder, write_new
from kb.errors import ArticleError, KnowledgeBaseError
from kb.image_content import ImageError
from kb.importing.moving import drop_plan, has_plan, undo, write_plan

_LOCK = "lock"
_TRIES = 100


class ImportInterrupted(KnowledgeBaseError):
    """An import that could not be finished: a full disk, a name that was taken meanwhile. Nothing was kept of it."""


@dataclass
class Staging:
    """Files by their future path below the articles folder. Made by `open_staging`."""

    folder: Path
    """The articles folder."""
    place: Path
    """The hidden folder."""
    images: dict[str, list[str]] = field(default_factory=dict)
    """The images of each article, by its id."""
    _written: dict[str, str] = field(default_factory=dict)
    _spooled: int = 0

    @property
    def root(self) -> Path:
        """What will be the articles folder."""
        return self.place / "articles"

    def spool(self, content: bytes) -> Path:
        """Keep an image until its article is written; where it lies."""
        self._spooled += 1
        path = self.place / "spool" / str(self._spooled)
        with _named_faults(self.place):
            path.write_bytes(content)
        return path

    def store_image(self, article: str, name: str, content: bytes) -> str:
        """Store an image for the article; its path from there. One that is in the articles folder already is not stored twice.

        Raises ImageError when it is no image that a browser shows, ArticleError when there is no room for it."""
        beside = PurePosixPath(article).parent
        for number in range(1, _TRIES):
            # A path from the article stays true when the article moves in, because the image moves in with it.
            stem, suffix = os.path.splitext(name)
            try:
                link = store_image(self.root, article, name if number == 1 else f"{stem or 'image'}-{number}{suffix}", content)
            except ImageError as fault:
                if fault.code == "no_place":
                    raise ArticleError(f"{article}.md", None, str(fault)) from None
                raise
            path = (beside / link).as_posix()
            there = self.folder / path
            if not os.path.lexists(there) or (there.is_file() and there.read_bytes() == (self.root / path).read_bytes()):
                break
            (self.root / path).unlink()
        self.images.setdefault(article, []).append(path)
        return link

    def write_article(self, article: str, text: str) -> None:
        """Keep the article's text."""
        path = self.root.joinpath(*f"{article}.md".split("/"))
        with _named_faults(self.place):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))

    def discard(self, article: str) -> None:
        """Forget the article, and images that no other one shows."""
        self.root.joinpath(*f"{article}.md".split("/")).unlink(missing_ok=True)
        mine = set(self.images.pop(article, ()))
        for path in mine - {path for paths in self.images.values() for path in paths}:
            (self.root / path).unlink(missing_ok=True)

    def move_in(self) -> None:
        """Make all of it part of the articles folder. If anything stops this halfway, what was moved is taken out again.

        Raises ImportInterrupted when a name has been taken meanwhile, or the disk is full."""
        paths = sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file())
        plan = {path: hashlib.sha256((self.root / path).read_bytes()).hexdigest() for path in paths if not self._is_there(path)}
        with _named_faults(self.place):
            write_plan(self.folder, self.place, plan)
        with _named_faults(self.folder), locked_folder(self.folder):
            try:
                for path in plan:
                    self._move(path)
            except BaseException:
                undo(self.folder, self.place)
                raise
        # From here on the import is a fact: without a plan nobody undoes it.
        drop_plan(self.place)

    def _is_there(self, path: str) -> bool:
        there = self.folder / path
        return not path.endswith(".md") and there.is_file() and there.read_bytes() == (self.root / path).read_bytes()

    def _move(self, path: str) -> None:
        parts = path.split("/")
        parent = make_parent(self.folder, parts[:-1], path)
        taken = path.endswith(".md") and find_same_id(self.folder, path.removesuffix(".md"))
        if taken or not write_new(parent / parts[-1], (self.root / path).read_bytes()):
            raise ImportInterrupted(f"{path} appeared in the articles folder during the import; nothing was imported, run it again")


@contextmanager
def open_staging(folder: Path, *, dry: bool = False) -> Iterator[Staging]:
    """A hidden folder for an import into `folder`, gone afterwards. A dry run has it among the system's temporary files."""
    real = folder.resolve(strict=True)
    with ExitStack() as held:
        # Whoever clears up after killed imports waits until this one is marked as alive.
        with _named_faults(real), locked_folder(real):
            place = _make_place(real, dry=dry)
            lock = held.enter_context(open(place / _LOCK, "w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            (place / "articles").mkdir()
            (place / "spool").mkdir()
            yield Staging(real, place)
        finally:
            # A plan that is still there has to be undone, by the next import.
            if not has_plan(place):
                shutil.rmtree(place, ignore_errors=True)


def recover(folder: Path) -> int:
    """Undo imports that were killed while they moved in, and remove what they left behind; how many files were taken out."""
    real = folder.resolve(strict=True)
    taken_out = 0
    with locked_folder(real):
        for parent in {real.parent, Path(tempfile.gettempdir())}:
            for place in sorted(parent.glob(f"{_prefix(real)}*")):
                if place.is_dir() and not place.is_symlink() and place.stat().st_uid == os.getuid():
                    taken_out += _recover(real, place)
    return taken_out


def _recover(folder: Path, place: Path) -> int:
    try:
        with open(place / _LOCK, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            taken_out = undo(folder, place)
            shutil.rmtree(place, ignore_errors=True)
            return taken_out
    except BlockingIOError:
        return 0  # An import that is running now.


@contextmanager
def _named_faults(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        fact = f"{place} cannot be written: {fault.strerror}; free space or check its permissions, nothing was imported"
        raise ImportInterrupted(fact) from fault


def _make_place(folder: Path, *, dry: bool) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=_prefix(folder), dir=None if dry else folder.parent))
    except OSError:
        # The articles may lie on a volume of their own, whose surroundings are not ours to write to.
        return Path(tempfile.mkdtemp(prefix=_prefix(folder)))


def _prefix(folder: Path) -> str:
    # Two knowledge bases may share one folder for temporary files.
    return f".{folder.name}-import-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]}-"
