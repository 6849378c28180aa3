"""A question and its reply as the draft of an article that answers it for everybody who asks it next."""

from __future__ import annotations

import re

import yaml

from feedback.question_rows import Question
from kb.drafts import make_slug
from kb.language import language_of_folder

MAX_TITLE_CHARACTERS = 100
MAX_ALIAS_CHARACTERS = 200
MAX_ALIASES = 5
SENTENCE_ENDS = re.compile(r"(?<=[。！？；])|(?<=[\u3400-\u9fff][?!;])|(?<=[.!?;])\s+|\n+")
"""Redaction writes full-width marks as ASCII ones, and after a Chinese sign no blank follows them."""


def draft_markdown(question: Question, *, gap: int | None = None) -> tuple[str, str]:
    """(path below the articles folder, text) of the draft.

    It lies beside the article that the question is about, if that is in the question's language, else in the language's own folder.
    It names the `gap` that holds the question. The title is the question's first line, its sentences are the aliases, the reply is the body.
    """
    title = _shorten(question.text.split("\n")[0], MAX_TITLE_CHARACTERS) or f"#{question.id}"
    sentences = (_shorten(part, MAX_ALIAS_CHARACTERS) for part in SENTENCE_ENDS.split(question.text))
    aliases = [part for part in dict.fromkeys(sentences) if len(part) > 1 and part != title][:MAX_ALIASES]
    front = {
        "title": title, "lang": question.lang, "status": "draft", **({"product": question.product} if question.product else {}),
        # The number, not the reference: whoever knows a reference may read the question.
        "source": f"question {question.id}", **({"gap": gap} if gap is not None else {}), "aliases": aliases or [title],
    }  # fmt: skip
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000)
    path = f"{_folder_of(question)}/{make_slug(title) or f'question-{question.id}'}.md"
    return path, f"---\n{head}---\n\n{question.reply.strip()}\n"


def _folder_of(question: Question) -> str:
    folders = question.article.split("/")[:-1]
    beside = next((True for name in folders if language_of_folder(name) == question.lang), False)
    return "/".join(folders) if beside else question.lang


def _shorten(text: str, most: int) -> str:
    """One line of at most so many characters, cut between words where there are any."""
    line = " ".join(text.split()).strip("#>*-–— ")
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut) + "…"
