"""What a serving portal does beside serving: it tests what worked when the index has changed, brings the gaps up to now, and forgets what is over."""

from __future__ import annotations

import logging
import threading
import time

from kb.errors import KnowledgeBaseError
from portal.knowledge import KnowledgeBase

LOG = logging.getLogger("kb.portal")

UPDATE_SECONDS = 30.0
EXPIRE_SECONDS = 24 * 3600.0


def start_upkeep(knowledge: KnowledgeBase) -> None:
    """Start the thread; it ends with the process. Several portals on one data folder do not get in each other's way."""
    threading.Thread(target=_keep_up, args=(knowledge,), name="upkeep", daemon=True).start()


def _keep_up(knowledge: KnowledgeBase) -> None:
    expired_at = -EXPIRE_SECONDS
    while True:
        try:
            knowledge.test_standing()
            knowledge.update_gaps()
            if time.monotonic() - expired_at >= EXPIRE_SECONDS:
                knowledge.expire()
                expired_at = time.monotonic()
        except KnowledgeBaseError as fault:
            # A full disk or a busy file: customers are served all the same, and the next turn tries again.
            LOG.warning("gaps were not updated: %s", fault)
        except Exception:
            # Whatever it was, it must not end the upkeep of a portal that runs for months.
            LOG.exception("gaps were not updated")
        time.sleep(UPDATE_SECONDS)
