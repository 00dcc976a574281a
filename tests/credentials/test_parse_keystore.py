"""The reader of Android keystores: JKS and PKCS12, with one alias or several."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519
from cryptography.hazmat.primitives.serialization import pkcs12

from credentials.making.pkcs12 import Entry, write_pkcs12
from credentials.parsing import limits
from credentials.parsing.errors import ParsingError
from credentials.parsing.keystore import Keystore, parse_keystore
from tests.credentials.keystores import jks, protect, self_signed
from tests.security import bombs

PASSWORD, OTHER = "keystore", "of the key"
ONE, TWO = self_signed("one"), self_signed("zwei-ü-😀", ec.generate_private_key(ec.SECP256R1()), until=2030)
ED25519 = self_signed("three", ec.generate_private_key(ec.SECP256R1()))._replace(
    private_key=ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
)


def of_jks(*entries: Entry) -> bytes:
    return jks(PASSWORD, *[(entry, PASSWORD) for entry in entries])


def of_pkcs12(*entries: Entry) -> bytes:
    return write_pkcs12(list(entries), PASSWORD)


BOTH = pytest.mark.parametrize(
    ("kind", "made"), [("JKS", of_jks), ("PKCS12", of_pkcs12)], ids=["JKS", "PKCS12"]
)
Make = Callable[..., bytes]


def refused(data: bytes, password: str = PASSWORD, alias: str = "", key_password: str = "") -> ParsingError:
    with pytest.raises(ParsingError) as caught:
        parse_keystore(data, password, alias, key_password)
    assert caught.value.message.endswith(".")
    return caught.value


def aliases(keystore: Keystore) -> list[str]:
    return [entry.alias for entry in keystore.entries]


@BOTH
def test_the_facts_of_each_alias(kind: str, made: Make) -> None:
    found = parse_keystore(made(ONE, TWO), PASSWORD)
    assert (found.type, aliases(found), found.closed) == (kind, ["one", "zwei-ü-😀"], ())
    first, second = found.entries
    assert first.sha256.replace(":", "") == hashlib.sha256(ONE.chain[0]).hexdigest().upper()
    assert (first.sha1[2], len(first.sha1), len(first.md5)) == (":", 59, 47)
    assert (first.algorithm, first.subject) == ("RSA, 2048 bits", "CN=one")
    assert second.algorithm == "Elliptic curve, secp256r1"
    assert second.not_after == datetime(2030, 1, 1, tzinfo=UTC)
    assert [each.private_key for each in found.entries] == [ONE.private_key, TWO.private_key]
    assert {each.key_password for each in found.entries} == {PASSWORD}


@BOTH
def test_one_alias_alone_whatever_its_case(kind: str, made: Make) -> None:
    found = parse_keystore(made(ONE, TWO), PASSWORD, alias="ZWEI-Ü-😀")
    assert aliases(found) == ["zwei-ü-😀"]
    assert found.closed == ("one",)


@BOTH
def test_secrets_are_not_in_the_repr(kind: str, made: Make) -> None:
    shown = repr(parse_keystore(made(ONE), PASSWORD))
    assert PASSWORD not in shown
    assert "private_key" not in shown


@BOTH
@pytest.mark.parametrize(
    ("code", "options", "said"),
    [
        ("wrong-password", {"password": "another"}, "storePassword"),
        ("password-needed", {"password": ""}, "Type the keystore's password"),
        ("wrong-key-password", {"key_password": "another"}, "“one”"),
        ("no-alias", {"alias": "three"}, "There is: “one”, “zwei-ü-😀”."),
    ],
)
def test_what_was_typed_wrong(kind: str, made: Make, code: str, options: dict[str, str], said: str) -> None:
    error = refused(made(ONE, TWO), **options)
    assert error.code == code
    assert said in error.message


def test_keys_with_passwords_of_their_own() -> None:
    data = jks(PASSWORD, (ONE, OTHER), (TWO, PASSWORD))
    found = parse_keystore(data, PASSWORD, key_password=OTHER)
    assert [each.key_password for each in found.entries] == [OTHER, PASSWORD]
    assert aliases(parse_keystore(data, PASSWORD, alias=TWO.alias)) == [TWO.alias]
    assert refused(data).code == "key-password-needed"
    assert refused(data, alias=TWO.alias, key_password=OTHER).code == "wrong-key-password"
    all_differ = jks(PASSWORD, (ONE, OTHER), (TWO, "a third"))
    error = refused(all_differ, key_password=OTHER)
    assert (error.code, TWO.alias in error.message) == ("wrong-key-password", True)
    assert "once for each alias" in error.message


def test_other_letters_in_passwords_and_the_first_version_of_the_format() -> None:
    data = jks("pässwörd €", (ONE, "schlüssel"), version=1)
    assert aliases(parse_keystore(data, "pässwörd €", key_password="schlüssel")) == ["one"]


@BOTH
def test_dsa_keys_of_old_apps(kind: str, made: Make) -> None:
    old = self_signed("old", dsa.generate_private_key(1024))  # noqa: S505
    assert parse_keystore(made(old), PASSWORD).entries[0].algorithm == "DSA, 1024 bits"


def test_an_expired_one_is_read() -> None:
    found = parse_keystore(of_jks(self_signed("past", until=2021)), PASSWORD)
    assert found.entries[0].not_after.year == 2021


@BOTH
def test_the_chain_follows_its_certificate(kind: str, made: Make) -> None:
    found = parse_keystore(made(ONE._replace(chain=(*ONE.chain, *TWO.chain))), PASSWORD)
    assert found.entries[0].chain[0] == ONE.chain[0]


def test_a_key_in_an_encrypted_list_and_without_a_name() -> None:
    key = serialization.load_der_private_key(ONE.private_key, None)
    made = pkcs12.serialize_key_and_certificates(
        None,
        key,
        None,
        None,
        serialization.BestAvailableEncryption(PASSWORD.encode()),  # type: ignore[arg-type]
    )
    assert refused(made).code == "no-certificate"
    assert "“1”" in refused(made).message


PEM = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
REFUSED = {
    "empty": [b""],
    "too-large": [of_jks(ONE) + bytes(limits.KEYSTORE), b"x" * (limits.KEYSTORE + 1)],
    "archive": [b"PK\x03\x04" + bytes(40), b"PK\x03\x04" + bytes(limits.KEYSTORE), b"\x1f\x8b" + bytes(40)],
    "pem": [PEM],
    "text": [b"storePassword=hush\n", b"/u3+7QAAAAIAAAAB"],
    "jceks": [b"\xce\xce\xce\xce\0\0\0\x02"],
    "bks": [b"\0\0\0\x01\0\0\0\x14" + bytes(40), b"\0\0\0\x02\0\0\0\x14" + bytes(40)],
    "not-a-keystore": [b"\x80\x81\x82", ONE.private_key, b"\0" * 10],
    "indefinite-length": [b"\x30\x80\x02\x01\x03\x30\x80\x06\x09\x2a\xff\x00\x00"],
    "damaged": [
        of_jks(ONE)[:-40],
        of_jks(ONE)[:8],
        b"\xfe\xed\xfe\xed\0\0\0\x02\xff\xff\xff\xff" + bytes(20),
        b"\xfe\xed\xfe\xed\0\0\0\x09" + bytes(24),
        of_pkcs12(ONE)[:-1],
        of_pkcs12(ONE) + b"\n",
    ],
    "no-private-key": [jks(PASSWORD, trusted=ONE.chain), jks(PASSWORD), write_pkcs12([], PASSWORD)],
    "no-certificate": [
        of_jks(ONE._replace(chain=TWO.chain)),
        of_jks(ONE._replace(chain=())),
        of_pkcs12(ONE._replace(chain=TWO.chain)),
    ],
    "other-algorithm": [of_jks(ED25519)],
    "key-too-large": [bombs.p12_of_bags(bombs.bag(1, bombs.huge_rsa()))],
    "unknown-encryption": [
        bombs.p12_of_bags(bombs.bag(2, bombs.encrypted_key(bombs.sequence(bombs.oid("1.2.3.4")))))
    ],
    "too-costly": [
        bombs.p12_with_iterations(bombs.MOST),
        bombs.p12_of_bags(bombs.bag(2, bombs.encrypted_key(bombs.pbkdf2(1_100_000, bytes(16))))),
    ],
    "wrong-password": [of_jks(ONE)[:-1] + b"x"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "data"),
    [(code, data) for code, files in REFUSED.items() for data in files],
    ids=[f"{code}-{number}" for code, files in REFUSED.items() for number in range(len(files))],
)
def test_refusals(code: str, data: bytes) -> None:
    assert refused(data).code == code


def test_costs_are_read_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pkcs12, "load_pkcs12", lambda *_: pytest.fail("it was opened"))
    for data in REFUSED["too-costly"]:
        assert refused(data).code == "too-costly"


@BOTH
def test_no_cut_and_no_changed_byte_gets_through(kind: str, made: Make) -> None:
    data = made(TWO)
    whole = parse_keystore(data, PASSWORD)
    for at in range(0, len(data), 7):
        assert refused(data[:at]).code
        changed = bytearray(data)
        changed[at] ^= 0x55
        try:
            found = parse_keystore(bytes(changed), PASSWORD)
        except ParsingError:
            continue
        assert found == whole  # a byte that says nothing, such as an algorithm's absent parameters
        assert kind == "PKCS12"


def test_a_huge_key_in_a_jks_is_not_loaded() -> None:
    huge = ONE._replace(private_key=bombs.huge_rsa())
    assert len(protect(huge.private_key, PASSWORD)) > 30_000
    assert refused(of_jks(huge)).code == "key-too-large"
