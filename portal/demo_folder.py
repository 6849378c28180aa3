"""The folder of a demonstration: articles of its own in a repository of their own, and nothing that was anybody else's."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from kb.errors import KnowledgeBaseError
from kb.git_runs import fault_of, has_git, run_git
from kb.settings import Settings
from portal.demo_script import LANGS, Script

MARKER = ".kb-demo"
"""Says that `kb demo` made the folder, and that all in it may be deleted by the next one."""
_AUTHOR = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "kb demo"), ("EMAIL", "demo@kb.invalid"))}


class DemoRefused(KnowledgeBaseError):
    """The demonstration would touch something that is not its own; the message says what to do."""


def make_folder(folder: Path, *, replace: bool, configured: Settings) -> None:
    """An empty folder with the marker. With `replace` an earlier demonstration in it is deleted. Raises DemoRefused, and deletes nothing then."""
    place = folder.resolve()
    for setting, own in (("KB_DATA", configured.data.resolve()), ("KB_ARTICLES", configured.articles.resolve())):
        if place in (own, *own.parents) or own in place.parents:
            raise DemoRefused(f"{folder} and {setting} ({own}) are not apart; name another folder for the demonstration")
    if folder.exists() and not folder.is_dir():
        raise DemoRefused(f"{folder} is a file; name another folder for the demonstration")
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / MARKER).is_file():
            raise DemoRefused(f"{folder} is not empty and was not made by `kb demo`; name another folder")
        if not replace:
            raise DemoRefused(f"{folder} holds a demonstration; look at it with `kb serve`, replace it with --force, or name another folder")
        for part in (folder / "articles", folder / "data"):
            shutil.rmtree(part, ignore_errors=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARKER).write_text("Made by kb demo, which may delete articles/ and data/ beside this file.\n", "utf-8")
    except OSError as fault:
        raise DemoRefused(f"{folder} cannot be written: {fault.strerror}; name another folder") from fault


def copy_articles(script: Script, folder: Path, *, at: datetime) -> None:
    """The sample articles as the story begins, committed at that moment where there is Git. Raises DemoRefused."""
    if not script.articles.is_dir():
        raise DemoRefused(f"the sample articles are not at {script.articles}; run `kb demo` from a checkout of kb")
    shutil.copytree(script.articles, folder)
    for plot in script.plots:
        for lang in LANGS:
            file = folder / lang / f"{plot.topic}.md"
            if plot.begins == "removed" or (plot.begins == "one_language" and lang == plot.lacks):
                file.unlink()
            elif plot.begins in ("unhelpful", "unfindable"):
                file.write_text(script.draft(plot.topic, lang), "utf-8")
    if has_git():
        _commit(folder, at)


def _commit(folder: Path, at: datetime) -> None:
    when = {f"GIT_{role}_DATE": at.isoformat() for role in ("AUTHOR", "COMMITTER")}
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=The help centre as it begins"]):
        done = run_git(folder, arguments, environment={**_AUTHOR, **when}, writes=True)
        if done.returncode:
            raise DemoRefused(f"git {arguments[0]} failed in {folder}: {fault_of(done)}; mend Git, or uninstall it for a demonstration without history")
