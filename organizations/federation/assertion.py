"""The identity token that a CI job brings: whether its provider signed it, for us, a moment ago."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.utils import timezone

from organizations.federation import keys

ALGORITHMS = ["RS256", "ES256"]
CLOCKS_DIFFER = 30  # seconds
OLDEST = timedelta(hours=1)
LONGEST = 16 * 1024
REQUIRED = ["exp", "iat", "iss", "aud", "sub"]


class RefusedAssertionError(Exception):
    """Why it is not taken: for the log, never for who brought it."""


def claims_of(text: str, *, issuer: str, audience: str, key_set: str = "") -> dict[str, Any]:
    """What it says, when it holds. `key_set` is the issuer's JWKS, where it was pasted.

    Raises RefusedAssertionError, KeysUnavailableError.
    """
    if len(text) > LONGEST or not text.isascii():
        raise RefusedAssertionError("too long")
    try:
        header = jwt.get_unverified_header(text)
        unverified = jwt.decode(text, options={"verify_signature": False})
    except (jwt.PyJWTError, RecursionError):
        raise RefusedAssertionError("not a JWT") from None
    # Nobody is asked for keys because of a token that says itself that it is another's.
    if header.get("alg") not in ALGORITHMS:
        raise RefusedAssertionError("algorithm")
    if unverified.get("iss") != issuer:
        raise RefusedAssertionError("issuer")
    kid = str(header.get("kid", ""))
    key = keys.read(key_set).get(kid) if key_set else keys.find(issuer, kid)
    if key is None:
        raise RefusedAssertionError("unknown key")
    try:
        claims = jwt.decode(
            text,
            key,
            algorithms=ALGORITHMS,
            audience=audience,
            issuer=issuer,
            leeway=CLOCKS_DIFFER,
            options={"require": REQUIRED},
        )
    except jwt.PyJWTError as error:
        raise RefusedAssertionError(type(error).__name__) from None
    if claims["aud"] not in (audience, [audience]):
        raise RefusedAssertionError("audience")
    if timezone.now() - _issued_at(claims) > OLDEST + timedelta(seconds=CLOCKS_DIFFER):
        raise RefusedAssertionError("too old")
    return dict(claims)


def _issued_at(claims: dict[str, Any]) -> datetime:
    try:
        return datetime.fromtimestamp(int(claims["iat"]), UTC)
    except (ValueError, OverflowError, OSError):
        raise RefusedAssertionError("too old") from None  # before there were years


def digest_of(text: str, claims: dict[str, Any]) -> str:
    """What tells it from every other one: its id, or what is signed where the provider gives none. The signature
    tells nothing, because there may be two of the same."""
    unique = (
        ["id", claims["iss"], str(claims["jti"])] if claims.get("jti") else ["text", text.rpartition(".")[0]]
    )
    return hashlib.sha256(json.dumps(unique).encode()).hexdigest()


def too_old_from(claims: dict[str, Any]) -> datetime:
    """When it would be refused for its age, whatever it says of its end."""
    return _issued_at(claims) + OLDEST + timedelta(seconds=2 * CLOCKS_DIFFER)
