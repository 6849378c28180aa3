"""What is written reaches customers: the index follows the articles in the background, one run at a time, none in vain."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from kb.errors import IndexBusy, KnowledgeBaseError
from portal.article_list import take_fingerprint

if TYPE_CHECKING:
    from portal.knowledge import IndexReport, KnowledgeBase

LOG = logging.getLogger("kb.portal")

BUSY_SECONDS = 0.5


@dataclass
class _Turns:
    """The run that is still to begin, whether one is under way, and which state of the folder was indexed last."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: Future | None = None
    running: bool = False
    published: frozenset | None = None


_turns: WeakKeyDictionary[KnowledgeBase, _Turns] = WeakKeyDictionary()
_turns_lock = threading.Lock()


def publish_changes(knowledge: KnowledgeBase) -> Future[IndexReport]:
    """Have the index follow what the articles folder holds now. Comes back at once; the future has the report or the fault.

    Safe from any thread. Asking again while a run waits for its turn is the same run; while another process indexes, it waits.
    """
    turns = _turns_of(knowledge)
    with turns.lock:
        if turns.waiting is None:
            turns.waiting = Future()
            if not turns.running:
                turns.running = True
                threading.Thread(target=_work, args=(knowledge, turns), name="publishing", daemon=True).start()
        return turns.waiting


def published_fingerprint(knowledge: KnowledgeBase) -> frozenset | None:
    """The state of the folder that this process indexed last; None before it has."""
    turns = _turns_of(knowledge)
    with turns.lock:
        return turns.published


def _turns_of(knowledge: KnowledgeBase) -> _Turns:
    with _turns_lock:
        return _turns.setdefault(knowledge, _Turns())


def _work(knowledge: KnowledgeBase, turns: _Turns) -> None:
    while True:
        with turns.lock:
            # Taken before the run begins: what is written from now on needs another.
            asked, turns.waiting = turns.waiting, None
            if asked is None:
                turns.running = False
                return
        try:
            before = take_fingerprint(knowledge.settings.articles)
            report = _index_when_free(knowledge)
        except Exception as fault:
            # Whoever asked is told through the future; the thread goes on to the next who asks.
            if isinstance(fault, KnowledgeBaseError):
                LOG.error("articles were not indexed: %s", fault)
            else:
                LOG.exception("articles were not indexed")
            asked.set_exception(fault)
        else:
            with turns.lock:
                turns.published = before
            for problem in report.problems:
                LOG.warning("%s", problem)
            asked.set_result(report)
            _test(knowledge)


def _test(knowledge: KnowledgeBase) -> None:
    """The standing test, once whoever published has been told; the portal's upkeep tries again what fails here."""
    try:
        knowledge.test_standing()
    except KnowledgeBaseError as fault:
        LOG.error("the standing test was not run: %s", fault)
    except Exception:
        # Whatever it was, the next who publishes must not wait for ever.
        LOG.exception("the standing test was not run")


def _index_when_free(knowledge: KnowledgeBase) -> IndexReport:
    while True:
        try:
            return knowledge.index(test=False)
        except IndexBusy:
            time.sleep(BUSY_SECONDS)
