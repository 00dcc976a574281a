"""Device invitations: who makes them, what a link does and no longer does, and what becomes of what comes in."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone

from appstore import invited_devices, runs
from appstore.invited_devices import DecidedError, Named, Outcome, approve, decline, take_in
from appstore.models import AppStoreConnectKey, Device, DeviceInvitation, DeviceRequest, SyncRun
from organizations.actors import Actor
from organizations.audit import row_name
from organizations.audit_verify import Known, verify_chains, verify_rows
from organizations.models import AuditEvent, Membership
from organizations.permissions import Role
from tests import factories
from tests.appstore.apple import Apple, work
from tests.appstore.changing import NEW_DEVICE, said
from tests.appstore.side_by_side import side_by_side
from tests.conftest import Cast

STRANGER = Actor(address="192.0.2.7")
ADA = Named("Ada's iPhone", NEW_DEVICE, "IOS", "iPhone15,2", from_device=True)
GRACE = Named("Grace's iPad", "f" * 40, "IOS")


def invite(cast: Cast, uploaded: AppStoreConnectKey, /, **options: Any) -> tuple[DeviceInvitation, str]:
    assert uploaded.team is not None
    return DeviceInvitation.make(cast.actor("root_owner"), uploaded.team, name="Testers", **options)


def written_past(model: Any, **values: Any) -> None:
    """As somebody does who writes into the database."""
    assert QuerySet.update(model.objects.all(), **values) == 1


def all_is_on_record() -> None:
    """The log tells of the rows as they are."""
    known = Known()
    assert [*verify_chains(known), *verify_rows(known)] == []
    for model in (DeviceInvitation, DeviceRequest):
        assert all(known.rows[row_name(row)] == row.guard for row in model.objects.all())


def found(token: str) -> DeviceInvitation:
    invitation = DeviceInvitation.objects.by_token(token)
    assert invitation is not None
    return invitation


def test_only_who_may_change_assets_invites(cast: Cast, root_key: AppStoreConnectKey) -> None:
    assert root_key.team is not None
    for member in ("root_viewer", "sub_a_admin", "operator", "outsider"):
        with pytest.raises(PermissionDenied):
            DeviceInvitation.make(cast.actor(member), root_key.team, name="Testers")
    invitation, token = invite(cast, root_key)
    assert found(token) == invitation
    assert AuditEvent.objects.filter(action="device-invitation:created").count() == 1
    assert token not in str(DeviceInvitation.objects.values())


def test_what_comes_in_waits_and_is_approved(cast: Cast, root_key: AppStoreConnectKey) -> None:
    _, token = invite(cast, root_key)
    assert take_in(STRANGER, found(token), ADA) is Outcome.WAITING
    assert DeviceInvitation.objects.by_token(token) is None  # single use
    assert not SyncRun.objects.filter(kind="CHANGE").exists()
    owner = cast.actor("root_owner")
    (asked,) = invited_devices.waiting(owner, cast.root)
    assert invited_devices.waiting(cast.actor("root_viewer"), cast.root) == []
    run = approve(owner, asked)
    assert run.requested_by == cast.root_owner
    assert run.order["steps"] == [
        {"do": "register-device", "name": "Ada's iPhone", "udid": NEW_DEVICE, "platform": "IOS"}
    ]
    for decide in (approve, decline):  # once
        with pytest.raises(DecidedError):
            decide(owner, asked)
    told = list(AuditEvent.objects.filter(action__startswith="device:").order_by("sequence"))
    assert [(each.action, each.actor_label) for each in told] == [
        ("device:asked-for", "nobody"),
        ("device:approved", "root.owner@example.com"),
    ]
    assert told[0].address == "192.0.2.7"
    all_is_on_record()


def test_what_is_declined_is_not_registered(cast: Cast, root_key: AppStoreConnectKey) -> None:
    _, token = invite(cast, root_key)
    take_in(STRANGER, found(token), ADA)
    asked = DeviceRequest.objects.get()
    with pytest.raises(PermissionDenied):
        decline(cast.actor("sub_a_admin"), asked)
    decline(cast.actor("root_owner"), asked)
    assert DeviceRequest.objects.get().state == "DECLINED"
    all_is_on_record()
    assert not SyncRun.objects.filter(kind="CHANGE").exists()


def test_at_once_is_registered_at_apple(cast: Cast, apple: Apple) -> None:
    key = apple.upload(cast.root)
    work()
    invitation, token = invite(cast, key, key=key, at_once=True, uses=2)
    assert take_in(STRANGER, found(token), ADA) is Outcome.ORDERED
    assert take_in(STRANGER, found(token), ADA) is Outcome.ORDERED  # sent twice
    run = SyncRun.objects.get(kind="CHANGE")
    assert run.requested_by == cast.root_owner
    work()
    run.refresh_from_db()
    assert said(run) == ["Registered the device “Ada's iPhone”."]
    assert Device.objects.get(udid_key="00008101000a11223344001e").name == "Ada's iPhone"
    lower = Named("Me", NEW_DEVICE.lower().replace("-", ""), "IOS")
    assert take_in(STRANGER, found(token), lower) is Outcome.REGISTERED
    invitation.refresh_from_db()
    assert invitation.used == 1
    invitation.revoke(cast.actor("root_owner"))
    all_is_on_record()


def test_nobody_registers_for_who_may_not_any_more(cast: Cast, apple: Apple) -> None:
    key = apple.upload(cast.root)
    work()
    _, token = invite(cast, key, at_once=True, uses=2)
    invitation = found(token)
    take_in(STRANGER, invitation, ADA)
    factories.change(Membership.objects.filter(user=cast.root_owner), role=Role.VIEWER)
    assert DeviceInvitation.objects.by_token(token) is None
    run = SyncRun.objects.get(kind="CHANGE")
    runs.perform(run.pk)
    run.refresh_from_db()
    assert run.error_code == "not-allowed"
    with pytest.raises(PermissionDenied):  # a page that was open since
        take_in(STRANGER, invitation, GRACE)
    assert DeviceRequest.objects.count() == 1


def test_the_same_device_is_asked_for_once(cast: Cast, root_key: AppStoreConnectKey) -> None:
    first, token = invite(cast, root_key, uses=3)
    _, another = invite(cast, root_key)
    assert [take_in(STRANGER, found(each), ADA) for each in (token, token, another)] == [Outcome.WAITING] * 3
    assert DeviceRequest.objects.count() == 1
    assert take_in(STRANGER, found(token), GRACE) is Outcome.WAITING
    first.refresh_from_db()
    assert first.used == 2


def test_a_link_ends(cast: Cast, root_key: AppStoreConnectKey) -> None:
    revoked, token = invite(cast, root_key)
    revoked.revoke(cast.actor("root_owner"))
    expired, past = invite(cast, root_key)
    factories.change(DeviceInvitation.objects.filter(pk=expired.pk), expires_at=timezone.now())
    left, nobodys = invite(cast, root_key)
    factories.change(DeviceInvitation.objects.filter(pk=left.pk), created_by=None)
    assert [DeviceInvitation.objects.by_token(each) for each in (token, past, nobodys, "", "x" * 43)] == [
        None
    ] * 5
    for ended in (revoked, expired):
        with pytest.raises(DeviceInvitation.DoesNotExist):
            take_in(STRANGER, ended, ADA)


@pytest.mark.parametrize("column", ["uses", "used", "at_once", "team", "created_by", "guard"])
def test_a_row_that_was_changed_past_credhub_leads_nowhere(
    column: str, cast: Cast, root_key: AppStoreConnectKey
) -> None:
    another = factories.make_key(cast.root, issuer_id="another").team
    values = {
        "uses": 100,
        "used": 0,
        "at_once": True,
        "team": another,
        "created_by": cast.outsider,
        "guard": "",
    }
    invitation, token = invite(cast, root_key, uses=2)
    take_in(STRANGER, found(token), ADA)
    written_past(DeviceInvitation, **{column: values[column]})
    assert DeviceInvitation.objects.by_token(token) is None
    assert invited_devices.waiting(cast.actor("root_owner"), cast.root) == []
    with pytest.raises(DeviceInvitation.DoesNotExist):
        take_in(STRANGER, invitation, GRACE)
    with pytest.raises(DecidedError):
        approve(cast.actor("root_owner"), DeviceRequest.objects.get())


@pytest.mark.parametrize("values", [{"udid": "0" * 40}, {"name": "Another"}, {"guard": ""}], ids=str)
def test_a_request_that_was_changed_past_credhub_is_not_shown(
    values: dict[str, str], cast: Cast, root_key: AppStoreConnectKey
) -> None:
    _, token = invite(cast, root_key)
    take_in(STRANGER, found(token), ADA)
    written_past(DeviceRequest, **values)
    assert invited_devices.waiting(cast.actor("root_owner"), cast.root) == []
    with pytest.raises(DecidedError):
        approve(cast.actor("root_owner"), DeviceRequest.objects.get())


@pytest.mark.parametrize("options", [{"uses": 0}, {"uses": 101}, {"days": 31}, {"days": 0}], ids=str)
def test_what_no_form_lets_through(options: dict[str, int], cast: Cast, root_key: AppStoreConnectKey) -> None:
    with pytest.raises(ValueError, match="1 to 100 devices"):
        invite(cast, root_key, **options)


def test_an_invitation_is_for_a_week(cast: Cast, root_key: AppStoreConnectKey) -> None:
    invitation, _ = invite(cast, root_key)
    assert timedelta(days=6) < invitation.expires_at - timezone.now() <= timedelta(days=7)


@pytest.mark.django_db(transaction=True)
def test_a_single_use_is_single_also_at_the_same_moment() -> None:
    key = factories.make_key(factories.make_root("Acme"))
    assert key.team is not None
    owner = factories.make_user("owner@example.com")
    factories.join(owner, key.team.organization, Role.OWNER)
    invitation, _ = DeviceInvitation.make(Actor(user=owner), key.team, name="Testers")
    names = iter("abcd")

    def use() -> str:
        try:
            return take_in(STRANGER, invitation, Named("A phone", next(names) * 40, "IOS"))
        except DeviceInvitation.DoesNotExist:
            return "ended"

    assert sorted(side_by_side(4, use)) == ["ended", "ended", "ended", "waiting"]
    assert DeviceRequest.objects.count() == 1
