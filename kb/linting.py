"""What an author should change about articles, as far as their files tell: `lint_files` for a folder, `lint_text` for a text that is not saved yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from kb.articles import Article, load_articles, parse_article
from kb.errors import ArticleError
from kb.lint_fields import FIELD_RULES, check_fields
from kb.lint_findings import LEVELS, Base, Finding, make_finding, pick_articles
from kb.lint_headings import HEADING_RULES, check_headings
from kb.lint_links import LINK_RULES, check_links
from kb.lint_pages import Pages
from kb.lint_source import read_source
from kb.lint_twins import TWIN_RULES, check_twins

__all__ = ["FILE_RULES", "LEVELS", "Base", "Finding", "check_base", "in_order", "lint_files", "lint_text", "read_base", "read_draft"]

FILE_RULES = ("unreadable", *LINK_RULES, *FIELD_RULES, *HEADING_RULES, *TWIN_RULES)


def lint_files(folder: Path, *, today: date, only: Iterable[str] | None = None, ids: Iterable[str] | None = None) -> list[Finding]:
    """Findings of the rules named, or of all, in every article, or in those named, ordered by file and line.

    Each file is read once; pages are rendered only where a link or a heading looks wrong. Raises SettingsError without the folder.
    """
    base, unreadable = read_base(folder)
    chosen = None if ids is None else set(ids)
    kept = [finding for finding in unreadable if chosen is None or finding.path.rsplit(".", 1)[0] in chosen]
    return in_order([*kept, *check_base(base, pick_articles(base, chosen), today=today)], only=only)


def lint_text(text: str, id: str, folder: Path, *, today: date, others: Iterable[Article] | None = None) -> list[Finding]:
    """Findings in `text` as if it were saved under `id` in the folder. `others` are the folder's articles where the caller has them; else they are read."""
    base, unreadable = read_draft(text, id, folder, others=others)
    return in_order([*unreadable, *(check_base(base, [base.articles[id]], today=today) if not unreadable else ())])


def read_base(folder: Path) -> tuple[Base, list[Finding]]:
    """The folder's articles, and a finding for each file that cannot be read. Raises SettingsError without the folder."""
    loaded = load_articles(folder)
    base = Base(Path(folder), {article.id: article for article in loaded.articles})
    # Problems between articles that can be read are the business of `kb doctor`.
    left_out = [problem for problem in loaded.problems if not base.is_read(problem.path)]
    return base, [_unreadable(problem.path, problem.line, problem.fact) for problem in left_out]


def read_draft(text: str, id: str, folder: Path, *, others: Iterable[Article] | None = None) -> tuple[Base, list[Finding]]:
    """The folder's articles with `text` in the place of `id`; and the finding that it is no article, if it is none."""
    known = load_articles(folder).articles if others is None else others
    articles = {other.id: other for other in known}
    try:
        return Base(Path(folder), {**articles, id: parse_article(text, id=id)}, {id: text}), []
    except ArticleError as fault:
        return Base(Path(folder), articles), [_unreadable(fault.path, fault.line, fault.fact)]


def check_base(base: Base, articles: Iterable[Article], *, today: date) -> Iterator[Finding]:
    """Findings in these articles of the base, as they are found."""
    articles = list(articles)
    chosen = frozenset(article.id for article in articles)
    with Pages() as pages:
        for article in articles:
            yield from check_fields(article, base, today=today)
            yield from check_twins(article, base, chosen)
            source = read_source(article.body, first_line=article.body_line)
            try:
                # Both before the first is told: a page that cannot be rendered is one finding, not half of them.
                found = [*check_links(article, source, base, pages), *check_headings(article, source, base, pages)]
            except ArticleError as fault:
                found = [_unreadable(base.path(article.id), fault.line, fault.fact)]
            yield from found


def in_order(findings: Iterable[Finding], *, only: Iterable[str] | None = None) -> list[Finding]:
    """The findings of these rules, or all of them, by file, line and rule."""
    rules = None if only is None else set(only)
    kept = [finding for finding in findings if rules is None or finding.rule in rules]
    return sorted(kept, key=lambda finding: (finding.path, finding.line or 0, finding.rule, finding.fact))


def _unreadable(path: str, line: int | None, fact: str) -> Finding:
    """The facts of problems carry their remedy behind a semicolon or in brackets."""
    said, _, remedy = fact.rpartition("; ")
    if not said and fact.endswith(")") and " (" in fact:
        said, _, remedy = fact[:-1].rpartition(" (")
    return make_finding(path, line, "unreadable", "error", fact=said or fact, remedy=remedy or "mend it, then run `kb index`")
