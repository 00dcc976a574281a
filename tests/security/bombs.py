"""Small files that are expensive to read, each made here from its recipe."""

import base64
import os
import plistlib
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from tests.fuzz.trees import number, oid, sequence, tlv, with_numbers

PASSWORD = "export"
MOST = 2**31 - 1
_ROUNDS = 54_321
_DATA, _ENCRYPTED, _SIGNED = (f"1.2.840.113549.1.7.{last}" for last in (1, 6, 2))
_BAG = "1.2.840.113549.1.12.10.1"
_AES = "2.16.840.1.101.3.4.1.42"


def pem(der: bytes, label: str) -> bytes:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n".encode()


def pbkdf2(iterations: int, iv: bytes, salt: bytes = b"saltsalt", *, key_length: bytes = b"") -> bytes:
    """The AlgorithmIdentifier of PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC."""
    prf = sequence(oid("1.2.840.113549.2.9"), b"\x05\x00")
    kdf = sequence(oid("1.2.840.113549.1.5.12"), sequence(tlv(4, salt), number(iterations), key_length, prf))
    return _pbes2(kdf, iv)


def scrypt(n: int, r: int = 8, p: int = 1) -> bytes:
    parameters = sequence(tlv(4, b"saltsalt"), number(n), number(r), number(p))
    return _pbes2(sequence(oid("1.3.6.1.4.1.11591.4.11"), parameters), bytes(16))


def _pbes2(kdf: bytes, iv: bytes) -> bytes:
    return sequence(oid("1.2.840.113549.1.5.13"), sequence(kdf, sequence(oid(_AES), tlv(4, iv))))


def encrypted_key(algorithm: bytes) -> bytes:
    """An EncryptedPrivateKeyInfo with nothing true inside."""
    return sequence(algorithm, tlv(4, os.urandom(144)))


def p12_with_iterations(iterations: int) -> bytes:
    """A real .p12 of a fresh key that asks for this many iterations."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(_ROUNDS).hmac_hash(hashes.SHA256())
    real = pkcs12.serialize_key_and_certificates(b"x", key, None, None, builder.build(PASSWORD.encode()))
    bomb = with_numbers(real, _ROUNDS, iterations)
    assert bomb != real
    return bomb


def p12_of_bags(*bags: bytes, mac: bytes = b"") -> bytes:
    return _p12(_content(_DATA, tlv(4, sequence(*bags))), mac)


def bag(kind: int, value: bytes) -> bytes:
    return sequence(oid(f"{_BAG}.{kind}"), tlv(0xA0, value))


def p12_with_hidden(inner: bytes) -> bytes:
    """A .p12 that opens with PASSWORD at once, and holds a key encrypted by `inner` where no outline shows it."""
    iv, salt = os.urandom(16), os.urandom(16)
    bags = sequence(bag(2, encrypted_key(inner)))
    key = PBKDF2HMAC(hashes.SHA256(), 32, salt, 1000).derive(PASSWORD.encode())
    padder, encryptor = PKCS7(128).padder(), Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
    secret = encryptor.update(padder.update(bags) + padder.finalize()) + encryptor.finalize()
    info = sequence(oid(_DATA), pbkdf2(1000, iv, salt), tlv(0x80, secret))
    return _p12(_content(_ENCRYPTED, sequence(number(0), info)))


def pbmac1(iterations: int) -> bytes:
    """MacData whose own iterations are few, and those of the derivation inside it many (RFC 9579)."""
    kdf = sequence(oid("1.2.840.113549.1.5.12"), sequence(tlv(4, b"salt"), number(iterations), number(32)))
    algorithm = sequence(oid("1.2.840.113549.1.5.14"), sequence(kdf, sequence(oid("1.2.840.113549.2.9"))))
    return sequence(sequence(algorithm, tlv(4, bytes(32))), tlv(4, b"salt"), number(1))


def _p12(safe: bytes, mac: bytes = b"") -> bytes:
    return sequence(number(3), _content(_DATA, tlv(4, sequence(safe))), mac)


def _content(kind: str, content: bytes) -> bytes:
    return sequence(oid(kind), tlv(0xA0, content))


def profile(payload: bytes) -> bytes:
    """A signed file without signers around `payload`."""
    content = sequence(number(1), tlv(0x31, b""), _content(_DATA, tlv(4, payload)), tlv(0x31, b""))
    return _content(_SIGNED, content)


def binary_plist_dag(depth: int = 40) -> bytes:
    """A few hundred bytes that are 2^40 leaves once somebody walks them."""
    shared: Any = ["leaf"]
    for _ in range(depth):
        shared = [shared, shared]
    return plistlib.dumps({"UUID": shared}, fmt=plistlib.FMT_BINARY)


def deep_xml(depth: int = 20_000) -> bytes:
    inside = b"<array>" * depth + b"</array>" * depth
    return b'<?xml version="1.0" encoding="UTF-8"?><plist><dict><key>a</key>' + inside + b"</dict></plist>"


def wide_xml(count: int = 130_000) -> bytes:
    inside = b"<array>" + b"<true/>" * count + b"</array>"
    return b'<?xml version="1.0" encoding="UTF-8"?><plist><dict><key>a</key>' + inside + b"</dict></plist>"


def huge_rsa(bits: int = 262_144) -> bytes:
    """PKCS#8 of an RSA key whose modulus alone has this many bits; the rest of it is small."""
    key = sequence(number(0), number((1 << bits) - 1), *[number(65537)] * 7)
    return sequence(number(0), sequence(oid("1.2.840.113549.1.1.1"), b"\x05\x00"), tlv(4, key))


def certificate_with_key(public_key: bytes) -> bytes:
    """An X.509 certificate by its outline, with `public_key` (a SubjectPublicKeyInfo) in it and no true signature."""
    name, algorithm = sequence(), sequence(oid("1.2.840.113549.1.1.11"), b"\x05\x00")
    validity = sequence(tlv(0x17, b"260101000000Z"), tlv(0x17, b"270101000000Z"))
    body = sequence(tlv(0xA0, number(2)), number(5), algorithm, name, validity, name, public_key)
    return sequence(body, algorithm, tlv(3, bytes(257)))


def huge_rsa_public(bits: int = 262_144) -> bytes:
    key = sequence(number((1 << bits) - 1), number(65537))
    return sequence(sequence(oid("1.2.840.113549.1.1.1"), b"\x05\x00"), tlv(3, b"\0" + key))


def spelled_out_curve() -> bytes:
    """An EC key whose curve is given by parameters, as in CVE-2022-0778 (the prime is none)."""
    prime = 2**224 - 2**96 + 3
    field = sequence(oid("1.2.840.10045.1.1"), number(prime))
    curve = sequence(tlv(4, bytes(28)), tlv(4, bytes(28)))
    parameters = sequence(number(1), field, curve, tlv(4, b"\x02" + bytes(28)), number(prime))
    return sequence(sequence(oid("1.2.840.10045.2.1"), parameters), tlv(3, b"\0\x02" + bytes(28)))


def make_pem_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(serialization.Encoding.PEM, PrivateFormat.PKCS8, serialization.NoEncryption())
