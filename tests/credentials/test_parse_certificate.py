"""The certificate reader, on leaves made like Apple's."""

import hashlib
import subprocess
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.parsing.certificate import parse_certificate
from credentials.parsing.errors import ParsingError
from credentials.parsing.limits import CERTIFICATE as MAX_BYTES
from tests.security import bombs

DER = serialization.Encoding.DER
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
APPLE = "1.2.840.113635.100."
ASN1_NULL = b"\x05\x00"
KEY = rsa.generate_private_key(65537, 2048)
SUBJECT = [
    (NameOID.USER_ID, "UID1234567"),
    (NameOID.COMMON_NAME, "Apple Development: Ada Lovelace (PERSON1234)"),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "TEAM567890"),
    (NameOID.ORGANIZATION_NAME, "Example Ltd."),
    (NameOID.COUNTRY_NAME, "GB"),
]


def certificate(
    *markers: str,
    serial: int = 0x0F5A44933E05F97D,
    subject: list[tuple[x509.ObjectIdentifier, str]] = SUBJECT,
) -> bytes:
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in subject])
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), serial)
    builder = builder.not_valid_before(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC))
    for marker in markers:
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(APPLE + marker), ASN1_NULL)
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(DER)


def refused(der: bytes) -> ParsingError:
    with pytest.raises(ParsingError) as caught:
        parse_certificate(der)
    return caught.value


def test_the_facts_of_a_certificate() -> None:
    der = certificate("6.1.2", "6.1.12")
    facts = parse_certificate(der)

    assert facts.serial_number == "F5A44933E05F97D"  # Apple's API does not pad it either
    assert facts.common_name == "Apple Development: Ada Lovelace (PERSON1234)"
    assert (facts.team_id, facts.organization) == ("TEAM567890", "Example Ltd.")
    assert facts.not_before == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert facts.not_after == datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert facts.sha1 == hashlib.sha1(der).hexdigest()  # noqa: S324 - a name, as keychains print it
    assert facts.sha256 == hashlib.sha256(der).hexdigest()
    assert facts.public_key_sha256 == hashlib.sha256(KEY.public_key().public_bytes(DER, SPKI)).hexdigest()
    assert facts.apple_type == "DEVELOPMENT"
    assert not facts.is_cloud_managed


@pytest.mark.parametrize(
    ("markers", "apple_type"),
    [
        (["6.1.2", "6.1.12"], "DEVELOPMENT"),
        (["6.1.7", "6.1.4"], "DISTRIBUTION"),
        (["6.1.2"], "IOS_DEVELOPMENT"),
        (["6.1.4"], "IOS_DISTRIBUTION"),
        (["6.1.12"], "MAC_APP_DEVELOPMENT"),
        (["6.1.7"], "MAC_APP_DISTRIBUTION"),
        (["6.1.8"], "MAC_INSTALLER_DISTRIBUTION"),
        (["6.1.13", "6.1.18"], "DEVELOPER_ID_KEXT"),
        (["6.1.13", "6.1.33"], "DEVELOPER_ID_APPLICATION"),
        (["6.1.14", "6.1.33"], "DEVELOPER_ID_INSTALLER"),
        (["6.1.16"], "PASS_TYPE_ID"),
        (["6.1.17"], "WEBSITE_PUSH"),
        (["6.3.1"], "APNS_SANDBOX"),
        (["6.3.1", "6.3.2", "6.3.6"], "APNS_PRODUCTION_OR_UNIVERSAL"),
        (["6.32"], "APPLE_PAY"),
        (["6.1.999"], ""),
        ([], ""),
    ],
)
def test_the_type_follows_apples_markers(markers: list[str], apple_type: str) -> None:
    assert parse_certificate(certificate(*markers)).apple_type == apple_type


def test_cloud_managed_certificates_are_known_by_their_marker() -> None:
    facts = parse_certificate(certificate("6.1.4", "6.1.7", "6.1.32"))

    assert facts.is_cloud_managed
    assert facts.apple_type == "DISTRIBUTION"


def test_bytes_after_the_certificate_are_cut_off() -> None:
    der = certificate("6.1.4")

    assert parse_certificate(der + b"\n\0\0") == parse_certificate(der)


def test_a_subject_without_the_parts_gives_empty_text() -> None:
    facts = parse_certificate(certificate(subject=[(NameOID.USER_ID, "com.example.app")]))

    assert (facts.common_name, facts.team_id, facts.organization) == ("", "", "")


def test_names_lose_control_characters() -> None:
    subject = [(NameOID.COMMON_NAME, "evil\u202e\x1b[31m name")]

    assert parse_certificate(certificate(subject=subject)).common_name == "evil[31m name"


def test_an_elliptic_curve_certificate_of_openssl_is_read() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    command = [
        "openssl",
        "req",
        "-x509",
        "-new",
        "-key",
        "/dev/stdin",
        "-subj",
        "/CN=Merchant",
        "-outform",
        "DER",
    ]
    made = subprocess.run(command, input=pem, capture_output=True, check=True)

    facts = parse_certificate(made.stdout)

    assert facts.common_name == "Merchant"
    assert facts.public_key_sha256 == hashlib.sha256(key.public_key().public_bytes(DER, SPKI)).hexdigest()


@pytest.mark.parametrize("der", [b"", b"\x30", b"hello", bytes(MAX_BYTES + 1), b"\x30\x03\x02\x01\x00"])
def test_anything_else_is_refused(der: bytes) -> None:
    error = refused(der)

    assert error.code == "not-a-certificate"
    assert error.message.endswith(".")


def test_a_truncated_certificate_is_refused() -> None:
    der = certificate("6.1.4")

    for length in range(0, len(der) - 1, 41):
        assert refused(der[:length]).code == "not-a-certificate"


def test_repeated_extensions_are_refused() -> None:
    der = certificate("6.1.4", "6.1.7")

    assert refused(der.replace(b"\x64\x06\x01\x07", b"\x64\x06\x01\x04")).code == "not-a-certificate"


SAMPLE = certificate("6.1.4", "6.1.7")


@pytest.mark.filterwarnings(
    "ignore::cryptography.utils.CryptographyDeprecationWarning"
)  # of a negative serial
@given(st.integers(0, len(SAMPLE) - 1), st.integers(1, 255))
@settings(max_examples=500)
def test_a_damaged_certificate_is_read_or_refused_but_never_more(at: int, flip: int) -> None:
    damaged = SAMPLE[:at] + bytes([SAMPLE[at] ^ flip]) + SAMPLE[at + 1 :]
    try:
        parse_certificate(damaged)
    except ParsingError as error:
        assert error.code == "not-a-certificate"  # noqa: PT017 - reading it is fine too, other errors are not


@pytest.mark.parametrize(
    "public_key",
    [
        bombs.huge_rsa_public(),
        bombs.huge_rsa_public(17_000),
        bombs.spelled_out_curve(),
        bombs.sequence(),
        b"\x05\x00",
    ],
    ids=["262,144 bits", "17,000 bits", "spelled out curve", "empty", "none"],
)
def test_keys_beyond_all_use_are_refused_by_their_outline(
    public_key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(x509, "load_der_x509_certificate", lambda der: pytest.fail("it was loaded"))
    assert refused(bombs.certificate_with_key(public_key)).code == "not-a-certificate"


def test_keys_of_4096_bits_are_fine() -> None:
    assert parse_certificate(bombs.certificate_with_key(bombs.huge_rsa_public(4096))).serial_number == "5"
