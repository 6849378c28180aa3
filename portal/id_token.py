"""What an identity provider has signed about a person: believed only with a right signature, for this portal, for this sign-in and in time."""

from __future__ import annotations

from collections.abc import Mapping

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""By a key that the provider alone has. Never `none`, and none that whoever can check it could make."""
LEEWAY_SECONDS = 60


class TokenRefused(Exception):
    """The token is not believed. `why` is 'key' (signed by one that is not known), 'clock' or 'invalid'; the text holds nothing of the token."""

    def __init__(self, why: str, fact: str) -> None:
        self.why = why
        super().__init__(fact)


def read_keys(document: Mapping) -> KeySet:
    """The provider's public keys, from its JWKS document. Raises TokenRefused when there is none that can be used."""
    try:
        return KeySet.import_key_set(document)
    except (JoseError, KeyError, TypeError, ValueError) as fault:
        raise TokenRefused("invalid", f"the provider's keys cannot be read: {_tell(fault)}") from None


def read_id_token(text: str, keys: KeySet, *, issuer: str, client: str, nonce: str, access_token: str, now: float) -> dict:
    """The claims of the token. Raises TokenRefused."""
    try:
        token = jwt.decode(text, keys, registry=JWSRegistry(algorithms=SIGNATURES, strict_check_header=False))
        wanted = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client}, "sub": {"essential": True}}
        claims = CodeIDToken(token.claims, token.header, wanted, {"nonce": nonce, "client_id": client, "access_token": access_token})
        claims.validate(now=now, leeway=LEEWAY_SECONDS)
        if not claims["sub"].isprintable():
            raise InvalidClaimError("sub")
    except InvalidKeyIdError as fault:
        raise TokenRefused("key", _tell(fault)) from None
    except ExpiredTokenError as fault:
        raise TokenRefused("clock", _tell(fault)) from None
    except InvalidClaimError as fault:
        early = _is_early(token.claims, now)
        raise TokenRefused("clock" if early else "invalid", _tell(fault)) from None
    except (JoseError, TypeError, ValueError) as fault:
        raise TokenRefused("invalid", _tell(fault)) from None
    return dict(claims)


def _is_early(claims: Mapping, now: float) -> bool:
    return any(isinstance(claims.get(name), int | float) and claims[name] > now + LEEWAY_SECONDS for name in ("iat", "nbf"))


def _tell(fault: Exception) -> str:
    """Which check failed. Texts of other faults could quote what is to be kept out of the log."""
    return str(fault) if isinstance(fault, JoseError) else type(fault).__name__
