"""Certificates at the sandbox: issued for a signing request, limited, revoked."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from appstore.sandbox.authority import authority
from appstore.sandbox.server import Sandbox
from tests.appstore.writing import Writer, der, made, pem, private_key, refusal, signing_request, writer

pytest_plugins = ["tests.appstore.test_sandbox_support"]


@pytest.fixture
def apple(start_sandbox: Callable[..., Sandbox]) -> Writer:
    return writer(start_sandbox())


@pytest.mark.parametrize("content", [pem, der])
def test_a_certificate_is_issued_for_the_key_of_the_request(
    apple: Writer, content: Callable[[], str]
) -> None:
    found = made(apple.certificate("DISTRIBUTION", content()))

    attributes = found["attributes"]
    certificate = x509.load_der_x509_certificate(b64decode(attributes["certificateContent"]))
    assert certificate.public_key() == private_key().public_key()
    certificate.verify_directly_issued_by(authority().developer_relations.certificate)
    assert (attributes["certificateType"], attributes["platform"]) == ("DISTRIBUTION", None)
    assert attributes["serialNumber"] == f"{certificate.serial_number:X}"
    assert certificate.not_valid_after_utc - datetime.now(UTC) > timedelta(days=364)
    assert apple.send("GET", f"/v1/certificates/{found['id']}").json()["data"]["attributes"] == attributes


def test_one_for_development_names_the_key_that_asked(apple: Writer) -> None:
    attributes = made(apple.certificate("DEVELOPMENT"))["attributes"]

    certificate = x509.load_der_x509_certificate(b64decode(attributes["certificateContent"]))
    assert (
        f"CN=Apple Development: Created via API ({apple.key.key_id})" in certificate.subject.rfc4514_string()
    )
    assert attributes["name"] == "Apple Development: Created via API"


def version_1() -> str:
    """The same request as PKCS#10 version 1, which a known library once sent."""
    content = signing_request().public_bytes(Encoding.DER)
    assert content.count(b"\x02\x01\x00\x30") == 1
    return b64encode(content.replace(b"\x02\x01\x00\x30", b"\x02\x01\x01\x30")).decode()


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (lambda: "no request", "The certificate request is invalid"),
        (lambda: b64encode(pem().encode()).decode(), "The certificate request is invalid"),
        (version_1, "The certificate request is invalid"),
        (
            lambda: pem(rsa.generate_private_key(65537, 3072)),
            "CSR algorithm/size incorrect. Expected: RSA(2048)",
        ),
        (
            lambda: pem(ec.generate_private_key(ec.SECP256R1())),
            "CSR algorithm/size incorrect. Expected: RSA(2048)",
        ),
    ],
    ids=["junk", "base64 of PEM", "version 1", "RSA 3072", "P-256"],
)
def test_requests_that_apple_does_not_sign(apple: Writer, content: Callable[[], str], detail: str) -> None:
    response = apple.certificate(content=content())

    assert refusal(response) == (409, "ENTITY_ERROR.ATTRIBUTE.INVALID", detail)
    assert apple.ids("certificates") == []


@pytest.mark.parametrize(
    ("kind", "status", "detail"),
    [
        ("DEVELOPER_ID_APPLICATION", 403, "This operation can only be performed by the Account Holder"),
        ("PASS_TYPE_ID", 404, "There is no identifier with ID 'null' on this team."),
        ("GARAGE", 409, "An invalid value 'GARAGE' was provided for the parameter 'certificateType'."),
    ],
)
def test_types_that_a_key_cannot_have(apple: Writer, kind: str, status: int, detail: str) -> None:
    found, _, said = refusal(apple.certificate(kind))
    assert (found, said) == (status, detail)


def test_the_enterprise_api_knows_fewer_types(start_sandbox: Callable[..., Sandbox]) -> None:
    enterprise = writer(start_sandbox(), "ENTERPRISE")

    assert made(enterprise.certificate("IOS_DISTRIBUTION"))["attributes"]["platform"] == "IOS"
    assert refusal(enterprise.certificate("APPLE_PAY"))[0] == 409


def test_a_type_has_a_limit_that_revoking_and_expiry_make_room_under(apple: Writer) -> None:
    apple.sandbox.certificate_limits["IOS_DISTRIBUTION"] = 2
    first, _ = made(apple.certificate()), made(apple.certificate())
    limit = "You already have a current iOS Distribution certificate or a pending certificate request."

    assert refusal(apple.certificate()) == (409, "ENTITY_ERROR", limit)
    made(apple.certificate("DISTRIBUTION"))

    assert apple.delete("certificates", first["id"]).status_code == 204
    third = made(apple.certificate())
    assert refusal(apple.certificate())[0] == 409
    apple.sandbox.update(
        apple.team, "certificates", third["id"], expirationDate="2020-01-01T00:00:00.000+0000"
    )
    made(apple.certificate())


def test_three_for_distribution_where_nothing_was_configured(apple: Writer) -> None:
    assert [apple.certificate("DISTRIBUTION").status_code for _ in range(4)] == [201, 201, 201, 409]
    assert [apple.certificate("DEVELOPMENT").status_code for _ in range(4)] == [201] * 4


def test_revoking_leaves_its_profiles_invalid_and_empty(apple: Writer) -> None:
    revoked, kept = made(apple.certificate())["id"], made(apple.certificate())["id"]
    both = made(apple.profile([revoked, kept], name="Both"))["id"]
    other = made(apple.profile([kept], name="Other"))["id"]

    response = apple.delete("certificates", revoked)

    assert (response.status_code, response.content) == (204, b"")
    profile = apple.stored("profiles", both)
    assert (profile["profileState"], profile["profileContent"]) == ("INVALID", None)
    assert apple.stored("profiles", other)["profileState"] == "ACTIVE"
    assert refusal(apple.delete("certificates", revoked))[:2] == (404, "NOT_FOUND")
