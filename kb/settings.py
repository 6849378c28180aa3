"""Settings: read once from the environment, overridden by command flags, passed in everywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kb.company_settings import check_company
from kb.errors import SettingsError

LANGUAGES = ("zh", "en")

LIMITS = {
    "port": (1, 65_535), "passage_tokens": (32, 480), "proxies": (0, 10), "retention_days": (1, 3650), "acknowledge_minutes": (1, 10_080),
    "respond_minutes": (1, 10_080),
}  # fmt: skip
"""Smallest and largest value of each setting that is a number."""
SECRETS = ("oidc_client_secret",)
"""Settings that are printed nowhere and kept in no backup."""


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
    public_url: str = ""
    """The portal's own address as browsers see it, such as https://help.example.com; empty means what the browser's request says."""
    oidc_issuer: str = ""
    """Address of the company's identity provider (OpenID Connect); empty means that nobody signs in through one and it is never asked."""
    oidc_client_id: str = ""
    """What the provider calls this portal."""
    oidc_client_secret: str = field(default="", repr=False)
    """What proves to the provider that it is this portal."""
    oidc_name: str = ""
    """The company's name on the button of the sign-in page."""
    oidc_groups_claim: str = "groups"
    """The claim in which the provider lists a person's groups."""
    oidc_roles: str = ""
    """Groups of the provider that are the team, such as `support=agent,support-leads=lead`; everybody else is a customer."""

    @property
    def has_company(self) -> bool:
        """Whether people can sign in through a company's identity provider."""
        return bool(self.oidc_issuer)

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
    check_company(settings)
    return settings


def name_values(settings: Settings) -> dict[str, str]:
    """Every setting by the name of its variable, as texts, without the secrets."""
    return {f"KB_{name.upper()}": str(value) for name, value in vars(settings).items() if name not in SECRETS}


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
