"""Who the identity provider lets in, and the roles that its groups give.

A person is known by an e-mail address that the provider says is verified. Somebody new comes in when a mapped group
gives them a role. Roles from groups follow the groups at every sign-in; a membership that was given by hand is never
touched; and a root keeps its last owner, whatever the groups say.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from organizations import audit
from organizations.actors import SYSTEM
from organizations.models import LastOwnerError, Membership, Organization, User
from organizations.permissions import Role
from organizations.words import typed_name

log = structlog.get_logger(__name__)
Mapped = list[tuple[str, str, Role]]


def parse(text: str) -> Mapped:
    """`group=organization-slug:ROLE,…`. Raises ValueError with the entry that cannot be read."""
    found: Mapped = []
    for entry in filter(None, (each.strip() for each in text.split(","))):
        group, _, target = entry.rpartition("=")
        slug, _, role = target.partition(":")
        if not (group.strip() and slug.strip() and role.strip().upper() in Role.values):
            raise ValueError(f"“{entry}” is not group=organization-slug:ROLE")
        found.append((group.strip(), slug.strip(), Role(role.strip().upper())))
    return found


def person_of(claims: Mapping[str, Any]) -> User | None:
    """The account that these claims open, with the roles of its groups; None for who has not been invited."""
    email = str(claims.get("email") or "").strip()
    if not email or claims.get("email_verified") is not True:
        return None
    with transaction.atomic():
        user = User.objects.filter(email__iexact=email).first()
        if user is not None and not is_same_address(user.email, email):
            return None
        if user is not None and not user.is_active:
            return user  # allauth says that the account is locked
        roles = roles_of(claims)
        if user is None and not roles:
            return None
        if user is None:
            user = User.objects.create_user(email, None, name=typed_name(claims.get("name"))[:120])
        _apply(user, roles)
    return user


def is_same_address(one: str, other: str) -> bool:
    """Letters beyond ASCII have to be the same ones. To databases, and to Python, “ı” and the Kelvin sign are other
    cases of “i” and “k”, and who owns an address with them is somebody else."""
    return one == other or (one.isascii() and other.isascii() and one.lower() == other.lower())


def roles_of(claims: Mapping[str, Any]) -> dict[Organization, Role]:
    """Live organization → the highest role that the groups give in it."""
    groups = claims.get(settings.OIDC_GROUPS_CLAIM)
    names = {groups} if isinstance(groups, str) else set(map(str, groups if isinstance(groups, list) else []))
    wanted: dict[str, Role] = {}
    for group, slug, role in parse(settings.OIDC_GROUP_ROLES):
        if group in names and (slug not in wanted or role.rank < wanted[slug].rank):
            wanted[slug] = role
    live = Organization.objects.filter(slug__in=wanted, archived_at=None, parent__archived_at=None)
    return {organization: wanted[organization.slug] for organization in live}


def _apply(user: User, roles: dict[Organization, Role]) -> None:
    held = {each.organization: each for each in user.memberships.select_related("organization", "user")}
    for organization, role in roles.items():
        membership = held.get(organization)
        if membership is None:
            membership = user.memberships.create(
                organization=organization, role=role, from_identity_provider=True
            )
            audit.record(
                SYSTEM, audit.Action.MEMBER_JOINED, user, organization=organization, role=str(role),
                rows=[membership],
                reason="group of the identity provider",
            )  # fmt: skip
        elif membership.from_identity_provider and membership.role != role:
            _unless_last_owner(membership, role)
    for organization, membership in held.items():
        if membership.from_identity_provider and organization not in roles:
            _unless_last_owner(membership, None)


def _unless_last_owner(membership: Membership, role: Role | None) -> None:
    try:
        with transaction.atomic():
            if role is None:
                membership.remove(SYSTEM)
            else:
                membership.change_role(SYSTEM, role)
    except LastOwnerError:
        log.warning("identity_provider.last_owner_stays", organization=membership.organization.slug)
