"""The sandbox's certificates are what Apple's are: real DER, Apple's markers, names and lifetimes."""

import base64
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from appstore.sandbox.authority import authority
from appstore.sandbox.certificates import TYPES
from tests.appstore.test_sandbox_support import SHARED, World

pytest_plugins = ["tests.appstore.test_sandbox_support"]

APPLE = "1.2.840.113635.100."
# From Apple's published certificates: type, its critical markers, the words before the name.
LEAVES = [
    ("DEVELOPMENT", {"6.1.2", "6.1.12"}, "Apple Development: "),
    ("DISTRIBUTION", {"6.1.4", "6.1.7"}, "Apple Distribution: "),
    ("DISTRIBUTION_MANAGED", {"6.1.4", "6.1.7"}, "Apple Distribution: "),
    ("IOS_DEVELOPMENT", {"6.1.2"}, "iPhone Developer: "),
    ("IOS_DISTRIBUTION", {"6.1.4"}, "iPhone Distribution: "),
    ("MAC_APP_DEVELOPMENT", {"6.1.12"}, "Mac Developer: "),
    ("MAC_APP_DISTRIBUTION", {"6.1.7"}, "3rd Party Mac Developer Application: "),
    ("MAC_INSTALLER_DISTRIBUTION", {"6.1.8"}, "3rd Party Mac Developer Installer: "),
    ("DEVELOPER_ID_APPLICATION", {"6.1.13"}, "Developer ID Application: "),
]


def parse(resource: dict[str, Any]) -> x509.Certificate:
    return x509.load_der_x509_certificate(base64.b64decode(resource["attributes"]["certificateContent"]))


def markers(certificate: x509.Certificate, *, critical: bool = True) -> set[str]:
    return {
        each.oid.dotted_string.removeprefix(APPLE)
        for each in certificate.extensions
        if each.oid.dotted_string.startswith(f"{APPLE}6.1.") and each.critical is critical
    }


def of_type(world: World, name: str) -> dict[str, Any]:
    certificates = world.sandbox.objects(world.team, "certificates")
    return next(each for each in certificates if each["attributes"]["certificateType"] == name)


