"""A team that writes: real files, real Git, real database; only the index is counted instead of built."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from feedback.replay import Replay
from kb.accounts import Account
from kb.article_history import ArticleHistory
from kb.database import migrate
from kb.errors import ArticleNotFound
from kb.rendering import RenderWorker
from kb.settings import Settings
from portal.article_list import ArticleShelf
from portal.publishing import publish_changes
from portal.writing import WritingDesk

MEI, ADA, LEE = Account("Mei", "agent"), Account("Ada", "agent"), Account("Lee", "lead")
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)

REFUND = """---
title: Get a refund   # as customers say it
team: billing
status: published
owner: Mei
review_by: 2026-10-01
---

Ask within **14 days**.

## When it arrives

In three days.
"""
DRAFT = "---\ntitle: Pay with seashells\nstatus: draft\n---\n\nNo.\n"


class WritingKnowledge:
    """What the writing pages ask of a knowledge base."""

    is_demonstration = False

    def __init__(self, folder: Path, *, now=lambda: NOW) -> None:
        self.settings = Settings(articles=folder / "articles", data=folder / "data", title="Acme Help")
        self.settings.data.mkdir()
        migrate(self.settings.database)
        self.now, self.indexed, self.faults, self.verdict = now, 0, [], "harmless"
        self._shelf, self._history, self._renderer = ArticleShelf(self.settings.articles), ArticleHistory(self.settings.articles), RenderWorker()

    def writing_desk(self, account: Account | None) -> WritingDesk:
        return WritingDesk(
            account, self.settings, shelf=self._shelf, renderer=self._renderer, history=self._history, publish=lambda: publish_changes(self),
            replay=lambda text, article, *, gap=None: Replay(article, self.verdict, 0.0, 0.0, (), (), (), (), ()), now=self.now,
        )  # fmt: skip

    def test_standing(self):
        """There is no index to test."""

    def index(self, *, test=True):
        if self.faults:
            raise self.faults.pop(0)
        self.indexed += 1
        return SimpleNamespace(problems=())

    def is_indexed(self):
        return True

    def article(self, article, *, reader):
        raise ArticleNotFound(article)

    def titles(self, articles, *, reader):
        return {}

    def categories(self, lang, *, reader):
        return ()

    def write(self, path: str, text: str) -> None:
        file = self.settings.articles / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        return (self.settings.articles / path).read_text(encoding="utf-8")

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Import", "-c", "user.email=import@acme.example")
        return subprocess.run(
            ["git", *who, *arguments], cwd=self.settings.articles, check=True, capture_output=True, text=True
        ).stdout
