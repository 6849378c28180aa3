"""Edits made outside the portal, with an editor or by `git pull`: noticed, and indexed once the folder has come to rest."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from kb.errors import KnowledgeBaseError, SettingsError
from portal.article_list import take_fingerprint
from portal.knowledge import KnowledgeBase
from portal.publishing import publish_changes, published_fingerprint

LOG = logging.getLogger("kb.portal")

QUIET_SECONDS = 2.0
"""So long nothing changes before the folder counts as at rest."""
LONGEST_UNREST_SECONDS = 30.0
"""A folder that is written to without end is indexed all the same."""
LOOK_SECONDS = 60.0
"""Looked at without any event, because network folders and containers send none."""
LOOK_SECONDS_ALONE = 5.0
"""Looked at when the system gives no events at all."""


def start_watching(knowledge: KnowledgeBase) -> FolderWatcher:
    """Start the thread; it ends with the process. Nothing that happens to the folder ends it."""
    watcher = FolderWatcher(knowledge)
    watcher.start()
    return watcher


class FolderWatcher:
    """Watches the articles folder of a knowledge base. Events only wake it: whether something changed it sees for itself."""

    def __init__(
        self, knowledge: KnowledgeBase, *, quiet_seconds: float = QUIET_SECONDS, look_seconds: float = LOOK_SECONDS,
        look_seconds_alone: float = LOOK_SECONDS_ALONE,
    ) -> None:  # fmt: skip
        self._knowledge, self._folder = knowledge, knowledge.settings.articles
        self._quiet, self._look, self._look_alone = quiet_seconds, look_seconds, look_seconds_alone
        self._woken, self._stopped = threading.Event(), threading.Event()
        self.has_looked = threading.Event()
        """Set once the folder was looked at for the first time: whatever changes from then on is noticed."""
        self._observer: BaseObserver | None = None
        self._watched: tuple[int, int] | None = None
        self._asked: Future | None = None
        self._thread = threading.Thread(target=self._watch, name="watching", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End watching; returns when the thread has ended."""
        self._stopped.set()
        self._woken.set()
        self._thread.join()

    def _watch(self) -> None:
        # None: what was written while no portal ran is published first, if anything was.
        seen: frozenset | None = None
        while not self._stopped.is_set():
            try:
                self._observe()
                seen = self._publish_what_changed(seen)
            except Exception:
                # Whatever it was, it must not end the watch of a portal that runs for months.
                LOG.exception("the articles folder was not looked at")
            self.has_looked.set()
            self._woken.wait(self._look if self._observer else self._look_alone)
            self._woken.clear()
        self._end_observer()

    def _publish_what_changed(self, seen: frozenset | None) -> frozenset | None:
        """Index the folder if it differs from what was seen, once it is at rest; what is seen now."""
        try:
            now = take_fingerprint(self._folder)
        except SettingsError as fault:
            LOG.warning("%s; customers go on with what was indexed", fault)
            return seen
        if now == seen:
            if self._asked and self._asked.done() and self._asked.exception():
                # A full disk or a damaged file, mended perhaps: what has changed is not forgotten.
                self._asked = publish_changes(self._knowledge)
            return seen
        if seen is not None:
            now = self._wait_for_rest(now)
            if not now:
                # An unmounted folder looks like this; if it was meant, `kb index` takes the articles away.
                LOG.warning("no article is left in %s; run `kb index` if that is meant", self._folder)
                return seen
        if now != published_fingerprint(self._knowledge) and not (seen is None and self._is_indexed()):
            self._asked = publish_changes(self._knowledge)
        return now

    def _wait_for_rest(self, now: frozenset) -> frozenset:
        until = time.monotonic() + LONGEST_UNREST_SECONDS
        while not self._stopped.wait(self._quiet):
            try:
                later = take_fingerprint(self._folder)
            except SettingsError:
                return frozenset()
            if later == now or time.monotonic() >= until:
                return later
            now = later
        return now

    def _is_indexed(self) -> bool:
        try:
            return self._knowledge.is_indexed()
        except KnowledgeBaseError as fault:
            LOG.warning("cannot tell whether the articles are indexed: %s", fault)
            return True

    # Events

    def _observe(self) -> None:
        """Have the system tell of changes. A folder that is gone, or came back as another, is watched anew."""
        here = _identity(self._folder)
        if here == self._watched and (self._observer is None or self._observer.is_alive()):
            return
        self._end_observer()
        self._watched = here
        if here is None:
            return
        observer = Observer()
        try:
            observer.schedule(_Waker(self._woken), str(self._folder), recursive=True)
            observer.start()
        except (OSError, RuntimeError) as fault:
            LOG.warning("no events from %s (%s); it is looked at every %g seconds", self._folder, fault, self._look_alone)
        else:
            self._observer = observer

    def _end_observer(self) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(timeout=5)
            self._observer = None


class _Waker(FileSystemEventHandler):
    def __init__(self, woken: threading.Event) -> None:
        self._woken = woken

    def on_any_event(self, event: FileSystemEvent) -> None:
        # Reading the folder is an event too, and looking at it reads it.
        if event.event_type not in ("opened", "closed_no_write"):
            self._woken.set()


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        facts = folder.stat()
    except OSError:
        return None
    return (facts.st_dev, facts.st_ino)
