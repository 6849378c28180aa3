"""The history of an article is the one in Git: who, when, why, under which name, and how it read; nothing of anybody else's is touched."""

import os
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.article_history import ArticleHistory, DiffLine, HistoryError, unified_diff

NAMES = ["en/refunds.md", "zh/账单/怎么退款？.md", 'en/it\'s "quoted" & more.md', "en/[a]*?.md", "en/-n.md", ":(top)x.md"]


@pytest.fixture(autouse=True)
def nobody(tmp_path_factory, monkeypatch):
    """No user is configured, as on a server."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("XDG_CONFIG_HOME", os.environ["HOME"])
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def git(where, *arguments):
    identity = ("-c", "user.name=Li", "-c", "user.email=li@example.com")
    done = subprocess.run(["git", *identity, *arguments], cwd=where, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "-q", "-b", "main", "repository")
    return tmp_path / "repository"


@pytest.fixture
def folder(repository):
    """The articles lie in a folder of a repository that holds other things too."""
    (repository / "docs/articles").mkdir(parents=True)
    (repository / "README").write_text("read me\n", encoding="utf-8")
    git(repository, "add", "README")
    git(repository, "commit", "-q", "-m", "start")
    return repository / "docs/articles"


@pytest.fixture
def history(folder):
    return ArticleHistory(folder)


def put(folder, name, text):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_committed_can_be_read_again_whatever_the_file_is_called(history, folder, name):
    put(folder, name, "one\n")
    first = history.commit([name], message="Write it", author="Mei")
    put(folder, name, "two\n")
    second = history.commit([name], message="改成两天\n\n客户问过。", author="张 伟")
    newest, oldest = history.revisions(name)
    assert (newest.id, newest.author, newest.message, newest.path) == (second, "张 伟", "改成两天\n\n客户问过。", name)
    assert (oldest.id, oldest.author, oldest.message, oldest.path) == (first, "Mei", "Write it", name)
    assert abs(newest.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert (history.text_at(first, name), history.text_at(second, name)) == ("one\n", "two\n")


def test_the_author_is_the_account_and_so_is_the_committer_with_an_address_that_no_mail_reaches(history, folder, repository):
    put(folder, "x.md", "x\n")
    history.commit(["x.md"], message="m", author="Zoë <the> Writer")
    for role in "ac":
        assert git(repository, "log", "-1", f"--format=%{role}n, %{role}e") == "Zoë the Writer, Zoë-the-Writer@kb.invalid"


@pytest.mark.parametrize("author", ["...", "<>", "-", "李\n明"])
def test_every_name_of_an_account_can_be_an_author(history, folder, author):
    put(folder, "x.md", "x\n")
    assert history.commit(["x.md"], message="m", author=author)
    assert history.revisions("x.md")[0].author


def test_what_else_is_changed_or_staged_stays_as_it_is(history, folder, repository):
    put(folder, "mine.md", "mine\n")
    put(folder, "staged.md", "staged\n")
    (repository / "README").write_text("changed\n", encoding="utf-8")
    put(folder, "untracked.md", "untracked\n")
    git(repository, "add", "docs/articles/staged.md")
    commit = history.commit(["mine.md"], message="m", author="Mei")
    assert git(repository, "show", "--name-only", "--format=", commit) == "docs/articles/mine.md"
    assert git(repository, "diff", "--name-only") == "README"
    assert git(repository, "diff", "--name-only", "--cached") == "docs/articles/staged.md"
    assert git(repository, "ls-files", "--others") == "docs/articles/untracked.md"


def test_nothing_to_commit_is_no_commit(history, folder):
    put(folder, "x.md", "x\n")
    assert history.commit(["x.md"], message="m", author="Mei")
    assert history.commit(["x.md"], message="m", author="Mei") is None
    assert history.commit(["never-there.md"], message="m", author="Mei") is None
    assert history.commit([], message="m", author="Mei") is None


def test_the_first_commit_of_a_repository_can_be_an_article(repository):
    history = ArticleHistory(repository)
    assert history.available
    assert history.revisions("x.md") == ()
    put(repository, "x.md", "x\n")
    commit = history.commit(["x.md"], message="m", author="Mei")
    assert [revision.id for revision in history.revisions("x.md")] == [commit]


def test_a_rename_is_followed_with_the_name_of_each_time(history, folder):
    text = "".join(f"line {number}\n" for number in range(20))
    put(folder, "en/old name.md", text)
    first = history.commit(["en/old name.md"], message="Write", author="Mei")
    (folder / "en/old name.md").rename(folder / "en/新.md")
    second = history.commit(["en/old name.md", "en/新.md"], message="Rename", author="Mei")
    put(folder, "en/新.md", text + "more\n")
    third = history.commit(["en/新.md"], message="More", author="Mei")
    assert [(revision.id, revision.path) for revision in history.revisions("en/新.md")] == [
        (third, "en/新.md"), (second, "en/新.md"), (first, "en/old name.md"),
    ]  # fmt: skip
    assert history.text_at(first, "en/old name.md") == text
    assert len(history.revisions("en/新.md", limit=2)) == 2


def test_the_history_of_articles_does_not_reach_into_other_folders(history, folder, repository):
    secret = "".join(f"secret {number}\n" for number in range(20))
    (repository / "secret.md").write_text(secret, encoding="utf-8")
    git(repository, "add", "secret.md")
    git(repository, "commit", "-q", "-m", "keep secret")
    (repository / "secret.md").rename(folder / "public.md")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "publish")
    before = git(repository, "rev-parse", "HEAD~1")
    assert [revision.message for revision in history.revisions("public.md")] == ["publish"]
    with pytest.raises(HistoryError, match="no path of an article"):
        history.text_at(before, "../../secret.md")


@pytest.mark.parametrize("revision", ["HEAD", "main", "--help", "0" * 40, "", "HEAD:README\0"])
def test_a_revision_that_does_not_hold_the_article_is_an_error_that_says_so(history, folder, revision):
    put(folder, "x.md", "x\n")
    history.commit(["x.md"], message="m", author="Mei")
    with pytest.raises(HistoryError, match="x.md is not in revision"):
        history.text_at(revision, "x.md")


def test_commits_at_the_same_time_all_get_in(history, folder, repository):
    names = [f"{number}.md" for number in range(8)]
    for name in names:
        put(folder, name, name)
    together = threading.Barrier(4)
    commits = []

    def commit(mine):
        together.wait()
        commits.extend(history.commit([name], message=name, author="Mei") for name in mine)

    threads = [threading.Thread(target=commit, args=(names[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(commits)) == 8 and None not in commits
    assert sorted(git(repository, "log", "--format=%s", "-8").split("\n")) == sorted(names)
    assert git(repository, "status", "--porcelain") == ""


def test_a_lock_that_stays_is_named_with_the_remedy(history, folder, repository, monkeypatch):
    monkeypatch.setattr("kb.git_runs.WAIT_SECONDS", 0.2)
    put(folder, "x.md", "x\n")
    (repository / ".git/index.lock").touch()
    with pytest.raises(HistoryError, match=r"another git has held .*index.lock.* the article is saved"):
        history.commit(["x.md"], message="m", author="Mei")
    (repository / ".git/index.lock").unlink()
    assert history.commit(["x.md"], message="m", author="Mei")


def test_in_the_middle_of_a_merge_nothing_is_committed_and_the_merge_stays(history, folder, repository):
    put(folder, "x.md", "x\n")
    history.commit(["x.md"], message="m", author="Mei")
    git(repository, "checkout", "-q", "-b", "other")
    put(folder, "x.md", "other\n")
    history.commit(["x.md"], message="m", author="Mei")
    git(repository, "checkout", "-q", "main")
    put(folder, "x.md", "main\n")
    history.commit(["x.md"], message="m", author="Mei")
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "merge", "other")
    put(folder, "y.md", "saved\n")
    with pytest.raises(HistoryError, match="in the middle of a merge; finish it with `git merge --continue` or `--abort`"):
        history.commit(["y.md"], message="m", author="Mei")
    assert (folder / "y.md").read_text(encoding="utf-8") == "saved\n"
    assert (repository / ".git/MERGE_HEAD").exists()


def test_no_hook_of_the_repository_runs(history, folder, repository):
    for name in ("pre-commit", "commit-msg", "post-commit", "post-index-change"):
        hook = repository / ".git/hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {repository}/ran-{name}\nexit 1\n", encoding="utf-8")
        hook.chmod(0o755)
    put(folder, "x.md", "x\n")
    assert history.commit(["x.md"], message="m", author="Mei")
    assert list(repository.glob("ran-*")) == []


def test_what_git_ignores_is_left_out_and_the_rest_is_committed(history, folder, repository):
    (repository / ".gitignore").write_text("*.png\n", encoding="utf-8")
    put(folder, "images/a.png", "picture")
    put(folder, "x.md", "x\n")
    commit = history.commit(["images/a.png", "x.md"], message="m", author="Mei")
    assert git(repository, "show", "--name-only", "--format=", commit) == "docs/articles/x.md"
    assert history.commit(["images/a.png"], message="m", author="Mei") is None


@pytest.mark.parametrize("rule", ["docs/", "docs/articles/", "docs/articles/*", "/docs"])
def test_a_folder_that_git_ignores_has_no_history(history, folder, repository, rule):
    (repository / ".gitignore").write_text(f"{rule}\n", encoding="utf-8")
    put(folder, "x.md", "x\n")
    assert not history.available
    assert history.commit(["x.md"], message="m", author="Mei") is None


def test_a_folder_outside_a_repository_has_no_history_until_there_is_one(tmp_path):
    put(tmp_path, "x.md", "x\n")
    history = ArticleHistory(tmp_path)
    assert not history.available
    assert history.commit(["x.md"], message="m", author="Mei") is None
    assert history.revisions("x.md") == ()
    assert history.text_at("0" * 40, "x.md") == ""
    git(tmp_path, "init", "-q", ".")
    assert history.available


def test_a_repository_that_went_away_is_an_error_and_not_a_missing_history(history, folder, repository):
    put(folder, "x.md", "x\n")
    assert history.commit(["x.md"], message="m", author="Mei")
    (repository / ".git").rename(repository / "gone")
    put(folder, "x.md", "y\n")
    with pytest.raises(HistoryError, match="cannot be opened: No such file or directory; the article is saved"):
        history.commit(["x.md"], message="m", author="Mei")
    with pytest.raises(HistoryError, match="its history cannot be read: .*not a git repository"):
        history.revisions("x.md")


def test_without_git_there_is_no_history(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not ArticleHistory(folder).available
    assert ArticleHistory(folder).revisions("x.md") == ()


def test_a_repository_that_the_environment_names_is_not_taken_for_the_folders_own(history, folder, repository, tmp_path, monkeypatch):
    git(tmp_path, "init", "-q", "another")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "another/.git"))
    put(folder, "x.md", "x\n")
    commit = history.commit(["x.md"], message="m", author="Mei")
    monkeypatch.delenv("GIT_DIR")
    assert git(repository, "rev-parse", "HEAD") == commit


def test_a_difference_shows_the_changed_lines_with_three_around_them():
    old = [f"line {number}" for number in range(12)]
    new = [*old[:6], "new", *old[7:]]
    assert unified_diff("\n".join(old), "\n".join(new)) == (
        DiffLine("skip", "3"), DiffLine("same", "line 3"), DiffLine("same", "line 4"), DiffLine("same", "line 5"),
        DiffLine("removed", "line 6"), DiffLine("added", "new"),
        DiffLine("same", "line 7"), DiffLine("same", "line 8"), DiffLine("same", "line 9"), DiffLine("skip", "2"),
    )  # fmt: skip


LINES = st.lists(st.sampled_from(["a", "b", "", "退款"]), max_size=30)


@given(LINES, LINES)
def test_a_difference_holds_every_line_of_both_texts_once(old, new):
    lines = unified_diff("".join(f"{line}\n" for line in old), "".join(f"{line}\n" for line in new))
    texts = {kind: [line.text for line in lines if line.kind == kind] for kind in ("same", "added", "removed", "skip")}
    skipped = sum(map(int, texts["skip"]))
    if old == new:
        assert lines == ()
    else:
        assert skipped + len(texts["same"]) + len(texts["removed"]) == len(old)
        assert skipped + len(texts["same"]) + len(texts["added"]) == len(new)
        assert texts["added"] or texts["removed"]


def test_two_long_texts_of_the_same_few_lines_are_compared_in_seconds():
    begun = time.monotonic()
    assert unified_diff("a\nb\n" * 15_000, "b\nc\n" * 15_000)
    assert time.monotonic() - begun < 10
