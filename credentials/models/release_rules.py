"""What a build meets that is signed with what the root of its organization shares."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

from credentials.models.credential import Credential
from credentials.models.reveal_errors import KeptBackError, NotSharedError
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission

if TYPE_CHECKING:
    from credentials.models.sealed_secret import SealedSecret


def require_release(credential: "SealedSecret", actor: Actor, organization: Organization, app: str) -> None:
    """For tokens of this organization that may reveal there, for this app and this kind; people get it in no form.
    Raises PermissionDenied."""
    if actor.token is None or not credential.signs_builds:
        raise PermissionDenied(f"{credential.organization} shares this for use; its secret stays there.")
    actor.require(Permission.CREDENTIAL_REVEAL, organization, app=app)
    actor.require_kind(Permission.CREDENTIAL_REVEAL, credential.kind)


def kept_back(credential: "SealedSecret", organization: Organization) -> KeptBackError | None:
    """Why its owner keeps it from this sub-organization's builds, by the rows as they are now; None: they get it. In a
    transaction. Raises NotSharedError."""
    # The lock that sharing takes, too: a share that is being taken back is there no more, or stays until this is done.
    now = Credential.objects.select_for_update().get(pk=credential.pk)
    live = Organization.objects.filter(pk=organization.pk, archived_at=None, parent__archived_at=None)
    here = live.first()  # another instance: what the caller's knows was shared a while ago
    if here is None or not Credential.objects.visible_in(here).filter(pk=now.pk).exists():
        raise NotSharedError
    owner = Organization.objects.get(pk=now.organization_id)
    if not now.reveal_allowed:
        return KeptBackError(
            f"{owner} keeps “{now}” to itself: no build gets it (“Use without seeing”).", owner
        )
    if owner.approval_is_needed:
        return KeptBackError(
            f"At {owner} a second owner approves each opening of “{now}”, so no build gets it.", owner
        )
    return None
