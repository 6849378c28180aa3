"""The `kb` command: its edge, where faults become one line and an exit code, and the options that every part shares.

Exit codes: 0 done; 1 a fault, findings of `kb doctor`, or broken lines of a batch; 2 wrong usage.
Heavy floors are imported by the part that needs them, so that `kb --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from keyword import iskeyword
from pathlib import Path

import click

from kb.errors import KnowledgeBaseError
from kb.settings import Settings, read_settings

PARTS = ("index", "search", "show", "explain", "doctor", "serve", "eval", "person", "gaps", "replay", "report", "import", "lint", "user", "audit", "backup", "restore", "demo")


class Parts(click.Group):
    """The parts of the command, each in `portal.commands.<name>`, imported when it is named."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(PARTS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return import_module(f"portal.commands.{name}{'_' * iskeyword(name)}").command if name in PARTS else None


def share_folders(function: Callable) -> Callable:
    """Add `--articles` and `--data`, which may stand before or after the part's name."""
    function = click.option(
        "--data", type=click.Path(path_type=Path, file_okay=False), help="Folder of everything kb writes [KB_DATA; data]."
    )(function)
    return click.option(
        "--articles", type=click.Path(path_type=Path, file_okay=False), help="Folder of Markdown articles [KB_ARTICLES; articles]."
    )(function)


def choose_settings(**given: object) -> Settings:
    """The settings of this run: flags after the part's name, then flags before it, then the environment."""
    before = click.get_current_context().find_root().params
    named = {name: before.get(name) for name in ("articles", "data")}
    return read_settings(**{**named, **{name: value for name, value in given.items() if value is not None}})


def open_chosen(**given: object):
    """The knowledge base of this run. Settings are read first: a wrong one is told at once, before anything heavy loads."""
    settings = choose_settings(**given)

    from portal.knowledge import open_knowledge_base

    return open_knowledge_base(settings)


@click.group(cls=Parts, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@share_folders
@click.version_option(package_name="kb", message="kb %(version)s")
def command(articles: Path | None, data: Path | None) -> None:
    """A support knowledge base: Markdown articles, found in the customer's own words, in Chinese and English.

    Exit codes: 0 done, 1 a fault or findings, 2 wrong usage.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end the process with its exit code. No traceback reaches the user unless KB_TRACE is set."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal with another encoding must not break Chinese output.
        stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = command.main(args=arguments, prog_name="kb", standalone_mode=False)
    except click.ClickException as fault:
        fault.show()
        code = fault.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = _complain("stopped", 130)
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except KnowledgeBaseError as fault:
        code = _complain(str(fault), 1)
    except Exception as fault:
        if os.environ.get("KB_TRACE"):
            raise
        code = _complain(f"{type(fault).__name__}: {fault}; this is a fault of kb itself, KB_TRACE=1 shows where", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _complain(fact: str, code: int) -> int:
    click.echo("kb: " + " ".join(fact.split()), err=True)
    return code


if __name__ == "__main__":
    main()
