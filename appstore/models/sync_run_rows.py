"""Job rows: whose they are, and which of them may be done now."""

import uuid
from typing import Self, TypeVar

from django.db.models import Model, Prefetch, Q, QuerySet
from django.db.models.functions import Now

from appstore.models.app_store_connect_key import AppStoreConnectKey
from appstore.models.developer_team import DeveloperTeam
from appstore.models.run_states import ACTIVE, Kind, State
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.querysets import TenantQuerySet

M = TypeVar("M", bound=Model)


class SyncRunQuerySet(TenantQuerySet[M]):
    def for_actor(self, actor: Actor, permission: Permission) -> Self:
        teams = DeveloperTeam.objects.for_actor(actor, permission)
        keys = AppStoreConnectKey.objects.for_actor(actor, permission)
        return self._about(
            actor.remember(("teams", permission), lambda: list(teams.values_list("pk", flat=True))),
            actor.remember(("keys", permission), lambda: list(keys.values_list("pk", flat=True))),
        )

    def visible_in(self, organization: Organization) -> Self:
        teams = DeveloperTeam.objects.visible_in(organization)
        keys = AppStoreConnectKey.objects.visible_in(organization)
        return self._about(list(teams.values_list("pk", flat=True)), list(keys.values_list("pk", flat=True)))

    def _about(self, teams: list[uuid.UUID], keys: list[uuid.UUID]) -> Self:
        """A team that is shared has keys that are not: the check of a key is for those who see the key.

        Plain ids: as sub-queries under this OR, PostgreSQL would run them again for every row.
        """
        return self.filter((Q(team__in=teams) & ~Q(kind=Kind.CHECK)) | Q(key__in=keys))

    def with_keys(self, keys: "QuerySet[AppStoreConnectKey]") -> Self:
        """`run.key` is one of these, or None."""
        return self.prefetch_related(
            Prefetch("key", keys.select_related("credential").defer("credential__secret"))
        )

    def active(self) -> Self:
        return self.filter(state__in=ACTIVE)

    def waiting(self) -> Self:
        """Nobody has them, and their time has come."""
        return self.filter(state__in=[State.QUEUED, State.WAITING], next_run_at__lte=Now())

    def due(self) -> Self:
        """What may be claimed now: due rows, and running ones whose owner let the lease run out."""
        return self.filter(
            Q(state__in=[State.QUEUED, State.WAITING], next_run_at__lte=Now())
            | Q(state=State.RUNNING, lease_until__lt=Now())
        )


def owner_of(team: DeveloperTeam | None, key: AppStoreConnectKey | None) -> Organization | None:
    """Whose log the run is in, and whose turn it takes."""
    if team is not None:
        return team.organization
    return key.credential.organization if key is not None else None
