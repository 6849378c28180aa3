"""Translations in the demonstration: they come as files, as from a colleague with an editor and Git, and not through the portal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from kb.article_history import ArticleHistory
from kb.front_fields import set_fields
from portal.demo_script import LANGS, Script


def write_twin(folder: Path, script: Script, article: str, *, author: str, on: datetime) -> None:
    """Write the finished text of the article's other language version over what is there, and commit it where there is a history."""
    lang, topic = article.split("/", 1)
    other = next(each for each in LANGS if each != lang)
    twin = f"{other}/{topic}.md"
    file = folder / twin
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(set_fields(script.text(topic, other), {"updated": on.date()}), "utf-8")
    history = ArticleHistory(folder)
    if history.available:
        history.commit([twin], message=f"Translate: {topic}", author=author)
