"""`kb index` is killed at random moments; whatever it was doing, the index that was there still answers."""

import random
import signal
import time

import pytest

from indexer.embedder import Embedder
from indexer.retriever import Retriever
from kb.readers import Scope
from kb.settings import Settings

KILLS = 20

TOPICS = {
    "delivery": "How long does a delivery take", "refund": "How do I get a refund", "invoice": "Where is my invoice",
    "password": "How do I reset my password", "device": "Which devices are supported", "export": "How do I export my reports",
    "账单": "账单在哪里查看", "退款": "怎么申请退款", "导出": "怎么导出报表", "成员": "怎么邀请成员",
}  # fmt: skip


@pytest.fixture
def settings(tmp_path, prepared_model):
    return Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=str(prepared_model))


@pytest.fixture
def index(settings, warm_kb):
    """Runs `kb index`, killed after so many seconds if it still runs; gives its exit status, -9 when it was killed."""
    places = {"KB_ARTICLES": str(settings.articles), "KB_DATA": str(settings.data), "KB_MODEL": settings.model}
    return lambda **chosen: warm_kb("index", environment=places, **chosen).returncode


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


@pytest.fixture
def edition_served(settings):
    """The edition of the article that comes first for its own title, read from the files anew as a process just started would."""
    embedder = Embedder(settings.model)

    def search(topic, title):
        answer = Retriever(settings, embedder).retrieve(title, scope=Scope(), limit=3)
        assert answer.hits[0].article == topic
        return int(answer.hits[0].passage.split("Edition ")[1].split(".")[0])

    return search


def test_a_killed_run_never_leaves_an_unusable_index(settings, index, edition_served):
    chance = random.Random(20261122)
    write_edition(settings.articles, 0)
    assert index() == 0
    write_edition(settings.articles, 1)
    started = time.monotonic()
    assert index() == 0
    lasts = time.monotonic() - started

    complete, killed, edition = 1, 0, 1
    while killed < KILLS and edition < 3 * KILLS:
        edition += 1
        write_edition(settings.articles, edition)
        status = index(kill_after=chance.uniform(0, 1.2 * lasts))
        assert status in (0, -signal.SIGKILL)
        killed += status != 0
        topic, title = chance.choice(list(TOPICS.items()))
        served = edition_served(topic, title)
        # The whole of one run or nothing of it; a run that reported success is never lost.
        assert complete <= served <= edition
        complete = max(complete, served, edition if status == 0 else 0)
        assert {edition_served(topic, title) for topic, title in list(TOPICS.items())[:2]} == {served}
    assert killed == KILLS

    assert index() == 0
    assert {edition_served(topic, title) for topic, title in TOPICS.items()} == {edition}
