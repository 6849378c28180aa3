"""A process is killed while it publishes an article: the file is the old or the new one whole, and what was promised is kept."""

import random
import signal
import subprocess

import pytest

from kb.article_files import read_article_file
from kb.article_history import ArticleHistory
from tests.faults.conftest import KILLED_AT, find_hits

ARTICLE = "en/billing/refunds"
PUBLISH = """
import re, sys
from concurrent.futures import Future
import portal.knowledge
from feedback.replay import Replay
from kb.accounts import Account
from kb.settings import read_settings
if {alone}:
    # Only the steps of saving, without a replay before; those of the indexer are killed in a test of their own.
    portal.knowledge.publish_changes = lambda knowledge: Future()
    portal.knowledge.KnowledgeBase.replay = lambda self, text, article, *, gap=None: Replay(article, "harmless", 0.0, 0.0, (), (), (), (), ())
knowledge = portal.knowledge.open_knowledge_base(read_settings())
desk = knowledge.writing_desk(Account("Lee", "lead"))
file = desk.read({article!r})
text = re.sub("within( EDITION [0-9]+)? five", "within EDITION {edition} five", file.text)
{kill}
saved = desk.publish({article!r}, text, version=file.version, message="Edition {edition}", replay_reason="it is a test")
print("saved", flush=True)
if not {alone}:
    saved.indexing.result()
    print("indexed", flush=True)
sys.exit(0)
"""


@pytest.fixture
def publish(base, kb):
    """Publishes an edition in a process of its own, perhaps killed; (exit status, what it said)."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=base.articles, check=True)

    def run(edition, *, step=0, **chosen):
        code = PUBLISH.format(article=ARTICLE, edition=edition, kill=KILLED_AT.format(step=step), alone=bool(step))
        done = kb(base, "--help", before=code, **chosen)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        return done.returncode, done.stdout.split()

    return run


def edition_of(base):
    """The edition that the file holds, which is whole."""
    text = read_article_file(base.articles, ARTICLE).text
    assert text.rstrip().endswith("3. Choose a reason.")
    return int(text.split("EDITION ")[1].split()[0])


def expect_all_well(base, kb, publish):
    """The next start indexes what the folder holds, and the history takes the next edition."""
    assert kb(base, "index").returncode == 0
    assert any(f"EDITION {edition_of(base)} five" in hit[2] for hit in find_hits(base)[0])
    assert publish(900) == (0, ["saved", "indexed"])
    assert ArticleHistory(base.articles).revisions(f"{ARTICLE}.md")[0].message.startswith("Publish: How do I get my money back?: Edition 900")
    assert subprocess.run(["git", "fsck", "--strict"], cwd=base.articles, capture_output=True, check=False).returncode == 0


def test_saving_killed_at_any_step_loses_nothing_that_was_saved(base, kb, publish):
    assert publish(1) == (0, ["saved", "indexed"])
    held, step, status = 1, 0, -signal.SIGKILL
    while status == -signal.SIGKILL:
        step += 1
        status, said = publish(step + 1, step=step)
        now = edition_of(base)
        assert now in (held, step + 1) and (now == step + 1 or "saved" not in said)
        held = now
    assert said == ["saved"] and held == step + 1 and step > 8
    expect_all_well(base, kb, publish)


def test_publishing_killed_at_random_moments_loses_nothing_that_was_saved(base, kb, publish):
    assert publish(1) == (0, ["saved", "indexed"])
    chance, held = random.Random(20261125), 1
    for edition in range(2, 7):
        _, said = publish(edition, kill_after=chance.uniform(0.1, 1.2))
        now = edition_of(base)
        assert now in (held, edition) and (now == edition or not said)
        held = now
        if "indexed" in said:
            assert any(f"EDITION {edition} five" in hit[2] for hit in find_hits(base)[0])
    expect_all_well(base, kb, publish)
