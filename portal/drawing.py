"""Draw a template: Jinja escapes every value, so text from articles and customers stays text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal.addresses import address, contact_address

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    # StrictUndefined: a misspelt value is an error in a test, not a hole in a page.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(address=address, contact_address=contact_address)
    return environment


def fill(template: str, /, **values: object) -> str:
    """The template's HTML with the values escaped."""
    return _environment().get_template(f"{template}.html").render(**values)


def draw(template: str, /, **values: object) -> None:
    """Put the filled template on the page. Streamlit sanitises it once more in the browser."""
    st.html(fill(template, **values))
