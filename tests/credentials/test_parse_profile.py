"""The provisioning profile reader, on profiles signed here and on bombs."""

import hashlib
import plistlib
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.parsing.cms import cms_content
from credentials.parsing.errors import ParsingError
from credentials.parsing.limits import PROFILE as MAX_BYTES
from credentials.parsing.plist import MAX_DEPTH as MAX_PLIST_DEPTH
from credentials.parsing.plist import MAX_NODES, load_plist
from credentials.parsing.profile import parse_profile

KEY = rsa.generate_private_key(65537, 2048)
SIGNED_DATA_OID = bytes.fromhex("06092a864886f70d010702")
XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def signer() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Profile Signing")])
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), 5)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    return builder.not_valid_after(datetime(2027, 1, 1, tzinfo=UTC)).sign(KEY, hashes.SHA256())


SIGNER = signer()


def signed(payload: bytes) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(payload).add_signer(SIGNER, KEY, hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def facts(**changes: Any) -> dict[str, Any]:
    """An ad hoc profile for iOS; a change to None removes the key."""
    plist: dict[str, Any] = {
        "AppIDName": "Example",
        "ApplicationIdentifierPrefix": ["ABCDE12345"],
        "CreationDate": datetime(2026, 3, 1, 10, 20, 30),  # noqa: DTZ001 - property lists write no zone
        "Platform": ["iOS", "xrOS"],
        "IsXcodeManaged": False,
        "DeveloperCertificates": [b"first", b"second"],
        "Entitlements": {"application-identifier": "ABCDE12345.com.example.*", "get-task-allow": False},
        "ExpirationDate": datetime(2027, 3, 1, 10, 20, 30),  # noqa: DTZ001
        "Name": "Example Ad Hoc",
        "ProvisionedDevices": ["00008030-001A2B3C4D5E6F70", "a" * 40],
        "TeamIdentifier": ["TEAM567890"],
        "TeamName": "Example Ltd.",
        "UUID": "11111111-2222-3333-4444-555555555555",
        "Version": 1,
    } | changes
    return {key: value for key, value in plist.items() if value is not None}


def profile(**changes: Any) -> bytes:
    return signed(plistlib.dumps(facts(**changes)))


def refused(content: bytes) -> str:
    with pytest.raises(ParsingError) as caught:
        parse_profile(content)
    assert caught.value.message.endswith(".")
    return caught.value.code


def tlv(tag: int, value: bytes) -> bytes:
    return bytes([tag, 0x84]) + len(value).to_bytes(4, "big") + value


def envelope(content: bytes) -> bytes:
    """A SignedData with just enough of an outline around a prepared eContent."""
    info = tlv(0x30, bytes.fromhex("06092a864886f70d010701") + tlv(0xA0, content))
    return tlv(0x30, SIGNED_DATA_OID + tlv(0xA0, tlv(0x30, b"\x02\x01\x01" + tlv(0x31, b"") + info)))


def test_the_facts_of_a_profile() -> None:
    parsed = parse_profile(profile())

    assert parsed.uuid == "11111111-2222-3333-4444-555555555555"
    assert parsed.name == "Example Ad Hoc"
    assert (parsed.team_id, parsed.team_name) == ("TEAM567890", "Example Ltd.")
    assert (parsed.app_id_prefix, parsed.application_identifier) == ("ABCDE12345", "com.example.*")
    assert parsed.platforms == ("iOS", "xrOS")
    assert parsed.certificate_sha256s == tuple(
        hashlib.sha256(der).hexdigest() for der in (b"first", b"second")
    )
    assert parsed.udids == ("00008030-001A2B3C4D5E6F70", "a" * 40)
    assert (parsed.provisions_all_devices, parsed.get_task_allow, parsed.is_xcode_managed) == (False,) * 3
    assert parsed.created_at == datetime(2026, 3, 1, 10, 20, 30, tzinfo=UTC)
    assert parsed.expires_at - parsed.created_at == timedelta(days=365)


def test_openssl_finds_the_same_content() -> None:
    content = profile()
    command = ["openssl", "cms", "-verify", "-noverify", "-inform", "DER"]
    opened = subprocess.run(command, input=content, capture_output=True, check=True)

    assert cms_content(content) == opened.stdout == plistlib.dumps(facts())
    assert cms_content(content + b"\n") == opened.stdout


DEVELOPMENT = {"application-identifier": "ABCDE12345.com.example.app", "get-task-allow": True}
MAC = {"com.apple.application-identifier": "ABCDE12345.com.example.app"}


@pytest.mark.parametrize(
    ("changes", "distribution"),
    [
        ({}, "ad-hoc"),
        ({"Entitlements": DEVELOPMENT}, "development"),
        ({"Entitlements": DEVELOPMENT, "ProvisionedDevices": None}, "development"),
        ({"ProvisionedDevices": None}, "app-store"),
        ({"ProvisionedDevices": None, "ProvisionsAllDevices": True}, "in-house"),
        ({"Entitlements": MAC, "Platform": ["OSX"]}, "development"),
        ({"Entitlements": MAC, "Platform": ["OSX"], "ProvisionedDevices": None}, "app-store"),
        (
            {
                "Entitlements": MAC,
                "Platform": ["OSX"],
                "ProvisionedDevices": None,
                "ProvisionsAllDevices": True,
            },
            "developer-id",
        ),
    ],
)
def test_the_distribution_follows_devices_and_platform(changes: dict[str, Any], distribution: str) -> None:
    assert parse_profile(profile(**changes)).distribution == distribution


@pytest.mark.parametrize(
    ("changes", "prefix", "identifier"),
    [
        ({"Entitlements": MAC}, "ABCDE12345", "com.example.app"),
        ({"ApplicationIdentifierPrefix": None}, "ABCDE12345", "com.example.*"),
        ({"Entitlements": {"application-identifier": "ABCDE12345.*"}}, "ABCDE12345", "*"),
        ({"Entitlements": {"application-identifier": "OLDPREFIX1.com.x"}}, "ABCDE12345", "com.x"),
        ({"Entitlements": {}}, "ABCDE12345", ""),
        ({"Entitlements": None, "ApplicationIdentifierPrefix": None}, "", ""),
    ],
)
def test_the_application_identifier_loses_its_prefix(
    changes: dict[str, Any], prefix: str, identifier: str
) -> None:
    parsed = parse_profile(profile(**changes))

    assert (parsed.app_id_prefix, parsed.application_identifier) == (prefix, identifier)


def test_values_of_the_wrong_type_are_absent() -> None:
    wrong = {"Name": 3, "Platform": "iOS", "DeveloperCertificates": ["text"], "ProvisionedDevices": [1, {}]}
    parsed = parse_profile(profile(**wrong, TeamIdentifier=[], Entitlements=[], ProvisionsAllDevices="yes"))

    assert (parsed.name, parsed.team_id, parsed.platforms, parsed.udids) == ("", "", (), ())
    assert (parsed.certificate_sha256s, parsed.provisions_all_devices) == ((), False)


def test_names_lose_control_characters_and_are_cut() -> None:
    # plistlib does not write control characters, but reads C1 ones and direction marks.
    parsed = parse_profile(profile(Name="\u202e\x85 evil\u200f " + "x" * 400))

    assert parsed.name.startswith("evil xxx")
    assert len(parsed.name) == 255


@pytest.mark.parametrize("key", ["UUID", "CreationDate", "ExpirationDate"])
def test_a_profile_without_the_essentials_is_refused(key: str) -> None:
    assert refused(profile(**{key: None})) == "incomplete-profile"
    assert refused(profile(**{key: 5})) == refused(profile(UUID="../x")) == "incomplete-profile"


def test_a_truncated_profile_is_refused_wherever_it_is_cut() -> None:
    content = profile()

    for length in range(0, len(content) - 1, 97):
        assert refused(content[:length]) == "damaged-der"


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE plist [<!ENTITY a0 "ha">{entities}]>'
    return XML + f"{doctype}<plist><string>&a9;</string></plist>".encode()


def nested(depth: int) -> bytes:
    arrays = b"<array>" * depth + b"</array>" * depth
    return XML + b"<plist><dict><key>a</key>" + arrays + b"</dict></plist>"


def many(element: bytes) -> bytes:
    return XML + b"<plist><dict><key>a</key><array>" + element * MAX_NODES + b"</array></dict></plist>"


def binary_with_itself_inside() -> bytes:
    """A binary property list whose only array holds that array."""
    trailer = bytes(6) + b"\x01\x01" + b"".join(n.to_bytes(8, "big") for n in (1, 0, 10))
    return b"bplist00" + bytes([0xA1, 0x00, 0x08]) + trailer


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (plistlib.dumps(facts(), fmt=plistlib.FMT_BINARY), "not-a-profile"),
        (binary_with_itself_inside(), "not-a-profile"),
        (laughs(), "not-a-profile"),
        (nested(MAX_PLIST_DEPTH + 1), "too-complex"),
        (nested(20_000), "too-complex"),
        (XML + b"<plist><array>" + b"<true/>" * MAX_NODES + b"</array></plist>", "not-a-profile"),
        *((many(each), "too-complex") for each in (b"<true/>", b"<string/>")),
        (b"", "not-a-profile"),
        (b" " + plistlib.dumps(facts()), "not-a-profile"),
        (XML + b"<plist><dict><key>a</key>", "not-a-profile"),
        (XML + b"<plist><array/></plist>", "not-a-profile"),
        (XML + b"<plist><date>yesterday</date></plist>", "not-a-profile"),
        (XML + b"<plist><key>a</key></plist>", "not-a-profile"),
        (XML + b"<plist><integer>" + b"9" * 5000 + b"</integer></plist>", "not-a-profile"),
        (b'<?xml version="1.0" encoding="rot13"?><plist><dict/></plist>', "not-a-profile"),
    ],
)
def test_bombs_and_broken_property_lists_are_refused(payload: bytes, code: str) -> None:
    assert refused(signed(payload)) == code


