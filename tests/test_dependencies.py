"""docs/dependencies.md is whole and true: every package that is installed, its version, a licence, a reason; and nothing is imported that it does not name."""

import re
import sys
from importlib import metadata

import pytest

from tests.test_floors import MODULES, ROOT, imported
from tools.audit import judge
from tools.licences import LISTS, PAGE, read_packages, read_requirements, write_page

COPYLEFT = {"zhconv": "MIT, its tables GPL-2.0-or-later"}
"""Under a licence that reaches beyond its own files. The page says what follows from it."""


def normal(package):
    return re.sub(r"[-_.]+", "-", package).lower()


def table_of(name):
    section = PAGE.read_text(encoding="utf-8").split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0]
    rows = [[cell.strip().strip("*") for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| ")]
    return {row[0]: row[1:] for row in rows[1:]}


@pytest.mark.parametrize("name", LISTS)
def test_the_page_names_each_package_of_the_list_with_its_version_a_licence_and_a_reason(name):
    table = table_of(name)
    assert {package: row[0] for package, row in table.items()} == {package: version for package, version, _ in read_requirements(name)}
    assert [package for package, (_, licence, why) in table.items() if not licence or not why] == []


def test_the_page_is_what_the_command_writes():
    assert PAGE.read_text(encoding="utf-8") == write_page(PAGE.read_text(encoding="utf-8")), "run `make licences`"


def test_no_licence_reaches_beyond_its_package_unseen():
    found = {package.name: package.licence for name in LISTS for package in read_packages(name) if re.search(r"(?<![LM])GPL|AGPL|SSPL|BUSL|Commons Clause|Proprietary", package.licence)}
    assert found == COPYLEFT
    assert all(f"**{name}**" in PAGE.read_text(encoding="utf-8").split("Copyleft:")[1].split("##")[0] for name in COPYLEFT)


def test_every_package_that_kb_imports_is_listed():
    listed = {normal(package) for package, _, _ in read_requirements("requirements.txt")}
    providers = metadata.packages_distributions()
    users = {name.split(".")[0]: module for module in MODULES for name in imported(module)}
    foreign = users.keys() - set(sys.stdlib_module_names) - {"kb", "indexer", "feedback", "portal"}
    assert {name: users[name] for name in foreign if not {normal(one) for one in providers.get(name, [])} & listed} == {}


def test_every_list_is_exact():
    for name in LISTS:
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            assert not line.strip() or line.startswith("#") or re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line), line


SOUND, SKIPPED = {"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"}
FLAWED = {"name": "c", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}


@pytest.mark.parametrize(
    ("packages", "statuses", "said"),
    [
        ([SOUND], (0, 0), "no known flaw in 1 packages"),
        ([SOUND, FLAWED], (1, 1), "c 1: PYSEC-1; update to 2"),
        ([SOUND, SKIPPED], (0, 2), "no known flaw in 1 packages; not checked: b"),
        ([SKIPPED], (0, 2), "the advisory service cannot be reached: nothing was checked"),
        ([], (0, 2), "the advisory service cannot be reached: nothing was checked"),
    ],
)
def test_a_package_that_could_not_be_asked_about_is_never_called_sound(packages, statuses, said):
    found = [judge({"dependencies": packages}, strict=strict) for strict in (False, True)]
    assert tuple(status for status, _ in found) == statuses
    assert found[0][1][0] == said
