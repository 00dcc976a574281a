"""Opens the deployment's own keys, and keeps them for a while: every request needs them."""

import functools
import threading
import time

from django.conf import settings

from credentials import crypto
from credentials.models.data_key import Deployment
from credentials.models.system_key import SystemKey
from organizations import integrity

_opened: dict[int | None, tuple[float, int, bytes]] = {}
_lock = threading.Lock()


def opened(version: int | None = None) -> tuple[int, bytes]:
    """(version, plain key) of that version, or of the newest. Raises integrity.IntegrityError when there is none,
    MasterKeyError and SealError when it does not open."""
    now = time.monotonic()
    kept = _opened.get(version)
    if kept and kept[0] > now:
        return kept[1], kept[2]
    rows = SystemKey.objects.filter(version=version) if version is not None else SystemKey.objects.all()
    row = rows.order_by("-version").first()
    if row is None:
        raise integrity.IntegrityError(
            f"System key {version or ''} is not here. `manage.py migrate` makes the first one."
        )
    plain = row.open()
    with _lock:
        _opened[version] = (now + settings.DATA_KEY_CACHE_SECONDS, row.version, plain)
    return row.version, plain


def forget() -> None:
    """Drop every plain key from memory."""
    with _lock:
        _opened.clear()
    _derived.cache_clear()


@functools.lru_cache(maxsize=64)
def _derived(key: bytes, purpose: str) -> bytes:
    return crypto.derive(key, f"CredHub {purpose}")


def for_digests(purpose: str, version: int | None = None) -> tuple[int, bytes]:
    version, key = opened(version)
    return version, _derived(key, purpose)


def _context(purpose: str, context: tuple[str, ...]) -> bytes:
    return crypto.canonical(str(Deployment.current().pk), purpose, *context)


def seal(purpose: str, plaintext: bytes, *context: str) -> bytes:
    version, key = opened()
    return crypto.seal(plaintext, key, version, _context(purpose, context))


def unseal(purpose: str, value: bytes, *context: str) -> bytes:
    try:
        _version, key = opened(crypto.data_key_version(value))
        return crypto.unseal(value, key, _context(purpose, context))
    except crypto.SealError as error:
        raise integrity.IntegrityError(str(error)) from None
