"""A passage that nothing customers have searched for leads to is told, once enough has been searched, and never one that anything leads to."""

import itertools
import shutil
from dataclasses import replace

import pytest

from feedback import linting
from feedback.audience import Visit
from feedback.linting import lint_demand
from feedback.searches import SearchLog
from indexer.embedder import Embedder
from indexer.indexing import index_articles
from kb.linting import read_base
from kb.settings import Settings

MONEY = "Refunds arrive within five working days on the card that you paid with. Open the order, choose a reason and send the parcel back to our warehouse.\n"
PASSWORD = "Press Forgot password on the sign-in page. A link is sent by e-mail and works for one hour; choose a new password with at least twelve signs.\n"
TELEPORT = (
    "Quantum lattices drift whenever solar flares disturb the ionosphere. Recalibrate every flux capacitor, align its magnetron beams, flush antimatter"
    " reservoirs and reboot gravitational stabilisers before departure.\n"
)
ARTICLES = {
    "en/billing/refunds.md": f"# How do I get my money back?\n\n{MONEY}",
    "en/account/password.md": f"# Reset your password\n\n{PASSWORD}",
    "en/lab/teleporter.md": f"---\ntitle: Interstellar maintenance\n---\n\n{TELEPORT}",
    "en/lab/index.md": f"# Laboratory\n\n{TELEPORT}",
    "en/lab/secret.md": f"---\nvisibility: internal\n---\n# Antimatter storage\n\n{TELEPORT}",
    "en/lab/further.md": f"# Further reading\n\n- [{TELEPORT.strip()}](teleporter.md)\n",
    "en/lab/short.md": "# Flux\n\nAlign magnetrons.\n",
}
TEXTS = [
    " ".join(words)
    for words in itertools.product(
        ("how to get", "why can't I change", "where do I find"), ("my refund", "my password", "money", "a link"), ("today", "now")
    )
]


@pytest.fixture(scope="module")
def embedder(prepared_model):
    return Embedder(str(prepared_model))


@pytest.fixture(scope="module")
def indexed(tmp_path_factory, embedder):
    """Settings of an indexed base in which nothing has been searched yet."""
    folder = tmp_path_factory.mktemp("asked")
    settings = Settings(articles=folder / "articles", data=folder / "data", model=embedder.model)
    for name, text in ARTICLES.items():
        (settings.articles / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.articles / name).write_text(text, encoding="utf-8")
    index_articles(settings, embedder)
    return settings


@pytest.fixture
def settings(indexed, tmp_path):
    """The same base with a database of its own."""
    shutil.copytree(indexed.data, tmp_path / "data")
    return replace(indexed, data=tmp_path / "data")


@pytest.fixture
def ask(settings, clock, answer):
    """Records searches, each of another customer."""
    log = SearchLog(settings.database, now=clock)

    def record(*texts: str, **visit: object) -> None:
        for text in texts:
            log.record(text=text, lang="en", visit=Visit(f"visit of {text}", **visit), source="portal", answer=answer(text))

    return record


@pytest.fixture(autouse=True)
def small_numbers(monkeypatch):
    """Of four passages all would be among the twenty nearest of anything; and two hundred searches take long to embed."""
    monkeypatch.setattr(linting, "_NEAREST", 1)
    monkeypatch.setattr(linting, "LEAST_TEXTS", len(TEXTS))


def lint(settings, embedder, ids=None):
    return lint_demand(settings.database, read_base(settings.articles)[0], embedder, ids=ids)


def test_a_passage_that_no_search_comes_near_is_told_with_its_line(settings, embedder, ask):
    ask(*TEXTS)
    (found,) = lint(settings, embedder)
    assert (found.path, found.line, found.rule, found.level) == ("en/lab/teleporter.md", 5, "never-asked", "note")
    assert found.fact.startswith(f"none of the {len(TEXTS)} latest different searches comes near the passage 'Quantum lattices drift")


def test_a_search_that_shares_its_words_leads_there(settings, embedder, ask):
    ask(*TEXTS, "recalibrate a capacitor")
    assert lint(settings, embedder) == []


def test_a_search_that_means_the_same_in_other_words_leads_there(settings, embedder, ask):
    ask(*TEXTS, "航天器出发前的维护")
    assert lint(settings, embedder) == []


def test_nothing_is_said_while_little_has_been_searched(settings, embedder, ask):
    ask(*TEXTS[1:], *(text.upper() for text in TEXTS[1:10]))
    assert lint(settings, embedder) == []
    ask(TEXTS[0])
    assert len(lint(settings, embedder)) == 1


def test_the_team_and_programs_are_no_customers(settings, embedder, ask):
    ask(*TEXTS)
    ask("recalibrate a capacitor", staff=True)
    ask("recalibrate the capacitor", user_agent="curl/8")
    assert [found.path for found in lint(settings, embedder)] == ["en/lab/teleporter.md"]


def test_only_articles_that_were_named_are_told(settings, embedder, ask):
    ask(*TEXTS)
    assert lint(settings, embedder, ids=["en/billing/refunds"]) == []


def test_without_a_database_nothing_is_said(tmp_path, settings, embedder):
    assert lint_demand(tmp_path / "kb.sqlite", read_base(settings.articles)[0], embedder) == []
