"""Tokens as Apple documents them, verified with the public key."""

import pickle
import threading
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from appstore.client.tokens import (
    APP_STORE_CONNECT_AUDIENCE,
    BACKDATED,
    ENTERPRISE_AUDIENCE,
    LIFETIME,
    RENEW_BEFORE,
    TokenMinter,
)

KEY = ec.generate_private_key(ec.SECP256R1())
KEY_ID, ISSUER = "2X9R4HXF34", "57246542-96fe-1a63-e053-0824d011072a"


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = KEY) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC).timestamp()

    def __call__(self) -> float:
        return self.now


def minter(
    key_type: str = "TEAM", audience: str = APP_STORE_CONNECT_AUDIENCE, clock: Clock | None = None
) -> TokenMinter:
    return TokenMinter(KEY_ID, ISSUER, pem(), audience, key_type, clock=clock or Clock())


def claims(token: str, audience: str = APP_STORE_CONNECT_AUDIENCE) -> dict[str, object]:
    # The tests' clock runs ahead of the library's.
    options = {"verify_iat": False}
    return jwt.decode(token, KEY.public_key(), algorithms=["ES256"], audience=audience, options=options)


@pytest.mark.parametrize(
    ("key_type", "audience", "identity"),
    [
        ("TEAM", "appstoreconnect-v1", {"iss": ISSUER}),
        ("INDIVIDUAL", "appstoreconnect-v1", {"sub": "user"}),
        ("ENTERPRISE", "apple-developer-enterprise-v1", {"iss": ISSUER}),
    ],
)
def test_the_claims_follow_the_key_type(key_type: str, audience: str, identity: dict[str, str]) -> None:
    clock = Clock()
    token = minter(key_type, audience, clock).token()

    now = int(clock.now)
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": KEY_ID, "typ": "JWT"}
    assert claims(token, audience) == {
        **identity,
        "aud": audience,
        "iat": now - BACKDATED,
        "exp": now - BACKDATED + LIFETIME,
    }


def test_the_lifetime_stays_below_apples_twenty_minutes() -> None:
    assert LIFETIME <= 20 * 60
    assert {APP_STORE_CONNECT_AUDIENCE, ENTERPRISE_AUDIENCE} == {
        "appstoreconnect-v1",
        "apple-developer-enterprise-v1",
    }


def test_a_token_is_used_until_a_minute_before_its_end() -> None:
    clock = Clock()
    mint = minter(clock=clock)
    first = mint.token()

    clock.now += LIFETIME - BACKDATED - RENEW_BEFORE - 2
    assert mint.token() == first
    clock.now += 3
    second = mint.token()

    assert second != first
    assert int(str(claims(second)["exp"])) > clock.now + RENEW_BEFORE


def test_fresh_replaces_the_token_for_all_later_requests() -> None:
    clock = Clock()
    mint = minter(clock=clock)
    first = mint.token()
    clock.now += 5

    fresh = mint.fresh()

    assert fresh != first
    assert mint.token() == fresh


def test_threads_share_one_token() -> None:
    mint, tokens = minter(), []
    threads = [threading.Thread(target=lambda: tokens.append(mint.token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(tokens) == 8
    assert len(set(tokens)) == 1


def test_nothing_shows_the_key() -> None:
    mint = minter()
    token = mint.token()

    assert repr(mint) == f"TokenMinter(key_id={KEY_ID!r})"
    assert token not in f"{mint} {mint!r}"
    assert "PRIVATE" not in repr(vars(mint))
    with pytest.raises(TypeError):
        pickle.dumps(mint)


@pytest.mark.parametrize(
    ("key_type", "issuer", "key"),
    [
        ("APNS", ISSUER, pem()),
        ("TEAM", "", pem()),
        ("ENTERPRISE", "", pem()),
        ("TEAM", ISSUER, pem(ec.generate_private_key(ec.SECP384R1()))),
        ("TEAM", ISSUER, pem(rsa.generate_private_key(65537, 2048))),
        ("TEAM", ISSUER, b"no key"),
    ],
)
def test_what_cannot_sign_is_refused_at_once(key_type: str, issuer: str, key: bytes) -> None:
    with pytest.raises(ValueError):
        TokenMinter(KEY_ID, issuer, key, APP_STORE_CONNECT_AUDIENCE, key_type)


def test_an_individual_key_needs_no_issuer() -> None:
    token = TokenMinter(KEY_ID, "", pem(), APP_STORE_CONNECT_AUDIENCE, "INDIVIDUAL").token()

    assert "iss" not in claims(token)
