"""The knowledge base of a simulation: the articles of its topics, less those that were taken away, in a folder of its own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from indexer.indexing import Progress
from indexer.model import model_folder
from kb.settings import Settings
from portal.knowledge import KnowledgeBase, open_knowledge_base
from portal.simulated_topics import Topic


def open_simulated_base(
    topics: Sequence[Topic], settings: Settings, folder: Path, *, now: Callable[[], datetime], progress: Progress | None = None
) -> KnowledgeBase:
    """The base of these topics with nothing searched in it yet. Below `folder` the index is kept, so that the next run embeds only
    what has changed; the run itself works on a copy."""
    written = Settings(articles=folder / "articles", data=folder / "index", model=model_folder(settings), passage_tokens=settings.passage_tokens)
    _write_articles(topics, written.articles)
    open_knowledge_base(written).index(progress=progress)
    run = folder / "run"
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(written.data, run)
    knowledge = open_knowledge_base(replace(written, data=run), now=now)
    knowledge.warm_up()
    return knowledge


def _write_articles(topics: Sequence[Topic], folder: Path) -> None:
    wanted = {source.id: _text(source.file, hidden=topic.truth == "hidden") for topic in topics for source in topic.kept_sources}
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.rglob("*.md"):
        if file.relative_to(folder).as_posix().removesuffix(".md") not in wanted:
            file.unlink()
    for id, text in wanted.items():
        file = folder / f"{id}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.is_file() or file.read_text("utf-8") != text:
            file.write_text(text, "utf-8")


def _text(file: Path, *, hidden: bool) -> str:
    """The article's Markdown, visible to staff only when it is hidden."""
    text = file.read_text("utf-8")
    if not hidden:
        return text
    if re.match(r"---\r?\n", text):
        return re.sub(r"\A---\r?\n", "---\nvisibility: internal\n", text)
    return f"---\nvisibility: internal\n---\n{text}"
