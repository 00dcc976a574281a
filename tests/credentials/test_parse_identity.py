"""The signing identity reader: which certificate of a file is the key's, and why a file is none."""

import hashlib
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from credentials.parsing.errors import ParsingError
from credentials.parsing.identity import parse_identity
from tests.credentials.apple_files import NOW, PASSWORD, PEM, cer, certificate, key, key_der, p12, unmarked
from tests.security import bombs


def refused(data: bytes, password: str = PASSWORD) -> ParsingError:
    with pytest.raises(ParsingError) as caught:
        parse_identity(data, password)
    assert caught.value.message.endswith(".")
    return caught.value


@pytest.mark.parametrize("password", [PASSWORD, ""], ids=["with a password", "with an empty one"])
def test_a_p12(password: str) -> None:
    own = certificate()
    found = parse_identity(p12(own, password=password), password)
    assert found.private_key == key_der()
    assert found.certificate == cer(own)
    assert found.facts.sha256 == hashlib.sha256(cer(own)).hexdigest()
    assert found.facts.apple_type == "DISTRIBUTION"
    assert "private_key" not in repr(found)


def test_of_several_certificates_the_one_with_the_keys_public_key() -> None:
    own = certificate(name="Own")
    chain = [certificate(key(1), name="Another"), certificate(key(2), "6.2.1", name="Chain")]
    assert parse_identity(p12(own, chain), PASSWORD).facts.common_name == "Own"
    # Some tools do not say which one is the key's
    assert parse_identity(p12(None, [*chain, own]), PASSWORD).facts.common_name == "Own"


@pytest.mark.parametrize("new_first", [True, False], ids=["new first", "old first"])
def test_of_two_for_the_same_key_the_one_that_ends_last(new_first: bool) -> None:
    old, new = certificate(name="Old", ends=NOW - timedelta(days=1)), certificate(name="New")
    file = p12(new, [old]) if new_first else p12(old, [new])
    assert parse_identity(file, PASSWORD).facts.common_name == "New"


@pytest.mark.parametrize("extra", [b"", b"\n\0more"], ids=["as it is", "with bytes behind it"])
def test_a_certificate_alone(extra: bytes) -> None:
    own = certificate()
    found = parse_identity(cer(own) + extra)
    assert (found.private_key, found.certificate) == (b"", cer(own))


def test_a_certificate_as_text() -> None:
    own = certificate()
    assert parse_identity(own.public_bytes(PEM)).certificate == cer(own)


@pytest.mark.parametrize(
    ("code", "says", "file", "password"),
    [
        ("wrong-password", "does not open this file", p12(), "another"),
        ("password-needed", "needs its password", p12(), ""),
        ("no-certificate", "and no certificate", p12(None, []), PASSWORD),
        ("key-does-not-match", "none of the certificates", p12(None, [certificate(key(1))]), PASSWORD),
        ("not-apples", "not issued by Apple", p12(unmarked()), PASSWORD),
        ("not-apples", "not issued by Apple", cer(unmarked()), ""),
        ("not-apples", "not issued by Apple", cer(certificate(None, "6.2.1")), ""),
        ("not-an-identity", "neither a .p12 file", b"", ""),
        ("not-an-identity", "neither a .p12 file", b"PK\x03\x04rest", ""),
        ("not-an-identity", "neither a .p12 file", key_der(), ""),
        ("too-large", "larger than 128 KiB", b"\x30" * (128 * 1024 + 1), ""),
        ("damaged-p12", "damaged or was cut short", p12()[:-5], PASSWORD),
    ],
    ids=["wrong password", "no password", "key alone", "another's certificate", "not Apple's", "not Apple's .cer",
         "Apple's authority", "empty", "zip", "bare key", "too large", "cut short"],
)  # fmt: skip
def test_each_refusal_has_its_own_words(code: str, says: str, file: bytes, password: str) -> None:
    error = refused(file, password)
    assert error.code == code
    assert says in error.message


def test_certificates_without_a_key() -> None:
    lock = serialization.BestAvailableEncryption(PASSWORD.encode())
    alone = pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(certificate(), b"x")], lock)
    assert refused(alone).code == "no-private-key"


def test_two_keys() -> None:
    two = bombs.p12_of_bags(bombs.bag(1, key_der()), bombs.bag(1, key_der(key(1))))
    assert refused(two).code == "several-keys"


@pytest.mark.parametrize(
    ("marks", "kind"),
    [(("6.3.2", "6.3.1"), "APNS_PRODUCTION_OR_UNIVERSAL"), (("6.1.13",), "DEVELOPER_ID_APPLICATION"),
     (("6.1.99",), "")],
    ids=["push", "Developer ID", "one that is new"],
)  # fmt: skip
def test_every_kind_that_apple_issues_is_taken(marks: tuple[str, ...], kind: str) -> None:
    assert parse_identity(p12(certificate(None, *marks)), PASSWORD).facts.apple_type == kind
