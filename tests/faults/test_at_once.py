"""Two runs of `kb index` at once: one works, the other says so, and the index is whole. (Four writers: tests/feedback/test_evidence_writers.py.)"""

import threading

from indexer.indexing import index_articles
from kb.database import read
from tests.faults.conftest import embedder_of, find_hits, write_articles


def test_of_two_indexers_at_once_one_works_and_the_other_says_so(base, kb, sound_base):
    write_articles(base.articles, {f"en/new/{number}.md": f"# New {number}\n\nSomething about number {number}.\n" for number in range(40)})
    working, may_go_on, reports = threading.Event(), threading.Event(), []

    def wait_halfway(done, total):
        working.set()
        assert may_go_on.wait(timeout=60)

    first = threading.Thread(target=lambda: reports.append(index_articles(base, embedder_of(base.model), progress=wait_halfway)))
    first.start()
    assert working.wait(timeout=60)
    told = kb(base, "index")
    may_go_on.set()
    first.join()
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == f"kb: another `kb index` is running on {base.data}; wait for it to finish\n"
    assert (reports[0].articles, reports[0].generation, reports[0].problems) == (46, 2, ())
    with read(base.database) as database:
        assert database.execute("select count(*) from (select article, position from passages group by 1, 2 having count(*) > 1)").fetchone() == (0,)
    # What was there is found as before, and the next run has nothing left to do.
    assert [hits[0] for hits in find_hits(base)[:5]] == [hits[0] for hits in find_hits(sound_base)[:5]]
    assert index_articles(base, embedder_of(base.model)).changed == 0
