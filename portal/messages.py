"""Every sentence the portal says, in the reader's language, from the catalogues in portal/messages/."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from kb.settings import LANGUAGES

CATALOGUES = Path(__file__).parent / "messages"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Messages:
    """The catalogue of one language. `t("key", name=value)` gives a sentence; a missing key is a KeyError."""

    lang: str

    def __call__(self, key: str, **values: object) -> str:
        return read_catalogue(self.lang)[key].format(**values)

    def counted(self, key: str, count: int, **values: object) -> str:
        """The sentence for `count` things: `<key>_one` for exactly one, else `<key>_other`."""
        return self(f"{key}_one" if count == 1 else f"{key}_other", count=count, **values)

    def language(self, lang: str) -> str:
        """A language's own name; its code when the catalogue does not know it."""
        return read_catalogue(self.lang).get(f"language_{lang}", lang)

    def day(self, day: date) -> str:
        """A date as people write it: 22 Nov 2026, or 2026年11月22日."""
        return self("day", year=day.year, month=day.month, month_name=MONTHS[day.month - 1], day=day.day)


@cache
def read_catalogue(lang: str) -> dict[str, str]:
    """Every sentence of a language: `<lang>.yaml` for readers and `<lang>.<subject>.yaml` for the rest."""
    sentences: dict[str, str] = {}
    for file in sorted(CATALOGUES.glob(f"{lang}*.yaml")):
        sentences |= yaml.safe_load(file.read_text(encoding="utf-8"))
    return sentences


def choose_language(*wishes: str | None) -> str:
    """The first wish the portal speaks ("zh-Hant-TW" is "zh"); a wish may list several as browsers do; else English."""
    for wish in wishes:
        for one in (wish or "").split(","):
            primary = one.split(";")[0].strip().lower().replace("_", "-").split("-")[0]
            if primary in LANGUAGES:
                return primary
    return "en"
