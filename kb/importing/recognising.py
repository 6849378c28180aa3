"""What a source is, judged by content and name, and every article in it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from kb.errors import ArticleError
from kb.importing.archive import open_archive
from kb.importing.confluence import is_confluence_index
from kb.importing.confluence_json import is_confluence_json, read_confluence_json
from kb.importing.fields import find_lines, read_json
from kb.importing.incoming import Incoming
from kb.importing.pages import read_markdown_file, read_web_page, read_word_file
from kb.importing.tree import FolderTree, SourceError, Tree, open_folder
from kb.importing.zendesk import ZendeskFile, is_zendesk, read_zendesk

_MARKDOWN, _HTML, _WORD, _JSON = (".md", ".markdown"), (".html", ".htm", ".xhtml"), (".docx", ".docm"), (".json",)
_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_REMEDIES = {
    ".doc": "is a Word document of before 2007; open it in Word and save it as .docx",
    ".dot": "is a Word template; open it in Word and save it as .docx",
    ".wps": "is a WPS document; open it in WPS and save it as .docx",
    ".rtf": "is Rich Text; open it in Word and save it as .docx",
    ".odt": "is an OpenDocument text; save it as .docx",
    ".pages": "is a Pages document; export it as Word (.docx)",
    ".mht": "is a web archive; open it in a browser or in Word and save it as .html or .docx",
}  # fmt: skip
_OTHER_DOCUMENTS = {
    "xl/workbook.xml": "an Excel workbook",
    "ppt/presentation.xml": "a PowerPoint file",
    "content.xml": "an OpenDocument file",
}
_PASSED_OVER = frozenset(".png .jpg .jpeg .gif .webp .avif .svg .bmp .ico .css .js .map .woff .woff2 .ttf .eot".split())
"""Images, which come in with the article that shows them, and what dresses web pages."""


@dataclass
class Arrived:
    """What a source holds: articles, faults in the place of some, and the files that are none."""

    articles: list[Incoming] = field(default_factory=list)
    refused: list[ArticleError] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, found: Incoming | ArticleError) -> None:
        (self.refused if isinstance(found, ArticleError) else self.articles).append(found)


@contextmanager
def open_source(source: Path) -> Iterator[Tree]:
    """The files of the source. Raises SourceError, which names the remedy, when it is nothing that can be imported."""
    try:
        folder, file = source.is_dir(), source.is_file()
    except OSError as fault:
        raise SourceError(f"{source} cannot be read: {fault.strerror}; check its permissions") from None
    if folder:
        with open_folder(source) as tree:
            yield tree
    elif not file:
        raise SourceError(f"there is no file or folder {source}; check its name")
    elif _is_plain_archive(source):
        with open_archive(source) as tree:
            yield tree
    else:
        yield FolderTree(source.parent, "", (source.name,))


def read_source(tree: Tree, spool: Callable[[bytes], Path]) -> Arrived:
    """Every article of the source. Raises SourceError when it holds none and nothing that was meant as one."""
    arrived = Arrived()
    for name, fact in tree.faults:
        arrived.add(ArticleError(name, None, fact))
    exports: list[ZendeskFile] = []
    for name in tree.names:
        try:
            _read_file(name, tree, spool, arrived, exports)
        except ArticleError as fault:
            arrived.add(fault)
    for found in read_zendesk(exports):
        arrived.add(found)
    if not arrived.articles and not arrived.refused:
        called = tree.label or tree.names[0]
        raise SourceError(f"{called} holds no article; want Markdown, Word (.docx), HTML, or an export of Zendesk or Confluence")
    return arrived


def _read_file(name: str, tree: Tree, spool: Callable[[bytes], Path], arrived: Arrived, exports: list[ZendeskFile]) -> None:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _PASSED_OVER:
        return
    if suffix not in _MARKDOWN + _HTML + _WORD + _JSON and suffix not in _REMEDIES and tree.label:
        arrived.left_out.append(name)
        return
    content = tree.read(name)
    _refuse_foreign(content, name, suffix)
    if content[:4] == _ZIP:
        arrived.add(read_word_file(content, name, tree, spool))
    elif suffix in _JSON or (suffix not in _MARKDOWN + _HTML and content.lstrip()[:1] in (b"{", b"[")):
        _read_json_file(content, name, tree, arrived, exports)
    elif suffix in _HTML or _looks_like_html(content):
        if is_confluence_index(content[:200_000].decode("utf-8", "replace"), name):
            arrived.left_out.append(name)
        else:
            arrived.add(read_web_page(content, name, tree))
    elif suffix in _MARKDOWN:
        arrived.add(read_markdown_file(content, name, tree))
    elif suffix in _WORD:
        raise ArticleError(name, None, "is no complete Word document; it may be cut short, so copy it again")
    else:
        arrived.left_out.append(name)


def _read_json_file(content: bytes, name: str, tree: Tree, arrived: Arrived, exports: list[ZendeskFile]) -> None:
    value = read_json(content, name)
    if is_confluence_json(value):
        for found in read_confluence_json(value, name, find_lines(content), tree):
            arrived.add(found)
    elif is_zendesk(value):
        exports.append(ZendeskFile(name, value, find_lines(content)))
    elif tree.label:
        arrived.left_out.append(name)
    else:
        raise ArticleError(name, None, "is JSON, but neither a Zendesk export (articles) nor one of Confluence (results with a body)")


def _refuse_foreign(content: bytes, name: str, suffix: str) -> None:
    """Raises ArticleError for kinds of files that other programs have to convert first."""
    if content[:8] == _OLE:
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise ArticleError(name, None, "is protected by a password; open it in Word, remove the password and save it again")
        raise ArticleError(name, None, _REMEDIES.get(suffix, _REMEDIES[".doc"]))
    if content[:5] == b"{\\rtf":
        raise ArticleError(name, None, _REMEDIES[".rtf"])
    if content[:5] == b"%PDF-":
        raise ArticleError(name, None, "is a PDF, which holds pages and no text structure; import the document it was made from")
    if suffix in _REMEDIES:
        raise ArticleError(name, None, _REMEDIES[suffix])


def _looks_like_html(content: bytes) -> bool:
    head = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<!doctype html", b"<html"))


def _is_plain_archive(source: Path) -> bool:
    """Whether the file is a zip archive of files, not a document that is one inside. Raises SourceError for a broken archive."""
    with open(source, "rb") as file:
        if file.read(4) != _ZIP:
            if source.suffix.lower() == ".zip":
                raise SourceError(f"{source.name} is no zip archive; it may be cut short, so download or copy it again")
            return False
    if source.suffix.lower() in _WORD:
        return False
    try:
        with zipfile.ZipFile(source) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return True  # Opening it says what is wrong.
    if "word/document.xml" in names:
        return False
    if "entities.xml" in names:
        raise SourceError(f"{source.name} is a Confluence backup in XML; export the space as HTML instead")
    for inside, what in _OTHER_DOCUMENTS.items():
        if inside in names:
            raise SourceError(f"{source.name} is {what}; save its text as .docx")
    return True
