"""A gap as one flat row: what the list prints and exports."""

from __future__ import annotations

from portal.messages import Messages

COLUMNS = (
    "id", "title", "title_en", "title_zh", "kind", "reason", "article", "state", "owner", "due", "langs", "products", "people", "person_days",
    "searches", "contacts", "searches_per_week", "contact_share", "cost_per_week", "cost_low", "cost_high", "recent", "before", "first_at",
    "last_at", "resolution",
)  # fmt: skip


def describe_gap(gap, t: Messages) -> dict[str, object]:
    """The gap's columns, texts in the language of `t`; costs a week, with the ends of the 80 % interval."""
    demand, cost = gap.demand, gap.cost
    return {
        "id": gap.id, "title": gap.title(t.lang), "title_en": gap.title_en, "title_zh": gap.title_zh, "kind": gap.kind,
        "reason": explain_kind(gap, t), "article": gap.reason.article, "state": gap.state, "owner": gap.owner, "due": gap.due,
        "langs": " ".join(gap.langs), "products": " ".join(gap.products), "people": demand.people, "person_days": demand.person_days,
        "searches": demand.searches, "contacts": demand.contacts, "searches_per_week": round(cost.searches_per_week, 2),
        "contact_share": round(cost.contact_share, 3), "cost_per_week": round(cost.expected, 2), "cost_low": round(cost.low, 2),
        "cost_high": round(cost.high, 2), "recent": demand.recent, "before": demand.before, "first_at": demand.first_at,
        "last_at": demand.last_at, "resolution": gap.resolution,
    }  # fmt: skip


def explain_kind(gap, t: Messages) -> str:
    """One sentence that says why the gap is of its kind."""
    reason = gap.reason
    if gap.kind_by:
        return t("why_by_hand", account=gap.kind_by)
    article = reason.title or reason.article
    if gap.kind == "unhelpful":
        return t("why_unhelpful", article=article, reasons=", ".join(f"{t(f'vote_reason_{name}')} ({visits})" for name, visits in reason.counts) or "–")
    if gap.kind == "unfindable":
        places = ", ".join(str(place) if place else "30+" for place in reason.places)
        return t("why_unfindable_said" if reason.by == "customers" else "why_unfindable", article=article, places=places, share=f"{reason.probability:.0%}")
    if gap.kind == "wrong_language":
        return t("why_wrong_language", article=article, language=t.language(reason.lang))
    if gap.kind == "hidden":
        return t("why_hidden", article=article)
    nearest = reason.nearest[0][1] if reason.nearest else "–"
    return t("why_missing", share=f"{reason.probability:.0%}", article=nearest)
