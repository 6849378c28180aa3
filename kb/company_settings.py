"""What a company says of its identity provider: all of it that is needed or nothing, and which of its groups are the team."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kb.account_rules import ROLES
from kb.errors import SettingsError

if TYPE_CHECKING:
    from kb.settings import Settings

NEEDED = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")


def check_company(settings: Settings) -> None:
    """Raises SettingsError when something is missing or cannot be used. No message holds the secret."""
    missing = [_variable(name) for name in NEEDED if not getattr(settings, name)]
    if 0 < len(missing) < len(NEEDED):
        raise SettingsError(f"{' and '.join(missing)} must be set, too, for people to sign in through the company; or none of {', '.join(map(_variable, NEEDED))}")
    if settings.oidc_issuer:
        parts = _split(settings.oidc_issuer, "oidc_issuer")
        if parts.query or parts.fragment or not (parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname))):
            raise SettingsError(f"KB_OIDC_ISSUER is {settings.oidc_issuer!r}; want the provider's https address, such as https://login.example.com")
    if settings.public_url:
        parts = _split(settings.public_url, "public_url")
        if parts.scheme not in ("https", "http") or parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
            raise SettingsError(f"KB_PUBLIC_URL is {settings.public_url!r}; want the portal's address without a path, such as https://help.example.com")
    map_roles(settings.oidc_roles)


def map_roles(text: str) -> dict[str, str]:
    """The provider's groups and the role that each gives, from `their-group=agent,other=lead`. Raises SettingsError."""
    roles: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        # The last one: a group's name may hold the sign itself.
        group, _, role = (part.strip() for part in pair.rpartition("="))
        if not group or role not in ROLES:
            raise SettingsError(f"KB_OIDC_ROLES has {pair!r}; want group=role, and as role {', '.join(ROLES)}")
        if roles.setdefault(group, role) != role:
            raise SettingsError(f"KB_OIDC_ROLES gives the group {group!r} two roles; keep one")
    return roles


def choose_role(groups: Iterable[str], roles: Mapping[str, str]) -> str:
    """The highest role that one of the groups gives; who is in none of them is a reader."""
    return max((roles[group] for group in groups if group in roles), key=ROLES.index, default="reader")


def _split(address: str, name: str):
    try:
        parts = urlsplit(address)
        if parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise SettingsError(f"{_variable(name)} is no address: {address!r}; want one like https://login.example.com")


def _is_here(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _variable(name: str) -> str:
    return f"KB_{name.upper()}"
