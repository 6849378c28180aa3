"""What an article is, and the folder of Markdown read into articles and problems."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath

from kb.errors import ArticleError, SettingsError
from kb.files import Found, find_files, read_text
from kb.frontmatter import FrontMatter, FrontMatterFault, read_front_matter
from kb.headings import first_heading
from kb.language import detect_language, language_of_folder

_FENCED = re.compile(r"^[ \t]*(```|~~~).*?^[ \t]*\1[^\n]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Article:
    """One Markdown file with front matter. Its id is its path below the folder, posix, without the suffix."""

    id: str
    title: str
    lang: str
    """Primary language subtag: 'zh', 'en', or another that the front matter names."""
    summary: str = ""
    tags: tuple[str, ...] = ()
    product: str = ""
    visibility: str = "public"
    groups: tuple[str, ...] = ()
    """Of readers who are signed in, those that it is for; empty for all whom `visibility` lets."""
    status: str = "published"
    owner: str = ""
    review_by: date | None = None
    aliases: tuple[str, ...] = ()
    translation_of: str = ""
    redirect_from: tuple[str, ...] = ()
    updated: date | None = None
    body: str = ""
    """Markdown below the front matter."""
    body_line: int = 1
    """Line of the file (1-based) on which the body starts."""
    content_hash: str = ""
    """SHA-256 of the file's bytes, hexadecimal."""
    extra: Mapping[str, object] = field(default_factory=dict, hash=False)
    """Front matter fields kb does not know, kept."""

    @property
    def category(self) -> str:
        """First folder below the language folder: 'customers' for zh/customers/x, '' for a file at the top."""
        folders = [name for name in self.id.split("/")[:-1] if not language_of_folder(name)]
        return folders[0] if folders else ""


@dataclass(frozen=True)
class Problem:
    """Something in one file that a person has to mend; `fact` includes the remedy."""

    path: str
    line: int | None
    fact: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.fact}" if self.line else f"{self.path}: {self.fact}"


@dataclass(frozen=True)
class Loaded:
    """What a folder holds: articles ordered by id, and problems ordered by path."""

    articles: tuple[Article, ...]
    problems: tuple[Problem, ...]


def load_articles(folder: Path) -> Loaded:
    """Every readable article below `folder`, and a problem for each one that is not. Raises SettingsError without folder."""
    folder = Path(folder)
    if not folder.is_dir():
        raise SettingsError(f"no articles folder at {folder}; name one with --articles or KB_ARTICLES")
    articles: dict[str, tuple[Article, str]] = {}
    problems: list[Problem] = []
    for found in find_files(folder):
        try:
            article = _read(found)
            taken = articles.get(article.id.casefold())
            if taken:
                # Some file systems and all readers of addresses do not tell A from a.
                raise ArticleError(found.name, None, f"has the same id as {taken[1]} ({taken[0].id}); rename one of them")
            articles[article.id.casefold()] = (article, found.name)
        except ArticleError as error:
            problems.append(Problem(error.path, error.line, error.fact))
    problems += _crossed_references({article.id: (article, name) for article, name in articles.values()})
    ordered = sorted((article for article, _ in articles.values()), key=lambda article: article.id)
    return Loaded(tuple(ordered), tuple(sorted(problems, key=lambda problem: (problem.path, problem.line or 0))))


def load_article(path: Path, folder: Path) -> Article:
    """The article in `path`, whose id is relative to `folder`. Raises ArticleError naming file, line and remedy."""
    name = Path(path).relative_to(folder) if Path(path).is_relative_to(folder) else Path(path)
    return _read(Found(name.as_posix(), Path(path)))


