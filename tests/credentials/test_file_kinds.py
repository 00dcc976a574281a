"""What a file is told by its content, and nothing in it is opened for that."""

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import PrivateFormat

from credentials.making.match_encryption import encrypt_for_match
from credentials.parsing import file_kinds
from credentials.parsing.file_kinds import file_kind
from tests import factories
from tests.credentials.kind_uploads import service_account
from tests.credentials.signing_material import DER, PEM, bare_key, certificate, key, p12, pkcs8, profile
from tests.security import bombs

LOCK = serialization.BestAvailableEncryption(b"x")
EAS_TARGET = {"provisioningProfilePath": "a", "distributionCertificate": {"path": "b", "password": ""}}
KINDS = [
    ("p12", "a.p12", p12()),
    ("p12", "no ending", p12(0, "secret")),
    ("keystore", "release.keystore", p12(0, "secret")),
    ("keystore", "upload.jks", b"\xfe\xed\xfe\xed\x00\x00\x00\x02"),
    ("keystore", "renamed.p12", b"\xfe\xed\xfe\xed\x00\x00\x00\x02"),
    ("certificate", "a.cer", certificate()),
    ("certificate", "profile.mobileprovision", certificate()),
    ("certificate", "a.pem", bombs.pem(certificate(), "CERTIFICATE")),
    ("private-key", "a.p12", bare_key()),
    ("private-key", "key.der", pkcs8()),
    ("private-key", "key.pem", key().private_bytes(PEM, PrivateFormat.PKCS8, serialization.NoEncryption())),
    ("locked-key", "key.pem", key().private_bytes(PEM, PrivateFormat.PKCS8, LOCK)),
    ("locked-key", "key.pem", key().private_bytes(PEM, PrivateFormat.TraditionalOpenSSL, LOCK)),
    ("locked-key", "key.der", key().private_bytes(DER, PrivateFormat.PKCS8, LOCK)),
    ("p8", "AuthKey_ABCDE12345.p8", factories.make_p8()),
    ("profile", "a.mobileprovision", profile()),
    ("service-account", "play.json", service_account()),
    ("google-services", "google-services.json", b'{"project_info": {}, "client": []}'),
    ("credentials-json", "credentials.json", json.dumps({"ios": EAS_TARGET}).encode()),
    ("credentials-json", "c.json", json.dumps({"ios": {"App": EAS_TARGET}}).encode()),
    ("credentials-json", "c.json", b'{"android": {"keystore": {}}}'),
    ("other", "package.json", b'{"ios": 5}'),
    ("other", "deep.json", b"{" * 40_000),
    ("match-v1", "a.cer", encrypt_for_match(certificate(), "x", version=1)),
    ("match-v2", "a.cer", encrypt_for_match(certificate(), "x")),
    ("archive", "inner.zip", b"PK\x03\x04" + bytes(9)),
    ("other", "README.md", b"## match"),
    ("other", "chain.pem", bombs.pem(certificate(), "CERTIFICATE") + bare_key()),
    ("other", "empty", b""),
    ("other", "noise", b"\x30\x82\xff\xff\x00"),
    ("private-key", "broken.pem", b"-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "path", "content"), KINDS, ids=[f"{n}-{row[1]}" for n, row in enumerate(KINDS)]
)
def test_kinds(kind: str, path: str, content: bytes) -> None:
    assert file_kind(path, content) == kind


def test_a_costly_key_is_named_without_being_opened() -> None:
    assert file_kind("a.p12", bombs.p12_with_iterations(bombs.MOST)) == file_kinds.P12
