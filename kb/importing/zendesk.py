"""A Zendesk Help Center export: the JSON of its API, whole, in pages or article by article, with sections and categories if there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from kb.drafts import make_slug
from kb.errors import ArticleError
from kb.importing.fields import Record, line_at, read_day, records_of, text_at, texts_at
from kb.importing.incoming import Incoming, Picture, Target
from kb.importing.linking import absolute_address
from kb.language import primary_language

_KINDS = ("articles", "article", "translations", "translation", "sections", "section", "categories", "category")
_ARTICLE_PATH = re.compile(r"/(?:hc/(?:[\w-]+/)?articles|knowledge/articles|api/v2/help_center/(?:[\w-]+/)?articles|entries)/(\d+)")


@dataclass(frozen=True)
class ZendeskFile:
    """One JSON file of the export."""

    name: str
    value: object
    lines: Mapping[str, int] = field(default_factory=dict)


def is_zendesk(value: object) -> bool:
    """Whether the JSON holds articles, translations, sections or categories of a help centre."""
    if any(records_of(value, name) for name in _KINDS):
        return True
    entries = value if isinstance(value, list) else [value]
    return any(isinstance(entry, dict) and isinstance(entry.get("body"), str) and {"title", "name"} & entry.keys() for entry in entries)


def read_zendesk(files: Sequence[ZendeskFile]) -> Iterator[Incoming | ArticleError]:
    """Every article and every translation in the files; an ArticleError in the place of one that cannot be used."""
    folders = _read_folders(files)
    hosts = {host for file in files for article in _articles(file) if (host := _host(line_at(article, "html_url")))}
    articles = {line_at(article, "id"): article for file in files for article in _articles(file)}
    for file in files:
        for article in _articles(file):
            yield _read(file, article, article, folders, hosts)
            for translation in records_of(article, "translations"):
                if line_at(translation, "locale") != line_at(article, "locale"):
                    yield _read(file, article, translation, folders, hosts)
        for translation in records_of(file.value, "translations", "translation"):
            original = articles.get(line_at(translation, "source_id"), {"id": translation.get("source_id")})
            if line_at(translation, "source_type") in ("", "Article") and line_at(translation, "locale") != line_at(original, "locale"):
                yield _read(file, original, translation, folders, hosts)


def _articles(file: ZendeskFile) -> list[Record]:
    if isinstance(file.value, list):
        return [entry for entry in file.value if isinstance(entry, dict) and "body" in entry]
    found = records_of(file.value, "articles", "article")
    alone = isinstance(file.value, dict) and isinstance(file.value.get("body"), str) and "source_id" not in file.value
    return found or ([file.value] if alone else [])


def _read(
    file: ZendeskFile, article: Record, text: Record, folders: Mapping[str, tuple[str, ...]], hosts: set[str]
) -> Incoming | ArticleError:
    """The article in the words of `text`, which is itself or one of its translations."""
    number = line_at(article, "id")
    line = file.lines.get(number)
    if not number.isdigit():
        return ArticleError(file.name, line, f"article {line_at(text, 'title') or number!r} has no id; export it again")
    title, body = line_at(text, "title") or line_at(text, "name"), text_at(text, "body")
    if not body.strip():
        return ArticleError(file.name, line, f"article {number} has no text; write it, or leave it out of the export")
    url = line_at(text, "html_url") or line_at(article, "html_url")
    changes = []
    if article.get("user_segment_id") or article.get("user_segment_ids"):
        changes.append("only some people could see it, so its visibility is internal; change that when others may read it")
    return Incoming(
        file=file.name, line=line, has_lines=False, source=f"zendesk {number}", title=title or f"article {number}", body=body,
        follow=lambda href: _follow(href, url, hosts), find_picture=lambda address: _find_picture(address, url),
        lang=primary_language(line_at(text, "locale") or line_at(article, "source_locale")) or "",
        folders=folders.get(line_at(article, "section_id"), ()), name=make_slug(title) or f"article-{number}",
        keys=(f"zendesk {number}",), tags=texts_at(article, "label_names"),
        updated=read_day(text.get("updated_at"), text.get("edited_at"), article.get("updated_at")),
        status="draft" if text.get("draft", article.get("draft")) else "published",
        visibility="internal" if changes else "", changes=tuple(changes),
    )  # fmt: skip


def _read_folders(files: Sequence[ZendeskFile]) -> dict[str, tuple[str, ...]]:
    """The folders of each section: its category and itself, by their English names where they have one."""
    sections: dict[str, Record] = {}
    categories: dict[str, Record] = {}
    for file in files:
        for kept, names in ((sections, ("sections", "section")), (categories, ("categories", "category"))):
            for record in records_of(file.value, *names):
                number, english = line_at(record, "id"), line_at(record, "locale").startswith("en")
                if number not in kept or english:
                    kept[number] = record
    made = {}
    for number, section in sections.items():
        category = categories.get(line_at(section, "category_id"), {})
        made[number] = tuple(filter(None, (make_slug(line_at(category, "name")), make_slug(line_at(section, "name")))))
    return made


def _follow(href: str, url: str, hosts: set[str]) -> Target:
    address = absolute_address(href, url) or (f"https:{href}" if href.startswith("//") else href)
    try:
        parts = urlsplit(address)
        inside = not parts.netloc or parts.netloc.lower() in hosts
    except ValueError:
        return Target()
    found = _ARTICLE_PATH.search(parts.path) if inside and parts.scheme in ("", "http", "https") else None
    kept = address if parts.scheme.lower() in ("http", "https", "mailto", "tel") else ""
    return Target((f"zendesk {found.group(1)}",) if found else (), parts.fragment, kept)


def _find_picture(address: str, url: str) -> Picture:
    found = absolute_address(address, url) or (f"https:{address}" if address.startswith("//") else address)
    return Picture(address, address=found if found.lower().startswith(("http://", "https://")) else "")


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
