"""The company's identity provider, asked by OpenID Connect: where it wants the browser to go, and who comes back from there."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache

import anyio
import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc.jwk import KeySet

from kb.settings import Settings
from portal.endpoints import Endpoints, read_endpoints
from portal.id_token import TokenRefused, read_id_token, read_keys

PATIENCE_SECONDS = 5
"""For each answer of the provider."""
KEPT_SECONDS = 3600
"""What the provider says about itself is asked again after so long."""
NAMES = ("name", "preferred_username", "email", "sub")


class ProviderFault(Exception):
    """Nobody is let in on the provider's word. `why` is 'refused', 'slow', 'down', 'clock' or 'invalid'; the text is for the log, without secrets."""

    def __init__(self, why: str, fact: str) -> None:
        self.why = why
        super().__init__(fact)


@dataclass(frozen=True)
class Person:
    """Somebody for whom the provider vouches. `subject` never changes; `name` and `groups` are what it says today."""

    subject: str
    name: str
    groups: tuple[str, ...]


class Provider:
    """The provider that the settings name. It is asked only when somebody signs in."""

    def __init__(self, settings: Settings, *, now: Callable[[], float] = time.time) -> None:
        self._settings, self._now = settings, now
        self._described: Endpoints | None = None
        self._keys: KeySet | None = None
        self._asked_at = 0.0

    async def send(self, *, back: str, state: str, nonce: str, verifier: str) -> str:
        """The address at the provider to send the browser to, from where it comes to `back`. Raises ProviderFault."""
        async with self._client(back) as client:
            end = await self._describe(client)
            claim = self._settings.oidc_groups_claim
            scope = " ".join(("openid", "profile", *([claim] if claim in end.scopes else [])))
            address, _ = client.create_authorization_url(end.authorization, state=state, nonce=nonce, code_verifier=verifier, scope=scope)
        return address

    async def receive(self, code: str, *, issuer: str, back: str, nonce: str, verifier: str) -> Person:
        """Who came back with this code; `issuer` is whom the browser says it comes from, if it says. Raises ProviderFault.

        What the provider gives for the code is looked at once and not kept.
        """
        async with self._client(back) as client:
            end = await self._describe(client)
            if issuer != self._settings.oidc_issuer and (issuer or end.names_itself):
                raise ProviderFault("invalid", "what came back names another provider, or none")
            client.token_endpoint_auth_method = end.auth_method
            async with _asking("the token endpoint", hidden=(code, verifier, self._settings.oidc_client_secret)):
                given = await client.fetch_token(end.token, code=code, code_verifier=verifier, grant_type="authorization_code")
            claims = await self._believe(client, given, nonce, keys=end.keys)
            if self._settings.oidc_groups_claim not in claims and end.userinfo and given.get("access_token"):
                claims = await self._add_userinfo(client, end.userinfo, claims)
        name = next((claims[name] for name in NAMES if isinstance(claims.get(name), str) and claims[name].strip()), "")
        return Person(f"{self._settings.oidc_issuer} {claims['sub']}", name, _read_groups(claims.get(self._settings.oidc_groups_claim)))

    @property
    def way_out(self) -> str:
        """Where the browser ends its sign-in at the provider; '' when there is no such place, or none has been asked for yet."""
        if self._described is None or not self._described.end_session:
            return ""
        query = httpx2.QueryParams({"client_id": self._settings.oidc_client_id})
        return f"{self._described.end_session}{'&' if '?' in self._described.end_session else '?'}{query}"

    def _client(self, back: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._settings.oidc_client_id, self._settings.oidc_client_secret, redirect_uri=back, code_challenge_method="S256", timeout=PATIENCE_SECONDS
        )

    async def _describe(self, client: AsyncOAuth2Client) -> Endpoints:
        if self._described and self._now() < self._asked_at + KEPT_SECONDS:
            return self._described
        issuer = self._settings.oidc_issuer
        said = await _read_json(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration", "the provider's description")
        if said.get("issuer") != issuer:
            raise ProviderFault("invalid", f"the provider calls itself {str(said.get('issuer'))[:200]!r}; set KB_OIDC_ISSUER to exactly that, or to the right one")
        try:
            self._described, self._keys, self._asked_at = read_endpoints(said), None, self._now()
        except ValueError as fault:
            raise ProviderFault("down", f"the provider's description has {fault}") from None
        return self._described

    async def _believe(self, client: AsyncOAuth2Client, given: Mapping, nonce: str, *, keys: str) -> dict:
        """The claims of the token, whose signing key may be newer than those that are known."""
        settings = self._settings
        for last in (False, True):
            try:
                if last or self._keys is None:
                    self._keys = read_keys(await _read_json(client, keys, "the address of the provider's keys"))
                return read_id_token(
                    str(given.get("id_token", "")), self._keys, issuer=settings.oidc_issuer, client=settings.oidc_client_id,
                    nonce=nonce, access_token=str(given.get("access_token", "")), now=self._now(),
                )  # fmt: skip
            except TokenRefused as fault:
                if fault.why != "key" or last:
                    raise ProviderFault("clock" if fault.why == "clock" else "invalid", f"the identity token is not believed: {fault}") from None
        raise AssertionError("the second round returns or raises")

    async def _add_userinfo(self, client: AsyncOAuth2Client, endpoint: str, claims: dict) -> dict:
        said = await _read_json(client, endpoint, "the userinfo endpoint", withhold_token=False)
        if said.get("sub") != claims["sub"]:
            raise ProviderFault("invalid", "the userinfo endpoint speaks of somebody else")
        return {**said, **claims}


@cache
def provider_of(settings: Settings) -> Provider:
    """The provider that these settings name: the same for every request, so that what it says about itself is asked once."""
    return Provider(settings)


async def _read_json(client: AsyncOAuth2Client, address: str, what: str, *, withhold_token: bool = True) -> dict:
    async with _asking(what):
        answer = await client.request("GET", address, withhold_token=withhold_token, headers={"Accept": "application/json"})
        if answer.status_code != 200:
            raise ProviderFault("down", f"{what} answered {answer.status_code}")
        said = answer.json()
    if not isinstance(said, dict):
        raise ProviderFault("down", f"{what} answered no JSON object")
    return said


@asynccontextmanager
async def _asking(what: str, *, hidden: tuple[str, ...] = ()) -> AsyncIterator[None]:
    """Bounds how long an answer may take, and tells whatever goes wrong as a ProviderFault."""
    try:
        with anyio.fail_after(PATIENCE_SECONDS):
            yield
    except (TimeoutError, httpx2.TimeoutException):
        raise ProviderFault("slow", f"{what} took over {PATIENCE_SECONDS} s") from None
    except AuthlibBaseError as fault:
        told = f"{fault.error} {fault.description or ''}".strip()[:500]
        for secret in filter(None, hidden):
            told = told.replace(secret, "…")
        raise ProviderFault("refused", f"{what} said {told!r}") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError) as fault:
        raise ProviderFault("down", f"{what} cannot be asked: {type(fault).__name__}") from None


def _read_groups(given: object) -> tuple[str, ...]:
    listed = given if isinstance(given, list) else [given]
    return tuple(one for one in listed if isinstance(one, str) and one.strip())
