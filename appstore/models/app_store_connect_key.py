"""Apple's side of a .p8: which key it is, what it is allowed to do, and how Apple answered last."""

import uuid
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Case, F, Value, When

from appstore.models.developer_team import DeveloperTeam, Program
from credentials.models import Credential, Status
from credentials.parsing.p8 import P8Key
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.querysets import TenantQuerySet

APP_STORE_CONNECT_KEY = "app-store-connect-api-key"


class KeyType(models.TextChoices):
    TEAM = "TEAM", "Team key"
    INDIVIDUAL = "INDIVIDUAL", "Individual key"
    ENTERPRISE = "ENTERPRISE", "Enterprise key"


class Health(models.TextChoices):
    """UNCHECKED: Apple has not been asked. SUSPECT: a 401 that may pass. REJECTED: syncing by schedule stops."""

    UNCHECKED = "UNCHECKED", "Never checked"
    HEALTHY = "HEALTHY", "Works"
    SUSPECT = "SUSPECT", "In doubt"
    REJECTED = "REJECTED", "Refused by Apple"


# The outcome of a check (appstore/client/probe.py) → what lists say, and what it means for the schedule.
# None: the key's health stays as it was, because the answer says nothing about the key.
OUTCOMES: dict[str, tuple[Status, Health | None]] = {
    "works": (Status.WORKS, Health.HEALTHY),
    "refused": (Status.REFUSED, Health.REJECTED),
    "role-too-weak": (Status.ROLE_TOO_WEAK, Health.HEALTHY),
    "agreement-required": (Status.AGREEMENT, Health.HEALTHY),
    "membership-lapsed": (Status.MEMBERSHIP, Health.HEALTHY),
    "rate-limited": (Status.UNREACHABLE, None),
    "unreachable": (Status.UNREACHABLE, None),
    "unexpected": (Status.UNREACHABLE, None),
}


class AppStoreConnectKeyQuerySet(TenantQuerySet["AppStoreConnectKey"]):
    def for_actor(self, actor: Actor, permission: Permission) -> Self:
        return self.filter(credential__in=Credential.objects.for_actor(actor, permission))

    def visible_in(self, organization: Organization) -> Self:
        return self.filter(credential__in=Credential.objects.visible_in(organization))

    def live(self) -> Self:
        return self.filter(
            credential__archived_at=None,
            credential__organization__archived_at=None,
            credential__organization__parent__archived_at=None,
        )

    def usable(self) -> Self:
        """Keys that can sync: live, not Individual, not rejected; the healthiest first, too weak a role last."""
        rank = Case(
            When(credential__status=Status.ROLE_TOO_WEAK, then=Value(2)),
            When(health=Health.HEALTHY, then=Value(0)),
            default=Value(1),
        )
        return (
            self.live()
            .exclude(health=Health.REJECTED)
            .exclude(key_type=KeyType.INDIVIDUAL)
            .order_by(rank, F("credential__checked_at").desc(nulls_last=True), "key_id")
        )

    def for_app_store(self) -> Self:
        """Keys that a choice meant for the App Store or TestFlight may offer: no Enterprise keys."""
        return self.live().exclude(key_type=KeyType.ENTERPRISE)


