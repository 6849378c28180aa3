"""Two articles that answer the same question: told from articles that are merely related, or of one mould, by four views that must agree.

Each view is between 0 and 1. Heads and passages are compared by cosines that questions at large are taken out of, words by how much of the one
article's telling words the other has, weighed by how rare they are in the rest of the base. Articles of one mould, the same steps for different
errors, are alike in all three; then each title is much nearer to its own article, which counts against them. The bounds were set so that of eight
articles of this help centre, each rewritten in other words, six are found, and no other pair of it, nor of 256 encyclopaedia entries.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from indexer.lint_profiles import Profile
from kb.language import language_of_folder

NEAREST = 5
"""So many nearest heads of each article are compared with it in full."""
_WORDS, _ALIKE, _LEAST_WORDS = 0.5, 1.88, 8
_BLOCK = 1024


@dataclass(frozen=True)
class Likeness:
    """How alike two articles are. `shared` is the part of the shorter one's telling words that the other has."""

    head: float
    passages: float
    words: float
    own_titles: float
    """How much nearer the two titles are to their own heads than to the other's, summed."""
    shared: float

    @property
    def says_the_same(self) -> bool:
        return self.words >= _WORDS and self.head + self.passages + self.words - self.own_titles / 2 >= _ALIKE


def nearest_pairs(heads: np.ndarray, *, of: np.ndarray | None = None, at_least: float, nearest: int = NEAREST) -> Iterator[tuple[int, int]]:
    """(row, row) with the smaller first, each pair once: rows of float32 (n, dimension) `heads` and their nearest others with at least so high a cosine.

    `of` limits the one side to these rows. One product of matrices in blocks.
    """
    rows = np.arange(len(heads)) if of is None else of
    seen: set[tuple[int, int]] = set()
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        cosines = heads[block] @ heads.T
        cosines[np.arange(len(block)), block] = -1
        count = min(nearest, cosines.shape[1] - 1)
        if count < 1:
            return
        best = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        for place, row in enumerate(block.tolist()):
            for other in best[place][cosines[place, best[place]] >= at_least].tolist():
                pair = (min(row, other), max(row, other))
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def compare(one: Profile, other: Profile, rarity: Rarity) -> Likeness:
    """How alike the two are."""
    short, long = sorted((one, other), key=lambda profile: (profile.sizes.sum(), profile.id))
    weights = short.sizes / max(short.sizes.sum(), 1)
    best = (short.passages @ long.passages.T).max(axis=1)
    own = sum(max(0.0, float(a.named @ a.head) - float(a.named @ b.head)) for a, b in ((one, other), (other, one)))
    head, passages = float(one.head @ other.head), float((weights * best).sum())
    if head + passages + 1 - own / 2 < _ALIKE:
        return Likeness(head, passages, 0.0, own, 0.0)  # No words could make them the same, and words are what takes time.
    held, missing_short, missing_long = rarity.share(short, long)
    if not held:
        return Likeness(head, passages, 0.0, own, 0.0)
    return Likeness(head, passages, held / math.sqrt((held + missing_short) * (held + missing_long)), own, held / (held + missing_short))


def are_apart(one: Profile, other: Profile) -> bool:
    """Whether the authors have told the two apart already: by product, by a number or code in the title, by a link, or as variants of one language."""
    if one.product and other.product and one.product != other.product:
        return True
    if one.title_codes - other.title_codes and other.title_codes - one.title_codes:
        return True
    if other.id in one.leads_to or one.id in other.leads_to:
        return True
    return _bare(one.id) == _bare(other.id) or min(len(one.all_words), len(other.all_words)) < _LEAST_WORDS


class Rarity:
    """How telling a word is: rare in the rest of the base."""

    def __init__(self, counts: Mapping[str, int], passages: int) -> None:
        """`counts`: word -> passages of the base that have it, of so many `passages`."""
        self._counts, self._passages = counts, passages

    def weight(self, word: str, *, without: int = 0, passages: int = 0) -> float:
        """The word's inverse document frequency, as in `terms.read_idf`; `without` so many of so many passages that are being compared."""
        n = max(self._counts.get(word, 0) - without, 0)
        of = max(self._passages - passages, n)
        return math.log(1 + (of - n + 0.5) / (n + 0.5))

    def share(self, one: Profile, other: Profile) -> tuple[float, float, float]:
        """Weight of the words that both have, that only the first has, and that only the second has."""
        first, second = one.all_words, other.all_words
        own = (*one.words, *other.words)
        weight = {word: self.weight(word, without=sum(word in each for each in own), passages=len(own)) for word in first | second}
        return (
            sum(weight[word] for word in first & second),
            sum(weight[word] for word in first - second),
            sum(weight[word] for word in second - first),
        )


def _bare(id: str) -> str:
    return "/".join(part for part in id.split("/") if not language_of_folder(part))
