"""Single files as articles: web pages, Word documents, Markdown; each found again by its name when it comes a second time."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import lxml.html

from kb.articles import parse_article
from kb.drafts import make_slug
from kb.errors import ArticleError
from kb.frontmatter import read_front_matter
from kb.importing.confluence import is_confluence_page, read_confluence_page
from kb.importing.incoming import Incoming, Picture
from kb.importing.linking import follow_address, resolve_path
from kb.importing.markup import body_of, clean_text, decode_html, parse_html, words_of
from kb.importing.tree import Tree
from kb.importing.word import read_word
from kb.language import language_of_folder

_FURNITURE = ("nav", "header", "footer", "aside")
_SITE = re.compile(r"\s+[|–—-]\s+[^|–—-]+$")


def read_web_page(content: bytes, name: str, tree: Tree) -> Incoming:
    """An HTML file, of whatever origin; a page of a Confluence export by its own rules."""
    text = decode_html(content, name)
    if is_confluence_page(text):
        return read_confluence_page(text, name, tree)
    page = parse_html(text, name)
    heading = words_of(next(_main_of(page).iter("h1"), None))
    title = heading or _SITE.sub("", words_of(page.find(".//title"))) or _name_as_title(name)
    return _file_article(
        name,
        tree,
        title=title,
        body=text,
        pick=_main_of,
        find_picture=lambda address: _find_beside(address, name, tree),
        status="published",
    )


def read_word_file(content: bytes, name: str, tree: Tree, spool: Callable[[bytes], Path]) -> Incoming:
    """A Word document, titled by its title, its properties, its first heading or its file name."""
    kept: dict[str, Path] = {}

    def keep(image: bytes) -> Path:
        place = spool(image)
        kept[place.name] = place
        return place

    document = read_word(content, name, keep)
    page = parse_html(document.html, name, has_lines=False)
    heading = next((words for element in page.iter("h1", "h2") if (words := words_of(element))), "")
    title = words_of(_title_of(page)) or document.title or heading or _name_as_title(name)

    def find(address: str) -> Picture:
        place = kept.get(address.removeprefix("kb-image:"))
        if place:
            return Picture(PurePosixPath(name).stem, place.read_bytes())
        return Picture(address, address=address if address.lower().startswith(("http://", "https://")) else "")

    return _file_article(
        name, tree, title=title, body=document.html, pick=_without_title, find_picture=find, has_lines=False,
        tags=document.tags, updated=document.updated, changes=document.changes,
    )  # fmt: skip


def read_markdown_file(content: bytes, name: str, tree: Tree) -> Incoming:
    """A Markdown file, whose front matter counts. Raises ArticleError with the line when it is no article."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise ArticleError(name, line, f"is not UTF-8: byte 0x{content[fault.start]:02X}; save the file as UTF-8") from None
    text = clean_text(text)
    if not text.strip():
        raise ArticleError(name, None, "is empty; write the article or remove the file")
    article = parse_article(text, id=name.rsplit(".", 1)[0], path=name)
    return _file_article(
        name, tree, title=article.title, body=text, find_picture=lambda address: _find_beside(address, name, tree), form="markdown",
        lang=str(read_front_matter(text).fields.get("lang") or ""), tags=article.tags, updated=article.updated,
        status=_says(article.extra, article.status), keep_names=True,
    )  # fmt: skip


def _file_article(name: str, tree: Tree, *, title: str, lang: str = "", keep_names: bool = False, **given: object) -> Incoming:
    path = PurePosixPath(name)
    folders = [part for part in path.parts[:-1] if not language_of_folder(part)]
    named = next((found for part in path.parts[:-1] if (found := language_of_folder(part))), "")
    safe = _keep_name if keep_names else make_slug
    return Incoming(
        file=name, source=f"file {tree.path_of(name)}", title=title, lang=lang or named, name=safe(path.stem) or make_slug(title) or "article",
        folders=tuple(filter(None, map(safe, folders))), group="/".join([*folders, path.stem]).casefold(),
        keys=_keys_of(path), follow=lambda href: follow_address(href, base=name), **given,
    )  # fmt: skip


def _keys_of(path: PurePosixPath) -> tuple[str, ...]:
    """How other files may write a link to this one: with its suffix, without it, with that of a built site, or by its folder."""
    stem = path.with_suffix("").as_posix()
    names = [path.as_posix(), stem, f"{stem}.html", f"{stem}.md"]
    if path.stem.casefold() in ("index", "readme", "_index"):
        names.append(path.parent.as_posix())
    return tuple(dict.fromkeys(f"file {name.casefold()}" for name in names))


def _keep_name(name: str) -> str:
    """The name as it is where an address can carry it."""
    return name if re.fullmatch(r"\w[\w.-]{0,80}", name) else make_slug(name)


def _title_of(page: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    """The paragraph that Word calls the title."""
    return next((element for element in page.iter("h1") if element.get("class") == "kb-title"), None)


def _without_title(page: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    title = _title_of(page)
    if title is not None:
        title.drop_tree()
    return body_of(page)


def _main_of(page: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """What the page is about, without the furniture around it."""
    body = body_of(page)
    mains = [*body.iter("main"), *body.xpath(".//*[@role='main']"), *body.iter("article")]
    if mains:
        return mains[0]
    for element in list(body.iter(*_FURNITURE)):
        if element.getparent() is not None and words_of(element) != words_of(body):
            element.drop_tree()
    return body


def _find_beside(address: str, name: str, tree: Tree) -> Picture:
    try:
        parts = urlsplit(address)
    except ValueError:
        return Picture(address)
    if parts.scheme or parts.netloc:
        web = f"https:{address}" if not parts.scheme else address if parts.scheme.lower() in ("http", "https") else ""
        return Picture(address, address=web)
    place = resolve_path(unquote(parts.path), base=name) if parts.path else ""
    try:
        return Picture(PurePosixPath(place).name, tree.read(place)) if place else Picture(address)
    except (KeyError, ArticleError):
        # A missing image is told with the article that shows it.
        return Picture(address)


def _name_as_title(name: str) -> str:
    stem = PurePosixPath(name).stem
    return re.sub(r"[-_]+", " ", stem).strip() or stem


def _says(extra: object, status: str) -> str:
    """What the file says of itself: kb's own field, or those of Jekyll and Hugo."""
    fields = extra if isinstance(extra, dict) else {}
    if fields.get("draft") is True or fields.get("published") is False:
        return "draft"
    return status if status in ("published", "archived") else "draft"
