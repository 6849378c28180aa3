"""Word documents (.docx) as HTML: headings, lists, tables, notes, code and images, by way of mammoth."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import mammoth
from lxml import etree
from mammoth.docx.files import InvalidFileReferenceError

from kb.errors import ArticleError
from kb.importing.archive import check_entries, read_entry
from kb.importing.fields import read_day
from kb.importing.tree import SourceError

MAX_PART_BYTES = 60_000_000
_HEADINGS = "\n".join(f"p[style-name='标题 {level}'] => h{level}:fresh" for level in range(1, 7))
# kb shows a table of contents of its own, without page numbers.
_CONTENTS = "\n".join(f"p[style-name='toc {level}'] => !" for level in range(1, 10))
_CALLOUTS = "\n".join(
    f"p[style-name='{name}'] => div.{kind} > p:fresh"
    for kind, names in {
        "note": ("Note", "说明", "注"), "tip": ("Tip", "提示"), "important": ("Important", "重要"),
        "warning": ("Warning", "警告"), "caution": ("Caution", "注意", "小心"),
    }.items()
    for name in names
)  # fmt: skip
_CODE_STYLES = ("Code", "Source Code", "HTML Preformatted", "Plain Text", "代码")
_CODE = "\n".join(f"p[style-name='{name}'] => pre:separator('\\n')" for name in _CODE_STYLES)
STYLE_MAP = f"""
p[style-name='Title'] => h1.kb-title:fresh
p[style-name='标题'] => h1.kb-title:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='TOC Heading'] => !
{_CONTENTS}
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
r[style-name='HTML Code'] => code
r[style-name='Verbatim Char'] => code
{_HEADINGS}
{_CALLOUTS}
{_CODE}
"""
_OUTSIDE = re.compile(r"could not open external image '(.*)', external file access is disabled", re.DOTALL)
_UNKNOWN_STYLE = re.compile(r"Unrecognised (?:paragraph|run|table) style: '?(.*?)'? \(Style ID: .*\)")
_IGNORED = re.compile(r"An unrecognised element was ignored: (.+)")
_WHAT = {"oMath": "formula", "oMathPara": "formula", "chart": "chart", "OLEObject": "embedded object", "altChunk": "inserted file"}
_COUNTED = {
    "color": "colour dropped", "highlight": "colour dropped", "commentReference": "comment left out",
    "ins": "tracked insertion taken as accepted", "del": "tracked deletion taken as accepted", "moveFrom": "tracked move taken as accepted",
}  # fmt: skip
_CORE = {"title": "{http://purl.org/dc/elements/1.1/}title", "keywords": "{*}keywords", "modified": "{http://purl.org/dc/terms/}modified"}


@dataclass(frozen=True)
class WordDocument:
    """A document as HTML, and what its properties say. Images are named by number and lie where `spool` put them."""

    html: str
    title: str
    tags: tuple[str, ...]
    updated: date | None
    changes: tuple[str, ...]


def read_word(content: bytes, name: str, spool: Callable[[bytes], Path]) -> WordDocument:
    """The document. `spool` keeps an image's content and says where. Raises ArticleError with the remedy when it cannot be read."""
    changes = _check_parts(content, name)
    try:
        result = mammoth.convert_to_html(
            io.BytesIO(content), style_map=STYLE_MAP, include_embedded_style_map=False, external_file_access=False,
            convert_image=mammoth.images.img_element(lambda image: _keep_image(image, spool)),
        )  # fmt: skip
    except RecursionError:
        raise ArticleError(name, None, "is nested too deeply; make its tables and lists flatter") from None
    except Exception as fault:
        # A document is input that anybody may have made, and mammoth raises whatever its parts run into: KeyError, ValueError, ExpatError.
        fact = f"is no Word document that can be read ({type(fault).__name__}); open it in Word and save it again"
        raise ArticleError(name, None, fact) from fault
    told = [fact for message in result.messages if (fact := _translate(message.message))]
    title, tags, updated = _read_properties(content)
    return WordDocument(result.value, title, tags, updated, (*changes, *told))


def _keep_image(image: mammoth.documents.Image, spool: Callable[[bytes], Path]) -> dict[str, str]:
    try:
        with image.open() as file:
            return {"src": f"kb-image:{spool(file.read()).name}"}
    except InvalidFileReferenceError as fault:
        outside = _OUTSIDE.match(str(fault))
        return {"src": outside.group(1) if outside else "missing"}


def _check_parts(content: bytes, name: str) -> list[str]:
    """Facts about what the document loses. Raises ArticleError for a broken, locked or malicious archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = check_entries(archive, name)
            if "word/document.xml" not in entries and not any(part.endswith("document.xml") for part in entries):
                raise ArticleError(name, None, "holds no Word text; save it as a Word document (.docx)")
            for part, entry in entries.items():
                if part.lower().endswith((".xml", ".rels")):
                    if entry.file_size > MAX_PART_BYTES:
                        fact = f"has a part of more than {MAX_PART_BYTES // 1_000_000} MB ({part}); split the document"
                        raise ArticleError(name, None, fact)
                    _refuse_entities(read_entry(archive, entry, name), name)
            document = next((part for part in entries if part.endswith("document.xml")), "")
            return _count_losses(read_entry(archive, entries[document], name), name)
    except SourceError as fault:
        raise ArticleError(name, None, str(fault).removeprefix(f"{name} ")) from None
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError):
        raise ArticleError(name, None, "is no complete Word document; it may be cut short, so copy it again") from None


def _refuse_entities(part: bytes, name: str) -> None:
    # Office never writes a document type. Without one there are no entities that could grow, or reach for files.
    if b"<!DOCTYPE" in part.replace(b"\0", b"").upper():
        raise ArticleError(name, None, "declares XML entities, which Word never does; it is not opened")


def _count_losses(document: bytes, name: str) -> list[str]:
    found: Counter[str] = Counter()
    try:
        for _, element in etree.iterparse(io.BytesIO(document), events=("end",), resolve_entities=False, no_network=True, load_dtd=False):
            local = etree.QName(element).localname if isinstance(element.tag, str) else ""
            value = next((value for key, value in element.attrib.items() if key.endswith("}val")), "")
            if local in _COUNTED and value.lower() not in ("auto", "000000", "none"):
                found[_COUNTED[local]] += 1
            element.clear()
    except etree.XMLSyntaxError as fault:
        raise ArticleError(name, None, f"has damaged text inside ({fault.msg}); open it in Word and save it again") from None
    return list(found.elements())


def _read_properties(content: bytes) -> tuple[str, tuple[str, ...], date | None]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        try:
            core = archive.read("docProps/core.xml")
        except KeyError:
            return "", (), None
    try:
        root = etree.fromstring(core, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return "", (), None  # Properties are a courtesy; the text is read without them.
    title, keywords, modified = (root.findtext(path) or "" for path in _CORE.values())
    return title.strip(), tuple(filter(None, (word.strip() for word in re.split("[,;，；]", keywords)))), read_day(modified)


def _translate(message: str) -> str:
    """The change that a message of mammoth stands for, '' when a reader of the article misses nothing."""
    style, ignored = _UNKNOWN_STYLE.match(message), _IGNORED.match(message)
    if style:
        return f"style {style.group(1)!r} taken as ordinary text"
    if ignored:
        name = re.split("[:}]", ignored.group(1))[-1]
        return f"{_WHAT.get(name, f'element {name}')} left out"
    if "unlikely to display in web browsers" in message or "could not open external image" in message:
        return ""  # Told with the image itself.
    return message[:200]
