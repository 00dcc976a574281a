"""Who is acting: a person, a machine, or CredHub itself. Every check and every audit event names one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from organizations.permissions import OPERATOR_PERMISSIONS, ROLE_PERMISSIONS, Permission, Role, roles_with

if TYPE_CHECKING:
    from organizations.models import ApiToken, Organization, User

T = TypeVar("T")


@dataclass(frozen=True)
class Actor:
    """One request's (or job's) identity: a person's (`user`), a machine's (`token`), CredHub's own, or a stranger's."""

    user: "User | None" = None
    token: "ApiToken | None" = None
    is_system: bool = False
    address: str = ""
    request_id: str = ""

    @property
    def label(self) -> str:
        if self.is_system:
            return "CredHub"
        if self.token:
            return f"API token “{self.token}” …{self.token.last_four}"
        return self.user.email if self.user else "nobody"

    @property
    def is_operator(self) -> bool:
        return bool(self.user and self.user.is_active and self.user.is_superuser)

    @cached_property
    def _memberships(self) -> list[dict[str, Any]]:
        """Of live organizations. One query an actor."""
        from organizations.models import Membership

        if self.user is None or not self.user.is_active:
            return []
        live = {"organization__archived_at": None, "organization__parent__archived_at": None}
        return Membership.genuine_rows(
            Membership.objects.filter(user=self.user, **live), "organization__parent_id"
        )

    @cached_property
    def _roles(self) -> dict[UUID, set[Role]]:
        """Live organization id → the roles this person holds there directly."""
        roles: dict[UUID, set[Role]] = {}
        for row in self._memberships:
            roles.setdefault(row["organization_id"], set()).add(Role(row["role"]))
        return roles

    @cached_property
    def has_second_factor(self) -> bool:
        """An authenticator app or a passkey that CredHub itself wrote. One query an actor."""
        from organizations.second_factors import has_second_factor

        return bool(self.user and has_second_factor(self.user))

    def lacks_second_factor(self, organization: "Organization") -> bool:
        """Whether the organization is closed to this person until they set one up. Operators are no exception."""
        return bool(self.user and organization.second_factor_is_required and not self.has_second_factor)

    def roles_in(self, organization: "Organization") -> set[Role]:
        """The roles that count in this organization: its own, and its root's that flow down."""
        if not organization.is_genuine:
            return set()
        roles = set(self._roles.get(organization.pk, set()))
        if organization.parent_id:
            roles |= self._roles.get(organization.parent_id, set())
        return roles

    def highest_role(self, organization: "Organization") -> Role | None:
        """The strongest role here; operators count as owners where roles are granted."""
        if self.is_operator:
            return Role.OWNER
        return min(self.roles_in(organization), key=lambda role: role.rank, default=None)

    def can(self, permission: Permission, organization: "Organization", *, app: str = "") -> bool:
        """`app` is the bundle ID that it is about: a token may be limited to some (see TokenLimits.allows)."""
        if self.is_system:
            return True
        if self.token:
            return organization.is_genuine and self._token_reaches(permission, organization.pk, app)
        return permission in self.permissions_in(organization)

    def permissions_in(self, organization: "Organization") -> frozenset[Permission]:
        """What this person may do here. Where a second factor is missing: see that it is there, because the page
        there says what is missing."""
        allowed = frozenset().union(*(ROLE_PERMISSIONS[role] for role in self.roles_in(organization)))
        if self.is_operator:
            allowed |= OPERATOR_PERMISSIONS
        return allowed & {Permission.ORGANIZATION_VIEW} if self.lacks_second_factor(organization) else allowed

    def _token_reaches(self, permission: Permission, organization_id: UUID, app: str = "") -> bool:
        """In its own organization and nowhere else, for as long as who made it may do the same there."""
        token = self.token
        if token is None or token.organization_id != organization_id:
            return False
        return token.allows(permission, app) and self._maker_may(permission)

    def kinds(self, permission: Permission) -> frozenset[str] | None:
        """The kinds of credential that this permission is limited to; None: it is not."""
        return self.token.kinds_for(permission) if self.token else None

    def require_kind(self, permission: Permission, kind: str) -> None:
        """Raise PermissionDenied where the permission is limited to other kinds of credential."""
        kinds = self.kinds(permission)
        if kinds is not None and kind not in kinds:
            raise PermissionDenied("This token is for other kinds of credential.")

    @property
    def bundle_ids(self) -> list[str]:
        """The bundle IDs that this actor is limited to, as organizations/bundle_ids.py has them; empty: it is not."""
        return self.token.bundle_ids if self.token else []

    def _maker_may(self, permission: Permission) -> bool:
        token = self.token
        if token is None or token.created_by is None:
            return False
        maker = self.remember(("maker", token.pk), lambda: Actor(user=token.created_by))
        return maker.can(permission, token.organization)

    def require(self, permission: Permission, organization: "Organization", *, app: str = "") -> None:
        """Raise PermissionDenied (a 403) unless `can`."""
        if not self.can(permission, organization, app=app):
            raise PermissionDenied(f"This needs the permission “{permission.label}” in {organization.name}.")

    def can_anywhere(self, permission: Permission) -> bool:
        if self.token:
            return self._token_reaches(permission, self.token.organization_id)
        if self.is_system or (self.is_operator and permission in OPERATOR_PERMISSIONS):
            return True
        return any(permission in ROLE_PERMISSIONS[role] for roles in self._roles.values() for role in roles)

    def organizations(self, permission: Permission) -> "QuerySet[Organization]":
        """The live organizations in which this actor holds the permission: the root of every tenant filter.

        A sub-organization is not live without its root.
        """
        from organizations.models import Organization

        live = Organization.objects.filter(archived_at=None, parent__archived_at=None)
        if self.is_operator and permission != Permission.ORGANIZATION_VIEW and not self.has_second_factor:
            live = live.exclude(requires_second_factor=True).exclude(parent__requires_second_factor=True)
        if self.is_system or (self.is_operator and permission in OPERATOR_PERMISSIONS):
            return live
        if self.token is None and (self.user is None or not self.user.is_active):
            return live.none()
        return live.filter(pk__in=self._reached(permission)).order_by()

    def remember(self, name: tuple[str, object], find: Callable[[], T]) -> T:
        """What was found once for this actor, which lives as long as one request. CredHub itself lives as long as
        the process, so for it everything is found anew."""
        if self.is_system:
            return find()
        if name not in self._found:
            self._found[name] = find()
        found: T = self._found[name]
        return found

    @cached_property
    def _found(self) -> dict[tuple[str, object], Any]:
        return {}

    def organization_ids(self, permission: Permission) -> "list[UUID] | QuerySet[Organization]":
        """`organizations`, as what `…__in=` takes: plain ids where they are few, which makes every query that is
        built on them shorter; a sub-query for those who see everything."""
        if self.is_system or self.is_operator:
            return self.organizations(permission)
        # Permissions that the same roles give lead to the same organizations, but for what is always seen.
        same: tuple[object, ...] = (permission == Permission.ORGANIZATION_VIEW, *roles_with(permission))
        if self.token:
            same = (permission,)
        return self.remember(("organizations", same), lambda: self._reached(permission))

    def _reached(self, permission: Permission) -> list[UUID]:
        """Where the permission is held: directly, or at the root of an organization that really has that root."""
        if self.token:
            here = self.token.organization
            return [here.pk] if self.can(permission, here) else []
        held = {
            organization_id
            for organization_id, roles in self._roles.items()
            if any(permission in ROLE_PERMISSIONS[role] for role in roles)
        }
        open_to_all = permission == Permission.ORGANIZATION_VIEW
        return [
            pk
            for pk, parent_id, needs_factor in self._family
            if (pk in held or parent_id in held)
            and (open_to_all or not needs_factor or self.has_second_factor)
        ]

    def roots_above(self, organizations: "list[UUID]") -> dict[UUID, UUID]:
        """Of these, which this actor reaches: sub-organization → its root. Not those whose root is among them, too:
        who reaches the root reaches what it gives."""
        if self.token:
            here = self.token.organization
            near = [(here.pk, here.parent_id)] if here.is_genuine else []
        else:
            near = [(pk, parent_id) for pk, parent_id, _ in self._family]
        reached = set(organizations)
        return {pk: root for pk, root in near if root and pk in reached and root not in reached}

    @cached_property
    def _family(self) -> list[tuple[UUID, UUID | None, bool]]:
        """Live organizations of this person and those under them, with their roots, and whether a second factor is
        required there. One query an actor."""
        from organizations.models import Organization

        held = set(self._roles)
        if not held:
            return []
        roots = {row["organization__parent_id"] for row in self._memberships} - {None}
        near = Q(pk__in=held | roots) | Q(parent_id__in=held)
        rows = Organization.objects.filter(near, archived_at=None, parent__archived_at=None)
        found = {row["id"]: row for row in Organization.genuine_rows(rows)}
        return [
            (pk, row["parent_id"], found.get(row["parent_id"], row)["requires_second_factor"])
            for pk, row in found.items()
            if row["parent_id"] is None or row["parent_id"] in found
        ]

    def as_facts(self) -> dict[str, Any]:
        """What an audit event stores about its actor."""
        return {
            "actor_user_id": self.user.pk if self.user else None,
            "actor_label": self.label,
            "address": self.address,
            "request_id": self.request_id,
        }


SYSTEM = Actor(is_system=True)
