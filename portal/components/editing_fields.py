"""The front matter of the article in hand as a form: one field each, with what it is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import streamlit as st

from kb.front_fields import set_fields
from kb.frontmatter import read_front_matter
from kb.readers import VISIBILITIES
from kb.settings import LANGUAGES
from portal.components.editing_state import Editing, widget
from portal.components.writing_words import name_visibilities
from portal.drawing import draw
from portal.messages import Messages

FIELDS = (
    "title", "summary", "lang", "visibility", "owner", "review_by", "aliases", "tags", "product", "translation_of", "redirect_from",
)  # fmt: skip
LINES = ("aliases", "redirect_from")
_COMMA = re.compile(r"[,\uff0c\u3001]")
_FIRST, _LAST = date(1990, 1, 1), date(2199, 12, 31)


def show_fields(t: Messages, editing: Editing) -> None:
    """The fields as the front matter has them; a text whose front matter is shown with it has no form."""
    if editing.whole:
        draw("edit_hint", text=t("edit_fields_in_text"))
        return
    values = read_fields(editing.head)
    _line(t("edit_title"), t("edit_title_hint"), "title", editing, values, live="400ms")
    _text(t("edit_summary"), t("edit_summary_hint"), "summary", editing, values, height=96)
    languages = {"": t("edit_lang_unset"), **{lang: t.language(lang) for lang in dict.fromkeys((*LANGUAGES, str(values["lang"]) or "en"))}}
    _choice(t("edit_lang"), t("edit_lang_hint"), "lang", editing, values, languages)
    _choice(t("edit_visibility"), t("edit_visibility_hint"), "visibility", editing, values, name_visibilities(t))
    _line(t("edit_owner"), t("edit_owner_hint"), "owner", editing, values)
    st.date_input(
        t("edit_review_by"), value=values["review_by"], min_value=_FIRST, max_value=_LAST, format="YYYY-MM-DD", key=widget("review_by", editing)
    )
    draw("edit_hint", text=t("edit_review_by_hint"))
    _text(t("edit_aliases"), t("edit_aliases_hint"), "aliases", editing, values, height=144)
    _line(t("edit_tags"), t("edit_tags_hint"), "tags", editing, values)
    _line(t("edit_product"), t("edit_product_hint"), "product", editing, values)
    _line(t("edit_translation_of"), t("edit_translation_of_hint"), "translation_of", editing, values)
    _text(t("edit_redirect_from"), t("edit_redirect_from_hint"), "redirect_from", editing, values, height=96)


def take_fields(editing: Editing) -> Editing:
    """With what stands in the form now; only fields that were changed are written. Raises FrontMatterFault."""
    if editing.whole:
        return editing
    now = read_fields(editing.head)
    typed = {name: _parse(name, st.session_state[widget(name, editing)]) for name in FIELDS if widget(name, editing) in st.session_state}
    changes = {name: value for name, value in typed.items() if value != _parse(name, now[name])}
    return replace(editing, head=set_fields(editing.head, changes)) if changes else editing


def read_fields(head: str) -> Mapping[str, object]:
    """What each widget shows for this front matter."""
    found = read_front_matter(head).fields
    return {
        **{name: str(found.get(name) or "") for name in FIELDS},
        "summary": str(found.get("summary") or found.get("description") or ""),
        "visibility": found.get("visibility") or VISIBILITIES[0],
        "review_by": _within(found.get("review_by")),
        "tags": ", ".join(found.get("tags") or ()),
        **{name: "\n".join(found.get(name) or ()) for name in LINES},
    }


def _parse(name: str, value: object) -> str | date | tuple[str, ...] | None:
    """What a widget's value is as a field."""
    if name == "review_by":
        return value if isinstance(value, date) else None
    text = str(value or "")
    if name in LINES or name == "tags":
        parts = text.split("\n") if name in LINES else _COMMA.split(text)
        return tuple(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))
    return " ".join(text.split())


def _within(day: object) -> date | None:
    return min(max(day, _FIRST), _LAST) if isinstance(day, date) else None


def _line(label: str, hint: str, name: str, editing: Editing, values: Mapping[str, object], *, live: str | bool = False) -> None:
    st.text_input(label, value=str(values[name]), key=widget(name, editing), live=live, max_chars=500, autocomplete="off")
    draw("edit_hint", text=hint)


def _text(label: str, hint: str, name: str, editing: Editing, values: Mapping[str, object], *, height: int) -> None:
    st.text_area(label, value=str(values[name]), key=widget(name, editing), height=height)
    draw("edit_hint", text=hint)


def _choice(label: str, hint: str, name: str, editing: Editing, values: Mapping[str, object], names: Mapping[str, str]) -> None:
    options = tuple(names)
    st.selectbox(label, options, index=options.index(str(values[name])), format_func=names.get, key=widget(name, editing), placeholder="")
    draw("edit_hint", text=hint)
