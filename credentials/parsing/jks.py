"""Java's own keystore format (JKS), as keytool writes it with -storetype JKS.

https://github.com/openjdk/jdk/blob/master/src/java.base/share/classes/sun/security/provider/JavaKeyStore.java
Each private key is encrypted under a password of its own, with SHA-1 as a stream cipher; a SHA-1 over the keystore's
password and the file says whether both are right. Nothing here is slow, whatever a file says.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from organizations.words import clean

from .der import OCTET_STRING, OID, SEQUENCE, read_element
from .errors import ParsingError
from .keystore_refusals import refusal
from .p12_outline import MAX_KEY_BYTES

MAGIC = b"\xfe\xed\xfe\xed"
MAX_ENTRIES, MAX_CHAIN = 200, 20
_WHITENER = b"Mighty Aphrodite"  # Sun's; it is part of the format
_PROTECTION = bytes.fromhex("2b060104012a02110101")  # 1.3.6.1.4.1.42.2.17.1.1
_DIGEST = 20
_PRIVATE_KEY, _CERTIFICATE = 1, 2


@dataclass(frozen=True, slots=True)
class JksKey:
    """`protected` is an EncryptedPrivateKeyInfo; `chain` are certificates in DER, its own first."""

    alias: str
    protected: bytes = field(repr=False)
    chain: tuple[bytes, ...]

    def unlock(self, password: str) -> tuple[bytes, tuple[bytes, ...]] | None:
        """See LockedKey."""
        key = _open(self.protected, password)
        return None if key is None else (key, self.chain)


class _Reader:
    """Java's DataInputStream over bytes. ParsingError "damaged" where they end too early."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise refusal("damaged")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, width: int = 4) -> int:
        return int.from_bytes(self.take(width), "big")

    def count(self, most: int) -> int:
        found = self.number()
        if found > most:
            raise refusal("damaged")
        return found

    def text(self) -> str:
        return _modified_utf8(self.take(self.number(2)))

    def certificate(self, version: int) -> bytes:
        if version == 2 and self.text() not in {"X.509", "X509"}:
            raise refusal("damaged")
        return self.take(self.number())


def read_jks(data: bytes, password: str) -> tuple[JksKey, ...]:
    """Its private keys. ParsingError "damaged", "wrong-password"."""
    body, digest = data[:-_DIGEST], data[-_DIGEST:]
    keys = _entries(_Reader(body))
    whole = hashlib.sha1(_java_chars(password) + _WHITENER + body, usedforsecurity=False).digest()
    if not hmac.compare_digest(whole, digest):
        raise refusal("wrong-password")
    return keys


def _entries(reader: _Reader) -> tuple[JksKey, ...]:
    version = reader.number() if reader.take(4) == MAGIC else 0
    if version not in {1, 2}:
        raise refusal("damaged")
    keys = []
    for _ in range(reader.count(MAX_ENTRIES)):
        tag, alias = reader.number(), clean(reader.text())
        reader.take(8)  # when it was made
        if tag == _PRIVATE_KEY:
            protected = reader.take(reader.number())
            chain = tuple(reader.certificate(version) for _ in range(reader.count(MAX_CHAIN)))
            keys.append(JksKey(alias, protected, chain))
        elif tag == _CERTIFICATE:
            reader.certificate(version)
        else:
            raise refusal("damaged")
    if reader.at != len(reader.data):
        raise refusal("damaged")
    return tuple(keys)


def _open(protected: bytes, password: str) -> bytes | None:
    stored = _stored(protected)
    salt, secret, check = stored[:_DIGEST], stored[_DIGEST:-_DIGEST], stored[-_DIGEST:]
    chars = _java_chars(password)
    stream, block = b"", salt
    while len(stream) < len(secret):
        block = hashlib.sha1(chars + block, usedforsecurity=False).digest()
        stream += block
    opened = bytes(one ^ other for one, other in zip(secret, stream, strict=False))
    found = hashlib.sha1(chars + opened, usedforsecurity=False).digest()
    return opened if hmac.compare_digest(found, check) else None


def _stored(protected: bytes) -> bytes:
    """What an EncryptedPrivateKeyInfo of this one algorithm holds: salt, key, digest."""
    try:
        outer = read_element(protected)
        algorithm, content = outer.children()
        oid = algorithm.children()[0]
    except (ParsingError, ValueError, IndexError):
        raise refusal("damaged") from None
    if outer.tag != SEQUENCE or oid.tag != OID or oid.value != _PROTECTION or content.tag != OCTET_STRING:
        raise refusal("damaged")
    if len(content.value) <= 2 * _DIGEST:
        raise refusal("damaged")
    if len(content.value) > MAX_KEY_BYTES + 2 * _DIGEST:
        raise refusal("key-too-large")
    return content.value


def _java_chars(password: str) -> bytes:
    return password.encode("utf-16-be", "surrogatepass")


def _modified_utf8(data: bytes) -> str:
    """Java writes NUL as two bytes, and what is beyond 16 bits as two surrogates of three bytes each."""
    try:
        text = data.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")
        return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be")
    except UnicodeDecodeError:
        raise refusal("damaged") from None
