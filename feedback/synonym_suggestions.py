"""Synonyms for the whole base: a gap's words that its article lacks, paired with the article's own, offered only when the gap's searches find the
article by them and no search that works today loses its article."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feedback.gap_list import GapDetail
from feedback.redaction import redact
from feedback.replay import SURE, ReplayedSearch, works_today
from feedback.replay_searches import StoredSearch, choose_at_risk, read_gap_searches, read_helped_searches
from feedback.replaying import OWN, asked_as
from indexer.catalogue import read_page
from indexer.drafting import LaidArticle
from indexer.embedder import Embedder
from indexer.overlay import Compared, Overlay
from indexer.store import read_token_background
from kb.articles import Article
from kb.database import read
from kb.language import detect_language
from kb.readers import STAFF
from kb.synonyms import Synonyms
from kb.text import Word, find_terms, find_words

MOST = 3
TRIED = 18
"""Pairs that are tried, those first whose words are most alike and were used by most people."""
PAIRED, AS_ALIKE = 3, 0.9
"""Pairs of one customers' phrase that are tried at most, and how near each has to come to the likeness of the first: the words of one subject are nearly
as alike as those of one meaning."""
GAIN = 0.05
"""Least share of the gap's people that a pair must win."""
ALIKE, LONGER = 0.2, 0.05
"""Least likeness of two phrases, as `grouping.represent` compares them, and what each word more of the article's takes from it: most of what means the
same lies above, most of what does not below."""
WORKING = 300
"""Searches that work today and have one of the phrases: at most so many are tried."""
ASKED, SAID = 40, 120
"""So many phrases of the customers, those of most people first, and of the article are compared."""
LONGEST_WORDS, LONGEST = 3, 40
_APART = re.compile(r"[\w\s'’-]{0,6}")
_MASK = re.compile(r"\[[a-z]+\]")

