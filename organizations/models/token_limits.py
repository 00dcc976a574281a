"""What a machine may do, for which apps, from where: the same columns for a token and for who gives some."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from django.db import models

from organizations.actors import Actor
from organizations.bundle_ids import covers, is_pattern
from organizations.guarded import GuardedModel
from organizations.models.organization import Organization
from organizations.permissions import Permission
from organizations.scopes import FOR_ANY_APP, FOR_ONE_APP, Scope, has_kinds, read


class ScopeAboveOwnError(Exception):
    """Nobody gives a token what they do not hold themselves."""

    def __init__(self, scope: Permission) -> None:
        super().__init__(f"You cannot give a token what you may not do yourself: {scope.label.lower()}.")


class TokenLimits(GuardedModel):
    """Words with spaces between them: texts, so that the row's digest covers them as they stand."""

    LIMITS = ("scope_words", "bundle_id_words", "network_words")

    scope_words = models.TextField(editable=False)
    bundle_id_words = models.TextField(blank=True, editable=False)
    network_words = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True

    @staticmethod
    def limits(
        actor: Actor,
        organization: Organization,
        words: Sequence[str],
        apps: Sequence[str],
        networks: Sequence[str],
    ) -> dict[str, str]:
        """The columns, for what this person gives away. Raises PermissionDenied for who may give nothing,
        ScopeAboveOwnError, and ValueError for what no form lets through."""
        actor.require(Permission.TOKEN_MANAGE, organization)
        chosen = [Scope.parse(word) for word in words]
        for scope in chosen:
            if not actor.can(scope.permission, organization):
                raise ScopeAboveOwnError(scope.permission)
        if not chosen or not all(map(is_pattern, apps)):
            raise ValueError("A token has scopes, and bundle IDs are as com.acme.app or com.acme.*.")
        if apps and {scope.permission for scope in chosen} - FOR_ANY_APP - FOR_ONE_APP:
            raise ValueError("What is about the whole organization is not limited to bundle IDs.")
        return {
            "scope_words": " ".join(sorted(map(str, chosen))),
            "bundle_id_words": " ".join(apps),
            "network_words": " ".join(str(ipaddress.ip_network(each)) for each in networks),
        }

    def limit_facts(self) -> dict[str, Any]:
        """What events keep of it."""
        return {
            "scopes": self.scope_words,
            "bundle_ids": self.bundle_id_words,
            "networks": self.network_words,
        }

    @property
    def scopes(self) -> list[Scope]:
        return read(self.scope_words.split())

    @property
    def bundle_ids(self) -> list[str]:
        """None given: all of the organization's."""
        return self.bundle_id_words.split()

    @property
    def networks(self) -> list[str]:
        return self.network_words.split()

    def allows(self, permission: Permission, app: str = "") -> bool:
        """`app` is the bundle ID that it is about. Where there is none, one that is limited to some may but look."""
        held = {Permission.ORGANIZATION_VIEW, *(scope.permission for scope in self.scopes)}
        if permission not in held or not self.bundle_id_words:
            return permission in held
        is_for_one = permission in FOR_ONE_APP and app != "" and self.allows_bundle_id(app)
        return permission in FOR_ANY_APP or is_for_one

    def allows_bundle_id(self, identifier: str) -> bool:
        return not self.bundle_id_words or covers(self.bundle_ids, identifier)

    def kinds_for(self, permission: Permission) -> frozenset[str] | None:
        """The kinds of credential to which this permission is limited; None: it is not."""
        kinds = frozenset(scope.kind for scope in self.scopes if scope.permission == permission)
        return None if "" in kinds or not has_kinds(permission) else kinds

    def may_come_from(self, address: str) -> bool:
        if not self.network_words:
            return True
        try:
            found: Any = ipaddress.ip_address(address)
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in ipaddress.ip_network(each) for each in self.networks)
