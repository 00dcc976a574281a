"""Apple's side of a .p8: which key it is, what it is allowed to do, and how Apple answered last."""

import uuid
from datetime import timedelta
from secrets import SystemRandom
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from appstore import announcing
from appstore.models import health
from appstore.models.developer_team import OF_KEYS, DeveloperTeam, Program
from appstore.models.health import Health
from credentials.models import Credential, Status
from credentials.parsing.p8 import P8Key
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.querysets import TenantQuerySet

random = SystemRandom()
APP_STORE_CONNECT_KEY = "app-store-connect-api-key"


class KeyType(models.TextChoices):
    TEAM = "TEAM", "Team key"
    INDIVIDUAL = "INDIVIDUAL", "Individual key"
    ENTERPRISE = "ENTERPRISE", "Enterprise key"


# The outcome of a check (appstore/client/probe.py) → what lists say, and what it means for the schedule.
# None: the key's health stays as it was, because the answer says nothing about the key.
OUTCOMES: dict[str, tuple[Status, Health | None]] = {
    "works": (Status.WORKS, Health.HEALTHY),
    "refused": (Status.REFUSED, None),  # step by step, see appstore/models/health.py
    "role-too-weak": (Status.ROLE_TOO_WEAK, Health.HEALTHY),
    "agreement-required": (Status.AGREEMENT, Health.HEALTHY),
    "membership-lapsed": (Status.MEMBERSHIP, Health.HEALTHY),
    "rate-limited": (Status.UNREACHABLE, None),
    "unreachable": (Status.UNREACHABLE, None),
    "unexpected": (Status.UNREACHABLE, None),
}


class AppStoreConnectKeyQuerySet(TenantQuerySet["AppStoreConnectKey"]):
    def for_actor(self, actor: Actor, permission: Permission) -> Self:
        return self.filter(credential__in=Credential.objects.for_actor(actor, permission, OF_KEYS))

    def visible_in(self, organization: Organization) -> Self:
        return self.filter(credential__in=Credential.objects.visible_in(organization, OF_KEYS))

    def live(self) -> Self:
        return self.filter(
            credential__archived_at=None,
            credential__organization__archived_at=None,
            credential__organization__parent__archived_at=None,
        )

    def usable(self) -> Self:
        """Keys that can sync: live, not Individual, not rejected; the healthiest first, those in doubt last."""
        rank = Case(
            When(health=Health.SUSPECT, then=Value(3)),
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
    probed_at = models.DateTimeField(null=True)  # when all of `capabilities` was tried last
    # The X-Rate-Limit header of Apple's last answer, and when that was (see appstore/budget.py)
    hour_limit = models.PositiveIntegerField(null=True)
    hour_remaining = models.PositiveIntegerField(null=True)
    minute_limit = models.PositiveIntegerField(null=True)
    minute_remaining = models.PositiveIntegerField(null=True)
    limits_at = models.DateTimeField(null=True)
    # 429s in a row, and until when the key is left alone for them
    throttles = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    # 401s that were believed, and when Apple is asked again (see appstore/doubt.py)
    doubts = models.PositiveIntegerField(default=0)
    recheck_at = models.DateTimeField(null=True)

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
    def _facts(key_id: str, issuer_id: str, key_type: str, p8: P8Key) -> dict[str, Any]:
        facts = {"key_id": key_id, "issuer_id": issuer_id, "key_type": str(key_type)}
        return {**facts, "public_key_sha256": p8.public_key_sha256}

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
                facts=cls._facts(key_id, issuer_id, key_type, p8),
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
            facts = self._facts(self.key_id, self.issuer_id, key_type, p8)
            self.credential.replace_secret(actor, p8.pem, facts)
            self.key_type, self.health, self.capabilities = key_type, Health.UNCHECKED, {}
            health.accepted(self)
            self.team = self._team_for(self.credential.organization, self.issuer_id, key_type)
            self.save(update_fields=["key_type", "health", "capabilities", "team", "doubts", "recheck_at"])
            SyncRun.request_check(actor, self, trigger=SyncRun.Trigger.UPLOAD)

    def record_outcome(self, outcome: str, note: str, capabilities: dict[str, bool] | None = None) -> None:
        """Keep what came out of a check or of a sync (see OUTCOMES)."""
        status, found = OUTCOMES[outcome]
        if outcome == "refused":
            health.refused(self)
            if self.health == Health.SUSPECT and self._has_worked:
                status = Status.IN_DOUBT
        elif found is not None:
            health.accepted(self)
            self.health = found
        self.capabilities = {**self.capabilities, **(capabilities or {})}
        self.save(update_fields=["health", "capabilities", "doubts", "recheck_at"])
        is_news = status == Status.REFUSED and self.credential.status != Status.REFUSED
        self.credential.record_check(status, note)
        if is_news:
            announcing.key_refused(self)

    @property
    def _has_worked(self) -> bool:
        """With this private key."""
        synced = self.credential.last_synced_at
        return synced is not None and synced > self.credential.secret_changed_at

    def pause(self, seconds: float | None) -> float:
        """Leave the key alone after a 429, for as long as Apple says or else longer each time, at random so that
        several keys do not come back together. Returns the seconds."""
        self.throttles += 1
        most = min(900.0, 2.0**self.throttles)
        wait = seconds if seconds is not None else random.uniform(1, max(2.0, most))
        self.paused_until = timezone.now() + timedelta(seconds=wait)
        self.save(update_fields=["throttles", "paused_until"])
        return wait

    def unpause(self) -> None:
        """Apple answered: the next 429 is a first one again."""
        if self.throttles or self.paused_until:
            self.throttles, self.paused_until = 0, None
            self.save(update_fields=["throttles", "paused_until"])
