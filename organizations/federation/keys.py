"""The keys with which a provider signs: pasted by who made the policy, or asked of the issuer itself and kept a while.

They are kept in this process's memory and nowhere else: who writes into the database brings no key of their own.
"""

import json
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt

from organizations.errors import UnavailableError
from organizations.outgoing import OutgoingSession

LIFETIME = 600  # seconds
STALE_LIFETIME = 24 * 3600  # while the issuer does not answer
ASKED_EVERY = 30  # seconds, for a key that is not among those that are known
SMALLEST_RSA = 2048
MOST_KEYS = 50
AT_ONCE, WAIT = 3, 0.5  # issuers of a process, and seconds for a turn

Keys = dict[str, jwt.PyJWK]  # by key id


class KeysUnavailableError(UnavailableError):
    """The issuer does not answer, or with something that is not what it should be."""


class KeySetError(Exception):
    """This is not a set of keys. A sentence for who pasted it."""


@dataclass
class _Known:
    keys: Keys
    had_at: float
    asked_at: float  # later, when there was no answer


_known: dict[str, _Known] = {}
_lock = threading.Lock()
_turns = threading.BoundedSemaphore(AT_ONCE)


def read(text: str | bytes) -> Keys:
    """The keys of a JWKS that may sign: RSA and P-256, with an id. Raises KeySetError."""
    try:
        entries = json.loads(text)["keys"]
        usable = [entry for entry in entries if _may_sign(entry)]
        keys = {str(entry["kid"]): jwt.PyJWK(entry) for entry in usable[:MOST_KEYS]}
    except (ValueError, TypeError, KeyError, AttributeError, jwt.PyJWTError):
        raise KeySetError("This is not a JWKS: a JSON object with “keys”.") from None
    keys = {kid: key for kid, key in keys.items() if getattr(key.key, "key_size", 0) >= _smallest(key)}
    if not keys:
        raise KeySetError("There is no RSA or P-256 key with a “kid” in it.")
    return keys


def _may_sign(entry: dict[str, Any]) -> bool:
    kind = (entry.get("kty"), entry.get("crv"))
    is_known = kind in {("RSA", None), ("EC", "P-256")} and entry.get("alg") in {None, "RS256", "ES256"}
    return is_known and entry.get("use") in {None, "sig"} and isinstance(entry.get("kid"), str)


def _smallest(key: jwt.PyJWK) -> int:
    return SMALLEST_RSA if key.key_type == "RSA" else 256


def find(issuer: str, kid: str) -> jwt.PyJWK | None:
    """The issuer's key with this id. One that is not known is asked for, now and then.

    Raises KeysUnavailableError.
    """
    now = time.monotonic()
    with _lock:
        known = _known.get(issuer)
        if known and now - known.asked_at < (LIFETIME if kid in known.keys else ASKED_EVERY):
            return known.keys.get(kid)
        if known:
            known.asked_at = now  # others go on with what is known until there is an answer
    try:
        known = _Known(fetch(issuer), now, now)
    except KeysUnavailableError:
        if known is None or now - known.had_at > STALE_LIFETIME:
            raise
    with _lock:
        _known[issuer] = known
    return known.keys.get(kid)


def fetch(issuer: str) -> Keys:
    """Ask the issuer: its discovery document, and the keys that this names on the same host. Few at once, because each
    holds a thread of the web server for as long as its issuer likes. Raises KeysUnavailableError."""
    if not _turns.acquire(timeout=WAIT):
        raise KeysUnavailableError("Other issuers are being asked right now. Try again in a moment.")
    try:
        return _fetch(issuer)
    finally:
        _turns.release()


def _fetch(issuer: str) -> Keys:
    with OutgoingSession() as session:
        found = _get(session, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        address = str(found.get("jwks_uri", ""))
        if found.get("issuer") != issuer:
            raise KeysUnavailableError("The discovery document there is of another issuer.")
        if urlsplit(address)[:2] != urlsplit(issuer)[:2]:
            raise KeysUnavailableError(
                "The discovery document names keys on another host. Paste the keys instead."
            )
        try:
            return read(json.dumps(_get(session, address)))
        except KeySetError as error:
            raise KeysUnavailableError(f"The issuer's keys cannot be read. {error}") from None


def _get(session: OutgoingSession, address: str) -> dict[str, Any]:
    try:
        answer = session.get(address)
        answer.raise_for_status()
        found = answer.json() if answer.status_code == 200 else None
    except (OSError, ValueError) as error:  # what requests raises is an OSError
        raise KeysUnavailableError(f"The issuer does not answer as it should: {error}"[:300]) from None
    if not isinstance(found, dict):
        raise KeysUnavailableError("The issuer does not answer as it should.")
    return found
