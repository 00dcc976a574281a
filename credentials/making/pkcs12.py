"""A PKCS12 keystore with several keys (RFC 7292), which cryptography's own writer cannot make.

Keys are encrypted with AES-256 (PBES2), the file is authenticated with HMAC-SHA256: what keytool writes since Java 16.
Certificates stand open in it. All passwords are one, since Java and Android's tools ask for that.
"""

import hashlib
import hmac
import os
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization

from .der import explicit, number, octets, oid, sequence, set_of, tlv

_DATA = "2a864886f70d010701"
_SHROUDED_KEY, _CERTIFICATE = "2a864886f70d010c0a0102", "2a864886f70d010c0a0103"
_X509 = "2a864886f70d01091601"
_FRIENDLY_NAME, _LOCAL_KEY_ID = "2a864886f70d010914", "2a864886f70d010915"
_SHA256 = "608648016503040201"
_ITERATIONS = 10_000  # Java's own
_BLOCK = 64  # bytes of SHA-256's input block
_MAC_KEY = 3


class Entry(NamedTuple):
    """`private_key` is PKCS#8 in DER; `chain` are certificates in DER, the key's own first."""

    alias: str
    private_key: bytes
    chain: tuple[bytes, ...]


def write_pkcs12(entries: list[Entry], password: str) -> bytes:
    keys = [_key_bag(entry, number_, password) for number_, entry in enumerate(entries, 1)]
    certificates: dict[bytes, bytes] = {}  # a chain that several aliases share is written once
    for number_, entry in enumerate(entries, 1):
        own, *issuers = entry.chain
        certificates[own] = _bag(_CERTIFICATE, _certificate(own), _attributes(entry.alias, number_))
        for issuer in issuers:
            certificates.setdefault(issuer, _bag(_CERTIFICATE, _certificate(issuer)))
    safes = sequence(_data(sequence(*keys)), _data(sequence(*certificates.values())))
    return sequence(number(3), _data(safes), _mac(safes, password))


def _key_bag(entry: Entry, local_id: int, password: str) -> bytes:
    key = serialization.load_der_private_key(entry.private_key, None)
    shrouded = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password.encode()),
    )
    return _bag(_SHROUDED_KEY, shrouded, _attributes(entry.alias, local_id))


def _certificate(der: bytes) -> bytes:
    return sequence(oid(_X509), explicit(octets(der)))


def _attributes(alias: str, local_id: int) -> bytes:
    name = tlv(0x1E, alias.encode("utf-16-be"))
    return set_of(
        sequence(oid(_FRIENDLY_NAME), set_of(name)),
        sequence(oid(_LOCAL_KEY_ID), set_of(octets(local_id.to_bytes(4, "big")))),
    )


def _bag(kind: str, value: bytes, attributes: bytes = b"") -> bytes:
    return sequence(oid(kind), explicit(value), attributes)


def _data(content: bytes) -> bytes:
    return sequence(oid(_DATA), explicit(octets(content)))


def _mac(content: bytes, password: str) -> bytes:
    salt = os.urandom(20)
    digest = hmac.digest(_mac_key(password, salt), content, "sha256")
    info = sequence(sequence(oid(_SHA256), b"\x05\x00"), octets(digest))
    return sequence(info, octets(salt), number(_ITERATIONS))


def _mac_key(password: str, salt: bytes) -> bytes:
    """RFC 7292, appendix B.2, for a key of one digest's length."""
    block = bytes([_MAC_KEY]) * _BLOCK + _filled(salt) + _filled((password + "\0").encode("utf-16-be"))
    for _ in range(_ITERATIONS):
        block = hashlib.sha256(block).digest()
    return block


def _filled(text: bytes) -> bytes:
    """Repeated to whole blocks."""
    length = -(-len(text) // _BLOCK) * _BLOCK
    return (text * (length // len(text) + 1))[:length]
