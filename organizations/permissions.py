"""Who may do what: one list of permissions, one table of roles. The members page renders the same table."""

from enum import StrEnum

from django.db import models


class Permission(StrEnum):
    """`resource:action`, alphabetical. A check names one of these and nothing else."""

    ACTIVITY_VIEW = "activity:view"
    ADMIN_ACCESS = "admin:access"
    ASSET_DOWNLOAD = "asset:download"
    ASSET_MANAGE = "asset:manage"
    ASSET_VIEW = "asset:view"
    CREDENTIAL_MANAGE = "credential:manage"
    CREDENTIAL_REVEAL = "credential:reveal"
    CREDENTIAL_SHARE = "credential:share"
    CREDENTIAL_USE = "credential:use"
    CREDENTIAL_VIEW = "credential:view"
    MEMBER_MANAGE = "member:manage"
    MEMBER_VIEW = "member:view"
    ORGANIZATION_MANAGE = "organization:manage"
    ORGANIZATION_VIEW = "organization:view"
    SYNC_RUN = "sync:run"
    TOKEN_MANAGE = "token:manage"

    @property
    def label(self) -> str:
        return PERMISSION_LABELS[self]


PERMISSION_LABELS = {
    Permission.ORGANIZATION_VIEW: "See the organization and its overview",
    Permission.CREDENTIAL_VIEW: "See credentials, never their secrets",
    Permission.ASSET_VIEW: "See apps, certificates, profiles, bundle IDs, devices and syncs",
    Permission.MEMBER_VIEW: "See members and roles",
    Permission.CREDENTIAL_USE: "Use credentials, without seeing their secrets",
    Permission.ASSET_DOWNLOAD: "Download certificates and profiles",
    Permission.SYNC_RUN: "Sync with Apple",
    Permission.ASSET_MANAGE: "Manage apps; change certificates, profiles, bundle IDs and devices at Apple",
    Permission.CREDENTIAL_MANAGE: "Add, rename, replace and archive credentials",
    Permission.CREDENTIAL_SHARE: "Share credentials with sub-organizations",
    Permission.MEMBER_MANAGE: "Invite and remove members, change roles",
    Permission.TOKEN_MANAGE: "Create and revoke API tokens, manage webhooks",
    Permission.ACTIVITY_VIEW: "See the activity log",
    Permission.ADMIN_ACCESS: "Open the admin",
    Permission.CREDENTIAL_REVEAL: "Reveal and download secrets",
    Permission.ORGANIZATION_MANAGE: "Create, rename and archive sub-organizations",
}


class Role(models.TextChoices):
    """What a person is in an organization. A role at a root counts in its sub-organizations too, never up."""

    OWNER = "OWNER", "Owner"
    ADMIN = "ADMIN", "Admin"
    DEVELOPER = "DEVELOPER", "Developer"
    VIEWER = "VIEWER", "Viewer"

    @property
    def rank(self) -> int:
        """0 is the highest. Nobody grants, or takes away, a role above their own."""
        return list(Role).index(self)


_VIEWER = frozenset(
    {Permission.ORGANIZATION_VIEW, Permission.CREDENTIAL_VIEW, Permission.ASSET_VIEW, Permission.MEMBER_VIEW}
)
_DEVELOPER = _VIEWER | {Permission.CREDENTIAL_USE, Permission.ASSET_DOWNLOAD, Permission.SYNC_RUN}
_ADMIN = _DEVELOPER | {
    Permission.ASSET_MANAGE,
    Permission.CREDENTIAL_MANAGE,
    Permission.CREDENTIAL_SHARE,
    Permission.MEMBER_MANAGE,
    Permission.TOKEN_MANAGE,
    Permission.ACTIVITY_VIEW,
    Permission.ADMIN_ACCESS,
}
_OWNER = _ADMIN | {Permission.CREDENTIAL_REVEAL, Permission.ORGANIZATION_MANAGE}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _OWNER,
    Role.ADMIN: _ADMIN,
    Role.DEVELOPER: _DEVELOPER,
    Role.VIEWER: _VIEWER,
}

# Operators (superusers) administer everything and open nothing: using or revealing a secret takes a membership, and so
# does writing at Apple in the name of a team.
OPERATOR_PERMISSIONS = frozenset(Permission) - {
    Permission.CREDENTIAL_REVEAL,
    Permission.CREDENTIAL_USE,
    Permission.ASSET_MANAGE,
}

# What a machine may be given, what is only looked at first. Changing people, tokens and organizations stays people's
# business.
TOKEN_SCOPES = (
    Permission.ORGANIZATION_VIEW,
    Permission.CREDENTIAL_VIEW,
    Permission.ASSET_VIEW,
    Permission.MEMBER_VIEW,
    Permission.ACTIVITY_VIEW,
    Permission.ASSET_DOWNLOAD,
    Permission.SYNC_RUN,
    Permission.CREDENTIAL_USE,
    Permission.CREDENTIAL_REVEAL,
    Permission.CREDENTIAL_MANAGE,
    Permission.CREDENTIAL_SHARE,
    Permission.ASSET_MANAGE,
)


def roles_with(permission: Permission) -> list[Role]:
    return [role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions]
