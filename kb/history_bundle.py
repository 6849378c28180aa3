"""The history of the articles folder as one file of Git's own kind, which holds no settings and nothing that could run."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from kb.git_runs import HistoryError, fault_of, has_git, run_git

LONG_SECONDS = 1800
"""How long git may pack or unpack a history of many years."""


@dataclass(frozen=True)
class Bundled:
    """What became of the history: `branch` is what HEAD named when it is in the bundle; else `left_out` says why, '' where there is none."""

    branch: str = ""
    left_out: str = ""


def bundle_history(folder: Path, to: Path) -> Bundled:
    """Write every branch and tag of the repository whose top is the articles folder into the new file `to`."""
    if not has_git():
        return Bundled(left_out="the history: git is not installed" if (folder / ".git").exists() else "")
    found = run_git(folder, ["rev-parse", "--show-prefix"])
    if found.returncode:
        return Bundled(left_out="" if "not a git repository" in fault_of(found) else f"the history: {fault_of(found)}")
    if found.stdout.strip():
        return Bundled(left_out="the history: it belongs to the larger repository around the articles; push that one to another machine")
    if run_git(folder, ["rev-parse", "--verify", "--quiet", "HEAD"]).returncode:
        return Bundled()
    done = run_git(folder, ["bundle", "create", "--quiet", str(to.resolve()), "--all", "HEAD"], seconds=LONG_SECONDS)
    if done.returncode:
        raise HistoryError(f"the history of {folder} cannot be packed: {fault_of(done)}; check the repository with `git fsck`")
    named = run_git(folder, ["symbolic-ref", "--quiet", "HEAD"])
    if named.returncode:
        named = run_git(folder, ["rev-parse", "HEAD"])
    return Bundled(named.stdout.decode("utf-8", "replace").strip())


def unbundle_history(folder: Path, bundle: Path, *, branch: str) -> str:
    """Make the folder, whose files are in place, a repository with this history; why not, '' when it is.

    Remotes, hooks and settings are not in a bundle: whoever wants them back sets them again.
    """
    if not has_git():
        return "the history: git is not installed here; install it, then restore again"
    detached = re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", branch)
    if not detached and (not branch.startswith("refs/heads/") or run_git(folder, ["check-ref-format", branch]).returncode):
        return f"the history: it names no branch ({branch!r})"
    steps = (
        # Without a template: it could bring hooks of this machine.
        ["init", "--quiet", "--template="],
        ["fetch", "--quiet", "--update-head-ok", "--no-tags", str(bundle.resolve()), "+refs/*:refs/*"],
        ["update-ref", "--no-deref", "HEAD", branch] if detached else ["symbolic-ref", "HEAD", branch],
        ["reset", "--quiet"],
    )
    for step in steps:
        done = run_git(folder, ["-c", "transfer.fsckObjects=true", *step], writes=True, seconds=LONG_SECONDS)
        if done.returncode:
            shutil.rmtree(folder / ".git", ignore_errors=True)
            return f"the history: git {step[0]} failed ({fault_of(done)})"
    return ""
