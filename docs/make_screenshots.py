"""Take the README's pictures of a running portal: `python docs/make_screenshots.py http://127.0.0.1:8501`.

Writes docs/images/home-en.png and docs/images/home-zh.png: a question and its answer, each in the language's own interface.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
QUESTIONS = {"en": ("en-US", "does it store my phone number"), "zh": ("zh-CN", "文章改名后旧链接还能用吗")}
RUN_ONCE = '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'


def take_pictures(url: str) -> None:
    """One picture for each language, 1280 by 860, in at most 128 colours to stay small."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        for lang, (locale, question) in QUESTIONS.items():
            page = browser.new_page(locale=locale, viewport={"width": 1280, "height": 860}, color_scheme="light")
            _ask(page, url, question)
            path = IMAGES / f"home-{lang}.png"
            page.screenshot(path=path)
            Image.open(path).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
            print(f"{path}: {path.stat().st_size // 1000} kB")
        browser.close()


def _ask(page: Page, url: str, question: str) -> None:
    page.goto(url)
    page.locator(RUN_ONCE).wait_for()
    page.locator(".st-key-q input").press_sequentially(question, delay=20)
    page.locator(".kb-hit mark").first.wait_for()
    page.locator(RUN_ONCE).wait_for()
    page.wait_for_timeout(500)  # the last letters' answer


if __name__ == "__main__":
    take_pictures(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8501")
