"""The secret of a credential: sealed on the way in, on record on the way out."""
# ruff: noqa: SLF001 - several rows of this very class are opened together

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models.functions import Cast
from django.utils import timezone

from credentials import crypto
from credentials.fields import Sealed, SealedField
from credentials.models.data_key import DataKey, DataKeyGoneError, Deployment
from credentials.models.errors import NotTheLastSecretError
from credentials.models.reveal_errors import RevealRefusedError, SetRefusedError
from organizations import audit, audit_chain
from organizations.actors import Actor
from organizations.guarded import GuardedModel
from organizations.models import AuditEvent, Organization
from organizations.permissions import Permission

if TYPE_CHECKING:
    from credentials.models.reveal_request import RevealRequest


class SealedSecret(GuardedModel):
    """What `Credential` is in this respect; nothing else derives from it."""

    id: Any
    organization: "models.ForeignKey[Organization, Organization]"
    organization_id: uuid.UUID
    kind: Any
    signs_builds: Any

    secret = SealedField(null=True)
    secret_changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

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

    def reveal(
        self,
        actor: Actor,
        purpose: str,
        *,
        what: str = "",
        request: "RevealRequest | None" = None,
        app: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> bytes:
        """Open the secret. The event is written first: what cannot be recorded is not opened.

        CredHub itself (SYSTEM) opens secrets to sync. A person needs the permission to reveal, which no operator has
        by being one, and meets the rules of credentials/models/reveal_rules.py. `what` is the form in which they get
        it; `request` the one that a second person approved, for the same form and the same purpose. `app` is the
        bundle ID whose signing it is for, which a token that is limited to some has to be for. `facts` go into the
        event.

        Raises PermissionDenied, RevealRefusedError (which is on record too), AuditUnavailableError, SealError.
        """
        return self.reveal_together(actor, [(self, request)], purpose, what=what, app=app, facts=facts)[0]

    @staticmethod
    def reveal_together(
        actor: Actor,
        asked: "Sequence[tuple[SealedSecret, RevealRequest | None]]",
        purpose: str,
        *,
        what: str = "",
        app: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> list[bytes]:
        """`reveal` for several, each with its own event and, where one was approved, its own request: all of them, or
        none, and then only the refusals are on record. Raises what `reveal` does; SetRefusedError for several."""
        from credentials.models.reveal_rules import machine_refusal

        for credential, _request in asked:
            credential._require_reveal(actor, app)
        about = {"purpose": purpose, "what": what, **(facts or {})}
        told = {credential.pk: about | {"kind": credential.kind} for credential, _request in asked}
        machine = [machine_refusal(actor) for _each in asked]
        with transaction.atomic(durable=True):  # a caller's rollback would unwrite the events
            with transaction.atomic():
                refused = [
                    (credential, refusal)
                    for (credential, request), too_many in zip(asked, machine, strict=True)
                    if (refusal := too_many or credential._put_on_record(actor, told[credential.pk], request))
                ]
                if refused:
                    transaction.set_rollback(True)  # of this savepoint: the others are not opened either
            for credential, refusal in refused:
                action = audit.Action.CREDENTIAL_REVEAL_REFUSED
                credential._record(actor, action, **told[credential.pk], reason=str(refusal))
        if refused:
            raise refused[0][1] if len(asked) == 1 else SetRefusedError(refused)
        return [credential._open() for credential, _request in asked]

    def release(
        self, actor: Actor, organization: Organization, app: str, purpose: str, *, what: str,
        facts: Mapping[str, str] | None = None,
    ) -> bytes:  # fmt: skip
        """Open it for a build of this app in this organization, which owns it, or whose root shares it: the one way in
        which a secret leaves its owner. It is on record with both first, the refusals too.

        Raises what `reveal` does, with KeptBackError for what the owner keeps back, and NotSharedError.
        """
        from credentials.models.release_rules import kept_back, require_release
        from credentials.models.reveal_rules import machine_refusal

        if organization.pk == self.organization_id:
            return self.reveal(actor, purpose, what=what, app=app, facts=facts)
        require_release(self, actor, organization, app)
        told: dict[str, Any] = {"purpose": purpose, "what": what, "kind": self.kind, **(facts or {})}
        too_many = machine_refusal(actor)
        with transaction.atomic(durable=True):  # a caller's rollback would unwrite the events
            refusal = kept_back(self, organization) or too_many
            opened, taken = audit.Action.CREDENTIAL_REVEALED, audit.Action.ASSET_DOWNLOADED
            if refusal:
                opened = taken = audit.Action.CREDENTIAL_REVEAL_REFUSED
                told["reason"] = str(refusal)
            self._record(actor, opened, sub_organization=organization.name, **told)
            audit.record(
                actor, taken, self, organization=organization, shared_by=self.organization.name, **told
            )
        if refusal:
            raise refusal
        return self._open()

    def _put_on_record(
        self, actor: Actor, facts: dict[str, Any], request: "RevealRequest | None"
    ) -> RevealRefusedError | None:
        """That it is opened; or why it is not."""
        from credentials.models.reveal_rules import refusal_of

        purpose, what = facts["purpose"], facts["what"]
        if not actor.is_system and (refusal := refusal_of(self, actor, purpose, what, request)):
            return refusal
        if request:
            facts = facts | {"request": request.pk.hex, "approved_by": str(request.mark_used().approved_by)}
        self._record(actor, audit.Action.CREDENTIAL_REVEALED, [request] if request else (), **facts)
        return None

    def _require_reveal(self, actor: Actor, app: str) -> None:
        from credentials.kinds import KINDS

        is_of_an_app = self.kind in KINDS and KINDS[self.kind].is_of_an_app
        actor.require(Permission.CREDENTIAL_REVEAL, self.organization, app=app if is_of_an_app else "")
        actor.require_kind(Permission.CREDENTIAL_REVEAL, self.kind)

    def _record(self, actor: Actor, action: audit.Action, rows: Any = (), **facts: Any) -> None:
        audit.record(actor, action, self, organization=self.organization, rows=rows, **facts)

    def _open(self) -> bytes:
        if not self.ciphertext:
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
            if type(self)._default_manager.values_list("secret", flat=True).get(pk=self.pk) != was:
                return False
            raise
        data_key = DataKey.current_for(self.organization_id)
        now = Sealed(crypto.seal(plain, data_key.open(), data_key.version, self._context()))
        with transaction.atomic():
            # One conditional update: a secret that was replaced in this moment wins.
            row = (
                type(self)
                ._default_manager.filter(pk=self.pk)
                .annotate(sealed_bytes=Cast("secret", models.BinaryField()))
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
