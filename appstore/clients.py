"""Clients for our keys: the one place where a .p8 is opened to talk to Apple.

A key's token minter lives in memory for as long as one token does (15 minutes), so that the same signed token
serves every request of that time, and the private key is opened and recorded once and not for each page.
"""

import threading
import time
import uuid
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from appstore.client.client import AppStoreConnectClient
from appstore.client.tokens import APP_STORE_CONNECT_AUDIENCE, ENTERPRISE_AUDIENCE, TokenMinter
from appstore.client.transport import Gate
from appstore.models import AppStoreConnectKey, KeyType
from organizations import audit
from organizations.actors import SYSTEM, Actor

KEEP_SECONDS = 15 * 60

_minters: dict[tuple[uuid.UUID, str, datetime], tuple[float, TokenMinter]] = {}
_lock = threading.Lock()


def client_for(
    key: AppStoreConnectKey, *, purpose: str, key_type: str | None = None, gate: Gate | None = None
) -> AppStoreConnectClient:
    """A client that speaks as this key (`key_type`: as another type, to find out which one it is).

    Raises SealError when the private key does not open.
    """
    chosen = key_type or key.key_type
    return AppStoreConnectClient(
        _url(chosen),
        _minter(key, chosen, purpose),
        connect_timeout=settings.APPSTORE_CONNECT_TIMEOUT,
        read_timeout=settings.APPSTORE_READ_TIMEOUT,
        gate=gate,
    )


@sensitive_variables()
def scoped_token(
    actor: Actor, key: AppStoreConnectKey, *, purpose: str, scope: list[str], seconds: int
) -> tuple[str, datetime]:
    """(token, its end) for somebody who may use the key and never sees it. On record, with its scope, before the
    private key is opened. Raises SealError, AuditUnavailableError."""
    audit.record(
        actor,
        audit.Action.APPLE_TOKEN_MINTED,
        key.credential,
        organization=key.credential.organization,
        purpose=purpose,
        scopes=scope,
        with_key=key.key_id,
    )
    minter = _new_minter(key, key.key_type, f"An Apple token for {actor.label}: {purpose}"[:200])
    token, ends = minter.scoped(scope, seconds)
    return token, datetime.fromtimestamp(ends, UTC)


def host_of(key: AppStoreConnectKey) -> str:
    return urlsplit(_url(key.key_type)).netloc


def _url(key_type: str) -> str:
    url = (
        settings.APPSTORE_ENTERPRISE_API_URL if key_type == KeyType.ENTERPRISE else settings.APPSTORE_API_URL
    )
    return str(url)


def _minter(key: AppStoreConnectKey, key_type: str, purpose: str) -> TokenMinter:
    now = time.monotonic()
    slot = (key.pk, key_type, key.credential.secret_changed_at)
    with _lock:
        for stale in [other for other, (until, _) in _minters.items() if until <= now]:
            del _minters[stale]
        if slot in _minters:
            return _minters[slot][1]
    minter = _new_minter(key, key_type, purpose)
    with _lock:
        _minters[slot] = (now + KEEP_SECONDS, minter)
    return minter


def _new_minter(key: AppStoreConnectKey, key_type: str, purpose: str) -> TokenMinter:
    return TokenMinter(
        key_id=key.key_id,
        issuer_id=key.issuer_id,
        private_key_pem=key.credential.reveal(SYSTEM, purpose=purpose),
        audience=ENTERPRISE_AUDIENCE if key_type == KeyType.ENTERPRISE else APP_STORE_CONNECT_AUDIENCE,
        key_type=key_type,
    )