def test_a_profile_over_one_mebibyte_is_refused_unread() -> None:
    assert refused(bytes(MAX_BYTES + 1)) == "too-large"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (SIGNER.public_bytes(serialization.Encoding.DER), "not-cms"),
        (SIGNER.public_bytes(serialization.Encoding.PEM), "not-cms"),
        (b"\x30\x80" + SIGNED_DATA_OID, "damaged-der"),
        (tlv(0x30, SIGNED_DATA_OID), "not-cms"),
        (tlv(0x31, SIGNED_DATA_OID), "not-cms"),
        (tlv(0x30, bytes.fromhex("06092a864886f70d010703") + tlv(0xA0, b"")), "not-cms"),
        (envelope(tlv(0x02, b"\x01")), "not-cms"),
        (envelope(b""), "not-cms"),
        (b"\x30\x85\x01\x00\x00\x00\x00", "damaged-der"),
        (b"\x3f\x81\x01\x00", "damaged-der"),
        (b"\x30\x84\xff\xff\xff\xff", "damaged-der"),
        (b"\x30", "damaged-der"),
    ],
)
def test_other_envelopes_are_refused(content: bytes, code: str) -> None:
    assert refused(content) == code


@given(st.binary(max_size=300))
def test_arbitrary_bytes_only_ever_raise_parsing_errors(data: bytes) -> None:
    for content in (data, envelope(tlv(0x04, data)), envelope(data)):
        assert refused(content)