Represent = Callable[[np.ndarray, Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class SynonymSuggestion:
    """A group to add to the synonyms: the customers' phrase, then the article's. `before` and `after` are the shares of the gap's people whose searches
    find the article first and are not told that nothing answers; `working` counts the other customers' searches that were tried, of which none lost
    its article."""

    phrases: tuple[str, ...]
    before: float
    after: float
    working: int


@dataclass(frozen=True)
class _Pair:
    phrases: tuple[str, str]
    likeness: float
    people: int


class SynonymFinder:
    """Suggests synonyms for gaps. Nothing is written."""

    def __init__(self, database_path: Path, overlay: Overlay, embedder: Embedder, *, represent: Represent) -> None:
        self._path, self._overlay, self._embedder, self._represent = database_path, overlay, embedder, represent

    def suggest(self, detail: GapDetail, article: Article) -> tuple[SynonymSuggestion, ...]:
        """The pairs that win the gap's people for its article, which is published; at most three, each tried by itself, first those that are most alike and
        win most. Raises ArticleNotFound, IndexMissing and IndexStale."""
        with read(self._path) as database:
            own = read_gap_searches(database, detail.gap.id, limit=OWN)
            page = read_page(database, article.id, STAFF)
            helped = read_helped_searches(database)
        laid = self._overlay.lay(article)
        compared = self._overlay.compare(laid, [asked_as(each) for each in own])
        named = [article.title, *article.aliases, *(entry.text for entry in page.toc)]
        tried = [(pair, *self._try(pair, own, article.id)) for pair in self._pair(list(zip(own, compared, strict=True)), named)]
        better = [each for each in tried if each[2] >= each[1] + GAIN]
        found: list[SynonymSuggestion] = []
        # Any word that the gap's searches share would win them: what is alike in meaning comes first.
        for pair, before, after in sorted(better, key=lambda each: (each[1] - each[2]) * each[0].likeness):
            if len(found) < MOST and not any(_overlaps(pair.phrases[0], other.phrases[0]) for other in found):
                working = self._count_unharmed(pair, helped, own, laid)
                if working is not None:
                    found.append(SynonymSuggestion(pair.phrases, before, after, working))
        return tuple(found)

    def _pair(self, own: Sequence[tuple[StoredSearch, Compared]], named: Sequence[str]) -> list[_Pair]:
        """Customers' phrases with the article's that are most like them, the most promising first."""
        asked, said = _lacking_phrases(own)[:ASKED], _distinct(phrase for text in named for phrase in _phrases(text))[:SAID]
        if not asked or not said:
            return []
        phrases = [*(phrase for phrase, _ in asked), *said]
        means = np.stack([each.token_mean for each in self._embedder.embed_queries(phrases)])
        rows = self._represent(means, [detect_language(phrase) for phrase in phrases])
        likeness = rows[: len(asked)] @ rows[len(asked) :].T - LONGER * np.array([len(find_words(phrase)) - 1 for phrase in said])
        pairs = []
        for (phrase, count), row in zip(asked, likeness, strict=True):
            least = max(ALIKE, AS_ALIKE * row.max())
            nearest = [place for place in np.argsort(-row, kind="stable")[:PAIRED] if row[place] >= least]
            pairs += [_Pair((phrase, said[place]), float(row[place]), count) for place in nearest]
        return sorted(pairs, key=lambda pair: -pair.likeness * pair.people)[:TRIED]

    def _try(self, pair: _Pair, own: Sequence[StoredSearch], article: str) -> tuple[float, float]:
        """Shares of the gap's people whom the article answers, without the pair and with it."""
        compared = self._overlay.compare_synonyms(pair.phrases, [asked_as(each) for each in own])
        people = sum(each.people for each in own)

        def share(when: str) -> float:
            results = ((each.people, getattr(result, when)) for each, result in zip(own, compared, strict=True))
            return sum(count for count, found in results if found.place(article) == 1 and found.confidence >= SURE) / people

        return share("before"), share("after")

    def _count_unharmed(self, pair: _Pair, helped: Sequence[StoredSearch], own: Sequence[StoredSearch], laid: LaidArticle) -> int | None:
        """How many searches that work today were tried, when all of them keep their article; else None. Only those with one of the phrases can change."""
        alone, texts = Synonyms().plus(pair.phrases), {each.vector_key for each in own}
        touched = [each for each in helped if each.vector_key not in texts and any(alone.alike(find_words(each.text)))]
        with read(self._path) as database:
            chosen = choose_at_risk(database, touched, laid.vectors, read_token_background(database), limit=WORKING)
        compared = self._overlay.compare_synonyms(pair.phrases, [asked_as(each) for each in chosen])
        working = [(search, result) for search, result in zip(chosen, compared, strict=True) if works_today(search, result)]
        return None if any(_loses(*each) for each in working) else len(working)


def _loses(search: StoredSearch, compared: Compared) -> bool:
    before, after = compared.before, compared.after
    return ReplayedSearch(
        search.text, search.lang, search.people, search.article, before.place(search.article), after.place(search.article), before.confidence,
        after.confidence, after.first, confirmed=search.confirmed,
    ).is_lost  # fmt: skip


def _lacking_phrases(own: Sequence[tuple[StoredSearch, Compared]]) -> list[tuple[str, int]]:
    """(phrase, people) of what customers say and the article nowhere does, as it was typed first; most people first."""
    people: Counter[tuple[str, ...]] = Counter()
    typed: dict[tuple[str, ...], str] = {}
    for search, compared in own:
        lacking = frozenset(compared.lacking)
        for phrase in _distinct(_phrases(search.text, among=lacking)):
            terms = tuple(find_terms(phrase))
            people[terms] += search.people
            typed.setdefault(terms, phrase)
    return [(typed[terms], count) for terms, count in people.most_common()]


def _phrases(text: str, *, among: frozenset[str] | None = None) -> Iterator[str]:
    """Its words and the phrases of up to three that follow each other without punctuation, as typed; only of words `among` these, if any are given."""
    # What was redacted is nobody's word.
    text = _MASK.sub(lambda mask: "|" * len(mask.group()), text)
    words = _whole_words(find_words(text))
    for first in range(len(words)):
        start = end = words[first].start
        for word in words[first : first + LONGEST_WORDS]:
            if (among is not None and text[word.start : word.end] not in among) or not _APART.fullmatch(text[end : word.start]):
                break
            end = max(end, word.end)
            phrase = " ".join(text[start:end].split())
            if _is_phrase(phrase):
                yield phrase


def _whole_words(words: Sequence[Word]) -> list[Word]:
    """Without the words inside longer ones, which Chinese is cut into besides."""
    return [word for word in words if not any(other.start <= word.start and word.end <= other.end and other.terms != word.terms for other in words)]


def _is_phrase(phrase: str) -> bool:
    return 2 <= len(phrase) <= LONGEST and redact(phrase) == phrase and any(map(str.isalpha, phrase))


def _distinct(phrases: Iterator[str]) -> list[str]:
    """Each phrase once, as it comes first, whatever its case and endings."""
    found: dict[tuple[str, ...], str] = {}
    for phrase in phrases:
        found.setdefault(tuple(find_terms(phrase)), phrase)
    return list(found.values())


def _overlaps(one: str, other: str) -> bool:
    return not set(find_terms(one)).isdisjoint(find_terms(other))
