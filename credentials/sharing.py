"""Sharing: who gains and who loses a credential, shown before it is done, and then done."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from credentials.models import Credential, Share
from organizations import audit
from organizations.actors import Actor
from organizations.models import Organization


@dataclass(frozen=True)
class ShareChange:
    """What applying a choice would change: the sub-organizations that gain, lose and keep the credential."""

    gained: list[Organization] = field(default_factory=list)
    lost: list[Organization] = field(default_factory=list)
    kept: list[Organization] = field(default_factory=list)
    future_gained: bool = False
    future_lost: bool = False

    @property
    def is_nothing(self) -> bool:
        return not (self.gained or self.lost or self.future_gained or self.future_lost)


def sub_organizations(credential: Credential) -> list[Organization]:
    """The live sub-organizations that the credential can be shared with."""
    return list(Organization.objects.live().filter(parent_id=credential.organization_id))


def shared_ids(credential: Credential) -> set[UUID]:
    """The sub-organizations chosen one by one (also while the toggle shares with all)."""
    return set(credential.shares.values_list("organization_id", flat=True))


def shared_with(*credentials: Credential) -> list[Organization]:
    """The live sub-organizations that have any of these, which are one owner's. One query."""
    if not credentials:
        return []
    subs = credentials[0].organization.sub_organizations.live()
    if not any(each.shared_with_all for each in credentials):
        subs = subs.filter(shares__credential__in=credentials).distinct()
    return list(subs)


def builds_get_it(credential: Credential) -> bool:
    """Whether builds of those it is shared with get it as signing assets: see credentials/models/release_rules.py."""
    allowed = credential.reveal_allowed and not credential.organization.approval_is_needed
    return credential.signs_builds and allowed


def preview(credential: Credential, *, with_all: bool, chosen: Iterable[Organization]) -> ShareChange:
    """What `share` with the same choice would change. Two queries."""
    subs = sub_organizations(credential)
    before = {sub.pk for sub in subs} if credential.shared_with_all else shared_ids(credential)
    after = {sub.pk for sub in subs} if with_all else {sub.pk for sub in chosen}
    return ShareChange(
        gained=[sub for sub in subs if sub.pk in after - before],
        lost=[sub for sub in subs if sub.pk in before - after],
        kept=[sub for sub in subs if sub.pk in before & after],
        future_gained=with_all and not credential.shared_with_all,
        future_lost=credential.shared_with_all and not with_all,
    )


def share(actor: Actor, credential: Credential, *, with_all: bool, chosen: list[Organization]) -> ShareChange:
    """Make the choice true and record it, in one transaction. Raises ValidationError.

    The caller has checked CREDENTIAL_SHARE in the owner. Takes effect with the next request of anybody.
    """
    if any(sub.parent_id != credential.organization_id for sub in chosen):
        raise ValidationError("Credentials are shared with sub-organizations of their own root only.")
    if with_all and not credential.organization.is_root:
        raise ValidationError("Only a root organization shares.")
    with transaction.atomic():
        # The row is the lock: two people who share at once do so one after the other.
        locked = Credential.objects.select_for_update().get(pk=credential.pk)
        change = preview(locked, with_all=with_all, chosen=chosen)
        taken: list[Share] = []
        wanted = {sub.pk for sub in chosen}
        if not with_all:
            # An archived sub-organization is not among the choices: restoring it brings back what it had.
            live = locked.shares.filter(organization__archived_at=None)
            taken = list(live.exclude(organization_id__in=wanted))
            live.filter(pk__in=[one.pk for one in taken]).delete()
        have = shared_ids(locked)
        given = Share.objects.bulk_create(
            Share(credential=locked, organization=sub, created_by=actor.user)
            for sub in chosen
            if sub.pk not in have
        )
        locked.shared_with_all = with_all
        locked.save(update_fields=["shared_with_all"])
        if not change.is_nothing:
            audit.record(
                actor,
                audit.Action.CREDENTIAL_SHARED,
                locked,
                organization=locked.organization,
                rows=[locked, *given],
                gone=taken,
                shared_with_all=with_all,
                gained=[sub.name for sub in change.gained],
                lost=[sub.name for sub in change.lost],
            )
    credential.shared_with_all = with_all
    return change
