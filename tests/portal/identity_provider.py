"""A real identity provider for tests, on a port of this machine: discovery, authorisation, tokens, keys, userinfo. It says yes at once."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route

CLIENT, SECRET = "kb", "a secret of the portal and the provider"


@dataclass
class Behaviour:
    """What the provider says of the person, and how it misbehaves."""

    claims: dict = field(default_factory=lambda: {"sub": "248289", "name": "Mei Lin", "groups": ["gold"]})
    userinfo: dict = field(default_factory=dict)
    description: dict = field(default_factory=dict)
    signed_with: str = "published"
    """'published', 'unpublished', 'other kid', 'none', 'HS256 secret' or 'HS256 key'."""
    slow: str = ""
    """The path whose answer takes a second."""
    broken: dict = field(default_factory=dict)
    """Path -> (status, text) to answer instead."""
    refuses: str = ""


class IdentityProvider:
    """Serves until closed. `behaviour` is what the next answers go by; `asked` lists the paths asked for; `codes` are those not used yet."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.issuer = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.keys = {name: RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, private=True) for name in ("one", "two")}
        self.key = self.keys["one"]
        self.reset()
        paths = {
            "/.well-known/openid-configuration": self._describe, "/authorize": self._authorize, "/jwks": self._publish, "/userinfo": self._tell,
        }  # fmt: skip
        routes = [*(Route(path, self._answer(path, act)) for path, act in paths.items()), Route("/token", self._answer("/token", self._token), methods=["POST"])]
        self._server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_level="error", access_log=False))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def reset(self) -> None:
        self.behaviour, self.asked, self.codes, self.given, self.key = Behaviour(), [], {}, [], self.keys["one"]

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)

    def _answer(self, path, act):
        async def answer(request: Request):
            self.asked.append(path)
            if self.behaviour.slow == path:
                await asyncio.sleep(1)
            if path in self.behaviour.broken:
                status, text = self.behaviour.broken[path]
                return PlainTextResponse(text, status_code=status)
            return await act(request)

        return answer

    async def _describe(self, _):
        return JSONResponse({
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks", "userinfo_endpoint": f"{self.issuer}/userinfo", "scopes_supported": ["openid", "profile", "groups"],
            # As a provider would that cannot be trusted: what it offers decides nothing.
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"], **self.behaviour.description,
        })  # fmt: skip

    async def _authorize(self, request: Request):
        asked = dict(request.query_params)
        if self.behaviour.refuses:
            back = {"error": self.behaviour.refuses, "state": asked["state"]}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            back = {"code": code, "state": asked["state"]}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", status_code=302)

    async def _token(self, request: Request):
        form = await request.form()
        client = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        begun = self.codes.pop(form.get("code"), None)
        challenge = _base64(hashlib.sha256(str(form.get("code_verifier")).encode()).digest()).decode()
        if client != f"{CLIENT}:{SECRET}":
            return JSONResponse({"error": "invalid_client", "error_description": f"not {client}"}, status_code=401)
        if begun is None or begun["code_challenge"] != challenge or begun["redirect_uri"] != form.get("redirect_uri"):
            return JSONResponse({"error": "invalid_grant", "error_description": f"{form.get('code')} is not a code of {SECRET}"}, status_code=400)
        access = secrets.token_urlsafe(16)
        given = {"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": self._sign(begun)}
        self.given += [access, given["id_token"]]
        return JSONResponse(given)

    def _sign(self, begun: dict) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": begun["nonce"], **self.behaviour.claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        match self.behaviour.signed_with:
            case "published":
                return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)
            case "unpublished":
                return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.keys["two"])
            case "other kid":
                return jwt.encode({"alg": "RS256", "kid": "two"}, claims, self.keys["two"])
            case "none":
                return _forge({"alg": "none", "kid": self.key.kid}, claims, lambda _: b"")
            case "HS256 secret":
                return _forge({"alg": "HS256", "kid": self.key.kid}, claims, lambda text: hmac.digest(SECRET.encode(), text, "sha256"))
            case "HS256 key":
                published = self.key.as_pem(private=False)
                return _forge({"alg": "HS256", "kid": self.key.kid}, claims, lambda text: hmac.digest(published, text, "sha256"))
        raise AssertionError(self.behaviour.signed_with)

    async def _publish(self, _):
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def _tell(self, request: Request):
        assert request.headers["authorization"].removeprefix("Bearer ") in self.given
        return JSONResponse(self.behaviour.userinfo)


def _forge(header: dict, claims: dict, sign: Callable[[bytes], bytes]) -> str:
    """A token as no decent library makes it."""
    text = b".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
    return (text + b"." + _base64(sign(text))).decode()


def _base64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
