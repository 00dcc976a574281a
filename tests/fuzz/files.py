"""Real files to start from, made anew for each run: no key is ever kept."""

import json
import plistlib
import subprocess
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs7, pkcs12
from cryptography.x509.oid import NameOID

from credentials.making.pkcs12 import write_pkcs12
from tests.credentials import device_answers as answers
from tests.credentials.keystores import jks, self_signed
from tests.security import bombs

PEM, DER, PLAIN = serialization.Encoding.PEM, serialization.Encoding.DER, serialization.NoEncryption()
ENTITIES = (
    b'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE plist [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    b"<plist><dict><key>&b;</key></dict></plist>"
)


@cache
def keys() -> dict[str, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey]:
    return {
        "P-256": ec.generate_private_key(ec.SECP256R1()),
        "P-384": ec.generate_private_key(ec.SECP384R1()),
        "RSA": rsa.generate_private_key(65537, 2048),
        "Ed25519": ed25519.Ed25519PrivateKey.generate(),
    }


@cache
def certificate(with_extensions: bool = True) -> x509.Certificate:
    key = keys()["RSA"]
    assert isinstance(key, rsa.RSAPrivateKey)
    words = [
        (NameOID.COMMON_NAME, "Apple Distribution: Ada"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "TEAM567890"),
    ]
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in words])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 0x0F5A44933E05F97D)
    builder = builder.not_valid_before(datetime(2026, 1, 2, tzinfo=UTC)).not_valid_after(
        datetime(2027, 1, 2, tzinfo=UTC)
    )
    if with_extensions:
        builder = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(*[True] + [False] * 8), critical=True)
            .add_extension(x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.3")]), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("example.com")]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.840.113635.100.6.1.4"), b"\x05\x00"),
                critical=True,
            )
        )
    return builder.sign(key, hashes.SHA256())


@cache
def p8_ders() -> tuple[bytes, ...]:
    """What stands inside a .p8: good keys, other keys, keys with a password."""
    made = [key.private_bytes(DER, PrivateFormat.PKCS8, PLAIN) for key in keys().values()]
    locked = serialization.BestAvailableEncryption(b"x")
    made.append(keys()["P-256"].private_bytes(DER, PrivateFormat.PKCS8, locked))
    return (*made[:1] * 3, *made, bombs.encrypted_key(bombs.scrypt(2**14)))


@cache
def certificates() -> tuple[bytes, ...]:
    return (
        certificate().public_bytes(DER),
        certificate(with_extensions=False).public_bytes(DER),
        bombs.certificate_with_key(bombs.huge_rsa_public(4096)),
        bombs.certificate_with_key(bombs.spelled_out_curve()),
    )


@cache
def p12s() -> tuple[bytes, ...]:
    """By cryptography, by openssl and by hand; cheap to open, so that many can be."""
    made = []
    for pbe in pkcs12.PBES:
        builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(5).key_cert_algorithm(pbe)
        encryption = builder.hmac_hash(hashes.SHA256()).build(bombs.PASSWORD.encode())
        made.append(_p12("P-256", encryption))
    made += [_p12("RSA", PLAIN), _p12("P-256", PLAIN), bombs.p12_with_hidden(bombs.pbkdf2(5, bytes(16)))]
    key = keys()["P-256"].private_bytes(DER, PrivateFormat.PKCS8, PLAIN)
    made.append(bombs.p12_of_bags(bombs.bag(1, key), bombs.bag(6, bombs.sequence(bombs.bag(1, key)))))
    made.append(bombs.p12_of_bags(bombs.bag(1, key), mac=bombs.pbmac1(5)))
    made.append(bombs.p12_of_bags(bombs.bag(2, bombs.encrypted_key(bombs.scrypt(2)))))
    return (*made, *_by_openssl())


