"""The one override of the choke point: a credential is reached by owning it or by its being shared."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from credentials.fields import sealed_before
from credentials.lookups import OneOf
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

EVERY = Q()
Given = Mapping[UUID, set[UUID]]  # a sub-organization → the credentials that its root gave it


class CredentialQuerySet(TenantQuerySet["Credential"]):
    # What `for_actor` was told and found, for a `visible_in` behind it
    among = EVERY
    given: Given = {}

    def for_actor(self, actor: Actor, permission: Permission, among: Q = EVERY) -> Self:
        """Owned by an organization where the actor holds the permission, or shared with one of those; of the kinds
        that the permission is limited to. A page that is about some of them says `among` which: the shares of others
        are not looked at."""
        organizations = actor.organization_ids(permission)
        reach = Q(organization__in=organizations)
        found = self.filter(among)
        found.among = among
        # A sub-query stands for everything: who owns all needs no share.
        if permission in SHARED_PERMISSIONS and isinstance(organizations, list):
            found.given = actor.remember(
                ("shared", (*organizations, among)),
                lambda: self._given_to(actor.roots_above(organizations), among),
            )
            if shared := {pk for credentials in found.given.values() for pk in credentials}:
                reach |= Q(OneOf(F("pk"), shared), archived_at=None, organization__archived_at=None)
        kinds = actor.kinds(permission)
        return found.filter(reach) if kinds is None else found.filter(reach, kind__in=kinds)

    def _given_to(self, root_of: Mapping[UUID, UUID], among: Q) -> Given:
        """What these sub-organizations were given by their roots, in shares and switches that CredHub wrote. Two
        queries, however many there are."""
        from credentials.models import Share

        given: dict[UUID, set[UUID]] = {sub: set() for sub in root_of}
        if not given:
            return given
        theirs = self.model.objects.filter(among, organization__in=set(root_of.values()))
        for row in self.model.genuine_rows(theirs.filter(shared_with_all=True)):
            for sub, root in root_of.items():
                if root == row["organization_id"]:
                    given[sub].add(row["id"])
        for row in Share.genuine_rows(Share.objects.filter(organization__in=given, credential__in=theirs)):
            given[row["organization_id"]].add(row["credential_id"])
        return given

    def visible_in(self, organization: Organization, among: Q = EVERY) -> Self:
        """What this organization's lists show: its own, and what its root shares with it. `among` is as for
        `for_actor`, and goes without saying behind it."""
        among = among or self.among
        reach = Q(organization=organization)
        if organization.parent_id:
            shared = self.given.get(organization.pk)
            if shared is None:  # then once for an instance, which lives as long as one request
                known = organization.__dict__.setdefault("_given_here", {})
                if among not in known:
                    root_of = {organization.pk: organization.parent_id} if organization.is_genuine else {}
                    known[among] = self._given_to(root_of, among).get(organization.pk, set())
                shared = known[among]
            if shared:
                reach |= Q(OneOf(F("pk"), shared), organization_id=organization.parent_id, archived_at=None)
        return self.filter(among, reach)

    def _clone(self) -> Self:
        found: Self = super()._clone()  # type: ignore[misc]  # Django's, which the stubs leave out
        found.among, found.given = self.among, self.given
        return found

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
