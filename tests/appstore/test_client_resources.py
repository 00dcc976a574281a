"""Apple's objects from Apple's JSON, and from JSON that Apple would not send."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appstore.client.json_values import moment
from appstore.client.resources import App, BundleId, Certificate, Device, Profile

DER = b"\x30\x03\x02\x01\x05"


def certificate_json(**attributes: Any) -> dict[str, Any]:
    return {
        "type": "certificates",
        "id": "4SDF34QWER",
        "attributes": {
            "name": "iOS Development: Code Magic",
            "certificateType": "IOS_DEVELOPMENT",
            "displayName": "Code Magic",
            "serialNumber": "0f5a44933e05f97d",
            "platform": "IOS",
            "expirationDate": "2027-02-12T13:17:50.000+0000",
            "certificateContent": base64.encodebytes(DER).decode(),
            "activated": None,
            "csrContent": None,
        }
        | attributes,
        "links": {"self": "https://api.appstoreconnect.apple.com/v1/certificates/4SDF34QWER"},
    }


def ids(kind: str, count: int) -> dict[str, Any]:
    return {
        "meta": {"paging": {"total": 0, "limit": 2147483647}},
        "data": [{"type": kind, "id": f"{kind}{n}"} for n in range(count)],
    }


def profile_json(**relationships: Any) -> dict[str, Any]:
    return {
        "type": "profiles",
        "id": "PROFILE001",
        "attributes": {
            "name": "Example",
            "platform": "IOS",
            "profileType": "IOS_APP_ADHOC",
            "profileState": "EXPIRED",
            "profileContent": base64.b64encode(b"cms").decode(),
            "uuid": "11111111-2222-3333-4444-555555555555",
            "createdDate": "2026-02-12T13:17:50.000+00:00",
            "expirationDate": "2027-02-12T13:17:50Z",
        },
        "relationships": {
            "bundleId": {"data": {"type": "bundleIds", "id": "BUNDLE0001"}},
            "certificates": ids("certificates", 2),
            "devices": ids("devices", 3),
        }
        | relationships,
    }


def test_a_certificate() -> None:
    certificate = Certificate.from_json(certificate_json())

    assert certificate == Certificate(
        id="4SDF34QWER",
        name="iOS Development: Code Magic",
        certificate_type="IOS_DEVELOPMENT",
        display_name="Code Magic",
        serial_number="F5A44933E05F97D",
        platform="IOS",
        expiration_date=datetime(2027, 2, 12, 13, 17, 50, tzinfo=UTC),
        certificate_content=DER,
        activated=None,
    )
    assert "content" not in repr(certificate)


@pytest.mark.parametrize(
    ("attributes", "field", "expected"),
    [
        ({"platform": None}, "platform", ""),
        ({"certificateType": "DISTRIBUTION_MANAGED"}, "certificate_type", "DISTRIBUTION_MANAGED"),
        ({"certificateType": 7}, "certificate_type", ""),
        ({"expirationDate": None}, "expiration_date", None),
        ({"expirationDate": "soon"}, "expiration_date", None),
        ({"expirationDate": 1770000000}, "expiration_date", None),
        ({"certificateContent": None}, "certificate_content", None),
        ({"certificateContent": ""}, "certificate_content", None),
        ({"certificateContent": "*"}, "certificate_content", None),
        ({"certificateContent": "Y2\nVy\ndA==\n"}, "certificate_content", b"cert"),
        ({"certificateContent": "é==="}, "certificate_content", None),
        ({"activated": True}, "activated", True),
        ({"activated": "yes"}, "activated", None),
        ({"name": "a\x00b\x1b[1m\u202e\u200fc\n"}, "name", "ab[1mc"),
        ({"name": "x" * 300}, "name", "x" * 255),
        ({"name": "\U0001f468\u200d\U0001f469 phone"}, "name", "\U0001f468\u200d\U0001f469 phone"),
        ({"name": "\ud800"}, "name", ""),
        ({"surprise": {"deep": [1]}}, "name", "iOS Development: Code Magic"),
    ],
)
def test_odd_attributes_are_tolerated(attributes: dict[str, Any], field: str, expected: object) -> None:
    assert getattr(Certificate.from_json(certificate_json(**attributes)), field) == expected


def test_a_profile_with_its_relations() -> None:
    profile = Profile.from_json(profile_json())

    assert profile.bundle_id == "BUNDLE0001"
    assert profile.certificate_ids == ("certificates0", "certificates1")
    assert profile.device_ids == ("devices0", "devices1", "devices2")
    assert profile.relationships_complete
    assert profile.profile_content == b"cms"
    assert profile.profile_state == "EXPIRED"
    assert profile.created_date == datetime(2026, 2, 12, 13, 17, 50, tzinfo=UTC)
    assert profile.expiration_date == datetime(2027, 2, 12, 13, 17, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("relationships", "complete"),
    [
        ({"devices": ids("devices", 49)}, True),
        ({"devices": ids("devices", 50)}, False),
        ({"certificates": ids("certificates", 50)}, False),
        ({"devices": ids("devices", 0)}, True),
        ({"devices": {"meta": {"paging": {"total": 0, "limit": 2147483647}}}}, False),
        ({"devices": None}, False),
    ],
)
def test_relations_that_may_be_cut_are_told(relationships: dict[str, Any], complete: bool) -> None:
    assert Profile.from_json(profile_json(**relationships)).relationships_complete is complete


def test_a_bundle_id_a_device_and_an_app() -> None:
    bundle_id = BundleId.from_json(
        {
            "id": "B1",
            "attributes": {"name": "X", "platform": "SERVICES", "identifier": "com.x.*", "seedId": "SEED"},
        }
    )
    device = Device.from_json(
        {
            "id": "D1",
            "attributes": {
                "name": "Ada's iPhone",
                "platform": "IOS",
                "udid": "00008030-001A2B3C4D5E6F70",
                "deviceClass": "IPHONE",
                "status": "ENABLED",
                "model": None,
                "addedDate": "2026-02-12T13:17:50.000+0200",
            },
        }
    )
    app = App.from_json(
        {"id": "1", "attributes": {"name": "X", "bundleId": "com.x", "sku": "s", "primaryLocale": "en"}}
    )

    assert bundle_id == BundleId("B1", "X", "SERVICES", "com.x.*", "SEED")
    added = datetime(2026, 2, 12, 11, 17, 50, tzinfo=UTC)
    udid = "00008030-001A2B3C4D5E6F70"
    assert device == Device("D1", "Ada's iPhone", "IOS", udid, "IPHONE", "ENABLED", "", added)
    assert app == App("1", "X", "com.x", "s", "en")


@pytest.mark.parametrize(
    "text", ["2026-02-12T13:17:50", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_dates_at_the_edges(text: str) -> None:
    parsed = moment(text)

    assert parsed is None or parsed.tzinfo is UTC


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "id", "attributes", "relationships", "devices", "name"]), inner
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["id", "attributes", "relationships"]), JSON))
def test_no_json_breaks_a_resource(data: dict[str, Any]) -> None:
    for resource in (Certificate, Profile, BundleId, Device, App):
        assert isinstance(resource.from_json(data).id, str)
