"""What the client writes, done at the sandbox: certificates, profiles, devices, bundle IDs, capabilities."""

from collections.abc import Callable, Iterator

import pytest
from cryptography import x509

from appstore.client.client import AppStoreConnectClient
from appstore.client.errors import (
    AlreadyExists,
    AppStoreConnectError,
    InvalidRequest,
    LimitReached,
    NotFound,
    RoleTooWeak,
)
from appstore.sandbox.server import Sandbox
from tests.appstore.writing import Writer, client_of, pem, private_key, writer

pytest_plugins = ["tests.appstore.test_sandbox_support"]

UDID = "00008110-001A2B3C4D5E6F70"


@pytest.fixture
def apple(start_sandbox: Callable[..., Sandbox]) -> Writer:
    return writer(start_sandbox())


@pytest.fixture
def client(apple: Writer) -> Iterator[AppStoreConnectClient]:
    with client_of(apple) as client:
        yield client


def test_a_certificate_is_created_and_revoked(apple: Writer, client: AppStoreConnectClient) -> None:
    made = client.create_certificate(pem(), "IOS_DISTRIBUTION")

    assert made.certificate_content is not None
    certified = x509.load_der_x509_certificate(made.certificate_content).public_key()
    assert certified == private_key().public_key()
    assert (made.certificate_type, apple.ids("certificates")) == ("IOS_DISTRIBUTION", [made.id])
    client.revoke_certificate(made.id)
    assert apple.ids("certificates") == []
    with pytest.raises(NotFound, match=f"DELETE /v1/certificates/{made.id}"):
        client.revoke_certificate(made.id)


def test_what_is_no_signing_request_is_not_sent(apple: Writer, client: AppStoreConnectClient) -> None:
    with pytest.raises(ValueError, match="PEM"):
        client.create_certificate("no request", "IOS_DISTRIBUTION")
    assert list(apple.sandbox.requests) == []


def test_a_profile_is_created_with_its_relations_and_deleted(
    apple: Writer, client: AppStoreConnectClient
) -> None:
    certificate = client.create_certificate(pem(), "DISTRIBUTION").id
    bundle_id, devices = apple.ids("bundleIds")[0], apple.ids("devices")[:2]

    made = client.create_profile("Testers", "IOS_APP_ADHOC", bundle_id, [certificate], devices)

    assert made == client.profile(made.id)
    assert (made.name, made.profile_type, made.profile_state) == ("Testers", "IOS_APP_ADHOC", "ACTIVE")
    assert (made.bundle_id, made.certificate_ids, made.device_ids) == (
        bundle_id,
        (certificate,),
        tuple(devices),
    )
    client.create_profile("Store", "IOS_APP_STORE", bundle_id, [certificate])
    client.delete_profile(made.id)
    assert [each["attributes"]["name"] for each in apple.sandbox.objects(apple.team, "profiles")] == ["Store"]


def test_a_device_is_registered_and_changed(apple: Writer, client: AppStoreConnectClient) -> None:
    made = client.register_device("Ada's phone", UDID, "IOS")
    assert (made.name, made.udid, made.status) == ("Ada's phone", UDID, "ENABLED")

    assert client.update_device(made.id, name="Grace's").name == "Grace's"
    changed = client.update_device(made.id, status="DISABLED")
    assert (changed.name, changed.status) == ("Grace's", "DISABLED")
    assert client.device(made.id) == changed
    assert apple.stored("devices", made.id)["status"] == "DISABLED"


def test_a_bundle_id_is_registered_renamed_and_deleted(apple: Writer, client: AppStoreConnectClient) -> None:
    made = client.register_bundle_id("com.example.shop", "Shop", "UNIVERSAL")
    assert (made.identifier, made.platform) == ("com.example.shop", "UNIVERSAL")

    assert client.rename_bundle_id(made.id, "Store").name == "Store"
    client.delete_bundle_id(made.id)
    assert made.id not in apple.ids("bundleIds")


