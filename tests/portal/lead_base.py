"""A base with figures that are known: what customers asked, day by day, as it would have been counted."""

import json
from datetime import date, timedelta
from pathlib import Path

from kb.database import write

HOSTILE = "<img src=x onerror=alert(1)>"
STAMP = "2026-01-05T00:00:00.000+00:00"

REQUESTS = (
    # topic, language, product, result, answered, asked the team, requests
    ("a:en/account/reset-password", "en", "shop", "confirmed", 1, 0, 20),
    ("a:en/account/reset-password", "en", "shop", "implicit", 1, 0, 10),
    ("a:en/account/reset-password", "en", "shop", "unresolved", 0, 1, 10),
    ("a:zh/billing/refund", "zh", "desk", "implicit", 1, 0, 4),
    ("a:zh/billing/refund", "zh", "desk", "unresolved", 0, 1, 6),
    ("g:9001", "en", "", "unknown", 0, 0, 12),
    ("", "en", "", "unknown", 0, 0, 3),
)
"""65 requests, 34 of them answered; 16 asked the team."""
NAMES = (
    ("a:en/account/reset-password", "forgot my password", "忘记密码"),
    ("a:zh/billing/refund", HOSTILE, "怎么退款"),
    ("g:9001", "rent a hovercraft", ""),
)
VOTES = (("en/account/reset-password", 3, 22), ("zh/billing/refund", 5, 1))
"""Article, helpful, unhelpful."""


def count_requests(database_path: Path, day: date) -> None:
    """On this day customers asked what REQUESTS says. The days have to have been counted once: the first count begins with none."""
    name = day.isoformat()
    with write(database_path) as database:
        for topic, lang, product, result, answered, asked, count in REQUESTS:
            database.execute(
                "insert into day_requests values (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)",
                [name, lang, product, topic, "answered" if answered else "failed", result, answered, asked, count, count],
            )
        for key, english, chinese in NAMES:
            database.execute("insert or replace into topics values (?, ?, ?, 1000000, ?)", [key, english, chinese, STAMP])
        for article, helpful, unhelpful in VOTES:
            database.execute(
                "insert into day_articles (day, article, found, shown_first, views, glances, helpful, unhelpful) values (?, ?, 50, 20, 30, 3, ?, ?)",
                [name, article, helpful, unhelpful],
            )


def put_articles(database_path: Path) -> None:
    """The two articles on the shelf: one without owner in English only, one in both languages; and who closed a gap with proof."""
    with write(database_path) as database:
        for id, title, others, owner in (
            ("en/account/reset-password", "Reset your password", [], ""), ("zh/billing/refund", "如何申请退款", ["en/billing/refund"], "bo"),
            ("en/billing/refund", "Get a refund", ["zh/billing/refund"], "bo"),
        ):  # fmt: skip
            database["articles"].insert({
                "id": id, "title": title, "lang": id[:2], "summary": "", "tags": "[]", "product": "", "visibility": "public", "status": "published",
                "owner": owner, "review_by": "", "aliases": "[]", "translations": json.dumps(others), "redirect_from": "[]", "updated": "",
                "category": id.split("/")[1], "extra": "{}", "source": "", "html": "", "toc": "[]", "content_hash": id,
            })  # fmt: skip


def put_gaps(database_path: Path, day: date) -> None:
    """The gap that waits behind the topic without article, and one that bo closed on this day with a proof that held."""
    at = f"{day.isoformat()}T12:00:00.000+00:00"
    with write(database_path) as database:
        for id, title, state, owner in ((9001, "rent a hovercraft", "open", ""), (9002, "lost invoice", "closed", "bo")):
            database["gaps"].insert({
                "id": id, "title_en": title, "kind": "missing", "state": state, "owner": owner, "reason": "{}", "created_at": STAMP, "updated_at": at,
            })  # fmt: skip
            database["history"].insert({"subject": "gap", "subject_id": str(id), "action": "opened", "account": "", "done_at": STAMP})
        database["history"].insert({"subject": "gap", "subject_id": "9002", "action": "closed", "account": "bo", "done_at": at})
        database["proofs"].insert({
            "article": "en/billing/refund", "gap": 9002, "account": "bo", "at": at, "verdict": "closes", "closes": 1, "confidence": 0.9, "own": 2,
            "working": 0, "harmed": 0, "content_hash": "x", "state": "held", "settled_at": at,
        })  # fmt: skip


def recently() -> date:
    """A day that the usual selection holds and that nothing else is counted on."""
    return date.today() - timedelta(days=9)
