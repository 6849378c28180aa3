"""The script of the demonstration: what its customers ask, what is missing at the start, and what the team does about it, read from portal/demo/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from kb.errors import KnowledgeBaseError
from portal.simulated_topics import Question, Source, Topic

SCRIPT = Path(__file__).parent / "demo"
SAMPLE_ARTICLES = Path(__file__).parents[1] / "articles"
LANGS = ("en", "zh")
BEGINNINGS = ("missing", "removed", "one_language", "unhelpful", "unfindable")
"""How a part of the story begins: nobody has written the article; it was taken away; its version in the language `lacks` was; it says too little; it has
none of its customers' words."""


@dataclass(frozen=True)
class Plot:
    """What becomes of one topic. Times are shares of the whole run; None is never."""

    topic: str
    begins: str
    taken_up: float | None = None
    """When an agent begins to mend it, once there is a gap."""
    by: str = ""
    checked_by: str = ""
    lacks: str = ""
    first: str = ""
    """Name of a draft that is tried before the real one."""
    reason: str = ""
    """Why it is published although the replay advises against it."""
    archived: float | None = None
    restored: float | None = None
    dismissed: float | None = None
    dismissal: str = ""
    note: str = ""


@dataclass(frozen=True)
class Script:
    """`topics` has name -> language -> questions; the name of a topic is the path of its article below a language's folder. `replies` and `comments` are
    what the team answers where there is no article, and what customers write with a No."""

    topics: Mapping[str, Mapping[str, tuple[str, ...]]]
    plots: tuple[Plot, ...]
    strays: tuple[Question, ...]
    replies: Mapping[str, Mapping[str, str]]
    comments: Mapping[str, tuple[str, ...]]
    articles: Path = SAMPLE_ARTICLES
    folder: Path = SCRIPT

    @cached_property
    def plot_of(self) -> dict[str, Plot]:
        """Topic -> its part of the story."""
        return {plot.topic: plot for plot in self.plots}

    def is_written(self, topic: str) -> bool:
        """Whether there is an article for the topic, now or later."""
        return all(self._file(topic, lang) is not None for lang in LANGS)

    def text(self, topic: str, lang: str) -> str:
        """The finished article of a topic. Raises KnowledgeBaseError when there is none."""
        file = self._file(topic, lang)
        if file is None:
            raise KnowledgeBaseError(f"the demonstration has no article {lang}/{topic}.md; write it below {self.folder / 'articles'}")
        return file.read_text("utf-8")

    def draft(self, name: str, lang: str) -> str:
        """A text that is not the finished one: how an article read before it was mended, or a draft that will not do."""
        return (self.folder / "drafts" / lang / f"{name}.md").read_text("utf-8")

    def topic(self, name: str, *, langs: tuple[str, ...] = LANGS, truth: str = "kept") -> Topic:
        """The topic as customers meet it when its article is there in these languages."""
        ordered = sorted(LANGS, key=lambda lang: lang in langs)
        questions = tuple(Question(text, lang) for lang in ordered for text in self.topics[name].get(lang, ()))
        sources = tuple(Source(f"{lang}/{name}", self.articles / lang / f"{name}.md", lang) for lang in langs)
        return Topic(name, "", sources, questions, truth)

    def _file(self, topic: str, lang: str) -> Path | None:
        for folder in (self.articles, self.folder / "articles"):
            if (file := folder / lang / f"{topic}.md").is_file():
                return file
        return None


def read_script(folder: Path = SCRIPT, *, articles: Path = SAMPLE_ARTICLES) -> Script:
    """The script in this folder, for these articles."""
    asked = yaml.safe_load((folder / "questions.yaml").read_text("utf-8"))
    story = yaml.safe_load((folder / "story.yaml").read_text("utf-8"))
    topics = {name: {lang: tuple(texts) for lang, texts in each.items() if lang in LANGS} for part in ("answered", "unanswered") for name, each in asked[part].items()}
    replies = {name: each["reply"] for name, each in asked["unanswered"].items()}
    strays = tuple(Question(text, lang) for lang in LANGS for text in asked["strays"][lang])
    comments = {lang: tuple(texts) for lang, texts in asked["comments"].items()}
    return Script(topics, tuple(Plot(**each) for each in story), strays, replies, comments, articles, folder)
