"""Credentials: one table for every kind. Facts are public; the secret is sealed (sealed_secret.py)."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from credentials.models.errors import DuplicateCredentialError, NameTakenError
from credentials.models.sealed_secret import SealedSecret
from credentials.models.status import Status
from credentials.querysets import CredentialQuerySet
from organizations import audit
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.words import typed_name

if TYPE_CHECKING:
    from credentials.kinds.trouble import Trouble


def _allowed(value: bool) -> str:
    return "allowed" if value else "off"


class Credential(SealedSecret):
    GUARDED = (
        "organization_id", "kind", "identifier", "shared_with_all", "archived_at", "reveal_allowed",
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=40, editable=False)
    name = models.CharField(max_length=100)
    # What tells two credentials of a kind apart, such as Key ID and Issuer ID
    identifier = models.CharField(max_length=200, editable=False)
    facts = models.JSONField(default=dict, editable=False)
    status = models.CharField(max_length=20, choices=Status, default=Status.NEVER_CHECKED, editable=False)
    status_note = models.CharField(max_length=500, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    last_synced_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)
    shared_with_all = models.BooleanField(
        "shared with all sub-organizations", default=False, help_text="Present and future ones."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        "organizations.User", null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    # Off: CredHub uses it, and no person sees it
    reveal_allowed = models.BooleanField(default=True, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name")]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "identifier"],
                condition=models.Q(archived_at=None),
                name="one_live_credential_per_identifier",
            ),
            models.UniqueConstraint(
                Lower("name"),
                "organization",
                condition=models.Q(archived_at=None),
                name="credential_name_once_per_organization",
                violation_error_message="Another credential of this organization has this name. Choose another.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def page_path(self, organization: Organization | None = None) -> str:
        """The credential's page, as its owner or as the given sub-organization sees it."""
        return reverse("credential", args=[(organization or self.organization).slug, self.pk])

    @property
    def status_choice(self) -> Status:
        return Status(self.status)

    @property
    def kind_label(self) -> str:
        """What people call the kind: `App Store Connect API key`."""
        from credentials.kinds import KINDS

        return KINDS[self.kind].label if self.kind in KINDS else self.kind

    @property
    def summary(self) -> str:
        """The line under its name in lists: what tells it apart."""
        from credentials.kinds import KINDS

        return KINDS[self.kind].summary(self) if self.kind in KINDS else ""

    @property
    def is_checked_at_apple(self) -> bool:
        """Then its status says how that went."""
        from credentials.kinds import KINDS

        return self.kind in KINDS and KINDS[self.kind].is_checked

    @property
    def signs_builds(self) -> bool:
        """Then builds of those it is shared with get it as signing assets."""
        from credentials.kinds import KINDS

        return self.kind in KINDS and KINDS[self.kind].signs_builds

    @property
    def trouble(self) -> "Trouble | None":
        """What to do when it is lost or compromised."""
        from credentials.kinds import KINDS

        return KINDS[self.kind].trouble if self.kind in KINDS else None

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    # A new one

    @classmethod
    def store(
        cls,
        actor: Actor,
        *,
        organization: Organization,
        kind: str,
        name: str,
        identifier: str,
        secret: bytes,
        facts: dict[str, Any],
        expires_at: datetime | None = None,
    ) -> "Credential":
        """Seal a new credential and record it, in one transaction. Raises DuplicateCredentialError, and its
        NameTakenError; PermissionDenied for a token that is for other kinds."""
        actor.require_kind(Permission.CREDENTIAL_MANAGE, kind)
        name = typed_name(name)
        twins = cls.objects.filter(
            organization=organization, kind=kind, identifier=identifier, archived_at=None
        )
        if existing := twins.first():
            raise DuplicateCredentialError(existing)
        credential = cls(
            organization=organization,
            kind=kind,
            name=name,
            identifier=identifier,
            facts=facts,
            expires_at=expires_at,
            created_by=actor.user,
        )
        credential._seal(secret)
        try:
            with transaction.atomic():
                credential.save(force_insert=True)
                audit.record(
                    actor,
                    audit.Action.CREDENTIAL_CREATED,
                    credential,
                    organization=organization,
                    ciphertext=credential.ciphertext,
                    rows=[credential],
                    kind=kind,
                    **audit.safe(facts),
                )
        except IntegrityError:
            if existing := twins.first():  # two uploads of the same key in one moment
                raise DuplicateCredentialError(existing) from None
            if existing := organization.credentials.live().filter(name__iexact=name).first():
                raise NameTakenError(existing) from None
            raise
        return credential

    def replace_secret(
        self, actor: Actor, secret: bytes, facts: dict[str, Any], *, expires_at: datetime | None = None
    ) -> None:
        """A new secret for the same credential: its id, shares and links stay; what was known of it does not."""
        with transaction.atomic():
            self._seal(secret)
            self.facts, self.expires_at = facts, expires_at
            self.status, self.status_note, self.checked_at = Status.NEVER_CHECKED, "", None
            changed = [
                "secret",
                "secret_changed_at",
                "facts",
                "expires_at",
                "status",
                "status_note",
                "checked_at",
            ]
            self.save(update_fields=changed)
            audit.record(
                actor,
                audit.Action.CREDENTIAL_REPLACED,
                self,
                organization=self.organization,
                ciphertext=self.ciphertext,
                kind=self.kind,
                **audit.safe(facts),
            )

    # Everything else about it

    def rename(self, actor: Actor, name: str) -> None:
        """Raises ValidationError for an empty name or another credential's."""
        was, self.name = self.name, typed_name(name)
        if was == self.name:
            return
        self.clean_fields(exclude=["secret", "facts"])
        self.validate_constraints(exclude={"identifier"})
        with transaction.atomic():
            self.save(update_fields=["name"])
            audit.record(
                actor,
                audit.Action.CREDENTIAL_RENAMED,
                self,
                organization=self.organization,
                was=was,
                now=self.name,
            )

    def record_check(self, status: Status, note: str, at: datetime | None = None) -> None:
        """What came out of using it at Apple."""
        self.status, self.status_note, self.checked_at = status, note[:500], at or timezone.now()
        self.save(update_fields=["status", "status_note", "checked_at"])

    def allow_reveal(self, actor: Actor, *, allowed: bool) -> None:
        """Whether people may see the secret at all. Who may see it decides; CredHub goes on using it either way."""
        actor.require(Permission.CREDENTIAL_REVEAL, self.organization)
        if self.reveal_allowed == allowed:
            return
        with transaction.atomic():
            self.reveal_allowed = allowed
            self.save(update_fields=["reveal_allowed"])
            audit.record(
                actor,
                audit.Action.CREDENTIAL_REVEAL_SWITCHED,
                self,
                organization=self.organization,
                rows=[self],
                was=_allowed(not allowed),
                now=_allowed(allowed),
            )

    def archive(self, actor: Actor) -> None:
        """Out of every list, unusable, shares suspended. The secret stays sealed: it can be restored."""
        with transaction.atomic():
            self.archived_at = timezone.now()
            self.save(update_fields=["archived_at"])
            audit.record(
                actor, audit.Action.CREDENTIAL_ARCHIVED, self, organization=self.organization, rows=[self]
            )

    def restore(self, actor: Actor) -> None:
        """Raises ValidationError when its name or its identifier is taken by now."""
        if not self.is_archived:
            return
        twins = self.organization.credentials.live().filter(kind=self.kind, identifier=self.identifier)
        if twin := twins.exclude(pk=self.pk).first():
            raise ValidationError(f"It was added again since, as “{twin.name}”. Archive that one first.")
        self.archived_at = None
        self.validate_constraints()
        with transaction.atomic():
            self.save(update_fields=["archived_at"])
            audit.record(
                actor, audit.Action.CREDENTIAL_RESTORED, self, organization=self.organization, rows=[self]
            )
