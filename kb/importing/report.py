"""What an import did: which articles came in, what had to change on the way, what was there already, what was refused."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Change:
    """Something in one file that is not the same afterwards. `times` counts it within the article; `line` is the first one's."""

    file: str
    line: int | None
    fact: str
    times: int = 1

    def __str__(self) -> str:
        times = f" ({self.times} times)" if self.times > 1 else ""
        return f"{self.file}:{self.line}: {self.fact}{times}" if self.line else f"{self.file}: {self.fact}{times}"


@dataclass(frozen=True)
class Converted:
    """An article that came in, or would come in if this were not a dry run."""

    id: str
    title: str
    lang: str
    status: str
    source: str
    """What its front matter names as its source, such as 'zendesk 123' or 'file guide.docx'."""
    file: str
    images: int = 0
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """An article that was left as it is: `article` is the id under which it came in before, '' when it comes twice in one source."""

    file: str
    source: str
    article: str
    fact: str


@dataclass(frozen=True)
class Refused:
    """Something that should be an article and could not be read; `fact` includes the remedy."""

    file: str
    line: int | None
    fact: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.fact}" if self.line else f"{self.file}: {self.fact}"


@dataclass(frozen=True)
class ImportReport:
    """One import: articles ordered by id, the rest in the order of the source."""

    dry: bool
    converted: tuple[Converted, ...]
    skipped: tuple[Skipped, ...]
    refused: tuple[Refused, ...]
    left_out: tuple[str, ...]
    """Files that hold no article: attachments of other kinds, settings of the other system."""
    undone: int = 0
    """Files of an earlier import that was killed halfway, taken out before this one began."""


@dataclass
class Changes:
    """Collects the changes of one article; the same fact is told once, with its first line and how often."""

    file: str
    has_lines: bool = True
    """Whether line numbers are those of the file; inside JSON and Word they are nobody's."""
    _found: dict[str, tuple[int | None, int]] = field(default_factory=dict)

    def note(self, fact: str, line: int | None = None) -> None:
        """Keep the fact."""
        first, times = self._found.get(fact, (line if self.has_lines else None, 0))
        self._found[fact] = (first, times + 1)

    def told(self) -> tuple[Change, ...]:
        """What was kept, in the order in which it was first met."""
        return tuple(Change(self.file, line, fact, times) for fact, (line, times) in self._found.items())
