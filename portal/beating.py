"""A serving portal writes down, every 15 seconds, whether it can answer searches: the product's own health record."""

from __future__ import annotations

import logging
import threading
import time

from feedback.health import EVERY
from kb.errors import KnowledgeBaseError
from portal.knowledge import KnowledgeBase

LOG = logging.getLogger("kb.portal")


def start_beating(knowledge: KnowledgeBase) -> None:
    """Start the thread; it ends with the process. Several portals on one data folder are up when any of them is."""
    threading.Thread(target=_keep_beating, args=(knowledge,), name="health", daemon=True).start()


def beat(knowledge: KnowledgeBase, *, said: str = "") -> str:
    """One beat; what kept it from being written, '' when it was. Never raises; logs a fault that is not the one `said` at the beat before."""
    try:
        knowledge.beat()
    except KnowledgeBaseError as fault:
        # A full disk or a busy file: the hole that this leaves in the record counts as an outage.
        if (wrong := str(fault)) != said:
            LOG.warning("health was not recorded: %s", wrong)
        return wrong
    except Exception as fault:
        # Whatever it was, it must not end the record of a portal that runs for months.
        if (wrong := repr(fault)) != said:
            LOG.exception("health was not recorded")
        return wrong
    if said:
        LOG.info("health is recorded again")
    return ""


def _keep_beating(knowledge: KnowledgeBase) -> None:
    said = ""
    while True:
        said = beat(knowledge, said=said)
        time.sleep(EVERY.total_seconds())
