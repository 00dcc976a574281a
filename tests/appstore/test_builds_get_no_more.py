"""A sub-organization gets nothing that is not shared with it, and what is shared by no other door than its builds."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from appstore.models import SyncRun
from credentials.models import Credential, Share
from credentials.models.reveal_errors import NotSharedError
from credentials.models.sealed_secret import SealedSecret
from credentials.sharing import share
from organizations.actors import SYSTEM, Actor
from organizations.audit import Action
from organizations.models import ApiToken, AuditHead, Membership
from organizations.permissions import TOKEN_SCOPES, Permission, Role
from tests import factories
from tests.appstore.building import (
    SIGNING_ASSETS,
    Buildable,
    buildable_below,
    make_file,
    nothing_left,
    on_record,
)
from tests.appstore.signing import IDENTIFIER
from tests.appstore.test_api_signing_assets import limited_in
from tests.appstore.test_secure_files import match
from tests.conftest import Cast
from tests.credentials.support import overwrite, reloaded
from tests.machines import machine, send

pytestmark = pytest.mark.django_db
REFUSED, REVEALED, TAKEN = (
    Action.CREDENTIAL_REVEAL_REFUSED, Action.CREDENTIAL_REVEALED, Action.ASSET_DOWNLOADED,
)  # fmt: skip


@pytest.fixture
def held(cast: Cast, doorbell: list[object]) -> Buildable:
    return buildable_below(cast.root, cast.sub_a)


def forge_a_share(cast: Cast, identity: Credential) -> None:
    share(SYSTEM, identity, with_all=False, chosen=[cast.sub_b])
    organization = Share._meta.get_field("organization").get_db_prep_value(cast.sub_a.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE credentials_share SET organization_id = %s", [organization])


def take_back(cast: Cast, identity: Credential) -> None:
    share(SYSTEM, identity, with_all=False, chosen=[])


def flip_the_switch(cast: Cast, identity: Credential) -> None:
    take_back(cast, identity)
    overwrite(identity, shared_with_all=True)


ATTACKS: dict[str, Callable[[Cast, Credential], Any]] = {
    "taken-back": take_back,
    "shared-with-another": lambda cast, identity: share(
        SYSTEM, identity, with_all=False, chosen=[cast.sub_b]
    ),
    "forged-share": forge_a_share,
    "forged-switch": flip_the_switch,
    "archived": lambda cast, identity: reloaded(identity).archive(SYSTEM),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_not_shared_is_as_none(cast: Cast, held: Buildable, build: Client, attack: str) -> None:
    """Though its team's mirror is: certificate and profile are seen here."""
    token = ApiToken.objects.get(name="CI")
    ATTACKS[attack](cast, held.identity)
    answer = send(build, "GET", SIGNING_ASSETS)
    assert (answer.status_code, answer.json()["code"]) == (409, "no-signing-assets")
    assert "ask an owner of Acme to share" in answer.json()["detail"]
    assert match(cast, cast.sub_a).files() == []
    with pytest.raises(NotSharedError):  # nor if something took it for shared
        reloaded(held.identity).release(Actor(token=token), cast.sub_a, IDENTIFIER, "test", what="test")
    assert nothing_left(cast.root, cast.sub_a)
    assert not on_record(cast.sub_a, REFUSED)


