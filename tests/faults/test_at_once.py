"""Two runs of `kb index` at once: one works, the other says so, and the index is whole. (Four writers: tests/feedback/test_evidence_writers.py.)"""

import os
import subprocess
import sys
from pathlib import Path

from kb.database import read
from tests.faults.conftest import QUERIES, find_hits, write_articles

ROOT = Path(__file__).parents[2]
INDEX = """
import sys
from pathlib import Path
from indexer.embedder import Embedder
from indexer.indexing import index_articles
from kb.errors import IndexBusy
from kb.settings import read_settings
settings = read_settings()
embedder = Embedder(settings.model)
embedder.load()
print("ready", flush=True)
sys.stdin.readline()
try:
    print("indexed", index_articles(settings, embedder).generation)
except IndexBusy as fault:
    print("busy", fault)
"""


def test_of_two_indexers_at_once_one_works_and_the_other_says_so(base, sound_base):
    write_articles(base.articles, {f"en/new/{number}.md": f"# New {number}\n\nSomething about number {number}.\n" for number in range(40)})
    environment = {**os.environ, "KB_ARTICLES": str(base.articles), "KB_DATA": str(base.data), "KB_MODEL": base.model}
    both = [
        subprocess.Popen([sys.executable, "-c", INDEX], cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert [process.stdout.readline() for process in both] == ["ready\n"] * 2
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = sorted(process.communicate(timeout=60)[0].split(maxsplit=1) for process in both)
    assert said[0][0] == "busy" and "wait for it to finish" in said[0][1] and said[1] == ["indexed", "2\n"]
    with read(base.database) as database:
        assert database["articles"].count == 46
        assert database.execute("select count(*) from (select article, position from passages group by 1, 2 having count(*) > 1)").fetchone() == (0,)
    assert [hits[0] for hits in find_hits(base)[: len(QUERIES) - 1]] == [hits[0] for hits in find_hits(sound_base)[: len(QUERIES) - 1]]
