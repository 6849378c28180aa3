"""Settings: read once from the environment, overridden by command flags, passed in everywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kb.errors import SettingsError

LANGUAGES = ("zh", "en")

LIMITS = {
    "port": (1, 65_535), "passage_tokens": (32, 480), "proxies": (0, 10), "retention_days": (1, 3650), "acknowledge_minutes": (1, 10_080),
    "respond_minutes": (1, 10_080),
}  # fmt: skip
"""Smallest and largest value of each setting that is a number."""


@dataclass(frozen=True)
class Settings:
    """What a company decides about its knowledge base. Every field has an environment variable `KB_<NAME>`."""

    articles: Path = Path("articles")
    """Folder of Markdown articles."""
    data: Path = Path("data")
    """Folder of everything kb writes: database, index, prepared model."""
    model: str = ""
    """A sentence-transformers model name or folder; empty means the bundled multilingual-e5-small."""
    reranker: str = ""
    """A cross-encoder's name or folder that orders the first ten hits anew; empty means none."""
    host: str = "127.0.0.1"
    port: int = 8501
    title: str = "kb"
    """Name of the help centre, shown in the portal."""
    contact: str = ""
    """Where a customer turns when nothing matches: an e-mail address or an https address."""
    passage_tokens: int = 220
    """Upper bound of a passage's length in the model's own tokens, heading path excluded."""
    proxies: int = 0
    """How many reverse proxies of yours stand in front; the client's address is then the n-th from the right of X-Forwarded-For."""
    retention_days: int = 180
    """Days for which the words of customers are kept; afterwards only totals are."""
    acknowledge_minutes: int = 15
    """Within so many minutes a question to the team is acknowledged: what customers are promised."""
    respond_minutes: int = 30
    """Within so many minutes it is answered."""
    time_zone: str = "UTC"
    """The company's time zone, such as Asia/Shanghai: days, weeks and months in figures begin by it."""

    @property
    def database(self) -> Path:
        return self.data / "kb.sqlite"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone. Raises SettingsError when there is none of that name."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise SettingsError(f"KB_TIME_ZONE is no time zone: {self.time_zone!r}; want a name like Asia/Shanghai, Europe/Berlin or UTC") from None


def read_settings(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from `KB_*` variables; overrides that are not None win. Raises SettingsError naming the setting."""
    environment = os.environ if environment is None else environment
    settings = Settings()
    for name, default in vars(Settings()).items():
        raw = environment.get(f"KB_{name.upper()}", "").strip()
        if raw:
            settings = replace(settings, **{name: _typed(name, raw, default)})
    given = {name: _typed(name, value, getattr(Settings(), name)) for name, value in overrides.items() if value is not None}
    settings = replace(settings, **given)
    # A wrong name is told now, not with the first report.
    _ = settings.zone
    return settings


def _typed(name: str, value: object, default: object) -> object:
    if isinstance(default, Path):
        return Path(str(value)).expanduser()
    if isinstance(default, int):
        try:
            number = int(str(value))
        except ValueError:
            raise SettingsError(f"KB_{name.upper()} is not a whole number: {value!r}") from None
        low, high = LIMITS[name]
        if not low <= number <= high:
            raise SettingsError(f"KB_{name.upper()} is {number}; want {low} to {high}")
        return number
    return str(value)