TAGS = ["plist", "dict", "array", "key", "string", "data", "date", "integer", "real", "true", "false", "x"]


@given(
    st.lists(
        st.tuples(st.sampled_from(TAGS), st.booleans()) | st.text(alphabet="09aZ=:-T<&;x", max_size=8),
        max_size=20,
    )
)
@settings(max_examples=400)
def test_arbitrary_xml_only_ever_raises_parsing_errors(parts: list[tuple[str, bool] | str]) -> None:
    body = "".join(p if isinstance(p, str) else f"<{'/' * p[1]}{p[0]}>" for p in parts)
    well_formed = "".join(p if isinstance(p, str) else f"<{p[0]}>{'0' * p[1]}</{p[0]}>" for p in parts)
    for text in (body, f"<plist>{well_formed}</plist>", f"<plist><dict>{well_formed}</dict></plist>"):
        try:
            load_plist(XML + text.encode())
        except ParsingError as error:
            assert error.code == "not-a-profile"  # noqa: PT017 - both outcomes are fine, other errors are not


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")))  # Cn: plistlib cannot
numbers = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
moments = st.datetimes(min_value=datetime(1000, 1, 1)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001
values = st.recursive(
    texts | numbers | st.booleans() | st.binary() | moments,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc"), values, max_size=4))
@settings(deadline=None)
def test_property_lists_are_read_as_plistlib_reads_them(document: dict[str, Any]) -> None:
    xml = plistlib.dumps(document)
    assert load_plist(xml) == plistlib.loads(xml, fmt=plistlib.FMT_XML)
