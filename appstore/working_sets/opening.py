"""The door of working sets: the same as for one secret, and on record for each of them before any byte leaves."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from appstore.working_sets.choosing import Chosen
from credentials.kinds import KINDS
from credentials.models import Credential, RevealRequest
from credentials.models.reveal_request import State
from organizations import audit
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission


@dataclass(frozen=True)
class Opened:
    """`secrets` are credentials with what was sealed, `profiles` are (name, content)."""

    secrets: list[tuple[Credential, bytes]] = field(repr=False)
    profiles: list[tuple[str, bytes]] = field(repr=False)


@sensitive_variables()
def open_set(actor: Actor, organization: Organization, chosen: Chosen, reason: str, shape: str) -> Opened:
    """Raises PermissionDenied, RevealRefusedError (one is not allowed, and none is opened), SealError."""
    requests = approved(actor, organization, chosen, reason, shape) if organization.approval_is_needed else {}
    asked = [(each, requests.get(each.pk)) for each in chosen.secrets]
    secrets = Credential.reveal_together(actor, asked, reason, what=shape) if asked else []
    profiles = []
    with transaction.atomic():
        for row in (*chosen.public, *chosen.mirrored):
            kind = row.kind if isinstance(row, Credential) else "profile"
            actor.require(Permission.ASSET_DOWNLOAD, organization)
            audit.record(
                actor, audit.Action.ASSET_DOWNLOADED, row, organization=organization, kind=kind, what=shape
            )
    for credential in chosen.public:
        download = KINDS[credential.kind].download
        if download is not None:
            profiles.append((credential.name, download.make(credential).content))
    profiles += [(row.name, bytes(row.profile_content or b"")) for row in chosen.mirrored]
    return Opened(list(zip(chosen.secrets, secrets, strict=True)), profiles)


def approved(
    actor: Actor, organization: Organization, chosen: Chosen, reason: str, shape: str
) -> dict[UUID, RevealRequest]:
    """Credential's id → the request of this person that somebody approved, for this shape and this reason."""
    found = _requests(actor, organization).filter(what=shape, reason=reason, credential__in=chosen.secrets)
    return {each.credential_id: each for each in found if each.state is State.APPROVED}


def ask(actor: Actor, organization: Organization, chosen: Chosen, reason: str, shape: str) -> int:
    """Ask a second person for what is not asked for yet. Returns how many. Raises RevealRefusedError."""
    waiting = {
        each.credential_id
        for each in _requests(actor, organization).filter(what=shape, reason=reason)
        if each.state in {State.WAITING, State.APPROVED}
    }
    missing = [each for each in chosen.secrets if each.pk not in waiting]
    with transaction.atomic():
        for credential in missing:
            RevealRequest.ask(actor, credential, what=shape, reason=reason)
    return len(missing)


@dataclass
class Asked:
    """What this person asked for with one reason, in one shape."""

    shape: str
    reason: str
    requests: list[RevealRequest]

    @property
    def approved(self) -> int:
        return sum(each.state is State.APPROVED for each in self.requests)

    @property
    def is_ready(self) -> bool:
        return self.approved == len(self.requests)


def asked(actor: Actor, organization: Organization) -> list[Asked]:
    """What is open of it."""
    found: dict[tuple[str, str], Asked] = {}
    for each in _requests(actor, organization):
        if each.state in {State.WAITING, State.APPROVED}:
            key = (each.what, each.reason)
            found.setdefault(key, Asked(each.what, each.reason, [])).requests.append(each)
    return list(found.values())


def _requests(actor: Actor, organization: Organization) -> "QuerySet[RevealRequest]":
    rows = RevealRequest.objects.for_actor(actor, Permission.CREDENTIAL_REVEAL).open()
    rows = rows.filter(
        credential__organization=organization, requested_by=actor.user, what__startswith="set-"
    )
    return rows.select_related("credential__organization__parent", "requested_by", "approved_by")
