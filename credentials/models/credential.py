"""Credentials: one table for every kind. Facts are public; the secret is sealed and leaves through `reveal`."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Cast, Lower
from django.urls import reverse
from django.utils import timezone

from credentials import crypto
from credentials.fields import Sealed, SealedField
from credentials.models.data_key import DataKey, DataKeyGoneError, Deployment
from credentials.models.errors import DuplicateCredentialError, NameTakenError, NotTheLastSecretError
from credentials.models.status import Status
from credentials.querysets import CredentialQuerySet
from organizations import audit, audit_chain
from organizations.actors import Actor
from organizations.guarded import GuardedModel
from organizations.models import AuditEvent, Organization
from organizations.permissions import Permission
from organizations.words import typed_name

if TYPE_CHECKING:
    from credentials.kinds.trouble import Trouble


class Credential(GuardedModel):
    GUARDED = ("organization_id", "kind", "identifier", "shared_with_all", "archived_at")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=40, editable=False)
    name = models.CharField(max_length=100)
    # What tells two credentials of a kind apart, such as Key ID and Issuer ID
    identifier = models.CharField(max_length=200, editable=False)
    facts = models.JSONField(default=dict, editable=False)
    secret = SealedField(null=True)
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
    secret_changed_at = models.DateTimeField(default=timezone.now, editable=False)
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
    def trouble(self) -> "Trouble | None":
        """What to do when it is lost or compromised."""
        from credentials.kinds import KINDS

        return KINDS[self.kind].trouble if self.kind in KINDS else None

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    # Secrets: one way in, one way out

    def _context(self) -> bytes:
        """What the ciphertext is bound to. Organization and id never change."""
        return crypto.canonical(
            str(Deployment.current().pk),
            str(self.organization_id),
            "credentials.Credential.secret",
            str(self.pk),
        )

    def _seal(self, secret: bytes) -> None:
        data_key = DataKey.current_for(self.organization_id)
        self.secret = Sealed(crypto.seal(secret, data_key.open(), data_key.version, self._context()))
        self.secret_changed_at = timezone.now()

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
        NameTakenError."""
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
                    **facts,
                )
        except IntegrityError:
            if existing := twins.first():  # two uploads of the same key in one moment
                raise DuplicateCredentialError(existing) from None
            if existing := organization.credentials.live().filter(name__iexact=name).first():
                raise NameTakenError(existing) from None
            raise
        return credential

    def reveal(self, actor: Actor, purpose: str) -> bytes:
        """Open the secret. The event is written first: what cannot be recorded is not opened.

        Raises PermissionDenied, SealError. CredHub itself (SYSTEM) opens secrets to sync; a person needs the
        permission to reveal, which no operator has by being one.
        """
        actor.require(Permission.CREDENTIAL_REVEAL, self.organization)
        with transaction.atomic(durable=True):  # a caller's rollback would unwrite the event
            audit.record(
                actor,
                audit.Action.CREDENTIAL_REVEALED,
                self,
                organization=self.organization,
                purpose=purpose,
                kind=self.kind,
            )
        ciphertext = self.ciphertext
        if not ciphertext:
            raise crypto.SealError("This credential holds no secret.")
        try:
            return self._unsealed(self._the_last_one())
        except (DataKeyGoneError, NotTheLastSecretError):
            # Replaced or sealed anew since this row was read? Then the row tells.
            was = self.secret
            self.refresh_from_db(fields=["secret"])
            if self.secret is None or self.secret == was:
                raise
            return self._unsealed(self._the_last_one())

    @property
    def ciphertext(self) -> bytes:
        return self.secret.ciphertext if self.secret else b""

    def _the_last_one(self) -> bytes:
        """The ciphertext. Raises SealError for a row that CredHub did not write, NotTheLastSecretError for a
        ciphertext that is not what it stored last."""
        if not self.is_genuine:
            raise crypto.SealError("This credential was changed past CredHub. Tell who runs it.")
        stored = AuditEvent.objects.filter(chain=self.organization_id, subject_id=str(self.pk)).exclude(
            secret_digest=""
        )
        last = stored.order_by("-sequence").first()
        if (
            last is None
            or not last.is_genuine
            or not audit_chain.secret_fits(last.secret_digest, self.pk, self.ciphertext)
        ):
            raise NotTheLastSecretError
        return self.ciphertext

    def _unsealed(self, ciphertext: bytes) -> bytes:
        data_key = DataKey.of(self.organization_id, crypto.data_key_version(ciphertext))
        return crypto.unseal(ciphertext, data_key.open(), self._context())

    def reseal(self, actor: Actor) -> bool:
        """The same secret, sealed anew under the organization's newest data key. It does not leave this method.

        False, and nothing is done, when there is no secret, or the row was changed or resealed since it was read:
        what is there now counts. Raises SealError, MasterKeyError, KeyProviderUnreachableError.
        """
        if self.secret is None:
            return False
        was = self.secret
        try:
            plain = self._unsealed(self._the_last_one())
        except NotTheLastSecretError:
            if Credential.objects.values_list("secret", flat=True).get(pk=self.pk) != was:
                return False
            raise
        data_key = DataKey.current_for(self.organization_id)
        now = Sealed(crypto.seal(plain, data_key.open(), data_key.version, self._context()))
        with transaction.atomic():
            # One conditional update: a secret that was replaced in this moment wins.
            row = Credential.objects.filter(pk=self.pk).annotate(
                sealed_bytes=Cast("secret", models.BinaryField())
            )
            if not row.filter(sealed_bytes=was.ciphertext).update(secret=now):
                return False
            self.secret = now
            audit.record(
                actor,
                audit.Action.CREDENTIAL_RESEALED,
                self,
                organization=self.organization,
                ciphertext=now.ciphertext,
                was=str(crypto.data_key_version(was.ciphertext)),
                now=str(data_key.version),
            )
        return True

    def replace_secret(self, actor: Actor, secret: bytes, facts: dict[str, Any]) -> None:
        """A new secret for the same credential: its id, shares and links stay; what was known of it does not."""
        with transaction.atomic():
            self._seal(secret)
            self.facts = facts
            self.status, self.status_note, self.checked_at = Status.NEVER_CHECKED, "", None
            self.save(
                update_fields=["secret", "secret_changed_at", "facts", "status", "status_note", "checked_at"]
            )
            audit.record(
                actor,
                audit.Action.CREDENTIAL_REPLACED,
                self,
                organization=self.organization,
                ciphertext=self.ciphertext,
                kind=self.kind,
                **facts,
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