def parse_article(source: str, *, id: str, path: str = "") -> Article:
    """The article that `source` would be when saved under `id`. Raises ArticleError naming line and remedy."""
    path = path or f"{id}.md"
    try:
        front = read_front_matter(source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    except FrontMatterFault as fault:
        raise ArticleError(path, fault.line, fault.fact) from None
    return _build(front, id=id, content_hash=hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest())


def translations(articles: Iterable[Article]) -> dict[str, tuple[str, ...]]:
    """For each article that has any, the ids of its versions in other languages: named ones first, then same-path ones."""
    by_id = {article.id: article for article in articles}
    links: dict[str, dict[str, None]] = {}
    for article in by_id.values():
        other = resolve_reference(article.translation_of, article.id, by_id)
        if other and by_id[other].lang != article.lang:
            links.setdefault(article.id, {})[other] = None
            links.setdefault(other, {})[article.id] = None
    same_path: dict[str, list[str]] = {}
    for article in by_id.values():
        path = "/".join(name for name in article.id.split("/") if not language_of_folder(name))
        same_path.setdefault(path, []).append(article.id)
    for group in same_path.values():
        for one in group:
            for other in group:
                if by_id[one].lang != by_id[other].lang:
                    links.setdefault(one, {})[other] = None
    return {one: tuple(others) for one, others in sorted(links.items())}


def resolve_reference(reference: str, source: str, ids: Iterable[str]) -> str | None:
    """The id that `reference`, written in article `source`, names: an id, a path from the article, or one with leading
    folders that are not part of ids ('articles/en/x.md'). None when it names no article."""
    known = ids if isinstance(ids, (dict, set, frozenset)) else set(ids)
    name = re.sub(r"\.(md|markdown)$", "", reference.strip().strip("/"), flags=re.IGNORECASE)
    if not name:
        return None
    parts: list[str] = []
    for part in [*PurePosixPath(source).parent.parts, *name.split("/")]:
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", ".."):
            parts.append(part)
    names = [part for part in name.split("/") if part not in (".", "..")]
    candidates = [name, "/".join(parts), *("/".join(names[skip:]) for skip in range(1, len(names)))]
    return next((candidate for candidate in candidates if candidate in known), None)


def _read(found: Found) -> Article:
    text, content_hash = read_text(found)
    try:
        front = read_front_matter(text)
    except FrontMatterFault as fault:
        raise ArticleError(found.name, fault.line, fault.fact) from None
    return _build(front, id=re.sub(r"\.(md|markdown)$", "", found.name, flags=re.IGNORECASE), content_hash=content_hash)


def _build(front: FrontMatter, *, id: str, content_hash: str) -> Article:
    given = {name: value for name, value in front.fields.items() if value}
    description = given.pop("description", "")
    given.setdefault("summary", description)
    title = given.pop("title", "") or first_heading(front.body) or id.rsplit("/", 1)[-1].replace("-", " ").replace("_", " ").strip() or id
    folder_lang = next((lang for name in id.split("/")[:-1] if (lang := language_of_folder(name))), None)
    # Code is mostly English words in any language, so it does not vote.
    lang = given.pop("lang", "") or folder_lang or detect_language(f"{title}\n{_FENCED.sub('', front.body)}")
    return Article(
        id=id, title=title, lang=lang, body=front.body, body_line=front.body_line, content_hash=content_hash, extra=front.extra, **given
    )


def _crossed_references(by_id: Mapping[str, tuple[Article, str]]) -> list[Problem]:
    """Problems between articles; the articles stay."""
    problems = []
    redirects: dict[str, str] = {}
    for id, (article, name) in sorted(by_id.items()):
        if article.translation_of and not resolve_reference(article.translation_of, id, by_id):
            fact = f"translation_of names no article: {article.translation_of!r}; write the other article's path without .md"
            problems.append(Problem(name, None, fact))
        for old in article.redirect_from:
            old_id = re.sub(r"\.(md|markdown)$", "", old.strip("/"), flags=re.IGNORECASE)
            if old_id in by_id:
                problems.append(Problem(name, None, f"redirect_from names a live article: {old!r}; remove it from redirect_from"))
            elif old_id in redirects:
                fact = f"redirect_from {old!r} is taken by {redirects[old_id]}; keep it in one of the two"
                problems.append(Problem(name, None, fact))
            else:
                redirects[old_id] = name
    return problems
