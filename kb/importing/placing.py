"""Where imported articles go: below their language, in the source's own folders, under names that nothing has yet."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kb.articles import Article
from kb.errors import ArticleError
from kb.files import find_files
from kb.importing.incoming import Incoming
from kb.importing.markup import parse_html
from kb.importing.report import Skipped
from kb.language import detect_language, language_of_folder
from kb.settings import LANGUAGES

_MARKDOWN_SUFFIX = re.compile(r"\.(md|markdown)$", re.IGNORECASE)
_FENCED = re.compile(r"^[ \t]*(```|~~~).*?^[ \t]*\1[^\n]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Placed:
    """An article on its way in, with its language and its id."""

    incoming: Incoming
    lang: str
    id: str


@dataclass(frozen=True)
class Placing:
    """What was decided about everything that arrived."""

    placed: list[Placed]
    standing: list[Placed]
    """Articles that came in before, with the ids that they have."""
    skipped: list[Skipped]
    refused: list[ArticleError]


@dataclass
class Places:
    """The names that are taken in an articles folder, and those that an import takes."""

    known: dict[tuple[str, str], str]
    """(source, language) of articles that came in before, and their ids."""
    _taken: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, folder: Path, articles: Iterable[Article]) -> Places:
        """What is taken in the folder: every file's id, whether it can be read or not, and every old address."""
        taken = {_MARKDOWN_SUFFIX.sub("", found.name).casefold() for found in find_files(folder)}
        known: dict[tuple[str, str], str] = {}
        for article in articles:
            taken |= {_MARKDOWN_SUFFIX.sub("", old.strip("/")).casefold() for old in article.redirect_from}
            source = article.extra.get("source")
            if isinstance(source, str):
                known.setdefault((source, article.lang), article.id)
        return cls(known, taken)

    def take(self, folders: Sequence[str], name: str, langs: Iterable[str], *, wanted: str = "") -> dict[str, str]:
        """An id for each language, all with one path below it: `wanted`, or the name with -2, -3, … when it is taken."""
        langs = tuple(langs)
        names = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
        paths = itertools.chain([wanted] if wanted else [], ("/".join([*folders, one]) for one in names))
        path = next(path for path in paths if not any(f"{lang}/{path}".casefold() in self._taken for lang in langs))
        ids = {lang: f"{lang}/{path}" for lang in langs}
        self._taken |= {id.casefold() for id in ids.values()}
        return ids


def place_all(arrived: Iterable[Incoming], places: Places, *, into: Sequence[str], lang: str) -> Placing:
    """Each article with a place, apart from those that are there already, and those in a language that kb does not serve.

    Translations of one article get one path, also when one of them came in before."""
    decided = Placing([], [], [], [])
    groups: dict[str, dict[str, Incoming]] = {}
    seen: set[tuple[str, str]] = set()
    for incoming in arrived:
        try:
            own = incoming.lang or lang or _detect(incoming)
        except ArticleError as fault:
            decided.refused.append(fault)
            continue
        known = places.known.get((incoming.source, own))
        if own not in LANGUAGES:
            fact = f"{_call(incoming)} is in {own!r}; kb serves {' and '.join(LANGUAGES)}, so leave it out of the source"
            decided.refused.append(ArticleError(incoming.file, incoming.line, fact))
        elif (incoming.source, own) in seen:
            decided.skipped.append(Skipped(incoming.file, incoming.source, "", "comes twice in this source; the first one counts"))
        elif known:
            fact = f"already imported as {known}; remove that file, or its field `source`, to import it again"
            decided.skipped.append(Skipped(incoming.file, incoming.source, known, fact))
            decided.standing.append(Placed(incoming, own, known))
        else:
            group = groups.setdefault(incoming.group or incoming.source, {})
            if own in group:
                group = groups.setdefault(f"{incoming.group} {incoming.source}", {})
            group[own] = incoming
        seen.add((incoming.source, own))
    for group in groups.values():
        decided.placed.extend(_place(group, places, into))
    return decided


def _place(group: dict[str, Incoming], places: Places, into: Sequence[str]) -> list[Placed]:
    # An English name is one that every keyboard can type.
    named = group.get("en") or next(iter(group.values()))
    sibling = next((places.known[named.source, other] for other in LANGUAGES if (named.source, other) in places.known), "")
    wanted = "/".join(part for part in sibling.split("/") if not language_of_folder(part))
    ids = places.take([*into, *named.folders], named.name, group, wanted=wanted)
    return [Placed(incoming, lang, ids[lang]) for lang, incoming in group.items()]


def _detect(incoming: Incoming) -> str:
    if incoming.form == "markdown":
        return detect_language(f"{incoming.title}\n{_FENCED.sub('', incoming.body)}")
    shown = incoming.pick(parse_html(incoming.body, incoming.file, incoming.line, has_lines=incoming.has_lines))
    for hidden in list(shown.iter("script", "style", "template", "noscript", "pre", "code")):
        if hidden.getparent() is not None:
            hidden.drop_tree()
    return detect_language(f"{incoming.title}\n{' '.join(shown.itertext())}")


def _call(incoming: Incoming) -> str:
    """How a message calls the article: by its number where one file holds many."""
    kind, _, number = incoming.source.partition(" ")
    return "the article" if kind == "file" else f"article {number}"
