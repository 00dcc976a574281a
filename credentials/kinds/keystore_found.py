"""What is kept of a keystore: its public facts, and one document with all that is secret."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from credentials.kinds.found import Found
from credentials.parsing.keystore import Keystore
from credentials.parsing.keystore_entry import KeystoreEntry

ANDROID_KEYSTORE = "android-keystore"
_EXTENSIONS = {".jks", ".keystore", ".ks", ".p12", ".pfx"}
_TOLD = len("AA:BB:CC:DD:EE:FF:00:11")  # of a fingerprint, in events
_USUAL = {"JKS": ".jks", "PKCS12": ".p12"}


@dataclass(frozen=True)
class KeystoreSecret:
    """`key_passwords` are by alias."""

    file: bytes = field(repr=False)
    password: str = field(repr=False)
    key_passwords: dict[str, str] = field(repr=False)

    def sealed(self) -> bytes:
        return json.dumps(
            {
                "keystore": base64.b64encode(self.file).decode(),
                "keystore_password": self.password,
                "key_passwords": self.key_passwords,
            },
            ensure_ascii=False,
        ).encode()

    @classmethod
    def opened(cls, secret: bytes) -> "KeystoreSecret":
        document = json.loads(secret)
        return cls(
            base64.b64decode(document["keystore"]), document["keystore_password"], document["key_passwords"]
        )


def found_in(keystore: Keystore, file: bytes, password: str, *, file_name: str) -> Found:
    """The certificates tell two keystores apart: the same keys in another file are the same."""
    entries = keystore.entries
    secret = KeystoreSecret(file, password, {each.alias: each.key_password for each in entries})
    digests = sorted({each.sha256 for each in entries})
    extension = PurePath(file_name).suffix.lower()
    return Found(
        identifier=hashlib.sha256("\n".join(digests).encode()).hexdigest(),
        name=", ".join(each.alias for each in entries),
        facts={
            "type": keystore.type,
            "extension": extension if extension in _EXTENSIONS else _USUAL[keystore.type],
            "aliases": [_public(each) for each in entries],
            "closed": list(keystore.closed),
            "fingerprints": [each[:_TOLD] for each in digests],
        },
        secret=secret.sealed(),
        expires_at=min(each.not_after for each in entries),
    )


def _public(entry: KeystoreEntry) -> dict[str, Any]:
    names = ("alias", "algorithm", "subject", "md5", "sha1", "sha256")
    times = {"not_before": entry.not_before.isoformat(), "not_after": entry.not_after.isoformat()}
    return {**{name: getattr(entry, name) for name in names}, **times}
