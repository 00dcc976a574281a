"""The .p12 reader: what Keychain Access, openssl and keytool write is opened, and nothing costly ever starts."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID

from credentials.parsing import limits
from credentials.parsing.errors import ParsingError
from credentials.parsing.kdf_cost import MAX_ITERATIONS
from credentials.parsing.p12 import P12, parse_p12
from tests.fuzz.trees import number, with_numbers
from tests.security import bombs

PASSWORD = bombs.PASSWORD
KEY = rsa.generate_private_key(65537, 2048)
PEM, DER, PLAIN = serialization.Encoding.PEM, serialization.Encoding.DER, serialization.NoEncryption()
KEY_DER = KEY.private_bytes(DER, PrivateFormat.PKCS8, PLAIN)
ROUNDS = 54_321


def certificate(name: str) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, KEY.public_key(), 5)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    return builder.not_valid_after(datetime(2027, 1, 1, tzinfo=UTC)).sign(KEY, hashes.SHA256())


OWN, CHAIN = certificate("Own"), certificate("Chain")


def make(
    *,
    key: object = KEY,
    password: str = PASSWORD,
    name: bytes = b"Ada",
    pbe: pkcs12.PBES | None = None,
) -> bytes:
    builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(ROUNDS).hmac_hash(hashes.SHA256())
    if pbe is not None:
        builder = builder.key_cert_algorithm(pbe)
    encryption = builder.build(password.encode()) if password else PLAIN
    return pkcs12.serialize_key_and_certificates(name, key, OWN, [CHAIN], encryption)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("p12")
    (folder / "key.pem").write_bytes(KEY.private_bytes(PEM, PrivateFormat.PKCS8, PLAIN))
    (folder / "own.pem").write_bytes(OWN.public_bytes(PEM))
    return folder


def openssl(folder: Path, *arguments: str, password: str = PASSWORD) -> bytes:
    command = ["openssl", "pkcs12", "-export", "-inkey", "key.pem", "-in", "own.pem", "-name", "Ada"]
    made = subprocess.run(
        [*command, "-passout", f"pass:{password}", *arguments], cwd=folder, capture_output=True, check=True
    )
    return made.stdout


def refused(data: bytes, password: str = PASSWORD) -> str:
    with pytest.raises(ParsingError) as caught:
        parse_p12(data, password)
    assert caught.value.message.endswith(".")
    return caught.value.code


def check(found: P12) -> None:
    assert found.private_key == KEY_DER
    assert found.certificate is not None
    assert found.certificate.der == OWN.public_bytes(DER)


@pytest.mark.parametrize("pbe", [None, *pkcs12.PBES], ids=lambda pbe: pbe.name if pbe else "default")
def test_key_certificate_and_chain(pbe: pkcs12.PBES | None) -> None:
    found = parse_p12(make(pbe=pbe), PASSWORD)
    check(found)
    assert found.certificate is not None
    assert found.certificate.friendly_name == "Ada"
    assert [other.der for other in found.others] == [CHAIN.public_bytes(DER)]


@pytest.mark.parametrize("password", [PASSWORD, "", "pässwörd €"], ids=["word", "empty", "other letters"])
@pytest.mark.parametrize(
    "arguments",
    [
        [], ["-legacy"], ["-legacy", "-keypbe", "PBE-SHA1-RC2-40"], ["-macalg", "sha512"], ["-nomac"],
        ["-keypbe", "AES-256-CBC", "-certpbe", "NONE"], ["-keypbe", "NONE", "-certpbe", "NONE"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_openssl_exports(folder: Path, arguments: list[str], password: str) -> None:
    check(parse_p12(openssl(folder, *arguments, password=password), password))


def test_three_times_the_recommended_iterations_are_fine(folder: Path) -> None:
    check(parse_p12(openssl(folder, "-iter", "600000"), PASSWORD))


def test_an_elliptic_curve_key_is_fine() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    data = pkcs12.serialize_key_and_certificates(None, key, None, None, PLAIN)
    found = parse_p12(data)
    assert found.private_key == key.private_bytes(DER, PrivateFormat.PKCS8, PLAIN)
    assert found.certificate is None


def test_names_are_cleaned() -> None:
    found = parse_p12(make(name="A\u202ed\na\x00".encode() + b"x" * 500), PASSWORD)
    assert found.certificate is not None
    assert found.certificate.friendly_name.startswith("Ada")
    assert len(found.certificate.friendly_name) == 255


def test_the_key_is_not_in_the_repr() -> None:
    found = parse_p12(make(), PASSWORD)
    assert "private_key" not in repr(found)


REFUSED = {
    "empty": (b"", PASSWORD),
    "not-a-p12": (b"hello", PASSWORD),
    "too-large": (make() + bytes(limits.P12), PASSWORD),
    "trailing-data": (make() + b"\n", PASSWORD),
    "damaged-p12": (make()[:-1], PASSWORD),
    "indefinite-length": (b"\x30\x80\x02\x01\x03\x30\x80\x06\x09\x2a\xff\x00\x00", PASSWORD),
    "wrong-password": (make(), "another"),
    "password-needed": (make(), ""),
    "no-private-key": (pkcs12.serialize_key_and_certificates(None, None, OWN, None, PLAIN), ""),
    "several-keys": (bombs.p12_of_bags(bombs.bag(1, KEY_DER), bombs.bag(1, KEY_DER)), ""),
    "other-algorithm": (
        pkcs12.serialize_key_and_certificates(None, dsa.generate_private_key(2048), None, None, PLAIN),
        "",
    ),
    "key-too-large": (bombs.p12_of_bags(bombs.bag(1, bombs.huge_rsa())), ""),
    "unknown-encryption": (
        bombs.p12_of_bags(bombs.bag(2, bombs.encrypted_key(bombs.sequence(bombs.oid("1.2.3.4"))))),
        PASSWORD,
    ),
    "too-costly": (bombs.p12_with_iterations(bombs.MOST), PASSWORD),
}


@pytest.mark.parametrize("code", REFUSED)
def test_refusals(code: str) -> None:
    data, password = REFUSED[code]
    assert refused(data, password) == code


def test_only_certificates_under_a_password_hold_no_key() -> None:
    encryption = serialization.BestAvailableEncryption(PASSWORD.encode())
    assert (
        refused(pkcs12.serialize_key_and_certificates(None, None, OWN, None, encryption)) == "no-private-key"
    )


@pytest.mark.parametrize("size", [2**31 - 1, 2**31, 2**63, 2**64, 2**512, MAX_ITERATIONS + 1, 0, -1])
def test_iterations_that_no_file_needs(size: int) -> None:
    data = with_numbers(make(), ROUNDS, 1_000_003)
    data = with_numbers(data, 1_000_003, size) if size > 0 else _with_raw(data, size)
    assert refused(data) == ("too-costly" if size > 0 else "damaged-p12")


def _with_raw(data: bytes, size: int) -> bytes:
    old = number(1_000_003)
    return data.replace(old, b"\x02\x03" + size.to_bytes(3, "big", signed=True))


def bag_with(algorithm: bytes) -> bytes:
    return bombs.p12_of_bags(bombs.bag(2, bombs.encrypted_key(algorithm)))


@pytest.mark.parametrize(
    "data",
    [
        bag_with(bombs.scrypt(2**22)),
        bag_with(bombs.scrypt(2**14, 8, 1000)),
        bag_with(bombs.scrypt(2, 2**30)),
        bag_with(bombs.pbkdf2(1000, bytes(16), key_length=number(10**9))),
        bombs.p12_of_bags(*[bombs.bag(2, bombs.encrypted_key(bombs.pbkdf2(MAX_ITERATIONS // 2, bytes(16))))] * 3),
        bombs.p12_of_bags(bombs.bag(1, KEY_DER), mac=bombs.pbmac1(bombs.MOST)),
        bombs.p12_of_bags(bombs.bag(6, bombs.sequence(bombs.bag(2, bombs.encrypted_key(bombs.scrypt(2**22)))))),
    ],
    ids=["memory", "parallel", "block", "long key", "many bags", "PBMAC1", "bags in bags"],
)  # fmt: skip
def test_costs_are_read_before_anything_runs(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pkcs12, "load_pkcs12", lambda *_: pytest.fail("it was opened"))
    assert refused(data) == "too-costly"


def test_bags_are_not_followed_without_end() -> None:
    inside = bombs.bag(1, KEY_DER)
    for _ in range(50):
        inside = bombs.bag(6, bombs.sequence(inside))
    assert refused(bombs.p12_of_bags(inside)) == "damaged-p12"
