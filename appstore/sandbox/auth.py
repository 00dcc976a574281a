"""Bearer tokens, verified as strictly as Apple verifies them."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from appstore.sandbox.model import Key, Kind, Program, Team

AUDIENCES: Mapping[Program, str] = {
    Program.APP_STORE: "appstoreconnect-v1",
    Program.ENTERPRISE: "apple-developer-enterprise-v1",
}
LONGEST_LIFE = 20 * 60
_UNSCOPED = {"limit", "cursor", "sort"}  # what a scope entry does not pin down


class TokenRefusedError(Exception):
    """The token is not good for this request. Apple never says why, so neither does this."""


def claimed_key_id(authorization: str) -> str:
    """The key id that an Authorization header names, verified or not; "" where it names none."""
    try:
        return str(jwt.get_unverified_header(_bearer(authorization)).get("kid", ""))
    except (jwt.InvalidTokenError, TokenRefusedError):
        return ""


def verify(
    authorization: str,
    *,
    find: Callable[[str], tuple[Key, Team] | None],
    program: Program,
    method: str,
    target: str,
    now: float,
) -> Key:
    """The key that signed this request's token; TokenRefusedError for anything that Apple would refuse.

    `find` looks a key id up. `target` is the path with its query, for tokens that carry a scope.
    """
    token = _bearer(authorization)
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise TokenRefusedError from error
    found = find(str(header.get("kid", "")))
    if found is None or header.get("alg") != "ES256" or header.get("typ") != "JWT":
        raise TokenRefusedError
    key, team = found
    if key.revoked or team.program is not program:
        raise TokenRefusedError
    claims = _claims(token, key)
    _check_identity(claims, key, team)
    if claims.get("aud") != AUDIENCES[program]:
        raise TokenRefusedError
    _check_life(claims, now)
    if "scope" in claims:
        _check_scope(claims["scope"], method, target)
    return key


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenRefusedError
    return token.strip()


def _claims(token: str, key: Key) -> dict[str, Any]:
    """The signed claims. pyjwt's own rules on them are off: Apple's differ, and are checked here."""
    try:
        return jwt.decode(
            token,
            _public_key(key.public_key),
            algorithms=["ES256"],
            options={
                "verify_aud": False,
                "verify_exp": False,
                "verify_iat": False,
                "verify_sub": False,
                "verify_jti": False,
            },
        )
    except jwt.InvalidTokenError as error:
        raise TokenRefusedError from error


@lru_cache(maxsize=256)
def _public_key(pem: str) -> EllipticCurvePublicKey:
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, EllipticCurvePublicKey):
        raise TokenRefusedError
    return key


def _check_identity(claims: dict[str, Any], key: Key, team: Team) -> None:
    if key.kind is Kind.INDIVIDUAL:
        good = claims.get("sub") == "user" and "iss" not in claims
    else:
        good = claims.get("iss") == team.issuer_id and "sub" not in claims
    if not good:
        raise TokenRefusedError


def _check_life(claims: dict[str, Any], now: float) -> None:
    """`iat` may be absent (a well-known client omits it): then the life counts from now."""
    expires, issued = _number(claims.get("exp")), _number(claims.get("iat", now))
    if expires <= now or issued > now or expires - issued > LONGEST_LIFE:
        raise TokenRefusedError


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TokenRefusedError
    return value


def _check_scope(scope: object, method: str, target: str) -> None:
    """A scope lists the GET requests that its token is good for, e.g. "GET /v1/apps?filter[sku]=A"."""
    if not isinstance(scope, list) or method != "GET":
        raise TokenRefusedError
    allowed = [entry.removeprefix("GET ") for entry in scope if str(entry).startswith("GET ")]
    if _pinned(target) not in [_pinned(entry) for entry in allowed]:
        raise TokenRefusedError


def _pinned(target: str) -> tuple[str, list[tuple[str, str]]]:
    parts = urlsplit(target)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    return parts.path, sorted(pair for pair in pairs if pair[0] not in _UNSCOPED)