def test_a_share_that_is_taken_back_meanwhile_is_none(
    cast: Cast, held: Buildable, build: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = SealedSecret.release

    def later(self: Credential, *args: Any, **kwargs: Any) -> bytes:
        take_back(cast, held.identity)
        return release(self, *args, **kwargs)

    monkeypatch.setattr(SealedSecret, "release", later)
    assert send(build, "GET", SIGNING_ASSETS).status_code == 404
    assert nothing_left(cast.root, cast.sub_a)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows: make test-services")
@pytest.mark.django_db(transaction=True)
def test_a_share_that_is_being_taken_back_is_waited_for(cast: Cast, held: Buildable) -> None:
    _token, text = ApiToken.issue(
        cast.actor("root_owner"), cast.sub_a, name="CI", scopes=[Permission.CREDENTIAL_REVEAL]
    )
    asked: list[Any] = []

    def pull() -> None:
        try:
            asked.append(
                send(Client(headers={"authorization": f"Bearer {text}"}), "GET", SIGNING_ASSETS).status_code
            )
        finally:
            connections.close_all()

    thread = threading.Thread(target=pull)
    with transaction.atomic():
        take_back(cast, held.identity)
        thread.start()
        thread.join(timeout=2)
        assert thread.is_alive(), asked  # it was found as shared, and waits for the row
    thread.join(timeout=60)
    assert asked == [404]
    assert nothing_left(cast.root, cast.sub_a)


def test_archived_organizations_get_nothing(cast: Cast, held: Buildable, build: Client) -> None:
    actor = Actor(token=ApiToken.objects.get(name="CI"))
    for organization in (cast.sub_a, cast.root):
        organization.archive(SYSTEM)
        assert send(build, "GET", SIGNING_ASSETS).status_code == 401
        with pytest.raises((NotSharedError, PermissionDenied)):
            reloaded(held.identity).release(actor, cast.sub_a, IDENTIFIER, "test", what="test")
        organization.restore(SYSTEM)
    assert nothing_left(cast.root, cast.sub_a)


def test_what_one_log_cannot_record_is_in_neither_and_not_opened(
    cast: Cast, held: Buildable, build: Client
) -> None:
    assert send(build, "GET", "/organization").status_code == 200  # its first use is on record
    AuditHead.objects.filter(chain=cast.sub_a.pk).update(guard="1:forged")
    assert send(build, "GET", SIGNING_ASSETS).status_code == 503
    assert nothing_left(cast.root, cast.sub_a)


# By no other door, and to nobody else


def test_every_other_door_stays_closed(cast: Cast, held: Buildable) -> None:
    """To a token with every scope, and to the owner of the sub-organization."""
    everything = machine(cast, cast.sub_a)
    key = held.team.keys.get().credential
    actor = Actor(token=ApiToken.objects.get(name="CI"))
    owner = factories.make_user("sub.a.owner@example.com")
    factories.join(owner, cast.sub_a, Role.OWNER)
    person = Client()
    person.force_login(owner, backend="organizations.sign_in_backend.SignInBackend")
    for credential in (held.identity, key):
        asked = send(everything, "POST", f"/credentials/{credential.pk}/reveal", {"purpose": "test"})
        assert asked.status_code == 404  # as what is not theirs
        for slug, status in ((cast.sub_a.slug, 403), (cast.root.slug, 404)):
            for route in ("reveal-credential", "allow-reveal"):
                assert person.post(reverse(route, args=[slug, credential.pk])).status_code == status
        for each in (actor, Actor(user=owner)):
            with pytest.raises(PermissionDenied):
                credential.reveal(each, "test")
    # Builds alone get it, and no .p8 of Apple's
    for credential, each in (
        (key, actor), (held.identity, Actor(user=owner)), (held.identity, cast.actor("root_owner")), (key, SYSTEM),
    ):  # fmt: skip
        with pytest.raises(PermissionDenied):
            credential.release(each, cast.sub_a, IDENTIFIER, "test", what="test")
    assert nothing_left(cast.root, cast.sub_a)


def test_who_may_not_reveal_here_gets_nothing_shared(cast: Cast, held: Buildable, build: Client) -> None:
    others = [each for each in TOKEN_SCOPES if each != Permission.CREDENTIAL_REVEAL]
    assert send(machine(cast, cast.sub_a, *others), "GET", SIGNING_ASSETS).status_code == 403
    assert (
        send(machine(cast, cast.sub_b, Permission.CREDENTIAL_REVEAL), "GET", SIGNING_ASSETS).status_code
        == 404
    )
    assert (
        send(limited_in(cast, cast.sub_a, bundle_ids=["com.other.*"]), "GET", SIGNING_ASSETS).status_code
        == 403
    )
    of_kind = limited_in(cast, cast.sub_a, scopes=["credential:reveal:android-keystore"])
    assert send(of_kind, "GET", SIGNING_ASSETS).status_code == 403
    assert send(build, "GET", SIGNING_ASSETS).status_code == 200
    Membership.objects.filter(user=cast.root_owner).delete()  # whose maker may no more
    assert send(build, "GET", SIGNING_ASSETS).status_code == 403


def test_an_extension_that_the_token_is_not_for(cast: Cast, held: Buildable) -> None:
    extension = f"{IDENTIFIER}.share"
    make_file(held.team, held.certificate, 0, extension)
    client = limited_in(cast, cast.sub_a, bundle_ids=[IDENTIFIER])
    assert send(client, "GET", f"{SIGNING_ASSETS}&bundle_id={extension}").status_code == 403
    assert nothing_left(cast.root, cast.sub_a)


def test_ensure_changes_nothing_through_a_key_that_is_only_shared(
    cast: Cast, held: Buildable, build: Client
) -> None:
    """Whatever the policy of the sub-organization's app allows, and whatever the token may do."""
    held.profile.delete()
    answer = send(build, "GET", f"{SIGNING_ASSETS}&ensure=true")
    assert (answer.status_code, answer.json()["code"]) == (409, "not-ensured")
    assert "belongs to Acme, where alone that is changed" in answer.json()["detail"]
    everything = machine(cast, cast.sub_a)
    app = send(everything, "GET", f"/apps?identifier={IDENTIFIER}").json()["items"][0]["id"]
    asked = send(everything, "POST", f"/apps/{app}/ensure", {"distribution": "app-store"})
    assert (asked.status_code, asked.json()["code"]) == (409, "not-ensured")
    assert not SyncRun.objects.filter(kind="CHANGE").exists()
