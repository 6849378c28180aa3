"""Nothing that an author or a customer writes runs in a reader's browser, and everyone can use the pages."""

import urllib.parse
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect

from tests.portal.conftest import settle

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN = "window.__pwned=1"
PAYLOADS = (
    f"<script>{RUN}</script>",
    f"<ScRiPt src='data:text/javascript,{RUN}'></sCrIpT>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg onload='{RUN}'></svg>",
    f"<img src=x onerror='{RUN}'>",
    f"<img src='javascript:{RUN}'>",
    f"<iframe srcdoc='<script>top.{RUN}</script>'></iframe>",
    f"<iframe src='javascript:top.{RUN}'></iframe>",
    f"<a href='javascript:{RUN}' class='kb-button'>press me</a>",
    f"[press me](javascript:{RUN})",
    f"[press me](JaVaScRiPt&colon;{RUN})",
    f"[press me](data:text/html,<script>{RUN}</script>)",
    f"![x](javascript:{RUN})",
    f"<details open ontoggle='{RUN}'><summary>x</summary></details>",
    f"<video><source onerror='{RUN}'></video>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={RUN}&gt;'>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></noscript>",
    f"<template><img src=x onerror='{RUN}'></template>",
    f"<form action='javascript:{RUN}'><button>press me</button></form>",
    f"<input autofocus onfocus='{RUN}'>",
    f"<body onload='{RUN}'>",
    f"<meta http-equiv='refresh' content='0;url=javascript:{RUN}'>",
    "<base href='https://evil.example/'>",
    "<link rel='stylesheet' href='https://evil.example/x.css'>",
    "<style>body{background:url(https://evil.example/x.png)}</style>",
    "<img src='https://evil.example/pixel.png'>",
    f"<object data='javascript:{RUN}'></object><embed src='javascript:{RUN}'>",
    f'"><img src=x onerror="{RUN}">',
    f"'-{RUN}-'",
    f"{{{{ constructor.constructor('{RUN}')() }}}}{{% raw %}}",
    f"]]>--><script>{RUN}</script>",
    f"<mark onmouseover='{RUN}' style='position:fixed;inset:0'>everywhere</mark>",
)
FORBIDDEN = "script, iframe, object, embed, form, input, style, base, meta, svg"
PLAIN = {
    "en/guide/index.md": "---\ntitle: Guide\nsummary: How to do things.\n---\nStart here.\n",
    "en/guide/colours.md": """---
title: Choose colours
summary: Which ones and where.
tags: [look, colours]
updated: 2026-11-02
---
Colours are chosen in *Settings*, see [the guide](index.md).

## Steps

1. Open **Settings**.
2. Choose a colour.

!!! note
    A note about `code`.

!!! warning
    A warning.

!!! danger
    A danger.

## Table

| Colour | Use |
|---|---|
| Indigo | Links |

```python
# a comment
def choose(name: str = "indigo") -> int:
    return 42
```
""",
    "zh/guide/colours.md": (
        "---\ntitle: 选择颜色\nsummary: 用在哪里。\ntags: [外观]\nupdated: 2026-11-02\n---\n在“设置”里选择颜色。\n\n## 步骤\n\n打开设置。\n"
    ),
}


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def hostile_articles() -> dict[str, str]:
    """One article for each payload: it is the title, summary, tag, heading and text."""
    return {
        f"en/hostile/payload-{number:02}.md": (
            f"---\ntitle: {quoted(f'Hostile {number:02} {payload}')}\nsummary: {quoted(payload)}\ntags: [{quoted(payload)}]\n---\n"
            f"Harmless words about hostilities number {number:02}.\n\n{payload}\n\n"
            f"## Section {payload}\n\n- {payload}\n\n| {payload} | x |\n|---|---|\n| y | z |\n"
        )
        for number, payload in enumerate(PAYLOADS)
    }


@pytest.fixture(scope="module")
def portal(serve_portal):
    return serve_portal({**PLAIN, **hostile_articles()})


@pytest.fixture
def watched(portal, visit):
    """Visits a page that tells of everything it should not do."""

    def watch(address, **options):
        page = visit(portal.url, **options)
        page.misdeeds = []
        page.on("dialog", lambda dialog: (page.misdeeds.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on(
            "request",
            lambda request: request.url.startswith((portal.url, "data:", "blob:", "ws://127.0.0.1")) or page.misdeeds.append(request.url),
        )
        page.on("console", lambda line: "Content Security Policy" in line.text and page.misdeeds.append(line.text))
        page.on("popup", lambda popup: page.misdeeds.append(f"popup {popup.url}"))
        page.goto(address)
        settle(page)
        return page

    return watch


def misdeeds(page) -> list[str]:
    return page.misdeeds + (["script ran"] if page.evaluate("!!window.__pwned") else [])


def test_there_are_at_least_thirty_payloads():
    assert len(set(PAYLOADS)) >= 30


def test_no_article_text_title_heading_or_tag_runs(portal, watched):
    page = watched(f"{portal.url}/browse?category=hostile")
    for number in range(len(PAYLOADS)):
        page.goto(f"{portal.url}/article?id=en/hostile/payload-{number:02}")
        settle(page)
        expect(page.locator("article h1")).to_contain_text(f"Hostile {number:02}")
        for link in page.locator("article .kb-prose").get_by_text("press me", exact=True).all():
            link.click(timeout=2000, no_wait_after=True)
        assert misdeeds(page) == [], PAYLOADS[number]
        assert page.locator(f"article :is({FORBIDDEN})").count() == 0, PAYLOADS[number]


def test_no_hostile_title_summary_or_passage_runs_among_results(portal, watched):
    page = watched(f"{portal.url}/?q=hostilities")
    expect(page.locator(".kb-hit").first).to_be_visible()
    assert misdeeds(page) == []
    page.goto(f"{portal.url}/browse")
    settle(page)
    assert misdeeds(page) == []


def test_no_typed_question_runs(portal, watched):
    page = watched(portal.url)
    box = page.locator(".st-key-q input")
    for payload in PAYLOADS:
        box.fill(payload)
        expect(page.locator(".kb-hit, .kb-failed").first).to_be_visible()
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    assert misdeeds(page) == []


@pytest.mark.parametrize(
    "parameter", ["/?q=", "/article?id=", "/browse?category=", "/browse?tag=", "/?q=ab&lang=", "/?q=ab&in=", "/?q=ab&product="]
)
def test_no_address_runs(portal, watched, parameter):
    page = watched(portal.url)
    for payload in (PAYLOADS[0], PAYLOADS[4], PAYLOADS[8], PAYLOADS[27]):
        page.goto(portal.url + parameter + urllib.parse.quote(payload))
        page.locator(".kb-footer").wait_for()
        assert misdeeds(page) == [], payload


def test_an_author_cannot_cover_the_page(portal, visit):
    number = next(number for number, payload in enumerate(PAYLOADS) if "position:fixed" in payload)
    page = visit(f"{portal.url}/article?id=en/hostile/payload-{number:02}")
    assert page.locator("article [style]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize(
    "address",
    ["/", "/?q=colours&lang=zh", "/?q=qzxv%20wkjq", "/article?id=en/guide/colours", "/article?id=gone", "/browse?tag=look"],
)
def test_everyone_can_use_the_page(portal, visit, address, width, scheme):
    page = visit(portal.url + address, width=width, scheme=scheme)
    page.evaluate(AXE)
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
    found = page.evaluate("rules => axe.run(document, rules)", rules)
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == []
