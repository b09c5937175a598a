"""From the settings to keys; and what is wrong with them, said at start."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from text2sql_ws.addresses import is_loopback
from text2sql_ws.clock import Clock
from text2sql_ws.settings import Auth, Misconfigured
from text2sql_ws.tokens.fetching import fetch
from text2sql_ws.tokens.jwks import PublishedKeys
from text2sql_ws.tokens.key import RSA_BITS, SECRET_BYTES, Algorithm, Key, Keys, OneKey, public_key

PUBLISHED: tuple[Algorithm, ...] = ("RS256", "ES256")


def open_keys(auth: Auth, clock: Clock) -> Keys:
    """The keys that `auth` names. Raises `Misconfigured`."""
    match [name for name in SOURCES if _text(auth, name)]:
        case ["secret"]:
            return _one(auth, _shared(_text(auth, "secret")))
        case ["public_key"]:
            return _one(auth, _public(auth.public_key))
        case ["jwks_url"]:
            return _published(auth, clock)
        case []:
            named = ", ".join(f"auth.{name}" for name in SOURCES)
            raise Misconfigured(
                [f'auth.mode = "jwt" needs a key that tokens are checked with: one of {named}']
            )
        case several:
            named = " and ".join(f"auth.{name}" for name in several)
            raise Misconfigured(
                [f"{named} are set: tokens are checked with one of them, so remove the others"]
            )


def _text(auth: Auth, name: str) -> str:
    if name == "secret":
        return auth.secret.get_secret_value() if auth.secret else ""
    text: str = getattr(auth, name)
    return text


def _one(auth: Auth, key: Key) -> Keys:
    _allow(auth, (key.algorithm,))
    return OneKey(key)


def _shared(secret: str) -> Key:
    material = secret.encode()
    if secret.lstrip().startswith("-----BEGIN"):
        raise Misconfigured(["auth.secret holds a PEM: a public key belongs in auth.public_key"])
    if len(material) < SECRET_BYTES:
        raise Misconfigured(
            [
                f"auth.secret has {len(material)} bytes, and HS256 needs {SECRET_BYTES}: "
                "`openssl rand -base64 48` makes a good one"
            ]
        )
    return Key("HS256", material)


def _public(given: str) -> Key:
    pem = _pem(given)
    if b"PRIVATE KEY" in pem:
        raise Misconfigured(
            ["auth.public_key holds a private key: give the public one, and keep that to its owner"]
        )
    try:
        key = public_key(load_pem_public_key(pem))
    except (ValueError, UnsupportedAlgorithm):
        raise Misconfigured(
            ["auth.public_key is no public key in PEM (-----BEGIN PUBLIC KEY-----)"]
        ) from None
    if key is None:
        raise Misconfigured(
            [f"auth.public_key must be RSA of {RSA_BITS} bits or more (RS256), or on the curve P-256 (ES256)"]
        )
    return key


def _pem(given: str) -> bytes:
    """The PEM itself, or what is in the file of that name."""
    if "-----BEGIN" in given:
        return given.strip().encode()
    try:
        return Path(given).read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a path"
        raise Misconfigured([f"auth.public_key: {given} cannot be read: {why}"]) from None


def _published(auth: Auth, clock: Clock) -> Keys:
    if not _is_protected(auth.jwks_url):
        raise Misconfigured(
            [
                "auth.jwks_url must start with https:// (http:// on this machine only): or whoever "
                "is in between could put in keys of their own"
            ]
        )
    return PublishedKeys(partial(fetch, auth.jwks_url), _allow(auth, PUBLISHED), clock)


def _is_protected(address: str) -> bool:
    try:
        url = urlsplit(address)
    except ValueError:
        return False
    host = url.hostname or ""
    return bool(host) and (url.scheme == "https" or (url.scheme == "http" and is_loopback(host)))


def _allow(auth: Auth, possible: tuple[Algorithm, ...]) -> tuple[Algorithm, ...]:
    """The algorithms that both the key and `auth.algorithms` allow."""
    if problems := list(_mismatches(auth, possible)):
        raise Misconfigured(problems)
    return auth.algorithms or possible


def _mismatches(auth: Auth, possible: tuple[Algorithm, ...]) -> Iterator[str]:
    fitting = " or ".join(possible)
    for name in auth.algorithms:
        if name not in possible:
            yield f'auth.algorithms: "{name}" does not go with the key that is set, which is for {fitting}'


SOURCES = ("secret", "public_key", "jwks_url")
"""The settings that a key may come from."""
