"""Text in Chinese and English: folding, and the words a text is found by, each with its place in the text.

Chinese is cut by jieba in search mode (overlapping words), English is stemmed, identifiers such as `0x80070005`, `ERR_SSL_PROTOCOL_ERROR`,
`v2.4.5` or `app/etc/env.php` are kept whole and by part. Index, query and highlighting all call `find_words`, so they agree.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import jieba
import snowballstemmer
from zhconv import zhconv

# That its dictionary cannot be cached, on a full or read-only disk, costs a second at each start and is no reason for a traceback.
jieba.setLogLevel(logging.CRITICAL)

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LATIN = "A-Za-z0-9\u00c0-\u024f"
_PIECES = re.compile(
    rf"(?P<cjk>[{_CJK}]+)"
    rf"|(?P<latin>[{_LATIN}]+(?:[._\-/:#@+'][{_LATIN}]+)*(?:\+\+|#)?)"
    rf"|(?P<other>[^\W_{_CJK}{_LATIN}]+)"
)
_JOINERS = re.compile(r"[_\-/:#@+']+")
_NUMBER = re.compile(r"v?\d+(?:\.\d+)+", re.I)
_LETTERS_AND_DIGITS = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ACCENTED = re.compile("[\u00c0-\u024f]")

_CHINESE_TERM = re.compile(rf"[{_CJK}]")

STOP_WORDS = frozenset(
    "a an the is are was were be been am do does did of to in on at for by with and or as it its this that these those i my me we our you your "
    "he she they them his her their there from into than then so if but can could would should will shall may might must have has had what which "
    "who whom when where why how s t not no please any some about just also "
    "的 了 吗 呢 啊 吧 嘛 呀 着 过 地 得 是 在 和 与 及 或 而 也 都 就 又 还 把 被 给 对 从 向 到 于 以 之 其 这 那 这个 那个 这些 那些 此 该 我 我们 你 你们 您 他 她 它 "
    "他们 什么 怎么 怎样 怎么样 如何 为什么 为何 哪 哪个 哪些 哪里 谁 多少 几 有 没 没有 会 能 可以 要 想 请 请问 一个 一下 个 很 吗 么 啥 咋 时 时候 后 前 上 下 里 中 为 不 用".split()
)


@dataclass(frozen=True)
class Word:
    """A word of a text: characters `start` to `end`, and the terms it is indexed by, the most specific first."""

    start: int
    end: int
    terms: tuple[str, ...]


def keep_dictionary_in(folder: Path) -> None:
    """Let jieba cache its compiled dictionary in a folder of ours: its default is a file in a world-writable place that it trusts."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    jieba.dt.tmp_dir = str(folder)


def warm_up_words() -> None:
    """Load the dictionaries now rather than at the first word."""
    find_words("軟體 warm up")


def find_words(text: str) -> list[Word]:
    """Every word of the text that is not a stop word, in order of appearance. Places refer to the text as given."""
    folded, places = fold(text)
    words = []
    for piece in _PIECES.finditer(folded):
        for start, end, terms in _cut(piece):
            if terms:
                words.append(Word(places[start], places[end - 1] + 1, terms) if places else Word(start, end, terms))
    return words


def find_terms(text: str) -> list[str]:
    """The terms of a text in order, repeats included: what the terms arm indexes."""
    return [term for word in find_words(text) for term in word.terms]


def fold(text: str) -> tuple[str, list[int] | None]:
    """The text in NFKC, simplified Chinese, without accents and invisible characters; and where each character came from (None: same places)."""
    if text.isascii():
        return text, None
    pieces = [_fold_character(character) for character in text]
    folded = "".join(pieces)
    places = None
    if len(folded) != len(text) or not all(pieces):
        places = [i for i, piece in enumerate(pieces) for _ in piece]
    if any(character in _traditional() for character in folded):
        # Whole words first (軟體 -> 软件, where single characters would give 软体), as long as places survive.
        converted = zhconv.convert(folded, "zh-cn")
        folded = converted if len(converted) == len(folded) else folded.translate(_traditional_table())
    return folded, places


def find_matches(text: str, terms: frozenset[str]) -> list[tuple[int, int]]:
    """(start, end) of every place of the text that one of these terms names, in order, touching places joined.

    Chinese terms are looked for as they are rather than by cutting the text into words: it marks the same and costs a hundredth.
    """
    folded, places = fold(text)
    chinese = _chinese_pattern(terms) if not folded.isascii() else None
    spans: list[tuple[int, int]] = []
    for piece in _PIECES.finditer(folded):
        if piece.lastgroup == "cjk":
            found = [(piece.start() + m.start(), piece.start() + m.end()) for m in chinese.finditer(piece.group())] if chinese else []
        else:
            found = [] if terms.isdisjoint(_terms_of(piece)) else [piece.span()]
        for start, end in found:
            if places:
                start, end = places[start], places[end - 1] + 1
            if spans and start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], end))
            else:
                spans.append((start, end))
    return spans


