"""The history of articles in the Git repository around their folder: who changed what, when and why, and how it read before."""

from __future__ import annotations

import logging
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kb.article_diff import DiffLine, unified_diff
from kb.article_paths import is_path
from kb.durable_files import locked_folder
from kb.git_runs import HistoryError, fault_of, has_git, run_git

__all__ = ["ArticleHistory", "DiffLine", "HistoryError", "Revision", "unified_diff"]

LOG = logging.getLogger("kb")

_FORMAT = "%x01%H%x00%an%x00%at%x00%B"
_UNFINISHED = {
    "MERGE_HEAD": "merge", "rebase-merge": "rebase", "rebase-apply": "rebase", "CHERRY_PICK_HEAD": "cherry-pick", "REVERT_HEAD": "revert",
}  # fmt: skip


@dataclass(frozen=True)
class Revision:
    """One state of an article that was committed."""

    id: str
    """The commit, hexadecimal."""
    author: str
    at: datetime
    """In UTC."""
    message: str
    path: str
    """The article's path below the articles folder at that time."""


class ArticleHistory:
    """The history of one articles folder. Where there is none, every method returns nothing and writes nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = Path(folder)
        self._found: tuple[str, Path] | None = None
        """The folder's prefix in its repository ('' or 'docs/articles/'), and the repository's own folder, once it was found."""
        self._warned = False

    @property
    def available(self) -> bool:
        """Whether git is installed and the folder lies in a repository that does not ignore it."""
        return self._repository() is not None

    def commit(self, paths: Sequence[str], *, message: str, author: str) -> str | None:
        """Commit these files, below the folder and changed, new or removed, as `author`; the commit's id, None when nothing changed.

        Whatever else is changed or staged in the repository stays as it is. Raises HistoryError when git refuses, such as in the
        middle of a merge; the files themselves are as they were saved.
        """
        found = self._repository()
        if found is None:
            return None
        wanted = [_checked(path) for path in paths]
        # Git reads its index before it locks it, so that of two commits at once one can lose what the other has just added.
        try:
            with locked_folder(found[1]):
                self._refuse_unfinished(found[1])
                return self._commit(self._committable(wanted), message, author)
        except OSError as fault:
            raise HistoryError(f"the repository at {found[1]} cannot be opened: {fault.strerror}; the article is saved") from fault

    def revisions(self, path: str, *, limit: int = 50) -> tuple[Revision, ...]:
        """The states of the article now at `path`, the latest first, also under its earlier names within the folder."""
        found = self._repository()
        if found is None:
            return ()
        done = run_git(
            self._folder,
            ["--literal-pathspecs", "log", "--follow", "-z", f"--format={_FORMAT}", "--name-status", "--find-renames", f"--max-count={limit}",
             "--", _checked(path)],
        )  # fmt: skip
        if done.returncode:
            if "does not have any commits yet" in fault_of(done):
                return ()
            raise HistoryError(f"{path}: its history cannot be read: {fault_of(done)}; check the repository with `git fsck`")
        return tuple(_read_log(done.stdout.decode("utf-8", "replace"), path=path, prefix=found[0]))

    def text_at(self, revision: str, path: str) -> str:
        """The text that `path` held in that revision; '' where there is no history. Raises HistoryError when it held none."""
        if self._repository() is None:
            return ""
        done = None
        # Only what a Revision carries: a name such as HEAD~3 or a flag is not asked for.
        if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", revision):
            done = run_git(self._folder, ["cat-file", "blob", f"{revision}:./{_checked(path)}"])
        if done is None or done.returncode:
            raise HistoryError(f"{path} is not in revision {revision!r}; open it from the article's history")
        return done.stdout.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")

    def _commit(self, paths: Sequence[str], message: str, author: str) -> str | None:
        if not paths:
            return None
        self._write("add", "--all", "--", *paths)
        if not self._read("status", "--porcelain", "-z", "--untracked-files=all", "--", *paths):
            return None
        text = message.replace("\0", "").strip() or f"Change {paths[0]}"
        said = self._write(
            "commit", "--only", "--no-verify", "--cleanup=whitespace", f"--message={text}", "--", *paths, environment=_signature(author)
        )
        return re.search(rb"\b([0-9a-f]{40}|[0-9a-f]{64})\]", said).group(1).decode()

    def _repository(self) -> tuple[str, Path] | None:
        if self._found is None and has_git() and self._folder.is_dir():
            done = run_git(self._folder, ["rev-parse", "--is-inside-work-tree", "--show-prefix", "--absolute-git-dir"])
            lines = done.stdout.decode("utf-8", "replace").split("\n")
            if done.returncode == 0 and lines[0] == "true":
                self._found = (lines[1], Path(lines[2])) if not self._ignored() else None
            elif done.returncode and "not a git repository" not in fault_of(done) and not self._warned:
                self._warned = True
                LOG.warning("the articles have no history: %s", fault_of(done))
        return self._found

    def _ignored(self) -> bool:
        # A name in the folder rather than the folder itself: the rule may be `articles/`, and at the top there is no folder to ask about.
        return run_git(self._folder, ["check-ignore", "--quiet", "--no-index", "--stdin", "-z"], given="./article.md\0").returncode == 0

    def _refuse_unfinished(self, repository: Path) -> None:
        for name, what in _UNFINISHED.items():
            if (repository / name).exists():
                raise HistoryError(
                    f"the repository of {self._folder} is in the middle of a {what}; finish it with `git {what} --continue` or `--abort`. "
                    "The article is saved and can be committed then"
                )

    def _committable(self, paths: Sequence[str]) -> list[str]:
        """Those that git tracks, or that are there and not ignored; asking for another makes git refuse all of them."""
        tracked = set(_split(self._read("ls-files", "-z", "--", *paths))) if paths else set()
        new = [path for path in paths if path not in tracked and (self._folder / path).exists()]
        given = "".join(f"./{path}\0" for path in new)
        done = run_git(self._folder, ["check-ignore", "--stdin", "-z"], given=given) if new else None
        ignored = {path.removeprefix("./") for path in _split(done.stdout)} if done else set()
        return [path for path in dict.fromkeys(paths) if path in tracked or (path in new and path not in ignored)]

    def _read(self, *arguments: str) -> bytes:
        return self._checked_run(arguments)

    def _write(self, *arguments: str, environment: dict[str, str] | None = None) -> bytes:
        return self._checked_run(arguments, environment=environment, writes=True)

    def _checked_run(self, arguments: Sequence[str], *, environment: dict[str, str] | None = None, writes: bool = False) -> bytes:
        done = run_git(self._folder, ["--literal-pathspecs", *arguments], environment=environment, writes=writes)
        if done.returncode:
            raise HistoryError(f"git {arguments[0]} failed in {self._folder}: {fault_of(done)}; mend the repository, the article is saved")
        return done.stdout


def _checked(path: str) -> str:
    if not is_path(path):
        raise HistoryError(f"{path!r} is no path of an article; want folders and a file name, such as en/billing/refund.md")
    return path


def _split(names: bytes) -> list[str]:
    return [name for name in names.decode("utf-8", "surrogateescape").split("\0") if name]


def _signature(author: str) -> dict[str, str]:
    """Author and committer, so that it works where git knows no user. The address is one that no mail can reach (RFC 2606)."""
    name = " ".join(re.sub(r"[<>\x00-\x1f]", " ", author).split())
    if not re.search(r"\w", name):
        name = f"account {name}".strip()
    address = re.sub(r"[^\w.+-]+", "-", name).strip("-.") + "@kb.invalid"
    return {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (("NAME", name), ("EMAIL", address))}


def _read_log(log: str, *, path: str, prefix: str) -> list[Revision]:
    """The revisions that git printed. They end where the file came from another folder of the repository: that was no article."""
    found: list[Revision] = []
    fields = iter(log.split("\0"))
    for field in fields:
        if field.startswith("\x01"):
            author, at, message = next(fields), next(fields), next(fields)
            found.append(Revision(field[1:], author, datetime.fromtimestamp(int(at), UTC), message.strip(), path))
        elif re.fullmatch(r"\n?[RC]\d*", field):
            before = posixpath.relpath(f"/{next(fields)}", f"/{prefix}")
            next(fields)
            if before.startswith(".."):
                break
            path = before
        elif re.fullmatch(r"\n?[AMDTUX]", field):
            next(fields)
    return found
