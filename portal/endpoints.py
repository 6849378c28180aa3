"""What an identity provider says about itself: where it answers, and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Endpoints:
    """Addresses of the provider, '' where it has none, and how it wants to be spoken to."""

    authorization: str
    token: str
    keys: str
    userinfo: str
    end_session: str
    scopes: tuple[str, ...]
    auth_method: str
    names_itself: bool
    """Whether it puts its own address into what it sends back (RFC 9207)."""


def read_endpoints(said: Mapping) -> Endpoints:
    """The endpoints in the provider's discovery document. Raises ValueError when one that is needed is missing, or is no address."""

    def address(name: str, *, needed: bool = False) -> str:
        given = said.get(name) or ""
        if isinstance(given, str) and (not given and not needed or urlsplit(given).scheme in ("https", "http")):
            return given
        raise ValueError(f"no address as {name}")

    def texts(name: str) -> tuple[str, ...]:
        given = said.get(name)
        return tuple(one for one in given if isinstance(one, str)) if isinstance(given, list) else ()

    methods = texts("token_endpoint_auth_methods_supported")
    return Endpoints(
        authorization=address("authorization_endpoint", needed=True), token=address("token_endpoint", needed=True), keys=address("jwks_uri", needed=True),
        userinfo=address("userinfo_endpoint"), end_session=address("end_session_endpoint"), scopes=texts("scopes_supported"),
        # Basic is what the standard takes for granted.
        auth_method="client_secret_post" if "client_secret_post" in methods and "client_secret_basic" not in methods else "client_secret_basic",
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )  # fmt: skip
