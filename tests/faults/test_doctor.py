"""The doctor names what else can be wrong, says nothing about what is not, and makes anew only what is derived."""

import os
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from feedback.audience import Visit
from kb.dictionary import CACHE_FILE
from portal.doctoring import examine_base, repair_base
from portal.knowledge import open_knowledge_base
from tests.faults.conftest import levels

OLD = time.time() - 7200


def age(*paths):
    for path in paths:
        os.utime(path, (OLD, OLD))


def test_a_sound_base_has_no_findings_whatever_lock_files_lie_about(base):
    open_knowledge_base(base).update_gaps()
    for name in ("index.lock", "kb.lock", "kb.gaps.lock", "serving.lock"):
        (base.data / name).touch()
        age(base.data / name)
    found = levels(examine_base(base))
    assert not found["fault"] and not found["warning"]
    assert repair_base(base).done == ()


def test_a_base_that_is_not_there_yet_is_explained(tmp_path, base, kb):
    from dataclasses import replace

    told = kb(replace(base, data=tmp_path / "none", articles=tmp_path / "neither"), "doctor")
    assert told.returncode == 1 and "Traceback" not in told.stderr
    assert "no articles folder at" in told.stdout and "no database at" in told.stdout and "run `kb index`, or `kb restore` if there was one" in told.stdout


def test_what_killed_runs_have_left_of_derived_files_goes_and_nothing_else(base):
    half = base.data / "models" / ".preparing-abc"
    half.mkdir(parents=True)
    (half / "model.safetensors").touch()
    vectors = [base.data / "index" / f"vectors-0-{number}.faiss" for number in range(3)]
    for path in vectors:
        path.touch()
    own = base.data / "notes.txt"
    own.write_text("mine")
    age(half, *vectors, own)
    assert any("left by killed runs" in message for message in levels(examine_base(base))["warning"])
    assert repair_base(base).done[0].startswith("removed ")
    assert not half.exists() and not vectors[0].exists() and own.exists()
    assert not levels(examine_base(base))["warning"]


def test_a_dictionary_that_says_something_else_is_made_anew(base):
    open_knowledge_base(base).search("怎么退款")
    import jieba

    compiled = jieba.Tokenizer()
    compiled.tmp_dir = str(base.data / "cache")
    compiled.initialize()
    file = base.data / "cache" / CACHE_FILE
    content = file.read_bytes()
    place = content.index("退款".encode())
    file.write_bytes(content[:place] + "进款".encode() + content[place + 6 :])
    assert any("is not the installed one" in message for message in levels(examine_base(base))["warning"])
    assert repair_base(base).done == ("removed the compiled dictionary; the next start makes it anew",)
    assert not levels(examine_base(base))["warning"]


def test_a_lock_that_a_killed_git_has_left_is_named_and_left_to_people(base):
    subprocess.run(["git", "init", "--quiet"], cwd=base.articles, check=True)
    lock = base.articles / ".git" / "index.lock"
    lock.touch()
    assert not levels(examine_base(base))["warning"]
    age(lock)
    (told,) = levels(repair_base(base).findings)["warning"]
    assert "remove it when no git is running" in told and lock.exists()


def test_days_that_nobody_has_counted_are_counted(base):
    past = datetime.now(UTC) - timedelta(days=3)
    open_knowledge_base(base, now=lambda: past).search("refund", visit=Visit("anna"))
    assert any("1 days have changed and were not counted" in message for message in levels(examine_base(base))["warning"])
    mended = repair_base(base)
    assert mended.done == ("counted 1 days anew",) and not levels(mended.findings)["warning"]
    with closing(sqlite3.connect(base.database)) as connection:
        assert connection.execute("select sum(searches) from day_requests").fetchone() == (1,)


def test_a_disk_that_is_nearly_full_is_told_before_it_is(base, monkeypatch):
    import shutil

    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: real(folder)._replace(free=20_000_000))
    assert any("nearly full: 20 MB free, an index may need" in message for message in levels(examine_base(base))["warning"])


@pytest.mark.parametrize("change", ["edited", "gone"])
def test_articles_that_the_index_does_not_hold_yet_are_counted(base, change):
    file = base.articles / "en" / "account" / "password.md"
    file.unlink() if change == "gone" else file.write_text("# Another password\n")
    (told,) = levels(examine_base(base))["warning"]
    assert told.startswith("1 ") and told.endswith("run `kb index`")
