"""Several people hold one article: nobody's change is lost, no file is ever half written, and a renamed article is found where it was."""

import os
import re
import signal
import subprocess
import sys
import threading
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.article_files import ArticleFile, EditConflict, read_article_file, rename_article_file, save_article_file
from kb.articles import load_articles, translations
from kb.errors import ArticleError, ArticleNotFound
from kb.links import resolve_link
from kb.relative_links import move_links

TEXT = "---\ntitle: Refunds\n---\n\nWithin 30 days.\n"
OTHER = TEXT.replace("30", "60")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "articles").mkdir()
    return tmp_path / "articles"


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def files_of(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_new_article_is_written_with_its_folders_and_read_back(folder):
    saved = save_article_file(folder, "zh/billing/退款", TEXT, version=None)
    assert saved == ArticleFile("zh/billing/退款", "zh/billing/退款.md", TEXT, sha256(TEXT.encode()).hexdigest())
    assert read_article_file(folder, "zh/billing/退款") == saved
    assert load_articles(folder).articles[0].content_hash == saved.version
    assert files_of(folder) == ["zh/billing/退款.md"]


def test_saving_over_the_version_one_read_changes_the_file(folder):
    first = save_article_file(folder, "en/x", TEXT, version=None)
    second = save_article_file(folder, "en/x", OTHER, version=first.version)
    assert (folder / "en/x.md").read_text(encoding="utf-8") == OTHER
    assert second.version != first.version


def test_the_second_of_two_writers_gets_the_firsts_text_and_changes_nothing(folder):
    start = save_article_file(folder, "en/x", TEXT, version=None)
    theirs = save_article_file(folder, "en/x", OTHER, version=start.version)
    with pytest.raises(EditConflict, match="en/x.md was changed by somebody else") as caught:
        save_article_file(folder, "en/x", TEXT.replace("30", "90"), version=start.version)
    assert caught.value.theirs == theirs
    assert (folder / "en/x.md").read_text(encoding="utf-8") == OTHER
    save_article_file(folder, "en/x", TEXT.replace("30", "90"), version=caught.value.theirs.version)


def test_of_many_writers_at_once_exactly_one_saves(folder):
    start = save_article_file(folder, "en/x", TEXT, version=None)
    together = threading.Barrier(8)
    saved, refused = [], []

    def save(number):
        together.wait()
        try:
            saved.append(save_article_file(folder, "en/x", TEXT.replace("30", str(number)), version=start.version))
        except EditConflict as conflict:
            refused.append(conflict.theirs)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(100, 108)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(saved) == 1
    assert refused == saved * 7


def test_a_new_article_does_not_take_the_place_of_one_that_appeared_meanwhile(folder):
    theirs = save_article_file(folder, "en/x", OTHER, version=None)
    with pytest.raises(EditConflict) as caught:
        save_article_file(folder, "en/x", TEXT, version=None)
    assert caught.value.theirs == theirs


def test_an_article_that_was_deleted_meanwhile_is_a_conflict_without_their_text(folder):
    start = save_article_file(folder, "en/x", TEXT, version=None)
    (folder / "en/x.md").unlink()
    with pytest.raises(EditConflict, match="en/x.md is gone; save it as a new article") as caught:
        save_article_file(folder, "en/x", OTHER, version=start.version)
    assert caught.value.theirs is None
    assert files_of(folder) == []


def test_what_is_no_article_is_refused_with_line_and_remedy_and_the_file_stays(folder):
    start = save_article_file(folder, "en/x", TEXT, version=None)
    for text, fact in [
        ("---\ntitle: a\nreview_by: soon\n---\nx\n", "en/x.md:3: review_by is not a date"),
        (" \n", "is empty; write the article first"),
        ("one\ntwo \0\n", "en/x.md:2: contains a NUL"),
        ("one\ntwo \ud800\n", "en/x.md:2: contains half of a character"),
        ("退" * 400_000, "larger than 1 MB"),
    ]:
        with pytest.raises(ArticleError, match=fact):
            save_article_file(folder, "en/x", text, version=start.version)
    assert read_article_file(folder, "en/x") == start
    assert files_of(folder) == ["en/x.md"]


def test_line_ends_byte_order_mark_suffix_and_permissions_of_the_file_stay(folder):
    path = put(folder, "en/x.markdown", b"\xef\xbb\xbf---\r\ntitle: a\r\n---\r\nx\r\n")
    path.chmod(0o640)
    file = read_article_file(folder, "en/x")
    assert (file.path, file.text) == ("en/x.markdown", "---\ntitle: a\n---\nx\n")
    save_article_file(folder, "en/x", file.text.replace("x", "y"), version=file.version)
    assert path.read_bytes() == b"\xef\xbb\xbf---\r\ntitle: a\r\n---\r\ny\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert files_of(folder) == ["en/x.markdown"]


def test_text_from_a_browser_with_carriage_returns_is_the_same_text(folder):
    assert save_article_file(folder, "en/x", TEXT.replace("\n", "\r\n"), version=None).text == TEXT


def test_saving_the_same_text_does_not_touch_the_file(folder):
    file = save_article_file(folder, "en/x", TEXT, version=None)
    before = (folder / "en/x.md").stat()
    assert save_article_file(folder, "en/x", TEXT, version=file.version) == file
    after = (folder / "en/x.md").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("id", ["../x", "en/../../x", "/etc/x", "en//x", ".hidden", "en/.git/x", "en/a\\b", "en/a\nb", ""])
def test_no_id_leads_out_of_the_folder_or_into_hiding(folder, id):
    with pytest.raises(ArticleNotFound):
        read_article_file(folder, id)
    with pytest.raises(ArticleError, match="no path of an article"):
        save_article_file(folder, id, TEXT, version=None)
    assert files_of(folder.parent) == []


def test_no_link_leads_out_either_for_reading_or_for_writing(folder, tmp_path):
    outside = put(tmp_path, "outside/secret.md", TEXT)
    (folder / "en").symlink_to(outside.parent)
    (folder / "x.md").symlink_to(outside)
    version = sha256(TEXT.encode()).hexdigest()
    for id in ("x", "en/secret"):
        with pytest.raises(ArticleError, match="leads out of the articles folder"):
            read_article_file(folder, id)
        with pytest.raises(ArticleError, match="leads out of the articles folder"):
            save_article_file(folder, id, OTHER, version=version)
    with pytest.raises(ArticleError, match="leads out of the articles folder"):
        save_article_file(folder, "en/new", OTHER, version=None)
    assert files_of(outside.parent) == ["secret.md"]
    assert outside.read_text(encoding="utf-8") == TEXT


def test_a_link_that_leads_nowhere_is_named(folder):
    (folder / "x.md").symlink_to("x.md")
    (folder / "y.md").symlink_to("gone.md")
    with pytest.raises(ArticleError, match="x.md: is a symlink loop; remove it"):
        read_article_file(folder, "x")
    with pytest.raises(ArticleError, match="y.md: cannot be read: No such file"):
        read_article_file(folder, "y")


def test_a_link_within_the_folder_stays_a_link_and_its_target_is_saved(folder):
    target = put(folder, "shared/x.md", TEXT)
    (folder / "en").mkdir()
    (folder / "en/x.md").symlink_to("../shared/x.md")
    file = read_article_file(folder, "en/x")
    save_article_file(folder, "en/x", OTHER, version=file.version)
    assert (folder / "en/x.md").is_symlink()
    assert target.read_text(encoding="utf-8") == OTHER


@pytest.mark.parametrize("there", ["en/Refund.md", "EN/refund.md", "en/refund.MARKDOWN"])
def test_a_new_article_whose_id_differs_only_in_case_is_refused(folder, there):
    put(folder, there, OTHER)
    with pytest.raises((ArticleError, EditConflict)):
        save_article_file(folder, "en/refund", TEXT, version=None)
    assert files_of(folder) == [there]


def test_a_process_killed_while_it_writes_leaves_the_old_article_and_nothing_that_the_loader_sees(folder):
    file = save_article_file(folder, "en/x", TEXT, version=None)
    killed = (
        "import os, signal, sys; from pathlib import Path; from kb import durable_files; from kb.article_files import save_article_file\n"
        "durable_files.os.replace = lambda *names: os.kill(os.getpid(), signal.SIGKILL)\n"
        "save_article_file(Path(sys.argv[1]), 'en/x', sys.argv[2], version=sys.argv[3])\n"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(folder), OTHER, file.version], cwd=os.getcwd(), check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(files_of(folder)) == 2
    loaded = load_articles(folder)
    assert [(article.id, article.body) for article in loaded.articles] == [("en/x", "\nWithin 30 days.\n")]
    assert loaded.problems == ()
    assert save_article_file(folder, "en/x", OTHER, version=file.version).text == OTHER


def test_a_write_that_fails_leaves_the_old_article_alone(folder, monkeypatch):
    file = save_article_file(folder, "en/x", TEXT, version=None)

    def full(*names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kb.durable_files.os.fsync", full)
    with pytest.raises(ArticleError, match="cannot be written: No space left on device; check the articles folder"):
        save_article_file(folder, "en/x", OTHER, version=file.version)
    assert files_of(folder) == ["en/x.md"]
    assert read_article_file(folder, "en/x") == file


def test_a_file_system_without_hard_links_takes_new_articles_too(folder, monkeypatch):
    def refuse(*names):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("kb.durable_files.os.link", refuse)
    assert save_article_file(folder, "en/x", TEXT, version=None).text == TEXT
    assert files_of(folder) == ["en/x.md"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ArticleError, match="en/x.md: cannot be written: No such file"):
        save_article_file(tmp_path / "nowhere", "en/x", TEXT, version=None)


def rename(folder, id, new_id):
    return rename_article_file(folder, id, new_id, version=read_article_file(folder, id).version)


def test_a_renamed_article_is_at_its_new_place_and_claims_its_old_address(folder):
    put(folder, "en/billing/refunds.md", TEXT)
    file = rename(folder, "en/billing/refunds", "en/orders/refund-times")
    assert file.path == "en/orders/refund-times.md"
    assert file.text == "---\ntitle: Refunds\nredirect_from:\n  - en/billing/refunds\n---\n\nWithin 30 days.\n"
    assert files_of(folder) == ["en/orders/refund-times.md"]


def test_a_name_that_comes_back_is_no_old_address_any_more(folder):
    put(folder, "en/a.md", TEXT)
    rename(folder, "en/a", "en/b")
    rename(folder, "en/b", "en/c")
    rename(folder, "en/c", "en/a")
    loaded = load_articles(folder)
    assert loaded.articles[0].redirect_from == ("en/b", "en/c")
    assert loaded.problems == ()


def test_links_and_images_lead_where_they_led(folder):
    put(
        folder,
        "en/billing/refunds.md",
        "See [orders](../orders/return.md#how), [here](#top), [itself](refunds.md#x), [other](invoice.md \"Title (x)\"),\n"
        "[site](https://example.com/a.md), [root](/en/x.md), [mail](mailto:a@b.c), [spaces](<my file.md>), [brackets](a_(b).md)\n"
        "![picture](images/a.png) <img src=\"images/b.png\"> [named][ref] `[code](x.md)`\n\n"
        "```markdown\n[code](x.md)\n```\n\n[ref]: ../index.md \"Start\"\n[folder](./sub/)\n",
    )  # fmt: skip
    file = rename(folder, "en/billing/refunds", "en/orders/deep/times")
    assert file.text.split("---\n\n", 1)[1] == (
        "See [orders](../return.md#how), [here](#top), [itself](times.md#x), [other](../../billing/invoice.md \"Title (x)\"),\n"
        "[site](https://example.com/a.md), [root](/en/x.md), [mail](mailto:a@b.c), [spaces](<../../billing/my file.md>), [brackets](../../billing/a_(b).md)\n"
        "![picture](../../billing/images/a.png) <img src=\"../../billing/images/b.png\"> [named][ref] `[code](x.md)`\n\n"
        "```markdown\n[code](x.md)\n```\n\n[ref]: ../../index.md \"Start\"\n[folder](../../billing/sub/)\n"
    )  # fmt: skip


def test_footnotes_and_single_back_ticks_do_not_hide_or_make_links():
    text = "a ` b [one](x.md)\n\n[two](x.md) ` c[^1]\n\n[^1]: See below.\n"
    assert move_links(text, old="en/a", new="a") == text.replace("(x.md)", "(en/x.md)")


FOLDERS = st.lists(st.sampled_from(["..", ".", "en", "zh", "billing", "退款"]), max_size=4)
TARGETS = st.tuples(FOLDERS, st.sampled_from(["x.md", "退款", "a%20b.md#top", "i.png", "page.html?x=1"])).map(
    lambda drawn: "/".join([*drawn[0], drawn[1]])
)
IDS = st.sampled_from(["start", "en/start", "en/billing/start", "zh/a/b/start"])


@given(TARGETS, IDS, IDS)
def test_a_moved_link_opens_what_it_opened(target, old, new):
    moved = re.search(r"\((.*)\)", move_links(f"[x]({target})", old=old, new=new))[1]
    opened = resolve_link(target, old)
    # What led out of the folder opened nothing; from a deeper folder the same words would lead somewhere.
    assert resolve_link(moved, new) == opened or not opened


def test_within_one_folder_only_the_links_to_itself_change(folder):
    text = "# T\n\n[a](b.md) ![i](images/a.png) [self](x.md#s)\n"
    put(folder, "en/x.md", text)
    assert rename(folder, "en/x", "en/y").text.endswith("# T\n\n[a](b.md) ![i](images/a.png) [self](y.md#s)\n")


def test_a_translation_by_path_stays_one(folder):
    put(folder, "en/billing/refunds.md", "Within 30 days.")
    put(folder, "zh/billing/refunds.md", "三十天内。")
    rename(folder, "en/billing/refunds", "en/orders/times")
    assert translations(load_articles(folder).articles)["zh/billing/refunds"] == ("en/orders/times",)


def test_a_translation_that_is_named_relatively_stays_the_same_one(folder):
    put(folder, "en/billing/refunds.md", "---\ntranslation_of: ../../zh/tuikuan\n---\nWithin 30 days.")
    put(folder, "zh/tuikuan.md", "三十天内。")
    assert "translation_of: zh/tuikuan\n" in rename(folder, "en/billing/refunds", "en/orders/all/refunds").text


def test_a_change_of_case_alone_is_a_rename(folder):
    put(folder, "en/Refunds.md", TEXT)
    assert rename(folder, "en/Refunds", "en/refunds").id == "en/refunds"
    assert files_of(folder) == ["en/refunds.md"]


@pytest.mark.parametrize(
    ("there", "fact"),
    [
        ({"en/b.md": TEXT}, "en/b.md: has the same id as en/b.md; choose another name"),
        ({"en/B.markdown": TEXT}, "has the same id as en/B.markdown"),
        ({"en/c.md": "---\nredirect_from: [/en/b.md]\n---\nx"}, "is an old address of en/c; choose another name"),
    ],
)
def test_a_name_that_is_taken_is_refused_and_nothing_moves(folder, there, fact):
    put(folder, "en/a.md", TEXT)
    for name, text in there.items():
        put(folder, name, text)
    before = files_of(folder)
    with pytest.raises(ArticleError, match=fact):
        rename(folder, "en/a", "en/b")
    assert files_of(folder) == before
    assert read_article_file(folder, "en/a").text == TEXT


def test_an_article_changed_meanwhile_is_not_renamed(folder):
    start = save_article_file(folder, "en/a", TEXT, version=None)
    save_article_file(folder, "en/a", OTHER, version=start.version)
    with pytest.raises(EditConflict) as caught:
        rename_article_file(folder, "en/a", "en/b", version=start.version)
    assert caught.value.theirs.text == OTHER
    assert files_of(folder) == ["en/a.md"]


def test_an_article_that_is_not_there_is_not_found(folder):
    with pytest.raises(ArticleNotFound):
        rename_article_file(folder, "en/a", "en/b", version="0")
