"""Bearer tokens for Apple's APIs.

https://developer.apple.com/documentation/appstoreconnectapi/generating-tokens-for-api-requests
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

APP_STORE_CONNECT_AUDIENCE = "appstoreconnect-v1"
ENTERPRISE_AUDIENCE = "apple-developer-enterprise-v1"

TEAM, INDIVIDUAL, ENTERPRISE = "TEAM", "INDIVIDUAL", "ENTERPRISE"

LIFETIME = 15 * 60
LONGEST = 20 * 60  # Apple refuses more
BACKDATED = 60  # a clock that is ahead of Apple's makes tokens "issued in the future", which Apple refuses
RENEW_BEFORE = 60


class TokenMinter:
    """Signs ES256 tokens and re-uses each until a minute before it expires, as Apple recommends.

    Thread-safe. The private key is held as a loaded key, never as text; neither repr() nor pickle shows it.
    """

    def __init__(
        self,
        key_id: str,
        issuer_id: str,
        private_key_pem: bytes,
        audience: str,
        key_type: str,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """ValueError: not a P-256 key, no such type, or a Team or Enterprise key without its issuer."""
        if key_type not in (TEAM, INDIVIDUAL, ENTERPRISE):
            raise ValueError(f"{key_type!r} is not a type of key that Apple has.")
        if key_type != INDIVIDUAL and not issuer_id:
            raise ValueError("A Team or Enterprise key needs its Issuer ID.")
        self.key_id = key_id
        # An individual key names its user instead of an issuer; either claim on the wrong type is a 401.
        self._identity = {"sub": "user"} if key_type == INDIVIDUAL else {"iss": issuer_id}
        self._audience = audience
        self._key = _p256(private_key_pem)
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._expires_at = 0

    def __repr__(self) -> str:
        return f"TokenMinter(key_id={self.key_id!r})"

    def token(self) -> str:
        """A token that is valid for another minute at least."""
        with self._lock:
            if self._clock() >= self._expires_at - RENEW_BEFORE:
                self._mint()
            return self._token

    def fresh(self) -> str:
        """A new token: for the retry after a 401."""
        with self._lock:
            self._mint()
            return self._token

    def scoped(self, scope: list[str], seconds: int) -> tuple[str, int]:
        """(token, when it expires) for these requests alone, such as "GET /v1/apps"; it is used by somebody else.
        At most LONGEST seconds."""
        issued_at = int(self._clock()) - BACKDATED
        expires_at = issued_at + min(seconds + BACKDATED, LONGEST)
        return self._signed({"iat": issued_at, "exp": expires_at, "scope": scope}), expires_at

    def _mint(self) -> None:
        issued_at = int(self._clock()) - BACKDATED
        self._token = self._signed({"iat": issued_at, "exp": issued_at + LIFETIME})
        self._expires_at = issued_at + LIFETIME

    def _signed(self, claims: dict[str, Any]) -> str:
        claims = {**self._identity, "aud": self._audience, **claims}
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self.key_id})


def _p256(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("Apple's API keys are P-256 keys.")
