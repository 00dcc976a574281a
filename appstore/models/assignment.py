"""What a person chose for a slot of an app. It gives no access: what is not shared any more is of no use to the app."""

import uuid

from django.db import models, transaction
from django.db.models import Q

from appstore.models.app import App
from appstore.models.apple_objects import Profile
from credentials.models import Credential
from organizations import audit
from organizations.actors import Actor
from organizations.permissions import Permission
from organizations.querysets import TenantQuerySet

KEYSTORE = "keystore"  # the one slot that takes several


class AssignmentQuerySet(TenantQuerySet["Assignment"]):
    tenant_path = "app__organization"


class Assignment(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="assignments")
    slot = models.CharField(max_length=200)  # as in appstore/signing/slots.py
    credential = models.ForeignKey(Credential, null=True, on_delete=models.CASCADE, related_name="+")
    profile = models.ForeignKey(Profile, null=True, on_delete=models.CASCADE, related_name="+")
    is_default = models.BooleanField(default=True)  # of several keystores, the one that builds use
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(credential=None, profile__isnull=False)
                | Q(credential__isnull=False, profile=None),
                name="assignment_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["app", "slot"], condition=Q(is_default=True), name="one_default_per_slot"
            ),
            models.UniqueConstraint(fields=["app", "slot", "credential"], name="credential_once_per_slot"),
            models.CheckConstraint(
                condition=Q(is_default=True) | Q(slot=KEYSTORE), name="several_keystores_alone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} of {self.app}"

    @classmethod
    def pin(
        cls,
        actor: Actor,
        app: App,
        slot: str,
        *,
        credential: Credential | None = None,
        profile: Profile | None = None,
    ) -> "Assignment":
        """In the place of what the slot had; a keystore beside those that are there. Whether it fits, and may be seen,
        is for the caller to know (appstore/signing/choices.py)."""  # fmt: skip
        actor.require(Permission.ASSET_MANAGE, app.organization)
        with transaction.atomic():
            App.objects.select_for_update().get(pk=app.pk)
            others = cls.objects.filter(app=app, slot=slot)
            others = others.filter(credential=credential) if slot == KEYSTORE else others
            others.delete()
            has_default = cls.objects.filter(app=app, slot=slot, is_default=True).exists()
            made = cls.objects.create(
                app=app, slot=slot, credential=credential, profile=profile, is_default=not has_default
            )
            audit.record(
                actor, audit.Action.APP_ASSIGNED, app, organization=app.organization,
                what=slot, name=str(credential or profile)[:200],
            )  # fmt: skip
        return made

    @classmethod
    def follow(cls, profile: Profile) -> None:
        """Where a profile was chosen in whose place this one is, which has its name, this one is chosen now."""
        old = Q(
            profile__team=profile.team_id,
            profile__name=profile.name,
            profile__profile_type=profile.profile_type,
            profile__bundle_id=profile.bundle_id_id,
            profile__gone_at__isnull=False,
        )
        pks = list(cls.objects.filter(old).values_list("pk", flat=True))
        cls.objects.filter(pk__in=pks).update(profile=profile)

    def unpin(self, actor: Actor) -> None:
        actor.require(Permission.ASSET_MANAGE, self.app.organization)
        with transaction.atomic():
            App.objects.select_for_update().get(pk=self.app.pk)
            audit.record(
                actor,
                audit.Action.APP_UNASSIGNED,
                self.app,
                organization=self.app.organization,
                what=self.slot,
            )
            self.delete()
            if self.is_default and (heir := Assignment.objects.filter(app=self.app, slot=self.slot).first()):
                heir.is_default = True
                heir.save(update_fields=["is_default"])

    def make_default(self, actor: Actor) -> None:
        actor.require(Permission.ASSET_MANAGE, self.app.organization)
        with transaction.atomic():
            App.objects.select_for_update().get(pk=self.app.pk)
            Assignment.objects.filter(app=self.app, slot=self.slot).update(is_default=False)
            self.is_default = True
            self.save(update_fields=["is_default"])
            audit.record(
                actor, audit.Action.APP_ASSIGNED, self.app, organization=self.app.organization,
                what=self.slot, now="default",
            )  # fmt: skip
