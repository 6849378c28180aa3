"""A gap as the beginning of an article: its customers' words, what they asked as a checklist, the nearest articles, and a person's reply if there is one."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from feedback.gap_list import GapDetail, Wording
from kb.article_templates import read_template
from kb.front_fields import set_fields

SUGGESTED_TITLES, CHECKED_QUESTIONS, LINKED = 5, 15, 3
MAX_TITLE_CHARACTERS = 100

_WORDS = {
    "en": ("Customers asked (tick what the article answers; notes like this one are never shown):", "Nearest articles, to link where they help:",
           "A colleague has answered one of them like this:"),
    "zh": ("客户是这样问的（文章回答了哪条就勾哪条；这样的提示不会显示给客户）：", "最接近的文章，用得上就加链接：", "同事曾这样回答过其中一位客户："),
}  # fmt: skip


@dataclass(frozen=True)
class GapReply:
    """What a person answered to a question of the gap."""

    reference: str
    text: str


def suggest_titles(detail: GapDetail, lang: str) -> tuple[str, ...]:
    """What customers of this language call the problem, most people first; in other languages when nobody asked in this one."""
    own = [wording for wording in detail.wordings if wording.lang == lang] or list(detail.wordings)
    titles = [" ".join(wording.text.split()) for wording in own]
    named = detail.gap.title(lang)
    return tuple(dict.fromkeys([*([named] if named in titles else []), *(title for title in titles if len(title) <= MAX_TITLE_CHARACTERS)]))[:SUGGESTED_TITLES]


def read_reply(database: Database, gap: int, lang: str) -> GapReply | None:
    """The latest reply to a question of the gap, in this language if there is one."""
    row = database.execute(
        "select q.reference, q.reply from group_members m join groups g on g.id = m.grouped join questions q on m.source = 'question' and q.id = m.source_id"
        " where g.gap = ? and q.reply != '' order by q.lang = ? desc, q.answered_at desc limit 1",
        [gap, lang],
    ).fetchone()
    return GapReply(*row) if row else None


def draft_gap(detail: GapDetail, *, kind: str, lang: str, title: str, article: str, reply: GapReply | None) -> str:
    """The Markdown of a draft that is to close the gap, from the template of that kind. `article` is the id under which it will lie: links are
    written from there. What is only for the author stands in comments, which customers never see."""
    text = set_fields(read_template(kind, lang, title=title), {"gap": str(detail.gap.id), **({"product": detail.gap.products[0]} if detail.gap.products else {})})
    asked, nearest, answered = _WORDS[lang]
    notes = [f"<!-- {asked}\n\n{_checklist(detail.wordings)}\n-->"]
    if links := _links(detail.gap.reason.nearest, article):
        notes.append(f"<!-- {nearest}\n\n{links}\n-->")
    body = "\n\n".join(notes)
    if reply:
        body += f"\n\n<!-- {answered} ({_harmless(reply.reference)}) -->\n\n{_harmless(reply.text.strip())}"
    return f"{text.rstrip()}\n\n{body}\n"


def _checklist(wordings: Sequence[Wording]) -> str:
    return "\n".join(f"- [ ] {_harmless(' '.join(wording.text.split()))} ({wording.visits})" for wording in wordings[:CHECKED_QUESTIONS])


def _links(nearest: Sequence[tuple[str, str, float]], article: str) -> str:
    folder = posixpath.dirname(article) or "."
    return "\n".join(f"- [{_harmless(title or id)}]({posixpath.relpath(id, folder)}.md)" for id, title, _ in nearest[:LINKED])


def _harmless(text: str) -> str:
    """Text that cannot end the comment that it stands in, or begin one."""
    return text.replace("--", "–").replace("<!", "‹!").replace(">", "›") if "--" in text or "<!" in text else text
