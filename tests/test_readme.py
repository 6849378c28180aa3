"""The READMEs keep their word: their commands run, their output is real, their tables name what exists, in both languages."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from kb.settings import Settings
from portal.command import PARTS

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh.md")
CONSOLE = re.compile(r"```console\n(.*?)```", re.S)
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def sessions(readme):
    """(command, output lines) of every `$ kb …` shown."""
    for block in CONSOLE.findall((ROOT / readme).read_text(encoding="utf-8")):
        for shown in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = shown.partition("\n")
            yield readme, command, output.rstrip("\n").splitlines()


SESSIONS = [session for readme in READMES for session in sessions(readme)]


def table_of(readme, heading):
    """The first cells of the table under a heading."""
    section = (ROOT / readme).read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize(("readme", "command", "shown"), SESSIONS, ids=[f"{readme}: {command}" for readme, command, _ in SESSIONS])
def test_a_command_prints_what_the_readme_shows(readme, command, shown, help_centre, warm_kb):
    places = {"KB_ARTICLES": str(help_centre.articles), "KB_DATA": str(help_centre.data), "KB_MODEL": help_centre.model}
    program, *arguments = shlex.split(command)
    assert program == "kb"
    told = warm_kb(*arguments, environment={**places, "COLUMNS": "100"})
    assert told.returncode == 0, told.stderr
    printed = [NUMBER.sub("#", line.rstrip()) for line in told.stdout.splitlines()]
    # Scores and times differ between processors; every other sign is as shown.
    assert printed == [NUMBER.sub("#", line) for line in shown]


def test_each_readme_shows_a_search_with_its_output():
    for readme in READMES:
        assert any(name == readme and command.startswith("kb search") and len(shown) > 3 for name, command, shown in SESSIONS)


@pytest.mark.parametrize(("readme", "heading"), [("README.md", "Settings"), ("README.zh.md", "设置")])
def test_the_settings_table_names_every_setting_and_its_default(readme, heading):
    told = {}
    for names, defaults, _ in table_of(readme, heading):
        told |= dict(zip(re.findall(r"KB_[A-Z_]+", names), re.findall(r"`([^`]+)`", defaults) or [""], strict=False))
    assert told == {f"KB_{name.upper()}": str(default) for name, default in vars(Settings()).items()}


@pytest.mark.parametrize(("readme", "heading"), [("README.md", "Commands"), ("README.zh.md", "命令")])
def test_the_commands_table_names_flags_that_exist(readme, heading):
    rows = table_of(readme, heading)
    assert {row[0].split()[1].strip("`") for row in rows} == set(PARTS)
    for row in rows:
        part = row[0].split()[1].strip("`")
        help_text = subprocess.run(
            [sys.executable, "-m", "portal.command", part, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60
        ).stdout
        # A demonstration has folders of its own.
        shared = [] if part == "demo" else ["--articles", "--data"]
        for flag in [*re.findall(r"--[a-z-]+", " ".join(row)), *shared]:
            assert flag in help_text


def test_every_file_that_a_readme_links_to_is_there():
    for readme in READMES:
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / readme).read_text(encoding="utf-8")):
            assert (ROOT / target).is_file(), f"{readme} links to {target}"


def test_every_make_target_that_a_readme_names_is_there():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for readme in READMES:
        assert set(re.findall(r"\bmake ([a-z]+)\b", (ROOT / readme).read_text(encoding="utf-8"))) <= targets
