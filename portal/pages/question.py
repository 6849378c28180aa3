"""One question by its reference: where it stands, the reply, and whether that solved it."""

from __future__ import annotations

import streamlit as st

from feedback.question_rows import QuestionError
from portal.components import following
from portal.components.frame import name_tab, page_frame
from portal.current import current_knowledge
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("question_title"))
with page_frame(visitor, page="question"), st.container(key="asking"):
    reference = st.query_params.get("ref", "")
    try:
        question = knowledge.question(reference, visit=visitor.visit) if reference.strip() else None
    except QuestionError as refused:
        following.show_search(t, reference=reference, refused=refused)
    else:
        if question is None:
            following.show_search(t, reference=reference)
        else:
            titles = knowledge.titles([question.told_article], reader=visitor.reader) if question.told_article else {}
            following.show_question(t, knowledge.settings, question, article=titles.get(question.told_article, ""))
            following.ask_whether_solved(
                t, question, on_answer=lambda solved: knowledge.settle_question(question.reference, solved=solved, visit=visitor.visit)
            )
            following.ask_for_rating(
                t, question, on_rate=lambda stars: knowledge.rate_question(question.reference, stars, visit=visitor.visit)
            )
