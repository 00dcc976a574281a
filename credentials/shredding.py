"""Destroying an organization for good: its data keys go, and with them everything that was sealed under them."""

import logging
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from credentials.models import Credential, DataKey, Share
from organizations import audit
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission

log = logging.getLogger("credhub.keys")


@dataclass(frozen=True)
class Impact:
    """What destroying an organization takes away."""

    credentials: int
    shares: int
    data_keys: int


def impact(organization: Organization) -> Impact:
    credentials = Credential.objects.filter(organization=organization)
    return Impact(
        credentials=credentials.exclude(secret__isnull=True).count(),
        shares=Share.objects.filter(credential__organization=organization).count()
        + credentials.filter(shared_with_all=True).count(),
        data_keys=DataKey.objects.filter(organization=organization, destroyed_at=None).count(),
    )


def require_right(actor: Actor, organization: Organization) -> None:
    """A sub-organization is its root's to destroy; a root is an operator's. Raises PermissionDenied."""
    if organization.parent is not None:
        actor.require(Permission.ORGANIZATION_MANAGE, organization.parent)
    elif not actor.is_operator:
        raise PermissionDenied("Only an operator destroys a root organization.")


def destroy(actor: Actor, organization: Organization) -> Impact:
    """Nothing that was sealed for this organization opens ever again, here or from a copy of its rows. What others
    own is not touched. Recorded in the root's log (for a root, in the deployment's).

    Raises PermissionDenied, and ValidationError for an organization that is not archived or is destroyed already.
    """
    require_right(actor, organization)
    with transaction.atomic():
        locked = Organization.objects.select_for_update().get(pk=organization.pk)
        if not locked.is_archived:
            raise ValidationError("Archive the organization first.")
        if locked.is_destroyed:
            raise ValidationError("It is destroyed already.")
        lost = impact(locked)
        credentials = list(Credential.objects.filter(organization=locked))
        for credential in credentials:
            credential.secret, credential.shared_with_all = None, False
            credential.archived_at = credential.archived_at or timezone.now()
            credential.save(update_fields=["secret", "shared_with_all", "archived_at"])
        shares = list(Share.objects.filter(credential__organization=locked))
        Share.objects.filter(pk__in=[share.pk for share in shares]).delete()
        _destroy_data_keys(locked)
        locked.webhooks.all().delete()  # their signing secrets are under a key that stays
        audit.record(
            actor,
            audit.Action.ORGANIZATION_DESTROYED,
            locked,
            organization=locked.parent,
            rows=credentials,
            gone=shares,
            counts={"credentials": lost.credentials, "shares": lost.shares, "data_keys": lost.data_keys},
        )
        transaction.on_commit(_scrub)
    return lost


def _destroy_data_keys(organization: Organization) -> None:
    # Without a row the next secret would get a first data key. Locked, so that no rotation brings one back.
    keys = list(DataKey.objects.select_for_update().filter(organization=organization))
    for key in keys or [DataKey.make(organization.pk, version=1)]:
        if not key.destroyed_at:
            key.destroy()


def _scrub() -> None:
    """A database keeps what was overwritten for a while; make it drop the old wrapped keys now."""
    statement = {"sqlite": "PRAGMA wal_checkpoint(TRUNCATE)", "postgresql": "VACUUM FULL credentials_datakey"}
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement[connection.vendor])
    except DatabaseError as error:
        log.warning("The destroyed data keys are not yet scrubbed from the database's files: %s", error)
