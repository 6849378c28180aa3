"""An article's file in the hands of several people: read with its version, saved only over that version, renamed with its address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kb.article_paths import find_path, find_same_id, is_path, make_parent, resolve_inside, split_path
from kb.articles import Article, load_articles, parse_article, resolve_reference, translations
from kb.durable_files import locked_folder, remove_file, replace_file, write_new
from kb.errors import ArticleError, ArticleNotFound, KnowledgeBaseError
from kb.files import MAX_ARTICLE_BYTES, Found, read_text
from kb.front_fields import set_fields
from kb.frontmatter import FrontMatterFault
from kb.relative_links import move_links

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class ArticleFile:
    """An article as its file holds it, front matter included."""

    id: str
    path: str
    """Posix, below the articles folder, with the suffix."""
    text: str
    """Without a byte order mark; its lines end with \\n, whatever they end with in the file."""
    version: str
    """SHA-256 of the file's bytes, hexadecimal."""


class EditConflict(KnowledgeBaseError):
    """The file is not what the writer started from. Carries `theirs`: the file as it is now, None when it is gone."""

    def __init__(self, id: str, theirs: ArticleFile | None) -> None:
        self.id, self.theirs = id, theirs
        fact = "was changed by somebody else; compare the two versions, then save again" if theirs else "is gone; save it as a new article"
        super().__init__(f"{theirs.path if theirs else id + '.md'} {fact}")


def read_article_file(folder: Path, id: str) -> ArticleFile:
    """The file of the article `id` as it is now. Raises ArticleNotFound, and ArticleError when the file cannot be read as text."""
    with _named_faults(f"{id}.md", "read"):
        path = find_path(folder, id) if is_path(f"{id}.md") else None
        if path is None:
            raise ArticleNotFound(id)
        text, version = read_text(Found(path, resolve_inside(folder, path)))
    return ArticleFile(id, path, text, version)


def save_article_file(folder: Path, id: str, text: str, *, version: str | None) -> ArticleFile:
    """Make `text` the file of article `id`, whole or not at all; the file as it is then.

    `version` is the one that the writer started from, None for an article that is not there yet. Raises EditConflict, with
    nothing written, when the file is another one by now, and ArticleError when the text is no article or cannot be written.
    """
    parts = split_path(f"{id}.md")
    text = _normal(text)
    with _locked(folder, f"{id}.md"):
        now = _current(folder, id)
        if (now and now.version) != version:
            raise EditConflict(id, now)
        path = now.path if now else f"{id}.md"
        _check_text(text, id=id, path=path)
        if now is None:
            _create(folder, id, parts, text)
        elif text != now.text:
            target = resolve_inside(folder, path)
            replace_file(target, _encode(text, path, like=target.read_bytes()))
        return read_article_file(folder, id)


def rename_article_file(folder: Path, id: str, new_id: str, *, version: str) -> ArticleFile:
    """Give the article another id, that is another path; the file at its new place.

    The old address keeps working (redirect_from), relative links and images in the text lead where they led, and a translation that
    was one by its path is named in translation_of. Raises ArticleNotFound, EditConflict, and ArticleError when the new name is taken.
    """
    parts = split_path(f"{new_id}.md")
    with _locked(folder, f"{new_id}.md"):
        now = read_article_file(folder, id)
        if now.version != version:
            raise EditConflict(id, now)
        if new_id == id:
            return now
        articles = {article.id: article for article in load_articles(folder).articles}
        _refuse_claimed(articles, id=id, new_id=new_id)
        text = _moved(now, new_id, articles)
        _check_text(text, id=new_id, path=f"{new_id}.md")
        target = resolve_inside(folder, now.path)
        _create(folder, new_id, parts, text, instead_of=now.path, like=target.read_bytes())
        remove_file(folder / now.path)
        return read_article_file(folder, new_id)


def _current(folder: Path, id: str) -> ArticleFile | None:
    try:
        return read_article_file(folder, id)
    except ArticleNotFound:
        return None


