"""The one override of the choke point: a credential is reached by owning it or by its being shared."""

from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from credentials.fields import sealed_before
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.querysets import TenantQuerySet

if TYPE_CHECKING:
    from credentials.models import Credential

# What a share gives. Everything else (manage, share, reveal) stays with the owner.
SHARED_PERMISSIONS = frozenset(
    {Permission.CREDENTIAL_VIEW, Permission.CREDENTIAL_USE, Permission.ASSET_VIEW, Permission.ASSET_DOWNLOAD,
     Permission.SYNC_RUN}
)  # fmt: skip


class CredentialQuerySet(TenantQuerySet["Credential"]):
    def for_actor(self, actor: Actor, permission: Permission) -> Self:
        """Owned by an organization where the actor holds the permission, or shared with one of those; of the kinds
        that the permission is limited to."""
        organizations = actor.organization_ids(permission)
        reach = Q(organization__in=organizations)
        # A sub-query stands for everything: who owns all needs no share.
        is_of_a_root = actor.token is not None and actor.token.organization.parent_id is None  # given nothing
        if permission in SHARED_PERMISSIONS and isinstance(organizations, list) and not is_of_a_root:
            shared = actor.remember(
                ("shared", tuple(organizations)), lambda: self._shared_with(organizations)
            )
            reach |= Q(pk__in=shared, archived_at=None, organization__archived_at=None)
        kinds = actor.kinds(permission)
        return self.filter(reach) if kinds is None else self.filter(reach, kind__in=kinds)

    def _shared_with(self, organizations: list[UUID]) -> list[UUID]:
        """The credentials that these sub-organizations were given, by shares and switches that CredHub wrote.
        Three queries, however many there are."""
        from credentials.models import Share

        subs = Organization.objects.filter(pk__in=organizations).exclude(parent=None).order_by()
        roots = {row["parent_id"] for row in subs.values(*Organization.guarded_columns())
                 if Organization.is_genuine_row(row)}  # fmt: skip
        if not roots:
            return []
        everybody = self.model.objects.filter(shared_with_all=True, organization__in=roots)
        chosen = Share.objects.filter(organization__in=organizations, credential__organization__in=roots)
        return [
            *(row["id"] for row in everybody.values(*self.model.guarded_columns()).order_by()
              if self.model.is_genuine_row(row)),
            *(row["credential_id"] for row in chosen.values(*Share.guarded_columns()).order_by()
              if Share.is_genuine_row(row)),
        ]  # fmt: skip

    def visible_in(self, organization: Organization) -> Self:
        """What this organization's lists show: its own, and what its root shares with it. The latter is found once
        for an instance, which lives as long as one request."""
        reach = Q(organization=organization)
        if organization.parent_id:
            known = organization.__dict__
            if "_shared_here" not in known:
                known["_shared_here"] = self._shared_with([organization.pk])
            shared = known["_shared_here"]
            reach |= Q(pk__in=shared, organization_id=organization.parent_id, archived_at=None)
        return self.filter(reach)

    def live(self) -> Self:
        return self.filter(archived_at=None)

    def named_like(self, words: str) -> Self:
        """With this in the name or in the identifier."""
        return self.filter(Q(name__icontains=words) | Q(identifier__icontains=words))

    def without_secret(self) -> Self:
        """Lists do not even carry the ciphertext."""
        return self.defer("secret")

    def sealed_before(self, version: int) -> "QuerySet[Credential]":
        """Whose secret is sealed under an older data key than this version."""
        return sealed_before(self, "secret", version)

    def with_share_counts(self) -> Self:
        """`sub_count`: the owner's live sub-organizations; `chosen_count`: those chosen one by one. In the same
        query, by sub-queries: joins would multiply one with the other."""
        from credentials.models import Share

        subs = Organization.objects.live().filter(parent=OuterRef("organization"))
        shares = Share.objects.filter(credential=OuterRef("pk"), organization__archived_at=None)
        return self.annotate(
            sub_count=_count(subs, "parent"),
            chosen_count=_count(shares, "credential"),
            owner_name=F("organization__name"),
        )


def _count(rows: QuerySet[Any], group: str) -> Coalesce:
    """How many rows of a correlated queryset there are; `group` is the column that it is correlated by."""
    return Coalesce(Subquery(rows.order_by().values(group).annotate(n=Count("pk")).values("n")), 0)