def test_capabilities_are_read_enabled_changed_and_disabled(client: AppStoreConnectClient) -> None:
    bundle_id = client.register_bundle_id("com.example.shop", "Shop", "IOS").id
    settings = [{"key": "ICLOUD_VERSION", "options": [{"key": "XCODE_6", "enabled": True}]}]

    plain = client.enable_capability(bundle_id, "PUSH_NOTIFICATIONS")
    made = client.enable_capability(bundle_id, "ICLOUD", settings)
    assert (made.capability_type, list(made.settings)) == ("ICLOUD", settings)
    assert made in client.capabilities_of(bundle_id)
    settings[0]["options"] = [{"key": "XCODE_5", "enabled": True}]
    assert list(client.update_capability(made.id, settings).settings) == settings
    client.disable_capability(plain.id)
    found = {each.capability_type for each in client.capabilities_of(bundle_id)}
    assert found == {"IN_APP_PURCHASE", "ICLOUD"}


REFUSED: dict[
    str, tuple[Callable[[Writer, AppStoreConnectClient], object], type[AppStoreConnectError], str]
] = {
    "limit": (
        lambda apple, client: [client.create_certificate(pem(), "DISTRIBUTION") for _ in range(4)],
        LimitReached,
        "Revoke one that nobody needs, or adopt",
    ),
    "device": (
        lambda apple, client: client.register_device(
            "x", apple.stored("devices", apple.ids("devices")[0])["udid"].lower(), "IOS"
        ),
        AlreadyExists,
        "registered already. Sync",
    ),
    "udid": (lambda apple, client: client.register_device("x", "x", "IOS"), InvalidRequest, "Copy it again"),
    "bundle ID": (
        lambda apple, client: client.register_bundle_id("*", "x", "IOS"),
        AlreadyExists,
        "choose a different one",
    ),
    "in use": (
        lambda apple, client: client.delete_bundle_id(apple.ids("bundleIds")[0]),
        InvalidRequest,
        "remove the app first",
    ),
    "app id": (
        lambda apple, client: client.create_profile("x", "IOS_APP_STORE", "NOPE", ["NOPE"]),
        InvalidRequest,
        "Apple does not know this bundle ID",
    ),
    "certificate": (
        lambda apple, client: client.create_profile(
            "x", "IOS_APP_STORE", apple.ids("bundleIds")[0], ["NOPE"]
        ),
        InvalidRequest,
        "expired, revoked, or of a type",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_what_to_do_and_is_not_asked_again(
    apple: Writer, client: AppStoreConnectClient, name: str
) -> None:
    act, kind, says = REFUSED[name]
    with pytest.raises(kind, match=says) as caught:
        act(apple, client)

    assert type(caught.value) is kind
    assert "Apple says: “" in caught.value.message
    assert {each.method for each in apple.sandbox.requests} <= {"POST", "DELETE"}
    assert [each.status for each in apple.sandbox.requests].count(409) == 1


def test_names_and_devices_of_profiles_are_refused_with_advice(
    apple: Writer, client: AppStoreConnectClient
) -> None:
    certificate, bundle_id = client.create_certificate(pem(), "DISTRIBUTION").id, apple.ids("bundleIds")[0]
    client.create_profile("Store", "IOS_APP_STORE", bundle_id, [certificate])

    with pytest.raises(AlreadyExists, match="Choose another name, or delete that profile first"):
        client.create_profile("Store", "IOS_APP_STORE", bundle_id, [certificate])
    with pytest.raises(InvalidRequest, match="Leave the devices out"):
        client.create_profile("Two", "IOS_APP_STORE", bundle_id, [certificate], apple.ids("devices"))


def test_a_role_that_is_too_weak_is_named_with_what_it_may_not(apple: Writer) -> None:
    with (
        client_of(apple.with_role("DEVELOPER")) as client,
        pytest.raises(RoleTooWeak, match="POST /v1/devices"),
    ):
        client.register_device("x", UDID, "IOS")


def test_a_spurious_401_is_no_reason_to_fail(apple: Writer, client: AppStoreConnectClient) -> None:
    apple.sandbox.inject(status=401)
    client.register_device("x", UDID, "IOS")

    assert [(each.method, each.status) for each in apple.sandbox.requests] == [("POST", 401), ("POST", 201)]
