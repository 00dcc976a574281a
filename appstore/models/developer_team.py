"""The Apple account behind keys: keys rotate, the team and the mirror of its objects stay."""

import uuid
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Left
from django.db.models.lookups import Exact

from credentials.models import Credential
from organizations.actors import Actor
from organizations.bundle_ids import prefix_of
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.querysets import TenantQuerySet

OF_KEYS = Q(app_store_connect_key__isnull=False)  # what of the credentials matters here
M = TypeVar("M", bound=models.Model)

if TYPE_CHECKING:
    from appstore.models.app_store_connect_key import AppStoreConnectKey


class Program(models.TextChoices):
    APP_STORE = "APP_STORE", "Apple Developer Program"
    ENTERPRISE = "ENTERPRISE", "Apple Developer Enterprise Program"


class DeveloperTeamQuerySet(TenantQuerySet["DeveloperTeam"]):
    def for_actor(self, actor: Actor, permission: Permission) -> Self:
        """Owned, or behind a live key that is shared with an organization of the actor."""
        shared = Credential.objects.for_actor(actor, permission, OF_KEYS).live()
        return self.filter(
            Q(organization__in=actor.organization_ids(permission)) | Q(pk__in=_teams_behind(shared))
        )

    def visible_in(self, organization: Organization) -> Self:
        """What this organization's pages show: its own teams, and those behind keys its root shares."""
        shared = Credential.objects.visible_in(organization, OF_KEYS).live()
        return self.filter(Q(organization=organization) | Q(pk__in=_teams_behind(shared)))


class OfTeamsQuerySet(TenantQuerySet[M]):
    """Rows that belong to a team: who reaches the team reaches them."""

    def for_actor(self, actor: Actor, permission: Permission) -> Self:
        """Which teams these are is asked once a request. Who is limited to some bundle IDs sees the rows of those,
        where rows are of one (the model's BUNDLE_ID), and nothing that tells of all of them (None)."""
        teams = DeveloperTeam.objects.for_actor(actor, permission)
        found = self.filter(
            team__in=actor.remember(("teams", permission), lambda: list(teams.values_list("pk", flat=True)))
        )
        path = getattr(self.model, "BUNDLE_ID", "")
        if not actor.bundle_ids or path == "":
            return found
        return found.none() if path is None else found.filter(of_apps(path, actor.bundle_ids))

    def visible_in(self, organization: Organization) -> Self:
        teams = DeveloperTeam.objects.visible_in(organization)
        return self.filter(team__in=list(teams.values_list("pk", flat=True)))


def of_apps(path: str, patterns: list[str]) -> Q:
    """What organizations/bundle_ids.py says of one, letter by letter: LIKE takes no notice of case everywhere."""
    found = Q(**{f"{path}__in": patterns})
    for prefix in filter(None, map(prefix_of, patterns)):
        begins = Exact(Left(F(path), len(prefix)), Value(prefix))
        found |= Q(begins) & ~Q(**{path: prefix})
    return found


def _teams_behind(credentials: models.QuerySet[Credential]) -> models.QuerySet[Credential, Any]:
    return (
        credentials.filter(app_store_connect_key__team__isnull=False)
        .values_list("app_store_connect_key__team_id", flat=True)
        .order_by()
    )


class DeveloperTeam(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="developer_teams")
    issuer_id = models.CharField("Issuer ID", max_length=64)
    program = models.CharField(max_length=12, choices=Program)
    # Apple tells neither with the key: read from the first certificate or profile that is synced
    team_id = models.CharField("Team ID", max_length=20, blank=True)
    name = models.CharField(max_length=255, blank=True)
    generation = models.PositiveBigIntegerField(default=0)
    last_synced_at = models.DateTimeField(null=True)
    next_sync_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeveloperTeamQuerySet.as_manager()

    class Meta:
        ordering = ["name", "issuer_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "issuer_id", "program"], name="one_team_per_issuer"
            )
        ]

    def __str__(self) -> str:
        if self.name and self.team_id:
            return f"{self.name} ({self.team_id})"
        return self.name or self.team_id or f"Issuer {self.issuer_id}"

    @property
    def is_enterprise(self) -> bool:
        return self.program == Program.ENTERPRISE

    def learn(self, team_id: str, name: str) -> None:
        """Keep what an object of the team tells of it, where we did not know it yet."""
        if (self.team_id or not team_id) and (self.name or not name):
            return
        self.team_id = self.team_id or team_id[:20]
        self.name = self.name or name[:255]
        self.save(update_fields=["team_id", "name"])

    def usable_keys(self) -> "models.QuerySet[AppStoreConnectKey]":
        """Live keys that may sync, the healthiest first."""
        return self.keys.usable()
