"""Whose a token is: what is taken, what is refused and why, whatever is sent."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fakes import ManualClock
from tests.support.tokens import SECRET, ec_key, pem, private_pem, rsa_key, token
from text2sql_ws.clock import SystemClock
from text2sql_ws.errors import Code, Fault
from text2sql_ws.settings import Auth, Misconfigured
from text2sql_ws.tokens import open_verifier
from text2sql_ws.tokens.verifier import Verifier


def verifier(**settings: Any) -> Verifier:
    opened = open_verifier(Auth(mode="jwt", **settings), SystemClock())
    assert opened is not None
    return opened


SHARED = verifier(secret=SECRET)


async def refusal(checked: Verifier, shown: str) -> str:
    with pytest.raises(Fault) as refused:
        await checked.verify(shown)
    assert refused.value.code is Code.AUTHENTICATION_FAILED
    return refused.value.message.en


async def test_a_refusal_does_not_quote_the_token() -> None:
    shown = token(seconds=-1)
    message = await refusal(SHARED, shown)
    assert not any(part in message for part in shown.split("."))


async def test_a_good_token_says_who_and_until_when() -> None:
    login = await SHARED.verify(token("alice", now=2_000_000_000, seconds=60))
    assert (login.user.id, login.user.wire_id, login.user.is_admin) == ("alice", "alice", False)
    assert login.expires_at.timestamp() == 2_000_000_060


@pytest.mark.parametrize(
    ("role", "is_admin"),
    [("admin", True), ("user", False), ("Admin", False), (["admin"], False), (None, False)],
)
async def test_only_the_role_admin_is_one(role: object, is_admin: bool) -> None:
    assert (await SHARED.verify(token(role=role))).user.is_admin is is_admin


@pytest.mark.parametrize(("key", "algorithm"), [(rsa_key(), "RS256"), (ec_key(), "ES256")])
async def test_public_keys(key: Any, algorithm: str) -> None:
    checked = verifier(public_key=pem(key))
    assert (await checked.verify(token("bob", key=key, algorithm=algorithm))).user.id == "bob"
    other = rsa_key(1) if algorithm == "RS256" else ec_key(1)
    assert "signature" in await refusal(checked, token("bob", key=other, algorithm=algorithm))


async def test_a_public_key_is_never_a_shared_secret() -> None:
    """The classic: the public key, which everyone has, as the secret of an HS256 token."""
    public = pem(rsa_key())
    head = {"alg": "HS256", "typ": "JWT"}
    body = {"sub": "mallory", "role": "admin", "exp": 4_000_000_000}
    signed = b".".join(encoded(json.dumps(part).encode()) for part in (head, body))
    signature = encoded(hmac.new(public.encode(), signed, hashlib.sha256).digest())
    assert "algorithm" in await refusal(verifier(public_key=public), (signed + b"." + signature).decode())


def encoded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


@pytest.mark.parametrize("algorithm", ["none", "None", "HS512", "hs256", "RS256", ""])
async def test_other_algorithms_are_refused(algorithm: str) -> None:
    _, body, signature = token().split(".")
    head = encoded(json.dumps({"alg": algorithm}).encode()).decode()
    assert "algorithm" in await refusal(SHARED, f"{head}.{body}.{signature}")
    await refusal(SHARED, f"{head}.{body}.")


async def test_the_header_brings_no_key_of_its_own() -> None:
    key = rsa_key(1)
    head = {"alg": "RS256", "jku": "http://evil.example.com", "x5u": "http://e", "jwk": {"kty": "RSA"}}
    _, body, signature = token(key=key, algorithm="RS256").split(".")
    shown = f"{encoded(json.dumps(head).encode()).decode()}.{body}.{signature}"
    assert "signature" in await refusal(verifier(public_key=pem(rsa_key())), shown)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub|JWT"),
        ({"sub": None}, "sub|JWT"),
        ({"sub": "x" * 201}, "sub"),
        ({"sub": "a\nb"}, "sub"),
        ({"without": ("sub",)}, "sub"),
        ({"without": ("exp",)}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"exp": 1e300}, "exp"),
        ({"exp": float("inf")}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"exp": [1]}, "exp"),
        ({"seconds": -1}, "expired"),
        ({"nbf": 4_000_000_000}, "not valid yet"),
        ({"iat": 4_000_000_000}, "not valid yet"),
        ({"iat": "x"}, "JWT"),
        ({"nbf": float("inf")}, "JWT"),
        ({"key": "another secret that is long enough, too"}, "signature"),
    ],
)
async def test_bad_claims(given: dict[str, Any], told: str) -> None:
    message = await refusal(SHARED, token(**given))
    assert any(word in message for word in told.split("|"))


async def test_a_clock_that_goes_a_little_ahead_is_forgiven() -> None:
    now = SystemClock().now().timestamp()
    await SHARED.verify(token(iat=now + 5, nbf=now + 5))


async def test_a_token_ends_by_our_clock_to_the_second() -> None:
    clock = ManualClock()
    checked = open_verifier(Auth(mode="jwt", secret=SECRET), clock)  # type: ignore[arg-type]
    assert checked is not None
    shown = token(now=clock.now().timestamp(), seconds=60)
    clock.advance(59)
    await checked.verify(shown)
    clock.advance(1)
    assert await refusal(checked, shown) == "The token has expired"


async def test_audience_and_issuer_count_where_they_are_set() -> None:
    strict = verifier(secret=SECRET, audience="text2sql", issuer="https://login.example.com")
    good = {"aud": ["other", "text2sql"], "iss": "https://login.example.com"}
    await strict.verify(token(**good))
    assert "(aud)" in await refusal(strict, token(**good | {"aud": "other"}))
    assert "aud is missing" in await refusal(strict, token(**good, without=("aud",)))
    assert "(iss)" in await refusal(strict, token(**good | {"iss": "https://evil.example.com"}))
    assert "iss is missing" in await refusal(strict, token(**good, without=("iss",)))
    await SHARED.verify(token(aud="whatever", iss="whoever"))


async def test_a_token_cut_or_changed_anywhere_is_refused() -> None:
    whole = token()
    for cut in range(1, len(whole)):
        await refusal(SHARED, whole[:cut])
    for at in range(len(whole) - 1):  # the last character has bits that count for nothing
        await refusal(SHARED, whole[:at] + ("A" if whole[at] != "A" else "B") + whole[at + 1 :])


@pytest.mark.parametrize(
    "shown",
    [
        "", ".", "..", "...", "a.b.c", "\x00", "\ud800", "令牌", "a" * 20_000, "eyJ.eyJ.eyJ",
        encoded(b"[" * 9000).decode() + ".e30.e30",
        encoded(b'{"alg":"HS256","kid":7}').decode() + ".e30.e30",
        encoded(b'{"alg":"HS256","crit":["x"],"x":1}').decode() + ".e30.e30",
        encoded(b'{"alg":["HS256"]}').decode() + ".e30.e30",
        encoded(b'{"alg":"HS256"}').decode() + "." + encoded(b"[" * 9000).decode() + ".e30",
    ],
    ids=range(15),
)  # fmt: skip
async def test_what_is_no_token_is_refused(shown: str) -> None:
    with pytest.raises(Fault) as refused:
        await SHARED.verify(shown)
    assert refused.value.code is Code.AUTHENTICATION_FAILED


@given(
    st.text()
    | st.binary().map(lambda raw: encoded(raw).decode())
    | st.tuples(st.binary(), st.binary(), st.binary()).map(
        lambda parts: b".".join(map(encoded, parts)).decode()
    )
)
async def test_nothing_that_is_sent_breaks_it(shown: str) -> None:
    with pytest.raises(Fault):
        await SHARED.verify(shown)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, ["auth.secret", "auth.public_key", "auth.jwks_url"]),
        ({"secret": ""}, ["auth.secret"]),
        ({"secret": "short"}, ["auth.secret", "5 bytes", "32"]),
        ({"secret": "x" * 31}, ["31 bytes"]),
        ({"secret": "密" * 10}, ["30 bytes"]),
        ({"secret": pem(rsa_key())}, ["auth.public_key"]),
        ({"secret": SECRET, "public_key": pem(rsa_key())}, ["auth.secret and auth.public_key"]),
        ({"secret": SECRET, "algorithms": ["RS256"]}, ["auth.algorithms", "RS256", "HS256"]),
        ({"secret": SECRET, "algorithms": ["HS256", "ES256"]}, ["auth.algorithms", "ES256"]),
        ({"public_key": pem(rsa_key()), "algorithms": ["HS256"]}, ["auth.algorithms", "HS256"]),
        ({"public_key": pem(rsa_key()), "algorithms": ["ES256"]}, ["auth.algorithms", "ES256"]),
        ({"public_key": private_pem(rsa_key())}, ["private"]),
        ({"public_key": pem(rsa_key(0, 1024))}, ["2048"]),
        ({"public_key": pem(ec.generate_private_key(ec.SECP384R1()))}, ["P-256"]),
        ({"public_key": "-----BEGIN PUBLIC KEY-----\nnope\n-----END PUBLIC KEY-----"}, ["PEM"]),
        ({"public_key": "/nowhere/key.pem"}, ["/nowhere/key.pem", "No such file"]),
        ({"public_key": "a\x00b"}, ["cannot be read"]),
        ({"jwks_url": "login.example.com/keys"}, ["auth.jwks_url", "https://"]),
        ({"jwks_url": "file:///etc/passwd"}, ["auth.jwks_url"]),
        ({"jwks_url": "https://"}, ["auth.jwks_url"]),
        ({"jwks_url": "http://[::1/"}, ["auth.jwks_url"]),
        ({"jwks_url": "http://login.example.com/keys"}, ["auth.jwks_url", "https://"]),
        ({"jwks_url": "http://127.0.0.1/", "algorithms": ["HS256", "RS256"]}, ["auth.algorithms", "HS256"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_settings_is_said(settings: dict[str, Any], told: list[str]) -> None:
    with pytest.raises(Misconfigured) as wrong:
        verifier(**settings)
    (problem,) = wrong.value.problems
    assert all(word in problem for word in told)
    assert SECRET not in problem


def test_nobody_logs_in_by_default() -> None:
    assert open_verifier(Auth(), SystemClock()) is None


async def test_the_key_may_be_in_a_file(tmp_path: Any) -> None:
    file = tmp_path / "key.pem"
    file.write_text(pem(ec_key()))
    await verifier(public_key=str(file)).verify(token(key=ec_key(), algorithm="ES256"))