def _normal(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _check_text(text: str, *, id: str, path: str) -> None:
    """Raises ArticleError when a file with this text would be refused by the loader."""
    if not text.strip():
        raise ArticleError(path, None, "is empty; write the article first")
    if "\0" in text:
        raise ArticleError(path, text.count("\n", 0, text.index("\0")) + 1, "contains a NUL character; remove it")
    if len(_encode(text, path)) > MAX_ARTICLE_BYTES:
        raise ArticleError(path, None, f"would be larger than {MAX_ARTICLE_BYTES // 1_000_000} MB; split it into several articles")
    parse_article(text, id=id, path=path)


def _encode(text: str, path: str, *, like: bytes = b"") -> bytes:
    """The bytes of `text`, with the byte order mark and the line ends of the file that it replaces: a change of one word stays one."""
    if b"\r\n" in like and like.count(b"\r\n") == like.count(b"\n"):
        text = text.replace("\n", "\r\n")
    try:
        return (_BOM if like.startswith(_BOM) else b"") + text.encode("utf-8")
    except UnicodeEncodeError as fault:
        line = text.count("\n", 0, fault.start) + 1
        raise ArticleError(path, line, "contains half of a character that no file can hold; type it anew") from None


def _create(folder: Path, id: str, parts: list[str], text: str, *, instead_of: str = "", like: bytes = b"") -> None:
    path = f"{id}.md"
    content = _encode(text, path, like=like)
    parent = make_parent(folder, parts[:-1], path)
    taken = find_same_id(folder, id)
    if taken and taken != instead_of:
        raise ArticleError(path, None, f"has the same id as {taken}; choose another name")
    if not write_new(parent / parts[-1], content):
        raise ArticleError(path, None, "is taken; choose another name")


def _refuse_claimed(articles: dict[str, Article], *, id: str, new_id: str) -> None:
    """Raises ArticleError when the new address leads to another article already."""
    for other in articles.values():
        if other.id != id and new_id in map(_old_id, other.redirect_from):
            fact = f"is an old address of {other.id}; choose another name, or remove it from redirect_from there"
            raise ArticleError(f"{new_id}.md", None, fact)


def _old_id(written: str) -> str:
    return written.strip("/").removesuffix(".md").removesuffix(".markdown")


def _moved(file: ArticleFile, new_id: str, articles: dict[str, Article]) -> str:
    """The text of the file as it has to read under its new id."""
    article = articles.get(file.id) or parse_article(file.text, id=file.id, path=file.path)
    old = [address for address in article.redirect_from if _old_id(address) != new_id]
    changes: dict[str, str | list[str]] = {"redirect_from": [*old, *([] if file.id in map(_old_id, old) else [file.id])]}
    named = resolve_reference(article.translation_of, file.id, articles) if article.translation_of else None
    if named and named != resolve_reference(article.translation_of, new_id, articles):
        changes["translation_of"] = named
    if not article.translation_of:
        # A translation under the same path in another language's folder belongs to this one only as long as the paths are alike.
        before = translations(articles.values()).get(file.id, ())
        others = {id: other for id, other in articles.items() if id != file.id}
        after = translations([*others.values(), parse_article(file.text, id=new_id)]).get(new_id, ())
        if before and not set(before) & set(after):
            changes["translation_of"] = before[0]
    head, body = _split_body(file, article)
    try:
        return set_fields(head + move_links(body, old=file.id, new=new_id), changes)
    except FrontMatterFault as fault:
        raise ArticleError(file.path, fault.line, fault.fact) from None


def _split_body(file: ArticleFile, article: Article) -> tuple[str, str]:
    lines = file.text.split("\n")
    head = "".join(f"{line}\n" for line in lines[: article.body_line - 1])
    return head, "\n".join(lines[article.body_line - 1 :])


@contextmanager
def _locked(folder: Path, path: str) -> Iterator[None]:
    """The folder is this writer's alone. Otherwise two who save at once would both find the version they started from."""
    with _named_faults(path, "written"), locked_folder(folder):
        yield


@contextmanager
def _named_faults(path: str, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise ArticleError(path, None, f"cannot be {done}: {fault.strerror}; check the articles folder and its permissions") from fault