def held_terms(text: str, terms: Iterable[str]) -> set[str]:
    """Those of the terms that the text contains, by the rules of `find_matches`."""
    folded, _ = fold(text)
    latin = {term for piece in _PIECES.finditer(folded) if piece.lastgroup != "cjk" for term in _terms_of(piece)}
    return {term for term in terms if term in latin or (_CHINESE_TERM.match(term) and term in folded)}


@lru_cache(maxsize=256)
def _chinese_pattern(terms: frozenset[str]) -> re.Pattern | None:
    """Any of the Chinese terms, longest first, overlapping ones found one after the other."""
    chosen = sorted((term for term in terms if _CHINESE_TERM.match(term)), key=lambda term: (-len(term), term))
    return re.compile("|".join(map(re.escape, chosen))) if chosen else None


def word_terms(words: Iterable[Word]) -> list[str]:
    """The distinct terms of these words, in order."""
    return list(dict.fromkeys(term for word in words for term in word.terms))


def segment(text: str) -> str:
    """The terms joined by spaces, each safe for SQLite FTS5: letters and digits, punctuation moved to a private block."""
    return " ".join(escape_term(term) for term in find_terms(text))


def escape_term(term: str) -> str:
    """A term as FTS5's unicode61 keeps it in one piece."""
    return term.translate(_PRIVATE)


# unicode61 takes private-use characters for letters, so `err_ssl` stays one word without a tokenizer of our own.
_PRIVATE = {ord(mark): 0xE000 + ord(mark) for mark in "._-/:#@+'"}


@lru_cache(maxsize=65536)
def _fold_character(character: str) -> str:
    if unicodedata.category(character) in {"Cf", "Cc", "Mn"} and character not in "\n\t":
        return ""
    if _ACCENTED.match(character):
        character = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.normalize("NFKC", character)


@cache
def _traditional() -> frozenset[str]:
    return frozenset(chr(code) for code in _traditional_table())


@cache
def _traditional_table() -> dict[int, str]:
    """Traditional to simplified, single characters only, so that no place moves."""
    zhconv.loaddict()
    pairs = zhconv.zhcdicts["zh2Hans"]
    return {ord(a): b for a, b in pairs.items() if len(a) == len(b) == 1 and a != b}


def _cut(piece: re.Match) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """(start, end, terms) of each word of one run of one script."""
    text, at = piece.group(), piece.start()
    if piece.lastgroup == "cjk":
        for word, start, end in jieba.tokenize(text, mode="search"):
            yield at + start, at + end, () if word in STOP_WORDS else (word,)
    elif piece.lastgroup == "latin":
        yield at, piece.end(), _latin_terms(text)
    else:
        yield at, piece.end(), (text.lower(),)


def _terms_of(piece: re.Match) -> tuple[str, ...]:
    """The terms of a run that is not Chinese."""
    return _latin_terms(piece.group()) if piece.lastgroup == "latin" else (piece.group().lower(),)


@lru_cache(maxsize=65536)
def _latin_terms(text: str) -> tuple[str, ...]:
    """A plain word: its stem. An identifier: itself, then its parts."""
    lowered = text.lower()
    plain = lowered.removesuffix("'s")
    if plain.isalpha() and not _is_camel(text):
        return () if plain in STOP_WORDS else (_stem(plain),)
    terms = [lowered]
    for part in _JOINERS.split(text):
        for piece in [part] if _NUMBER.fullmatch(part) else part.split("."):
            terms.extend(_part_terms(piece))
    for number in _NUMBER.findall(text):
        bare = number.lower().removeprefix("v")
        terms += [bare, ".".join(bare.split(".")[:2])]
    return tuple(dict.fromkeys(term for term in terms if term and (len(term) > 1 or term.isdigit()) and term not in STOP_WORDS))


def _part_terms(part: str) -> Iterator[str]:
    lowered = part.lower()
    yield _stem(lowered) if lowered.isalpha() else lowered
    if _is_camel(part):
        yield from (_stem(word.lower()) for word in _CAMEL.findall(part))
    elif not lowered.isalpha() and not lowered.isdigit():
        yield from (_stem(run) if run.isalpha() else run for run in _LETTERS_AND_DIGITS.findall(lowered) if len(run) > 1)


def _is_camel(text: str) -> bool:
    return bool(re.search(r"[a-z][A-Z]", text))


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return _stemmer().stemWord(word)


@cache
def _stemmer():
    return snowballstemmer.stemmer("english")
