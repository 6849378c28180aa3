"""An import is moved in whole or not at all, whatever ends it, and what a killed one left behind is undone by the next."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from kb.errors import ArticleError
from kb.importing import import_articles
from kb.importing.staging import ImportInterrupted, Staging, open_staging, recover
from tests.kb.import_samples import png, write

ROOT = Path(__file__).parents[2]


@pytest.fixture
def base(tmp_path):
    """A knowledge base with one article, and a source of five."""
    write(tmp_path / "kb" / "articles", {"en/mine.md": "mine"})
    write(tmp_path / "source", {**{f"{n}.md": f"# N{n}\n\n![p](p.png)" for n in range(5)}, "p.png": png()})
    return tmp_path


def everything_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_finished_import_leaves_nothing_behind_but_its_articles(base):
    import_articles(base / "source", base / "kb/articles", into="new")
    assert sorted(everything_in(base / "kb")) == [
        "articles/en/mine.md", *(f"articles/en/new/{n}.md" for n in range(5)), "articles/en/new/images/p.png",
    ]  # fmt: skip


def test_a_dry_run_reports_the_same_and_writes_nothing(base):
    dry = import_articles(base / "source", base / "kb/articles", dry=True)
    assert everything_in(base / "kb") == {"articles/en/mine.md": b"mine"}
    assert dry.converted == import_articles(base / "source", base / "kb/articles").converted


@pytest.mark.parametrize(
    ("fault", "told"), [(KeyboardInterrupt, KeyboardInterrupt), (SystemExit, SystemExit), (OSError(28, "No space left on device"), ImportInterrupted)]
)
def test_an_import_that_is_stopped_while_it_moves_in_takes_everything_out_again(base, monkeypatch, fault, told):
    moved = []
    move = Staging._move

    def stop_at_the_third(self, path):
        if len(moved) == 3:
            raise fault
        moved.append(path)
        move(self, path)

    monkeypatch.setattr(Staging, "_move", stop_at_the_third)
    with pytest.raises(told):
        import_articles(base / "source", base / "kb/articles", into="new")
    assert len(moved) == 3
    assert everything_in(base / "kb") == {"articles/en/mine.md": b"mine"}
    assert sorted(path.name for path in (base / "kb/articles/en").iterdir()) == ["mine.md"]


def test_an_import_that_is_stopped_while_it_converts_has_changed_nothing(base):
    def stop(article):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_articles(base / "source", base / "kb/articles", check=stop)
    assert everything_in(base / "kb") == {"articles/en/mine.md": b"mine"}


def test_what_a_killed_import_moved_is_taken_out_by_the_next_one(base):
    killed = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from kb.importing import import_articles
        from kb.importing.staging import Staging
        moved, move = [], Staging._move
        def die_at_the_fourth(self, path):
            if len(moved) == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            moved.append(path)
            move(self, path)
        Staging._move = die_at_the_fourth
        import_articles(Path("source"), Path("kb/articles"), into="new")
    """)
    done = subprocess.run([sys.executable, "-c", killed], cwd=base, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60)
    assert done.returncode == -signal.SIGKILL
    articles = base / "kb/articles"
    assert len(everything_in(articles)) == 4
    # Whoever has worked on one of them since keeps it.
    kept = next(path for path in articles.rglob("*.md") if path.name != "mine.md")
    kept.write_text("edited", encoding="utf-8")
    assert import_articles(base / "source", articles, into="later").undone == 2
    assert sorted(path for path in everything_in(base / "kb") if "later" not in path) == ["articles/en/mine.md", kept.relative_to(base / "kb").as_posix()]
    assert recover(articles) == 0


def test_an_import_that_is_running_is_left_alone_by_another(base):
    with open_staging(base / "kb/articles") as staging:
        staging.write_article("en/new", "text")
        assert recover(base / "kb/articles") == 0
        staging.move_in()
    assert everything_in(base / "kb")["articles/en/new.md"] == b"text"


@pytest.mark.parametrize("there", ["en/new/2.md", "EN/new/2.markdown"])
def test_a_name_that_is_taken_meanwhile_stops_the_import_and_is_not_overwritten(base, there):
    def take(article):
        write(base / "kb/articles", {there: "theirs"})

    with pytest.raises(ImportInterrupted, match="appeared in the articles folder during the import; nothing was imported, run it again"):
        import_articles(base / "source", base / "kb/articles", into="new", check=take)
    assert everything_in(base / "kb") == {"articles/en/mine.md": b"mine", f"articles/{there}": b"theirs"}


def test_a_folder_whose_name_is_a_file_is_named_with_the_remedy(base):
    write(base / "kb/articles", {"en/new": "a file"})
    with pytest.raises(ImportInterrupted, match="cannot be written: .*; free space or check its permissions, nothing was imported"):
        import_articles(base / "source", base / "kb/articles", into="new")
    assert sorted(everything_in(base / "kb")) == ["articles/en/mine.md", "articles/en/new"]


def test_a_folder_that_links_out_of_the_articles_is_not_written_to(base):
    outside = base / "outside"
    outside.mkdir()
    (base / "kb/articles/en/new").symlink_to(outside)
    with pytest.raises(ArticleError, match="leads out of the articles folder by a link"):
        import_articles(base / "source", base / "kb/articles", into="new")
    assert list(outside.iterdir()) == []


def test_an_article_that_the_check_refuses_stays_out_with_its_images(base):
    write(base / "source", {"4.md": "# N4\n\n![q](q.png) [3](3.md)", "q.png": png(7, 7), "3.md": "# N3\n\n[4](4.md)"})

    def check(article):
        if article.title == "N4":
            raise ArticleError("x.md", None, "takes too long to render; split it")

    report = import_articles(base / "source", base / "kb/articles", check=check)
    assert [str(refused) for refused in report.refused] == ["4.md: cannot become an article: takes too long to render; split it"]
    assert sorted(everything_in(base / "kb/articles")) == ["en/0.md", "en/1.md", "en/2.md", "en/3.md", "en/images/p.png", "en/mine.md"]
