"""Articles reach the index by themselves: after a save in the portal, and after an edit made anywhere else."""

import shutil
import threading
import time

import pytest

import portal.watching
from kb.errors import DatabaseError, IndexBusy
from portal.publishing import publish_changes
from portal.watching import FolderWatcher
from tests.portal.writing_desks import DRAFT, WritingKnowledge

QUIET, LOOK = 0.05, 0.2
SECONDS = 10


@pytest.fixture
def knowledge(tmp_path):
    knowledge = WritingKnowledge(tmp_path)
    knowledge.write("en/one.md", DRAFT)
    return knowledge


@pytest.fixture
def watch(knowledge):
    """Watches the folder and has looked at it once; events or none, it looks often, so that no test waits long."""
    watchers = []

    def start(*, look_seconds=60.0):
        watcher = FolderWatcher(knowledge, quiet_seconds=QUIET, look_seconds=look_seconds, look_seconds_alone=LOOK)
        watchers.append(watcher)
        watcher.start()
        assert watcher.has_looked.wait(SECONDS)
        return watcher

    yield start
    for watcher in watchers:
        watcher.stop()


def comes_true(condition) -> bool:
    until = time.monotonic() + SECONDS
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


def stays_so(condition, *, seconds=0.6) -> bool:
    until = time.monotonic() + seconds
    while condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


# After a save


def test_publishing_comes_back_at_once_and_its_report_later(knowledge):
    assert publish_changes(knowledge).result(timeout=SECONDS).problems == ()
    assert knowledge.indexed == 1


def test_many_who_ask_while_one_run_is_under_way_share_the_next(knowledge, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    index = knowledge.index

    def slowly(*, test=True):
        begun.set()
        go_on.wait(SECONDS)
        return index()

    monkeypatch.setattr(knowledge, "index", slowly)
    first = publish_changes(knowledge)
    begun.wait(SECONDS)
    others = [publish_changes(knowledge) for _ in range(20)]
    go_on.set()
    assert all(other.result(timeout=SECONDS) for other in others) and first.done()
    assert knowledge.indexed == 2


def test_while_another_process_indexes_it_waits_and_then_indexes(knowledge):
    knowledge.faults = [IndexBusy("another `kb index` is running"), IndexBusy("another `kb index` is running")]
    publish_changes(knowledge).result(timeout=SECONDS)
    assert knowledge.indexed == 1


def test_a_fault_is_told_to_who_asked_and_ends_nothing(knowledge):
    knowledge.faults = [DatabaseError("the disk is full")]
    with pytest.raises(DatabaseError):
        publish_changes(knowledge).result(timeout=SECONDS)
    publish_changes(knowledge).result(timeout=SECONDS)
    assert knowledge.indexed == 1


# After an edit elsewhere


@pytest.mark.parametrize("path", ["en/one.md", "en/two.md", "zh/new/three.md", "synonyms.yaml"])
def test_a_file_that_an_editor_wrote_is_indexed(knowledge, watch, path):
    watch()
    knowledge.write(path, DRAFT.replace("No.", "Yes."))
    assert comes_true(lambda: knowledge.indexed == 1)


def test_a_file_that_was_removed_is_indexed_away(knowledge, watch):
    knowledge.write("en/two.md", DRAFT)
    watch()
    (knowledge.settings.articles / "en/two.md").unlink()
    assert comes_true(lambda: knowledge.indexed == 1)


def test_a_pull_of_many_files_is_one_run(knowledge, watch):
    watch()
    for number in range(30):
        knowledge.write(f"en/many/{number}.md", DRAFT)
        time.sleep(QUIET / 5)
    assert comes_true(lambda: knowledge.indexed == 1)
    assert stays_so(lambda: knowledge.indexed == 1)


def test_what_is_no_article_changes_nothing(knowledge, watch):
    watch()
    knowledge.write("en/notes.txt", "x")
    knowledge.write(".git/index.md", "x")
    assert stays_so(lambda: knowledge.indexed == 0)


def test_a_save_of_the_portals_own_is_not_indexed_twice(knowledge, watch):
    watch()
    knowledge.write("en/one.md", DRAFT.replace("No.", "Yes."))
    publish_changes(knowledge).result(timeout=SECONDS)
    assert stays_so(lambda: knowledge.indexed == 1)


def test_what_changed_while_no_portal_ran_is_indexed_when_one_starts(knowledge, watch, monkeypatch):
    monkeypatch.setattr(knowledge, "is_indexed", lambda: False)
    watch()
    assert comes_true(lambda: knowledge.indexed == 1)


def test_a_folder_that_vanishes_takes_no_article_away_and_is_watched_again_when_it_comes_back(knowledge, watch):
    watch(look_seconds=LOOK)
    elsewhere = knowledge.settings.articles.with_name("elsewhere")
    shutil.move(knowledge.settings.articles, elsewhere)
    assert stays_so(lambda: knowledge.indexed == 0)
    shutil.move(elsewhere, knowledge.settings.articles)
    knowledge.write("en/one.md", DRAFT.replace("No.", "Yes."))
    assert comes_true(lambda: knowledge.indexed == 1)


def test_an_empty_folder_is_taken_for_one_that_is_not_mounted(knowledge, watch):
    watch(look_seconds=LOOK)
    (knowledge.settings.articles / "en/one.md").unlink()
    assert stays_so(lambda: knowledge.indexed == 0, seconds=1.0)


def test_without_events_from_the_system_the_folder_is_looked_at(knowledge, watch, monkeypatch):
    def refuse(*_, **__):
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr("portal.watching.Observer.start", refuse)
    watch()
    knowledge.write("en/one.md", DRAFT.replace("No.", "Yes."))
    assert comes_true(lambda: knowledge.indexed == 1)


def test_a_fault_while_looking_does_not_end_the_watch(knowledge, watch, monkeypatch):
    look = portal.watching.take_fingerprint
    watch(look_seconds=LOOK)

    def fail(folder):
        monkeypatch.setattr(portal.watching, "take_fingerprint", look)
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(portal.watching, "take_fingerprint", fail)
    knowledge.write("en/one.md", DRAFT.replace("No.", "Yes."))
    assert comes_true(lambda: knowledge.indexed == 1)


def test_what_could_not_be_indexed_is_tried_again_without_another_change(knowledge, watch):
    watch(look_seconds=LOOK)
    knowledge.faults = [DatabaseError("the disk is full")]
    knowledge.write("en/one.md", DRAFT.replace("No.", "Yes."))
    assert comes_true(lambda: knowledge.indexed == 1)
