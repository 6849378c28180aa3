"""Runs a page's script without a browser, and reads what it says."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

PAGES = Path(__file__).parents[2] / "portal" / "pages"


def open_page(name: str, *, locale: str = "en-US", **parameters: str) -> AppTest:
    page = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=20)
    page.context["locale"] = locale
    for key, value in parameters.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in page.get("html"))
