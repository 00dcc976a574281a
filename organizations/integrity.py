"""Keyed digests: what tells a row that CredHub wrote from one that somebody wrote into the database.

The keys are the deployment's own. They belong to the app `credentials`, which knows about master keys and hands
them down when it starts: imports go one way.
"""

import hmac
from json.encoder import encode_basestring_ascii as _quoted
from typing import Protocol


class IntegrityError(Exception):
    """Something was not written by CredHub, or is not what CredHub wrote last."""


class Keys(Protocol):
    """What `credentials.system_keys` is for this module."""

    def for_digests(self, purpose: str, version: int | None = None) -> tuple[int, bytes]:
        """(version, key) of that version, or of the newest."""

    def seal(self, purpose: str, plaintext: bytes, *context: str) -> bytes: ...

    def unseal(self, purpose: str, value: bytes, *context: str) -> bytes: ...


_keys: list[Keys] = []


def use(keys: Keys) -> None:
    _keys[:] = [keys]


def seal(purpose: str, plaintext: bytes, *context: str) -> bytes:
    """Encrypt a small secret that belongs to no organization (a person's second factor), bound to its context."""
    return _keys[0].seal(purpose, plaintext, *context)


def unseal(purpose: str, value: bytes, *context: str) -> bytes:
    """Raises IntegrityError for anything that was not sealed for this purpose and context."""
    return _keys[0].unseal(purpose, value, *context)


def mac(purpose: str, *parts: str | bytes, version: int | None = None) -> str:
    """`version:hex` of an HMAC-SHA256 over the parts, none of which can be mistaken for another."""
    version, key = _keys[0].for_digests(purpose, version)
    return f"{version}:{hmac.digest(key, message(*parts), 'sha256').hex()}"


def mac_fits(found: str, purpose: str, *parts: str | bytes) -> bool:
    """Whether `found` is what `mac` gives for these parts, under the key version that it names."""
    version, _, _digest = found.partition(":")
    if not version.isdecimal() or len(version) > 9:
        return False
    try:
        return hmac.compare_digest(found, mac(purpose, *parts, version=int(version)))
    except IntegrityError:  # a key version that never was
        return False


def message(*parts: str | bytes) -> bytes:
    """One unambiguous byte string of many: lengths go first for bytes, JSON keeps words apart."""
    raw = b"".join([part for part in parts if isinstance(part, bytes)])
    words = [_quoted(part if isinstance(part, str) else f"bytes:{len(part)}") for part in parts]
    return f"[{','.join(words)}]\n".encode() + raw