@cache
def keystores() -> tuple[bytes, ...]:
    """Android's: both types, with one alias, several, and none."""
    one = self_signed("one", keys()["RSA"])
    two = self_signed("zwei-\u00fc-\U0001f600", keys()["P-256"])
    of_jks = jks(bombs.PASSWORD, (one, bombs.PASSWORD), (two, "another"), trusted=one.chain)
    return (
        of_jks,
        jks(bombs.PASSWORD, (two, bombs.PASSWORD), version=1),
        write_pkcs12([one, two], bombs.PASSWORD),
        write_pkcs12([two], bombs.PASSWORD),
        *p12s(),
    )


@cache
def json_keys() -> tuple[bytes, ...]:
    """Google's and Huawei's, as far as their readers look."""
    pem = keys()["RSA"].private_bytes(PEM, PrivateFormat.PKCS8, PLAIN).decode()
    google = {"type": "service_account", "client_email": "a@b.c", "project_id": "p", "private_key": pem}
    huawei = {"project_id": "1", "key_id": "2", "private_key": pem, "sub_account": "3", "region": "DE"}
    client = {"type": "team_client_id", "client_id": "1", "client_secret": "s", "developer_id": "2"}
    return tuple(json.dumps(each).encode() for each in (google, huawei, client))


def _p12(key: str, encryption: serialization.KeySerializationEncryption) -> bytes:
    private = keys()[key]
    own = certificate() if key == "RSA" else None
    return pkcs12.serialize_key_and_certificates(b"Ada", private, own, [certificate(False)], encryption)


def _by_openssl() -> list[bytes]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "key.pem").write_bytes(keys()["RSA"].private_bytes(PEM, PrivateFormat.PKCS8, PLAIN))
        (folder / "own.pem").write_bytes(certificate().public_bytes(PEM))
        command = ["openssl", "pkcs12", "-export", "-inkey", "key.pem", "-in", "own.pem", "-iter", "5"]
        command += ["-passout", f"pass:{bombs.PASSWORD}"]
        return [
            subprocess.run([*command, *options], cwd=folder, capture_output=True, check=True).stdout
            for options in ([], ["-legacy"], ["-nomac"], ["-macalg", "sha512"])
        ]


@cache
def plists() -> tuple[bytes, ...]:
    facts = {
        "ApplicationIdentifierPrefix": ["ABCDE12345"],
        "CreationDate": datetime(2026, 3, 1, 10, 20, 30),  # noqa: DTZ001 - property lists write no zone
        "ExpirationDate": datetime(2027, 3, 1, 10, 20, 30),  # noqa: DTZ001
        "Platform": ["iOS", "xrOS"],
        "IsXcodeManaged": False,
        "DeveloperCertificates": [certificate().public_bytes(DER), b"second"],
        "Entitlements": {"application-identifier": "ABCDE12345.com.example.*", "get-task-allow": False},
        "Name": "Example Ad Hoc",
        "ProvisionedDevices": ["00008030-001A2B3C4D5E6F70", "a" * 40],
        "TeamIdentifier": ["TEAM567890"],
        "UUID": "11111111-2222-3333-4444-555555555555",
        "Version": 1,
    }
    return (
        *[plistlib.dumps(facts)] * 3,
        bombs.binary_plist_dag(),
        bombs.deep_xml(40),
        bombs.wide_xml(200),
        ENTITIES,
    )


@cache
def device_answers() -> tuple[bytes, ...]:
    signed = answers.signed(answers.told(), kind="RSA")
    bare = answers.signed(answers.told(), pkcs7.PKCS7Options.NoAttributes)
    # The first with its outermost length left open
    return (signed, bare, b"\x30\x80" + signed[4:] + b"\0\0")


@cache
def profiles() -> tuple[bytes, ...]:
    key = keys()["RSA"]
    assert isinstance(key, rsa.RSAPrivateKey)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(plists()[0])
    signed = builder.add_signer(certificate(), key, hashes.SHA256()).sign(DER, [pkcs7.PKCS7Options.Binary])
    return (signed, *(bombs.profile(payload) for payload in plists()))
