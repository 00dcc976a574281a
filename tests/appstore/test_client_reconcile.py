"""A write whose answer was lost is looked for, found as it is at Apple, and never sent again."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appstore.client import reconcile
from appstore.client.client import AppStoreConnectClient
from appstore.client.errors import (
    AlreadyExists,
    AppStoreConnectError,
    NotFound,
    RateLimited,
    RoleTooWeak,
    ServerError,
    UnexpectedAnswer,
    Unreachable,
)
from appstore.client.reconcile import WantedProfile, settled
from appstore.sandbox.server import Sandbox
from tests.appstore.writing import Writer, client_of, pem, private_key, writer

pytest_plugins = ["tests.appstore.test_sandbox_support"]

UDID = "00008110-001A2B3C4D5E6F70"
# How the answer to something that was done can get lost, and what is known of it without looking
LOST: dict[str, tuple[dict[str, Any], type[AppStoreConnectError]]] = {
    "no answer": ({"kind": "lost_answer"}, Unreachable),
    "half an answer": ({"kind": "cut"}, Unreachable),
    "no JSON": ({"kind": "malformed"}, UnexpectedAnswer),
}


@pytest.fixture
def apple(start_sandbox: Callable[..., Sandbox]) -> Writer:
    return writer(start_sandbox())


@pytest.fixture
def client(apple: Writer) -> Iterator[AppStoreConnectClient]:
    with client_of(apple) as client:
        yield client


Act = Callable[[Writer, AppStoreConnectClient], Any]


def create_certificate(apple: Writer, client: AppStoreConnectClient) -> Any:
    return client.create_certificate(pem(), "IOS_DISTRIBUTION")


def create_profile(apple: Writer, client: AppStoreConnectClient) -> Any:
    certificate = apple.sandbox.add_certificate(
        apple.team, "IOS_DISTRIBUTION", public_key=private_key(1).public_key()
    )["id"]
    return client.create_profile(
        "Store", "IOS_APP_ADHOC", apple.ids("bundleIds")[0], [certificate], apple.ids("devices")
    )


CREATES: dict[str, tuple[str, Act]] = {
    "certificate": ("certificates", create_certificate),
    "profile": ("profiles", create_profile),
    "device": ("devices", lambda _, client: client.register_device("x", UDID.lower(), "IOS")),
    "bundle ID": ("bundleIds", lambda _, client: client.register_bundle_id("com.example.a", "x", "IOS")),
    "capability": (
        "bundleIdCapabilities",
        lambda apple, client: client.enable_capability(apple.ids("bundleIds")[2], "APPLE_ID_AUTH"),
    ),
}


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("name", CREATES)
def test_what_was_made_is_found(apple: Writer, client: AppStoreConnectClient, name: str, lost: str) -> None:
    collection, create = CREATES[name]
    before = apple.ids(collection)
    apple.sandbox.inject(f"/v1/{collection}", method="POST", **LOST[lost][0])

    found = create(apple, client)

    (new,) = [each for each in apple.ids(collection) if each not in before]
    assert found.id == new
    assert [each.method for each in apple.sandbox.requests].count("POST") == 1


def test_a_profile_that_is_found_is_as_one_that_was_answered(
    apple: Writer, client: AppStoreConnectClient
) -> None:
    apple.sandbox.inject("/v1/profiles", kind="lost_answer", method="POST")
    found = create_profile(apple, client)

    assert found == client.profile(found.id)


@pytest.mark.parametrize("name", CREATES)
@pytest.mark.parametrize(("fault", "kind"), [({"status": 500}, ServerError), ({"status": 502}, ServerError)])
def test_what_was_not_made_is_not_made_up(
    apple: Writer,
    client: AppStoreConnectClient,
    name: str,
    fault: dict[str, Any],
    kind: type[AppStoreConnectError],
) -> None:
    collection, create = CREATES[name]
    before = apple.ids(collection)
    apple.sandbox.inject(f"/v1/{collection}", method="POST", **fault)

    with pytest.raises(kind, match=f"HTTP {fault['status']}"):
        create(apple, client)

    assert apple.ids(collection) == before
    methods = [each.method for each in apple.sandbox.requests]
    assert (methods.count("POST"), methods.count("GET")) == (1, 2)


@pytest.mark.parametrize(("fault", "kind"), [({"status": 429}, RateLimited), ({"kind": "role"}, RoleTooWeak)])
def test_an_answer_is_an_answer(
    apple: Writer, client: AppStoreConnectClient, fault: dict[str, Any], kind: type[Exception]
) -> None:
    apple.sandbox.inject("/v1/devices", method="POST", **fault)
    with pytest.raises(kind):
        client.register_device("x", UDID, "IOS")

    assert [each.method for each in apple.sandbox.requests] == ["POST"]


DELETES: dict[str, tuple[str, Act]] = {
    "certificate": (
        "certificates",
        lambda apple, client: client.revoke_certificate(apple.ids("certificates")[0]),
    ),
    "profile": ("profiles", lambda apple, client: client.delete_profile(apple.ids("profiles")[0])),
    "bundle ID": ("bundleIds", lambda apple, client: client.delete_bundle_id(apple.ids("bundleIds")[-1])),
    "capability": (
        "bundleIdCapabilities",
        lambda apple, client: client.disable_capability(apple.ids("bundleIdCapabilities")[-1]),
    ),
}


@pytest.mark.parametrize("name", DELETES)
def test_what_is_gone_was_deleted(apple: Writer, client: AppStoreConnectClient, name: str) -> None:
    create_profile(apple, client)
    client.register_bundle_id("com.example.a", "x", "IOS")
    collection, delete = DELETES[name]
    apple.sandbox.requests.clear()
    apple.sandbox.inject(f"/v1/{collection}", kind="lost_answer", method="DELETE")
    before = len(apple.ids(collection))

    delete(apple, client)

    assert len(apple.ids(collection)) == before - 1
    assert [each.method for each in apple.sandbox.requests] == ["DELETE", "GET"]


@pytest.mark.parametrize("name", DELETES)
def test_what_is_still_there_was_not_deleted(apple: Writer, client: AppStoreConnectClient, name: str) -> None:
    create_profile(apple, client)
    client.register_bundle_id("com.example.a", "x", "IOS")
    collection, delete = DELETES[name]
    apple.sandbox.requests.clear()
    apple.sandbox.inject(f"/v1/{collection}", 500, method="DELETE")

    with pytest.raises(ServerError):
        delete(apple, client)

    assert [each.method for each in apple.sandbox.requests] == ["DELETE", "GET", "GET"]


def test_changes_are_read_back(apple: Writer, client: AppStoreConnectClient) -> None:
    device, bundle_id = apple.ids("devices")[0], apple.ids("bundleIds")[0]
    apple.sandbox.inject("/v1/", kind="lost_answer", method="PATCH", times=2)
    assert client.update_device(device, name="New", status="DISABLED").name == "New"
    assert client.rename_bundle_id(bundle_id, "New").name == "New"

    apple.sandbox.inject("/v1/", 500, method="PATCH", times=2)
    with pytest.raises(ServerError):
        client.update_device(device, status="ENABLED")
    with pytest.raises(ServerError):
        client.rename_bundle_id(bundle_id, "Newer")


# --- what is not ours


def test_a_longer_identifier_is_another_bundle_id(apple: Writer, client: AppStoreConnectClient) -> None:
    for identifier in ("com.example.shop.widget", "com.example.Shop", "com.example.*"):
        client.register_bundle_id(identifier, "x", "IOS")

    assert reconcile.bundle_id_with(client, "com.example.shop") is None


def test_a_certificate_of_another_key_or_type_is_another(
    apple: Writer, client: AppStoreConnectClient
) -> None:
    client.create_certificate(pem(private_key(1)), "IOS_DISTRIBUTION")
    client.create_certificate(pem(), "DISTRIBUTION")
    pending = client.create_certificate(pem(), "IOS_DISTRIBUTION")
    key = reconcile.public_key_of(pem())
    assert reconcile.certificate_for(client, key, "IOS_DISTRIBUTION") == pending

    apple.sandbox.update(apple.team, "certificates", pending.id, certificateContent=None)
    assert reconcile.certificate_for(client, key, "IOS_DISTRIBUTION") is None


def test_of_several_certificates_for_a_key_the_one_that_ends_last(
    apple: Writer, client: AppStoreConnectClient
) -> None:
    key = private_key().public_key()
    made = [
        apple.sandbox.add_certificate(apple.team, "DISTRIBUTION", days=days, public_key=key)["id"]
        for days in (9, 300, 20)
    ]

    found = reconcile.certificate_for(client, reconcile.public_key_of(pem()), "DISTRIBUTION")
    assert found is not None
    assert found.id == made[1]


def test_a_namesake_from_before_is_not_the_profile_that_was_asked_for(
    apple: Writer, client: AppStoreConnectClient
) -> None:
    made = create_profile(apple, client)
    assert made.created_date is not None
    wanted = WantedProfile(made.name, made.profile_type, made.bundle_id, made.created_date)

    assert reconcile.profile_like(client, wanted) == made
    late = made.created_date + timedelta(seconds=30)
    for other in (
        replace(wanted, name="Stor"),
        replace(wanted, name="store"),
        replace(wanted, profile_type="IOS_APP_STORE"),
        replace(wanted, bundle_id=apple.ids("bundleIds")[1]),
        replace(wanted, asked_at=late),
    ):
        assert reconcile.profile_like(client, other) is None


@pytest.mark.parametrize("skew", [timedelta(hours=3), timedelta(minutes=-7)])
def test_our_clock_may_be_wrong(
    apple: Writer, client: AppStoreConnectClient, monkeypatch: pytest.MonkeyPatch, skew: timedelta
) -> None:
    made = create_profile(apple, client)
    ours = datetime.now(UTC) + skew
    wanted = WantedProfile(made.name, made.profile_type, made.bundle_id, ours)
    monkeypatch.setattr(type(client), "clock_skew", skew)

    assert reconcile.profile_like(client, wanted) == made
    assert reconcile.profile_like(client, replace(wanted, asked_at=ours + timedelta(seconds=30))) is None


def test_what_was_deleted_before_is_an_answer(apple: Writer, client: AppStoreConnectClient) -> None:
    with pytest.raises(NotFound):
        client.delete_profile("NOPE")
    assert len(apple.sandbox.requests) == 1


# --- looking


def test_apple_is_given_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("appstore.client.reconcile.time.sleep", slept.append)
    looks = iter([None, "found"])

    def write() -> str:
        raise Unreachable("x")

    assert settled(write, lambda: next(looks), 3) == "found"
    assert slept == [0.0, 3]


@pytest.mark.parametrize("error", [AlreadyExists("x"), Unreachable("y"), RateLimited("z")], ids=repr)
def test_where_looking_fails_the_first_error_stands(error: AppStoreConnectError) -> None:
    first = ServerError("first")

    def write() -> str:
        raise first

    def look() -> str:
        raise error

    with pytest.raises(ServerError) as caught:
        settled(write, look, 0)
    assert caught.value is first
