"""No article can hang, exhaust or crash whoever renders it."""

import os
import threading
import time

import pytest

from kb.articles import Article
from kb.errors import ArticleError
from kb.rendering import RenderWorker, render_article

PATHOLOGICAL = {
    "brackets": "[" * 30_000,
    "image brackets": "![" * 15_000,
    "quote marks": ">" * 5_000 + " x",
    "nested list": "\n".join("  " * depth + "- x" for depth in range(2_000)),
    "stars": "*" * 100_000,
    "emphasis": "**a _b_ " * 8_000,
    "backticks": "`" * 60_000,
    "half links": "[a](" * 20_000,
    "wide table": "|a" * 5_000 + "|\n" + "|-" * 5_000 + "|\n" + ("|b" * 5_000 + "|\n") * 20,
    "nested HTML": "<div>" * 20_000 + "x" + "</div>" * 20_000,
    "angle brackets": "<" * 100_000,
    "half comments": "<!--" * 20_000,
    "braces": "{#a " * 20_000,
    "footnotes": "[^1] " * 20_000 + "\n\n[^1]: x",
    "callouts": "::: tip\n" * 3_000,
    "vendor spans": "[!DNL " * 10_000,
}


def article(body, id="a"):
    return Article(id=id, title="T", lang="en", body=body)


@pytest.mark.parametrize("body", PATHOLOGICAL.values(), ids=PATHOLOGICAL.keys())
def test_pathological_input_is_rendered_or_refused_within_the_limit_and_the_next_article_renders(body):
    with RenderWorker(max_seconds=1.0) as worker:
        worker.render(article("warm up"))
        began = time.monotonic()
        try:
            worker.render(article(body))
        except ArticleError as error:
            assert error.path == "a.md"
            assert any(remedy in error.fact for remedy in ("simplify or split it", "flatter", "split it into several articles"))
        assert time.monotonic() - began < 3.0
        assert worker.render(article("fine")).html == "<p>fine</p>"


def test_a_child_renders_the_same_page_as_this_process():
    body = "# T\n\n## 安装\n\n1. Run:\n   ```sh\n   ls\n   ```\n"
    with RenderWorker() as worker:
        assert worker.render(article(body)) == render_article(article(body))


def test_a_page_larger_than_the_limit_is_refused_with_both_sizes():
    with RenderWorker(max_bytes=1_000) as worker, pytest.raises(ArticleError, match=r"renders to 2,007 bytes \(at most 1,000\)"):
        worker.render(article("a" * 2_000))


def test_too_slow_an_article_names_the_limit():
    with RenderWorker(max_seconds=0.3) as worker, pytest.raises(ArticleError, match="a.md: takes more than 0.3 seconds to render"):
        worker.render(article("[" * 60_000))


def test_one_child_serves_many_articles_and_dies_with_its_worker():
    with RenderWorker() as worker:
        worker.render(article("x"))
        children = [int(pid) for pid in open(f"/proc/self/task/{threading.get_native_id()}/children").read().split()]
        for number in range(50):
            worker.render(article(f"article {number}"))
        again = [int(pid) for pid in open(f"/proc/self/task/{threading.get_native_id()}/children").read().split()]
        assert again == children
    assert not any(os.path.exists(f"/proc/{pid}") for pid in set(children) - _others())


def _others():
    return {int(pid) for pid in open(f"/proc/self/task/{threading.get_native_id()}/children").read().split()}


def test_threads_share_a_worker_without_mixing_pages():
    pages = {}
    with RenderWorker(processes=2) as worker:

        def render(number):
            pages[number] = worker.render(article(f"page {number}", id=str(number))).html

        threads = [threading.Thread(target=render, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert pages == {number: f"<p>page {number}</p>" for number in range(20)}


def test_a_child_that_is_killed_is_replaced():
    with RenderWorker() as worker:
        before = _others()
        worker.render(article("x"))
        (child,) = _others() - before
        os.kill(child, 9)
        with pytest.raises(ArticleError, match="needs more memory or depth"):
            worker.render(article("y"))
        assert worker.render(article("z")).html == "<p>z</p>"
