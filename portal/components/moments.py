"""Times and durations as the reader says them, by the reader's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from portal.messages import Messages


def readers_zone() -> tzinfo:
    """The time zone that the browser names; UTC when it names none that this machine knows."""
    name = st.context.timezone
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def say_moment(t: Messages, moment: datetime, *, zone: tzinfo, now: datetime) -> str:
    """Today at 14:05, or 22 Nov 2026 at 14:05; with UTC said when that is the clock."""
    local = moment.astimezone(zone)
    time = f"{local:%H:%M}" + (" UTC" if zone is UTC else "")
    if local.date() == now.astimezone(zone).date():
        return t("moment_today", time=time)
    return t("moment_on", day=t.day(local.date()), time=time)


def say_minutes(t: Messages, minutes: int) -> str:
    """15 minutes, 2 hours, 3 days: the largest unit that divides it."""
    if minutes % 1440 == 0:
        return t.counted("days", minutes // 1440)
    if minutes % 60 == 0:
        return t.counted("hours", minutes // 60)
    return t.counted("minutes", minutes)
