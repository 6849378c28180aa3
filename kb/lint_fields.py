"""What the front matter promises and does not keep: summaries, translations, dates of review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from kb.articles import Article
from kb.language import language_of_folder
from kb.lint_findings import Base, Finding, make_finding
from kb.settings import LANGUAGES

FIELD_RULES = ("missing-summary", "missing-translation", "stale-translation", "overdue-review")


def check_fields(article: Article, base: Base, *, today: date) -> Iterator[Finding]:
    """A finding for each field of the article that is missing, or that time has overtaken."""
    path, published = base.path(article.id), article.status == "published"
    if not article.summary:
        yield make_finding(path, base.field_line(article.id, "summary", "description", "title"), "missing-summary", "warning")
    if published and article.review_by and article.review_by < today:
        yield make_finding(path, base.field_line(article.id, "review_by"), "overdue-review", "warning", day=article.review_by)
    if published:
        yield from _check_translations(article, base, path)


def _check_translations(article: Article, base: Base, path: str) -> Iterator[Finding]:
    twins = [base.articles[id] for id in base.translations.get(article.id, ())]
    shown = [twin for twin in twins if twin.status == "published"]
    for other in LANGUAGES:
        if article.lang not in LANGUAGES or other == article.lang or not base.keeps_both or any(twin.lang == other for twin in shown):
            continue
        line, waiting = base.field_line(article.id, "title"), next((twin for twin in twins if twin.lang == other), None)
        if waiting:
            yield make_finding(path, line, "missing-translation.waiting", "note", other=waiting.id, status=waiting.status)
        else:
            yield make_finding(path, line, f"missing-translation.{other}", "note", place=_place_of(article.id, other))
    if not article.updated:
        return
    newer = max((twin for twin in shown if twin.updated and twin.updated > article.updated), key=lambda twin: twin.updated, default=None)
    if newer:
        days = {"updated": article.updated, "other": newer.id, "other_updated": newer.updated}
        yield make_finding(path, base.field_line(article.id, "updated"), "stale-translation", "warning", **days)


def _place_of(id: str, lang: str) -> str:
    """The file in which the translation finds its article by itself: the same path in the other language's folder."""
    parts = id.split("/")
    place = next((number for number, part in enumerate(parts[:-1]) if language_of_folder(part)), None)
    return "/".join([lang, *parts] if place is None else [*parts[:place], lang, *parts[place + 1 :]]) + ".md"
