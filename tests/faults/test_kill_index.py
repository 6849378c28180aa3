"""`kb index` is killed, at random moments and at every step; whatever it was doing, the index that was there still answers."""

import random
import signal
import time

import pytest

from indexer.retriever import Retriever
from kb.readers import Scope
from kb.settings import Settings
from tests.faults.conftest import embedder_of

KILLS = 8
TOPICS = {
    "delivery": "How long does a delivery take", "refund": "How do I get a refund", "invoice": "Where is my invoice",
    "password": "How do I reset my password", "device": "Which devices are supported", "账单": "账单在哪里查看", "退款": "怎么申请退款",
    "导出": "怎么导出报表",
}  # fmt: skip


@pytest.fixture
def settings(tmp_path, tiny_model):
    return Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=str(tiny_model))


def write_edition(folder, edition):
    """Every article in a new edition; one is new in every even edition and gone in every odd one."""
    folder.mkdir(exist_ok=True)
    for topic, title in TOPICS.items():
        text = f"---\ntitle: {title}\n---\nEdition {edition}. Everything about {topic}, number {edition * 7}.\n"
        (folder / f"{topic}.md").write_text(text, encoding="utf-8")
    guest = folder / "guest.md"
    if edition % 2:
        guest.unlink(missing_ok=True)
    else:
        guest.write_text(f"# A guest of edition {edition}\n\nHere today, gone tomorrow.\n", encoding="utf-8")


def editions_served(settings, topics=TOPICS):
    """The editions of the articles that come first for their own titles, read from the files anew as a process just started would."""
    retriever = Retriever(settings, embedder_of(settings.model))
    editions = set()
    for topic in topics:
        first = retriever.retrieve(TOPICS[topic], scope=Scope(), limit=3).hits[0]
        assert first.article == topic
        editions.add(int(first.passage.split("Edition ")[1].split(".")[0]))
    return editions


def test_a_run_killed_at_a_random_moment_never_leaves_an_unusable_index(settings, kb):
    chance = random.Random(20261122)
    write_edition(settings.articles, 0)
    assert kb(settings, "index").returncode == 0
    write_edition(settings.articles, 1)
    started = time.monotonic()
    assert kb(settings, "index").returncode == 0
    lasts = time.monotonic() - started

    complete, killed, edition = 1, 0, 1
    while killed < KILLS and edition < 3 * KILLS:
        edition += 1
        write_edition(settings.articles, edition)
        status = kb(settings, "index", kill_after=chance.uniform(0, lasts)).returncode
        assert status in (0, -signal.SIGKILL)
        killed += status != 0
        # A run that was quicker than the killer says how long runs last by now, on a machine that others use as well.
        lasts *= 1 if status else 0.8
        (served,) = editions_served(settings, chance.sample(list(TOPICS), 3))
        # The whole of one run or nothing of it; a run that reported success is never lost.
        assert complete <= served <= edition
        complete = max(complete, served, edition if status == 0 else 0)
    assert killed == KILLS

    assert kb(settings, "index").returncode == 0
    assert editions_served(settings) == {edition}


def test_a_run_killed_at_each_of_its_steps_leaves_the_old_index_or_the_new_one(settings, kb):
    write_edition(settings.articles, 1)
    assert kb(settings, "index").returncode == 0
    complete, step, status = 1, 0, -signal.SIGKILL
    while status == -signal.SIGKILL:
        step += 1
        write_edition(settings.articles, step + 1)
        status = kb(settings, "index", step=step).returncode
        (served,) = editions_served(settings)
        # A generation that was committed is found without its vector file, too.
        assert served in (complete, step + 1)
        complete = served
    assert status == 0 and served == step + 1 and step > 10