class AppStoreConnectKey(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    credential = models.OneToOneField(
        Credential, on_delete=models.CASCADE, related_name="app_store_connect_key"
    )
    team = models.ForeignKey(DeveloperTeam, null=True, on_delete=models.PROTECT, related_name="keys")
    key_id = models.CharField("Key ID", max_length=20)
    issuer_id = models.CharField("Issuer ID", max_length=64, blank=True)
    key_type = models.CharField(max_length=12, choices=KeyType)
    health = models.CharField(max_length=12, choices=Health, default=Health.UNCHECKED)
    # Endpoint → whether Apple lets the key use it, as far as it was tried
    capabilities = models.JSONField(default=dict)
    # The X-Rate-Limit header of Apple's last answer
    hour_limit = models.PositiveIntegerField(null=True)
    hour_remaining = models.PositiveIntegerField(null=True)

    objects = AppStoreConnectKeyQuerySet.as_manager()

    class Meta:
        ordering = ["key_id"]
        verbose_name = "App Store Connect API key"

    def __str__(self) -> str:
        return f"{self.credential.name} ({self.key_id})"

    @property
    def can_sync(self) -> bool:
        return self.key_type != KeyType.INDIVIDUAL

    @property
    def is_enterprise(self) -> bool:
        return self.key_type == KeyType.ENTERPRISE

    @property
    def key_type_choice(self) -> KeyType:
        return KeyType(self.key_type)

    @staticmethod
    def identifier_for(key_id: str, issuer_id: str) -> str:
        return f"{key_id}:{issuer_id}"

    @staticmethod
    def _facts(key_id: str, issuer_id: str, key_type: str) -> dict[str, Any]:
        return {"key_id": key_id, "issuer_id": issuer_id, "key_type": str(key_type)}

    @classmethod
    def add(
        cls,
        actor: Actor,
        *,
        organization: Organization,
        name: str,
        key_id: str,
        issuer_id: str,
        key_type: KeyType,
        p8: P8Key,
    ) -> "AppStoreConnectKey":
        """Store a new key; its check at Apple is asked for in the same transaction.

        Raises DuplicateCredentialError when the organization has this Key ID and Issuer ID already.
        """
        from appstore.models.sync_run import SyncRun

        with transaction.atomic():
            credential = Credential.store(
                actor,
                organization=organization,
                kind=APP_STORE_CONNECT_KEY,
                name=name,
                identifier=cls.identifier_for(key_id, issuer_id),
                secret=p8.pem,
                facts=cls._facts(key_id, issuer_id, key_type),
            )
            key = cls.objects.create(
                credential=credential,
                team=cls._team_for(organization, issuer_id, key_type),
                key_id=key_id,
                issuer_id=issuer_id,
                key_type=key_type,
            )
            SyncRun.request_check(actor, key, trigger=SyncRun.Trigger.UPLOAD)
        return key

    @staticmethod
    def _team_for(organization: Organization, issuer_id: str, key_type: KeyType) -> DeveloperTeam | None:
        if key_type == KeyType.INDIVIDUAL:
            return None
        program = Program.ENTERPRISE if key_type == KeyType.ENTERPRISE else Program.APP_STORE
        return DeveloperTeam.objects.get_or_create(
            organization=organization, issuer_id=issuer_id, program=program
        )[0]

    def replace_private_key(self, actor: Actor, *, key_type: KeyType, p8: P8Key) -> None:
        """The private key (and, where it was chosen wrong, the key type) of the same Key ID and Issuer ID."""
        from appstore.models.sync_run import SyncRun

        with transaction.atomic():
            self.credential.replace_secret(actor, p8.pem, self._facts(self.key_id, self.issuer_id, key_type))
            self.key_type, self.health, self.capabilities = key_type, Health.UNCHECKED, {}
            self.team = self._team_for(self.credential.organization, self.issuer_id, key_type)
            self.save(update_fields=["key_type", "health", "capabilities", "team"])
            SyncRun.request_check(actor, self, trigger=SyncRun.Trigger.UPLOAD)

    def record_outcome(self, outcome: str, note: str, capabilities: dict[str, bool] | None = None) -> None:
        """Keep what came out of a check or of a sync (see OUTCOMES)."""
        status, health = OUTCOMES[outcome]
        self.health = health or self.health
        self.capabilities = {**self.capabilities, **(capabilities or {})}
        self.save(update_fields=["health", "capabilities"])
        self.credential.record_check(status, note)

    def record_rate_limit(self, hour_limit: int | None, hour_remaining: int | None) -> None:
        if hour_limit is not None and hour_remaining is not None:
            self.hour_limit, self.hour_remaining = hour_limit, hour_remaining
            self.save(update_fields=["hour_limit", "hour_remaining"])
