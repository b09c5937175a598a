"""Whose is a token, and until when? PyJWT looks at signature and claims; this decides what we ask of them.

`exp` is taken at its word, by our clock, so that who is let in is not put out at once. That another's clock
goes ahead of ours is forgiven in `iat` and `nbf` only.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt

from text2sql_ws.clock import Clock
from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say
from text2sql_ws.tokens.key import Key, Keys
from text2sql_ws.users import Login, User

LEEWAY_SECONDS = 10
TOKEN_CHARS = 16_384
USER_ID_CHARS = 200
"""As many as storage keeps."""


class Verifier:
    """`audience` and `issuer`: what `aud` and `iss` must be; empty: not looked at."""

    def __init__(self, keys: Keys, audience: str, issuer: str, clock: Clock) -> None:
        self._keys = keys
        self._audience = audience
        self._issuer = issuer
        self._clock = clock

    async def verify(self, token: str) -> Login:
        """Who shows this token. It may wait while keys are fetched.

        Raises `Fault` AUTHENTICATION_FAILED, or NETWORK_ERROR where the keys can't be had.
        """
        if len(token) > TOKEN_CHARS:
            raise _invalid("login.malformed")
        claims = self._checked(token, await self._key_of(token))
        return Login(_user(claims), self._end_of(claims))

    async def aclose(self) -> None:
        await self._keys.aclose()

    async def _key_of(self, token: str) -> Key:
        """The key that the token's header asks for. Nothing else that the header says is listened to."""
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError):
            raise _invalid("login.malformed") from None
        algorithm = next((name for name in self._keys.algorithms if name == header.get("alg")), None)
        if algorithm is None:
            raise _invalid("login.wrong_algorithm")
        key = await self._keys.find(header.get("kid"), algorithm)
        if key is None:
            raise _invalid("login.unknown_key")
        return key

    def _checked(self, token: str, key: Key) -> Mapping[str, Any]:
        try:
            return jwt.decode(
                token,
                key.material,
                algorithms=[key.algorithm],
                audience=self._audience or None,
                issuer=self._issuer or None,
                leeway=LEEWAY_SECONDS,
                options={
                    "require": ["sub", "exp"],
                    "verify_exp": False,
                    "verify_aud": bool(self._audience),
                    "verify_iss": bool(self._issuer),
                },
            )
        except jwt.MissingRequiredClaimError as error:
            raise _bad_claim(error.claim) from None
        except (jwt.PyJWTError, ValueError, OverflowError) as error:
            raise _invalid(_why(error)) from None

    def _end_of(self, claims: Mapping[str, Any]) -> datetime:
        try:
            end = datetime.fromtimestamp(float(claims["exp"]), UTC)
        except (TypeError, ValueError, OverflowError, OSError):
            raise _bad_claim("exp") from None
        if end <= self._clock.now():
            raise Fault(Code.AUTHENTICATION_FAILED, say("login.expired"))
        return end


def _user(claims: Mapping[str, Any]) -> User:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= USER_ID_CHARS or not subject.isprintable():
        raise _bad_claim("sub")
    return User(id=subject, wire_id=subject, is_admin=claims.get("role") == "admin")


def _invalid(why: str, **params: object) -> Fault:
    return Fault(Code.AUTHENTICATION_FAILED, say("login.invalid", why=say(why, **params)))


def _bad_claim(claim: str) -> Fault:
    return _invalid("login.bad_claim", claim=claim)


def _why(error: Exception) -> str:
    return next((why for kind, why in REASONS if isinstance(error, kind)), "login.malformed")


REASONS: tuple[tuple[type[Exception], str], ...] = (
    (jwt.InvalidSignatureError, "login.wrong_signature"),
    (jwt.InvalidAlgorithmError, "login.wrong_algorithm"),
    (jwt.InvalidAudienceError, "login.wrong_audience"),
    (jwt.InvalidIssuerError, "login.wrong_issuer"),
    (jwt.ImmatureSignatureError, "login.too_early"),
)
