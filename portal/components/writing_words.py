"""What states, visibilities, templates and refusals of the writing workspace are called."""

from __future__ import annotations

from kb.article_images import ImageError
from kb.errors import KnowledgeBaseError
from kb.workflow import WorkflowError
from portal.messages import Messages


def name_statuses(t: Messages) -> dict[str, str]:
    """A word for each status, in the order of an article's life."""
    return {
        "draft": t("writing_draft"), "review": t("writing_review"), "published": t("writing_published"), "archived": t("writing_archived"),
    }  # fmt: skip


def name_visibilities(t: Messages) -> dict[str, str]:
    return {"public": t("writing_public"), "customers": t("writing_customers"), "internal": t("writing_internal")}


def name_templates(t: Messages) -> dict[str, str]:
    return {
        "how_to": t("writing_how_to"), "troubleshooting": t("writing_troubleshooting"), "error_message": t("writing_error_message"),
        "faq": t("writing_faq"), "policy": t("writing_policy"),
    }  # fmt: skip


def explain_refusal(t: Messages, fault: KnowledgeBaseError) -> str:
    """Why it was not done: in the reader's words where there are any, else as kb says it."""
    if isinstance(fault, WorkflowError):
        words = {
            "second_person": lambda: t("writing_second_person", account=fault.values["account"]),
            "not_submitted": lambda: t("writing_not_submitted"),
            "no_such_step": lambda: t("writing_no_such_step"),
            "status_by_hand": lambda: t("writing_status_by_hand"),
        }
        if fault.code in words:
            return words[fault.code]()
    if isinstance(fault, ImageError):
        words = {
            "too_large": lambda: t("writing_image_too_large"), "too_many_pixels": lambda: t("writing_image_too_many_pixels"),
            "not_an_image": lambda: t("writing_image_unknown"), "svg": lambda: t("writing_image_unknown"), "broken": lambda: t("writing_image_broken"),
        }  # fmt: skip
        if fault.code in words:
            return words[fault.code]()
    return t("writing_not_done", fault=fault)
