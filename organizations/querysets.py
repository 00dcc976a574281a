"""The choke point: the one way in which views, forms, admin and API reach tenant rows."""

from typing import Any, Self, TypeVar

from django.db import models

from organizations.actors import Actor
from organizations.guarded import GuardedQuerySet
from organizations.permissions import Permission

M = TypeVar("M", bound=models.Model)


class TenantQuerySet(GuardedQuerySet[M]):
    """Rows that belong to an organization, found through `tenant_path`."""

    tenant_path = "organization"

    def for_actor(self, actor: Actor, permission: Permission) -> Self:
        """The rows on which this actor holds the permission. Rows of archived organizations are nobody's."""
        return self.filter(**{f"{self.tenant_path}__in": actor.organization_ids(permission)})


class AppendOnlyQuerySet(TenantQuerySet[M]):
    """Rows that are written once: neither changed nor deleted through the ORM."""

    def update(self, **_kwargs: Any) -> int:
        raise TypeError("Audit events are written once and never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Audit events are written once and never deleted.")
