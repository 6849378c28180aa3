"""One article's Markdown to the page a reader sees: sanitised HTML and its table of contents."""

from __future__ import annotations

import re
from dataclasses import dataclass

import lxml.html
from lxml import etree
from markdown import Markdown
from markdown.extensions.toc import slugify_unicode
from markdown.inlinepatterns import SimpleTagInlineProcessor

from kb.articles import Article
from kb.commonmark import CommonMarkPreprocessor, NestedTooDeep
from kb.errors import ArticleError
from kb.links import is_external, resolve_image, resolve_link
from kb.sanitising import sanitise
from kb.source import drop_unfit

MAX_TREE_DEPTH = 120
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CJK = "\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef"
_CJK_BREAK = re.compile(rf"(?<=[{_CJK}])[ ]*\n[ ]*(?=[{_CJK}])")
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


@dataclass(frozen=True)
class TocEntry:
    """A section: heading level 2 to 6, fragment in the page, and its words."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Rendered:
    """A page without its title: sanitised HTML, and its sections in order."""

    html: str
    toc: tuple[TocEntry, ...]


def render_article(article: Article) -> Rendered:
    """The page of `article`. Same article, same page. Raises ArticleError when its nesting is absurd."""
    try:
        html = _convert(article)
        # Once more, because a reference such as &#1; is a sign of its own only now.
        clean = drop_unfit(sanitise(html))
        tree = lxml.html.fragment_fromstring(clean, create_parent="div", parser=lxml.html.HTMLParser(huge_tree=True))
        _refuse_deep(tree)
    except (NestedTooDeep, RecursionError) as error:
        fact = str(error) if isinstance(error, NestedTooDeep) else "markup is nested too deeply"
        raise ArticleError(f"{article.id}.md", None, f"{fact}; make its lists and quotes flatter") from None
    _lead_links(tree, article.id)
    _place_images(tree, article.id)
    _shape_boxes(tree)
    toc = _number_headings(tree, article.title)
    _tidy(tree)
    return Rendered(sanitise(_inner(tree)), toc)


def _convert(article: Article) -> str:
    markdown = Markdown(
        extensions=["tables", "footnotes", "def_list", "attr_list", "sane_lists"],
        extension_configs={"footnotes": {"BACKLINK_TITLE": ""}},
        output_format="html",
    )
    # Raw HTML and code are stored before Python-Markdown sees them, so its own readers of both stay out.
    markdown.preprocessors.deregister("html_block")
    markdown.preprocessors.deregister("normalize_whitespace")
    markdown.parser.blockprocessors.deregister("code")
    markdown.inlinePatterns.register(SimpleTagInlineProcessor(r"()~~(?=\S)(.+?)(?<=\S)~~", "del"), "del", 65)
    markdown.ESCAPED_CHARS = list(_PUNCTUATION)
    markdown.preprocessors.register(CommonMarkPreprocessor(markdown, article.lang), "commonmark", 25)
    return markdown.convert(article.body)


def _refuse_deep(tree: etree._Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_TREE_DEPTH:
            raise NestedTooDeep(f"HTML is nested more than {MAX_TREE_DEPTH} deep")


def _lead_links(tree: etree._Element, article_id: str) -> None:
    for link in tree.iter("a"):
        href = link.get("href")
        if href is None:
            continue
        resolved = resolve_link(href.strip(), article_id)
        if not resolved:
            del link.attrib["href"]
            link.attrib.pop("target", None)
            continue
        link.set("href", resolved)
        _mark_link(link, resolved)


def _mark_link(link: etree._Element, address: str) -> None:
    external = is_external(address)
    link.set("target", "_blank" if external else "_self")
    if external:
        link.set("rel", "noopener noreferrer nofollow")
    else:
        link.attrib.pop("rel", None)


def _place_images(tree: etree._Element, article_id: str) -> None:
    for image in list(tree.iter("img")):
        source, alt = image.get("src", ""), image.get("alt", "")
        local = resolve_image(source, article_id)
        if local:
            image.set("src", local)
            image.set("alt", alt)
            image.set("loading", "lazy")
            continue
        # A remote image would tell another server who reads this page; the reader may follow a link instead.
        linked = any(parent.tag == "a" for parent in image.iterancestors())
        outside = resolve_link(source.strip(), article_id) if is_external(source) and not linked else ""
        stands_in = etree.Element("a" if outside else "span")
        if outside:
            stands_in.set("href", outside)
            _mark_link(stands_in, outside)
        stands_in.text = alt or outside
        stands_in.tail = image.tail
        image.getparent().replace(image, stands_in)


def _shape_boxes(tree: etree._Element) -> None:
    for paragraph in tree.iter("p"):
        if len(paragraph) == 1 and not (paragraph.text or "").strip() and paragraph[0].get("class") in ("admonition-title", "tab-title"):
            title = paragraph[0]
            if not (title.tail or "").strip():
                paragraph.set("class", title.get("class"))
                title.drop_tag()


def _number_headings(tree: etree._Element, title: str) -> tuple[TocEntry, ...]:
    headings = [element for element in tree.iter(*_HEADINGS)]
    if headings and headings[0].tag == "h1" and _same_words(_words(headings[0]), title):
        headings.pop(0).drop_tree()
    # Only h1 gives way; when sections were h1, what was h2 below them goes one down with them.
    shift = 1 if any(element.tag == "h1" for element in headings) else 0
    used = _name_once(tree)
    toc = []
    times: dict[str, int] = {}
    for element in headings:
        level = min(6, int(element.tag[1]) + shift)
        element.tag = f"h{level}"
        wanted = (element.get("id") or slugify_unicode(_words(element), "-") or "section")[:120]
        anchor = wanted
        while anchor in used:
            # Counted per heading, because release notes repeat "Fixed" thousands of times.
            times[wanted] = times.get(wanted, 1) + 1
            anchor = f"{wanted}-{times[wanted]}"
        used.add(anchor)
        element.set("id", anchor)
        if _words(element):
            toc.append(TocEntry(level, anchor, _words(element)))
    return tuple(toc)


def _name_once(tree: etree._Element) -> set[str]:
    """The ids of everything but headings, each left on the first element that has it: of two of one name no link knows which is meant."""
    used: set[str] = set()
    for element in tree.iter():
        name = element.get("id")
        if name and element.tag not in _HEADINGS:
            if name in used:
                del element.attrib["id"]
            used.add(name)
    return used


def _tidy(tree: etree._Element) -> None:
    for element in list(tree.iter("p", "span")):
        if not len(element) and not (element.text or "").strip() and not element.attrib:
            element.drop_tag()
    for element in tree.iter():
        if element.tag == "pre" or any(parent.tag == "pre" for parent in element.iterancestors("pre")):
            continue
        if element.text:
            element.text = _CJK_BREAK.sub("", element.text)
        for child in element:
            if child.tail:
                child.tail = _CJK_BREAK.sub("", child.tail)


def _words(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _same_words(one: str, other: str) -> bool:
    return re.sub(r"[\W_]+", "", one).casefold() == re.sub(r"[\W_]+", "", other).casefold()


def _inner(tree: etree._Element) -> str:
    children = "".join(etree.tostring(child, encoding="unicode", method="html") for child in tree)
    return (tree.text or "").replace("&", "&amp;").replace("<", "&lt;") + children
