"""What becomes of a device that comes in by an invitation: it waits for somebody, or is registered at once."""

from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction

from appstore.changes.ordering import order
from appstore.models import Device, DeviceInvitation, DeviceRequest, SyncRun
from credentials.parsing.udid import normalise_udid
from organizations import audit
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission

State = DeviceRequest.State
MOST_SHOWN = 200


class Outcome(StrEnum):
    REGISTERED = "registered"  # it was already
    WAITING = "waiting"
    ORDERED = "ordered"


class DecidedError(Exception):
    """Somebody decided a moment ago, or CredHub did not write this request."""


@dataclass(frozen=True)
class Named:
    """A device as somebody names it: a claim, whoever signed it."""

    name: str
    udid: str
    platform: str
    product: str = ""
    from_device: bool = False


def take_in(actor: Actor, invitation: DeviceInvitation, device: Named) -> Outcome:
    """Count it, keep it, and register it where the invitation says so. What is known already counts for nothing more.

    Raises DeviceInvitation.DoesNotExist when the invitation ended a moment ago.
    """
    with transaction.atomic():
        invited = invitation.locked()  # two at the same moment come one after the other
        if known := _known(invited, device.udid):
            return known
        invited.use()
        request = DeviceRequest(
            invitation=invited,
            name=device.name,
            udid=device.udid,
            platform=device.platform,
            product=device.product,
            from_device=device.from_device,
        )
        if invited.at_once:
            # In the name of who invited, whose right to it is looked at again when a worker takes it up
            _order(Actor(user=invited.created_by), request)
        request.save()
        audit.record(
            actor,
            audit.Action.DEVICE_ASKED_FOR,
            request,
            organization=invited.organization,
            rows=[invited, request],
            what=f"by the invitation “{invited}”",
            method="answer of the device" if device.from_device else "typed",
        )
    return Outcome.ORDERED if invited.at_once else Outcome.WAITING


def _known(invitation: DeviceInvitation, udid: str) -> Outcome | None:
    devices = Device.objects.filter(team=invitation.team_id, gone_at=None)
    if devices.filter(udid_key=normalise_udid(udid)).exists():
        return Outcome.REGISTERED
    for asked in DeviceRequest.objects.same_device(invitation, udid).select_related("run"):
        if not asked.is_genuine:
            continue
        if asked.state == State.WAITING and not invitation.at_once:
            return Outcome.WAITING
        if asked.state == State.ORDERED and asked.run is not None and asked.run.is_active:
            return Outcome.ORDERED
    return None


def approve(actor: Actor, request: DeviceRequest) -> SyncRun:
    """Order its registration at Apple. Raises PermissionDenied, DecidedError."""
    actor.require(Permission.ASSET_MANAGE, request.invitation.organization)
    with transaction.atomic():
        asked = _undecided(request)
        run = _order(actor, asked)
        _decided(actor, asked, audit.Action.DEVICE_APPROVED)
    return run


def decline(actor: Actor, request: DeviceRequest) -> None:
    """Raises PermissionDenied, DecidedError."""
    actor.require(Permission.ASSET_MANAGE, request.invitation.organization)
    with transaction.atomic():
        asked = _undecided(request)
        asked.state = State.DECLINED
        _decided(actor, asked, audit.Action.DEVICE_DECLINED)


def _undecided(request: DeviceRequest) -> DeviceRequest:
    """As it is now, locked."""
    rows = DeviceRequest.objects.select_for_update(of=("self",)).select_related(
        "invitation__team__organization", "invitation__organization", "invitation__key"
    )
    asked = rows.get(pk=request.pk)
    invitation = asked.invitation
    if not (asked.is_genuine and invitation.is_genuine) or asked.state != State.WAITING:
        raise DecidedError
    return asked


def _order(actor: Actor, request: DeviceRequest) -> SyncRun:
    invitation = request.invitation
    title = f"Registration of {request.name}, by the invitation “{invitation}”"
    request.run = order(actor, invitation.team, title, [request.step()], key=invitation.key)
    request.state = State.ORDERED
    return request.run


def _decided(actor: Actor, request: DeviceRequest, action: audit.Action) -> None:
    request.save(update_fields=["state", "run"])
    audit.record(actor, action, request, organization=request.invitation.organization, rows=[request])


def waiting(actor: Actor, organization: Organization) -> list[DeviceRequest]:
    """Those that this person may decide about, the oldest first."""
    rows = DeviceRequest.objects.for_actor(actor, Permission.ASSET_MANAGE).waiting()
    rows = rows.filter(invitation__organization=organization).select_related("invitation__team")
    found = rows.order_by("created_at")[:MOST_SHOWN]
    return [row for row in found if row.is_genuine and row.invitation.is_genuine]
