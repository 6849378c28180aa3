"""Asks the advisory service of the Python Package Index whether a flaw is known in any package of the lists: `make audit`.

pip-audit answers "no known vulnerabilities" also for packages that it could not ask about. Here that counts as not checked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
LISTS = ("requirements.txt", "requirements-test.txt")
FLAWED, UNCHECKED = 1, 2


def judge(report: dict, *, strict: bool) -> tuple[int, list[str]]:
    """Exit status and what to say of pip-audit's report: 1 for a known flaw; 2, when strict, for a package that could not be asked about."""
    packages = report.get("dependencies", [])
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    lines = [
        f"{package['name']} {package['version']}: {flaw['id']}; update to {' or '.join(flaw['fix_versions']) or 'a version to come'}"
        for package in packages
        for flaw in package.get("vulns", ())
    ]
    checked = len(packages) - len(skipped)
    if lines:
        return FLAWED, [*lines, f"{len(lines)} known flaws in {checked} packages"]
    if not checked:
        return UNCHECKED * strict, ["the advisory service cannot be reached: nothing was checked"]
    if skipped:
        return UNCHECKED * strict, [f"no known flaw in {checked} packages; not checked: {', '.join(skipped)}"]
    return 0, [f"no known flaw in {checked} packages"]


def audit(*, strict: bool) -> tuple[int, list[str]]:
    """The same for the lists of this project."""
    lists = [part for name in LISTS for part in ("-r", str(ROOT / name))]
    command = [sys.executable, "-m", "pip_audit", *lists, "--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)  # noqa: S603  fixed words and names of our files
    try:
        return judge(json.loads(done.stdout), strict=strict)
    except json.JSONDecodeError:
        # Without network it ends in a traceback, whose last line says what it could not reach.
        reason = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return UNCHECKED * strict, [f"the advisory service cannot be reached: nothing was checked ({reason[:200]})"]


def main(arguments: Sequence[str]) -> int:
    status, lines = audit(strict="--strict" in arguments)
    sys.stdout.write("\n".join(lines) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