@pytest.mark.parametrize(("name", "expected", "prefix"), LEAVES)
def test_types_by_their_markers(sandbox_world: World, name: str, expected: set[str], prefix: str) -> None:
    certificate = parse(of_type(sandbox_world, name))
    assert markers(certificate) == expected
    for each in certificate.extensions:
        if each.oid.dotted_string.removeprefix(APPLE) in expected:
            assert isinstance(each.value, x509.UnrecognizedExtension)
            assert each.value.value == b"\x05\x00"
    (common_name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert str(common_name.value).startswith(prefix)
    cloud_managed = "6.1.32" in markers(certificate, critical=False)
    assert cloud_managed is (name == "DISTRIBUTION_MANAGED")


def test_every_type_is_among_the_sandboxes(sandbox_world: World) -> None:
    assert {name for name, _, _ in LEAVES} == set(TYPES)
    found = Counter(
        each["attributes"]["certificateType"]
        for each in sandbox_world.sandbox.objects(sandbox_world.team, "certificates")
    )
    assert set(found) == set(TYPES)
    assert found["DISTRIBUTION_MANAGED"] == 1


@pytest.mark.skipif(not SHARED.exists(), reason="Apple's OIDs are not beside this checkout")
def test_the_classifier_made_from_apples_certificates_agrees(sandbox_world: World) -> None:
    rules = json.loads((SHARED / "apple-oids.json").read_text())["classify_leaf"]
    teams = (sandbox_world.team, sandbox_world.enterprise_team)
    for each in [cert for team in teams for cert in sandbox_world.sandbox.objects(team, "certificates")]:
        found = markers(parse(each))
        names = [
            rule["type"]
            for rule in rules
            if set(rule["all"]) <= found and not set(rule.get("none", ())) & found
        ]
        assert names[0] == each["attributes"]["certificateType"].removesuffix("_MANAGED")


def test_the_subject_of_a_teams_certificate(sandbox_world: World) -> None:
    team = sandbox_world.team
    subject = parse(of_type(sandbox_world, "DISTRIBUTION")).subject
    assert [(each.oid, each.value) for each in subject] == [
        (NameOID.USER_ID, team.team_id),
        (NameOID.COMMON_NAME, f"Apple Distribution: Acme ({team.team_id})"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, team.team_id),
        (NameOID.ORGANIZATION_NAME, "Acme"),
        (NameOID.COUNTRY_NAME, "US"),
    ]


def test_the_id_in_a_persons_certificate_is_the_persons(sandbox_world: World) -> None:
    resource = of_type(sandbox_world, "DEVELOPMENT")
    user_id, common_name, unit, *_ = [str(each.value) for each in parse(resource).subject]
    match = re.fullmatch(r"Apple Development: (.+) \(([A-Z0-9]{10})\)", common_name)
    assert match is not None
    assert match[1] == resource["attributes"]["displayName"]
    assert unit == sandbox_world.team.team_id
    assert len({unit, user_id, match[2]}) == 3


def test_extensions_and_signature(sandbox_world: World) -> None:
    for resource in sandbox_world.sandbox.objects(sandbox_world.team, "certificates"):
        certificate = parse(resource)
        key = certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        assert key.key_size == 2048
        policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
        assert [each.policy_identifier.dotted_string for each in policies] == [f"{APPLE}5.1"]
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        installer = resource["attributes"]["certificateType"] == "MAC_INSTALLER_DISTRIBUTION"
        wanted = ObjectIdentifier(f"{APPLE}4.9") if installer else ExtendedKeyUsageOID.CODE_SIGNING
        assert (list(usage.value), usage.critical) == ([wanted], True)
        developer_id = resource["attributes"]["certificateType"].startswith("DEVELOPER_ID")
        issuer = authority().developer_id if developer_id else authority().developer_relations
        certificate.verify_directly_issued_by(issuer.certificate)


def test_the_authority_is_apples_in_layout_but_not_in_name() -> None:
    made = authority()
    assert [str(each.value) for each in made.developer_relations.certificate.subject] == [
        "Sandbox Worldwide Developer Relations Certification Authority",
        "G3",
        "Sandbox Inc.",
        "US",
    ]
    for issuer, oid in [(made.developer_relations, "6.2.1"), (made.developer_id, "6.2.6")]:
        issuer.certificate.verify_directly_issued_by(made.root.certificate)
        assert issuer.certificate.extensions.get_extension_for_oid(ObjectIdentifier(APPLE + oid))
    for issuer in (made.root, made.developer_relations, made.developer_id, made.profile_signer):
        assert "Apple" not in issuer.certificate.subject.rfc4514_string()


def test_attributes_agree_with_the_certificate(sandbox_world: World) -> None:
    for resource in sandbox_world.sandbox.objects(sandbox_world.team, "certificates"):
        certificate, attributes = parse(resource), resource["attributes"]
        assert attributes["serialNumber"] == f"{certificate.serial_number:X}"
        assert not attributes["serialNumber"].startswith("0")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000", attributes["expirationDate"])
        assert datetime.fromisoformat(attributes["expirationDate"]) == certificate.not_valid_after_utc
        assert attributes["name"].endswith(f": {attributes['displayName']}")
        unified = attributes["certificateType"].startswith(("DEVELOPMENT", "DISTRIBUTION"))
        assert (attributes["platform"] is None) is unified
        assert re.fullmatch(r"[A-Z0-9]{10}", resource["id"])


def test_lives_are_mixed(sandbox_world: World) -> None:
    now = datetime.now(UTC)
    ends = [
        parse(each).not_valid_after_utc
        for each in sandbox_world.sandbox.objects(sandbox_world.team, "certificates")
    ]
    assert any(end < now for end in ends)
    assert any(now + timedelta(days=2) < end < now + timedelta(days=26) for end in ends)
    assert sum(end > now + timedelta(days=100) for end in ends) > len(ends) / 2


def test_a_certificate_for_a_key_of_ones_own(sandbox_world: World) -> None:
    private = rsa.generate_private_key(65537, 2048)
    made = sandbox_world.sandbox.add_certificate(
        sandbox_world.other_team, "IOS_DISTRIBUTION", days=-3, public_key=private.public_key()
    )
    certificate = parse(made)
    assert certificate.public_key() == private.public_key()
    assert certificate.not_valid_before_utc < certificate.not_valid_after_utc < datetime.now(UTC)
    signature = private.sign(b"x", padding.PKCS1v15(), certificate.signature_hash_algorithm)
    assert signature
    served = sandbox_world.get(f"/v1/certificates/{made['id']}", sandbox_world.other_admin).json()["data"]
    assert served["attributes"] == made["attributes"]
