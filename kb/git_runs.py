"""Runs git for one folder: no shell, no prompts, no hooks, the same answers in every environment."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from kb.errors import KnowledgeBaseError

LIMIT_SECONDS = 30
WAIT_SECONDS = 8.0
"""For so long a write waits for another git that holds the repository."""

_HELD = re.compile(r"index\.lock|cannot lock ref|Unable to create '[^']*\.lock'")
_SETTINGS = (
    "core.quotepath=off", "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.abbrev=no", "core.pager=cat", "commit.gpgSign=false",
    "commit.template=", "commit.status=false", "gc.auto=0", "maintenance.auto=false", "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8", "log.showSignature=false", "color.ui=false",
)  # fmt: skip


class HistoryError(KnowledgeBaseError):
    """Git could not do what was asked. What was saved in the articles folder stays saved."""


def has_git() -> bool:
    """Whether git is installed."""
    return shutil.which("git") is not None


def run_git(
    folder: Path, arguments: Sequence[str], *, given: str = "", environment: Mapping[str, str] | None = None, writes: bool = False,
    seconds: float = LIMIT_SECONDS,
) -> subprocess.CompletedProcess[bytes]:  # fmt: skip
    """What git said, in bytes, whatever its exit status is. Raises HistoryError when it does not come back.

    A write waits while another git holds the repository; `seconds` is how long git may take.
    """
    until = time.monotonic() + WAIT_SECONDS
    pause = 0.02
    while True:
        done = _run(folder, arguments, given, environment or {}, writes=writes, seconds=seconds)
        if not writes or done.returncode == 0 or not _HELD.search(fault_of(done)):
            return done
        if time.monotonic() > until:
            raise HistoryError(
                f"another git has held the repository of {folder} for {WAIT_SECONDS:.0f} s ({fault_of(done)}); the article is saved. "
                "When no git is running, remove that lock file, then save again"
            )
        # Uneven pauses, so that two who wait do not meet again.
        time.sleep(pause * (0.5 + random.random()))  # noqa: S311  nothing is kept secret by it
        pause = min(pause * 1.6, 0.5)


def fault_of(done: subprocess.CompletedProcess[bytes]) -> str:
    """What git complained about, in one line."""
    return " ".join(done.stderr.decode("utf-8", "replace").split())


def _run(
    folder: Path, arguments: Sequence[str], given: str, environment: Mapping[str, str], *, writes: bool, seconds: float
) -> subprocess.CompletedProcess[bytes]:
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    try:
        return subprocess.run(  # noqa: S603  a list without a shell; what varies in it are ids, paths and messages behind fixed words
            ["git", "--no-pager", *settings, *arguments],  # noqa: S607  the git of this machine
            cwd=folder, env=_environment(environment, writes=writes), input=given.encode("utf-8"), capture_output=True, timeout=seconds,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise HistoryError(f"git did not answer within {seconds:.0f} s in {folder}; check the repository with `git status`") from None
    except OSError as fault:
        raise HistoryError(
            f"git cannot be run in {folder}: {fault.strerror}; check that it is installed and the folder readable"
        ) from fault


def _environment(more: Mapping[str, str], *, writes: bool) -> dict[str, str]:
    # GIT_DIR and its like would name another repository than the one around the folder.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    fixed = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "GIT_OPTIONAL_LOCKS": "1" if writes else "0"}
    return {**kept, **fixed, **more}
