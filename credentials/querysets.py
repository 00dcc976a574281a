"""The one override of the choke point: a credential is reached by owning it or by its being shared."""

from typing import TYPE_CHECKING, Any, Self

from django.db.models import BinaryField, Count, F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.querysets import TenantQuerySet

if TYPE_CHECKING:
    from credentials.models import Credential  # noqa: F401 - named in a string below

# What a share gives. Everything else (manage, share, reveal) stays with the owner.
SHARED_PERMISSIONS = frozenset(
    {Permission.CREDENTIAL_VIEW, Permission.CREDENTIAL_USE, Permission.ASSET_VIEW, Permission.ASSET_DOWNLOAD,
     Permission.SYNC_RUN}
)  # fmt: skip


class CredentialQuerySet(TenantQuerySet["Credential"]):
    def for_actor(self, actor: Actor, permission: Permission) -> Self:
        """Owned by an organization where the actor holds the permission, or shared with one of those."""
        organizations = actor.organization_ids(permission)
        reach = Q(organization__in=organizations)
        if permission in SHARED_PERMISSIONS:
            roots = Organization.objects.filter(sub_organizations__in=organizations).order_by()
            shared = Q(shared_with_all=True, organization__in=roots.values("pk"))
            shared |= Q(pk__in=self._shared_pks(organizations))
            reach |= shared & Q(archived_at=None, organization__archived_at=None)
        return self.filter(reach)

    @staticmethod
    def _shared_pks(organizations: object) -> object:
        from credentials.models import Share

        return Share.objects.filter(organization__in=organizations).values("credential_id")  # type: ignore[misc]

    def visible_in(self, organization: Organization) -> Self:
        """What this organization's lists show: its own, and what its root shares with it."""
        reach = Q(organization=organization)
        if organization.parent_id:
            shared = Q(shared_with_all=True) | Q(pk__in=self._shared_pks([organization.pk]))
            reach |= shared & Q(organization_id=organization.parent_id, archived_at=None)
        return self.filter(reach)

    def live(self) -> Self:
        return self.filter(archived_at=None)

    def without_secret(self) -> Self:
        """Lists do not even carry the ciphertext."""
        return self.defer("secret")

    def sealed_before(self, version: int) -> Self:
        """Whose secret is sealed under an older data key than this version, as the header of the ciphertext says
        (bytes 5 to 8, the highest first)."""
        header = Func("secret", 5, 4, function="SUBSTR", output_field=BinaryField())
        return (
            self.exclude(secret__isnull=True)
            .annotate(key_version=header)
            .filter(key_version__lt=version.to_bytes(4, "big"))
        )

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
