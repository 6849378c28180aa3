"""One import, from a source to the articles folder: read, placed, converted beside the folder, checked, and moved in as a whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kb.articles import Article, load_articles, parse_article
from kb.errors import ArticleError, SettingsError
from kb.files import MAX_ARTICLE_BYTES
from kb.frontmatter import FrontMatterFault
from kb.importing.converting import Surroundings, convert_html
from kb.importing.front import add_front_matter, choose_status
from kb.importing.linking import Links, find_fragments, relative_link
from kb.importing.markdown import convert_markdown
from kb.importing.placing import Placed, Places, Placing, place_all
from kb.importing.recognising import open_source, read_source
from kb.importing.report import Changes, Converted, ImportReport, Refused
from kb.importing.staging import Staging, open_staging, recover
from kb.importing.tree import SourceError
from kb.language import language_of_folder

Check = Callable[[Article], object]
"""Looks at an article that is about to come in, and raises ArticleError when it may not."""


def import_articles(
    source: Path, folder: Path, *, into: str = "", lang: str = "", publish: bool = False, dry: bool = False, check: Check | None = None
) -> ImportReport:
    """Import every article of `source` into the articles folder `folder`, below `into` in each language's folder.

    `lang` counts where the source names no language, and detection where neither does. Everything comes in as a draft, unless
    `publish` is given and the source says that it is published. What cannot be converted is refused by name and stops nothing else;
    `check` may refuse more. The articles folder changes in one step at the end, never with `dry`.
    Raises SourceError when nothing of the source can be read, SettingsError without an articles folder, and ImportInterrupted when
    the articles folder could not take it; nothing has changed then.
    """
    folders = _read_into(into)
    _refuse_overlap(source, folder)
    undone = recover(folder) if folder.is_dir() and not dry else 0
    loaded = load_articles(folder)
    with open_source(source) as tree, open_staging(folder, dry=dry) as staging:
        arrived = read_source(tree, staging.spool)
        decided = place_all(arrived.articles, Places.of(folder, loaded.articles), into=folders, lang=lang)
        converted, broken = _Conversion(staging, decided, publish=publish, check=check).run()
        if not dry and converted:
            staging.move_in()
    refused = [Refused(fault.path, fault.line, fault.fact) for fault in (*arrived.refused, *decided.refused, *broken)]
    ordered = tuple(sorted(converted, key=lambda one: one.id))
    return ImportReport(dry, ordered, tuple(decided.skipped), tuple(refused), tuple(arrived.left_out), undone)


class _Conversion:
    """All articles of an import, converted into its staging folder."""

    def __init__(self, staging: Staging, decided: Placing, *, publish: bool, check: Check | None) -> None:
        self.staging, self.placed, self.publish, self.check = staging, decided.placed, publish, check
        self.fragments = find_fragments(one.incoming.body for one in self.placed)
        self.links = Links()
        for one in (*decided.placed, *decided.standing):
            self.links.add(one.incoming.keys, lang=one.lang, article=one.id)

    def run(self) -> tuple[list[Converted], list[ArticleError]]:
        """What was converted, and why the others were not. No link leads to one that was not."""
        done: dict[str, tuple[Converted, set[str]]] = {}
        broken: dict[str, ArticleError] = {}
        waiting = list(self.placed)
        while waiting:
            before = set(broken)
            for one in waiting:
                self.staging.discard(one.id)
                done.pop(one.id, None)
                try:
                    done[one.id] = self._convert(one, frozenset(broken))
                except ArticleError as fault:
                    broken[one.id] = fault
                    self.staging.discard(one.id)
            fallen = set(broken) - before
            # Whoever links to one that was refused later is written again, without that link.
            waiting = [one for one in self.placed if one.id in done and done[one.id][1] & fallen]
        return [converted for converted, _ in done.values()], list(broken.values())

    def _convert(self, one: Placed, without: frozenset[str]) -> tuple[Converted, set[str]]:
        """The article as it was written, and the ids that it links to."""
        incoming, linked = one.incoming, set()
        changes = Changes(incoming.file, incoming.has_lines)
        for fact in incoming.changes:
            changes.note(fact)

        def lead(target) -> str | None:
            other = self.links.find(target, lang=one.lang, without=without)
            if other is None:
                return None
            linked.add(other)
            return relative_link(one.id, other, target.fragment)

        around = Surroundings(lead, lambda name, content: self.staging.store_image(one.id, name, content), self.fragments)
        try:
            text, summary = (convert_markdown if incoming.form == "markdown" else convert_html)(incoming, around, changes)
        except FrontMatterFault as fault:
            raise ArticleError(incoming.file, fault.line, fault.fact) from None
        status = choose_status(incoming, publish=self.publish)
        text = add_front_matter(text, incoming, lang=one.lang, status=status, summary=summary)
        article = self._checked(text, one)
        self.staging.write_article(one.id, text)
        images = len(set(self.staging.images.get(one.id, ())))
        return Converted(one.id, article.title, one.lang, status, incoming.source, incoming.file, images, changes.told()), linked

    def _checked(self, text: str, one: Placed) -> Article:
        """The article that the text is. Raises ArticleError, about the file it came from, when it is none."""
        if len(text.encode("utf-8")) > MAX_ARTICLE_BYTES:
            fact = f"would be larger than {MAX_ARTICLE_BYTES // 1_000_000} MB as Markdown; split it into several articles"
            raise ArticleError(one.incoming.file, one.incoming.line, fact)
        try:
            article = parse_article(text, id=one.id)
            if self.check:
                self.check(article)
        except ArticleError as fault:
            raise ArticleError(one.incoming.file, one.incoming.line, f"cannot become an article: {fault.fact}") from None
        return article


def _read_into(into: str) -> tuple[str, ...]:
    parts = [part for part in into.replace("\\", "/").split("/") if part not in ("", ".")]
    if any(part == ".." or part.startswith(".") or not part.isprintable() for part in parts) or into.startswith("/"):
        raise SettingsError(f"--into {into!r} is no folder below a language; want a name such as manual or guides/windows")
    if parts and language_of_folder(parts[0]):
        raise SettingsError(f"--into {into!r} names a language; leave {parts[0]} out, each article goes below its own language")
    return tuple(parts)


def _refuse_overlap(source: Path, folder: Path) -> None:
    """Raises SourceError when the source lies in the articles folder, or holds it."""
    try:
        inside, outside = source.resolve(), folder.resolve()
    except (OSError, RuntimeError) as fault:
        raise SourceError(f"{source} cannot be followed to a file or folder: {fault}") from None
    if inside.is_relative_to(outside):
        raise SourceError(f"{source} lies in the articles folder already; `kb index` reads it as it is")
    if outside.is_relative_to(inside):
        raise SourceError(f"{source} holds the articles folder itself; name the folder of what is new")
