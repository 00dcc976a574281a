"""An app that is signed here: whose it is, and what may be done for its signing without asking."""

import re
import uuid
from collections.abc import Iterable
from itertools import accumulate
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from appstore.models.developer_team import of_apps
from organizations import audit
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.querysets import TenantQuerySet


class AppPlatform(models.TextChoices):
    IOS = "IOS", "iOS"
    MAC_OS = "MAC_OS", "macOS"
    TV_OS = "TV_OS", "tvOS"
    ANDROID = "ANDROID", "Android"


class Policy(models.TextChoices):
    """How far CredHub goes at Apple for an app (see appstore/signing/ensure.py). Each allows what those before do."""

    OFF = "off", "Off: no plans and no changes"
    SUGGEST = "suggest", "Suggest: a plan is shown, nothing is changed"
    PROFILES = "profiles", "Profiles: they are made and replaced"
    CERTIFICATES = "certificates", "Certificates too: they are made when there is none"

    @property
    def short(self) -> str:
        """The word before the colon."""
        return str(self.label).partition(":")[0]

    @property
    def writes(self) -> bool:
        return self in {Policy.PROFILES, Policy.CERTIFICATES}


MOST_EXTENSIONS = 30
_IDENTIFIER = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\Z"


def may_be_of(bundle_ids: Iterable[str]) -> Q:
    """The apps that one of these may belong to; `bundle_ids` of each says whether it does. An extension's begins as the
    app's: `a.b.c` is of `a.b.c`, or of `a.b`, or of `a`."""
    heads = {head for each in bundle_ids for head in accumulate(each.split("."), "{}.{}".format)}
    return Q(identifier__in=heads)


class AppQuerySet(TenantQuerySet["App"]):
    def for_actor(self, actor: Actor, permission: Permission) -> Self:
        """Who is limited to some bundle IDs sees the apps of those."""
        found = super().for_actor(actor, permission)
        return found.filter(of_apps("identifier", actor.bundle_ids)) if actor.bundle_ids else found


class App(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="apps")
    platform = models.CharField(max_length=8, choices=AppPlatform)
    # Bundle ID, or application ID on Android
    identifier = models.CharField(
        max_length=155,
        validators=[
            RegexValidator(
                _IDENTIFIER,
                "It is words of letters, digits and dashes with dots between them, such as com.example.app.",
            )
        ],
    )
    # Bundle IDs of what is built into it (widgets, a share extension, …): each needs a profile, too
    extensions = models.JSONField(default=list, blank=True, editable=False)
    name = models.CharField(max_length=100)
    policy = models.CharField(max_length=12, choices=Policy, default=Policy.SUGGEST)
    frozen_at = models.DateTimeField(null=True, editable=False)
    frozen_by = models.ForeignKey(
        "organizations.User", null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    frozen_because = models.CharField(max_length=200, blank=True, editable=False)
    # When it was looked at last, whether what it signs with ends soon (appstore/signing/renewal.py)
    renewal_seen_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AppQuerySet.as_manager()

    class Meta:
        ordering = ["name", "platform"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "platform", "identifier"],
                name="one_app_per_identifier",
                violation_error_message="This app is here already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_platform_display()})"

    @property
    def is_android(self) -> bool:
        return self.platform == AppPlatform.ANDROID

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None

    @property
    def policy_choice(self) -> Policy:
        return Policy(self.policy)

    @property
    def bundle_ids(self) -> list[str]:
        """All that a build of it is signed for: its own first."""
        return [self.identifier, *self.extensions]

    def add(self, actor: Actor) -> None:
        """A new one. Raises PermissionDenied, and ValidationError where it is here already."""
        actor.require(Permission.ASSET_MANAGE, self.organization)
        self.full_clean()
        with transaction.atomic():
            self.save(force_insert=True)
            self._record(actor, audit.Action.APP_ADDED, name=self.identifier, kind=self.platform)

    def remove(self, actor: Actor) -> None:
        """It holds no secret: what it signed with stays."""
        actor.require(Permission.ASSET_MANAGE, self.organization)
        with transaction.atomic():
            self._record(actor, audit.Action.APP_REMOVED, name=self.identifier, kind=self.platform)
            self.delete()

    def change(self, actor: Actor, *, name: str, policy: Policy) -> None:
        actor.require(Permission.ASSET_MANAGE, self.organization)
        was = f"{self.name}, {self.policy}"
        self.name, self.policy = name, policy
        if was == f"{name}, {policy.value}":
            return
        with transaction.atomic():
            self.save(update_fields=["name", "policy"])
            self._record(actor, audit.Action.APP_CHANGED, was=was, now=f"{name}, {policy.value}")

    def set_extensions(self, actor: Actor, bundle_ids: Iterable[str]) -> None:
        """These and no others; what was chosen for one that goes is chosen no more. Raises PermissionDenied and
        ValidationError."""
        actor.require(Permission.ASSET_MANAGE, self.organization)
        wanted, was = sorted(set(bundle_ids)), list(self.extensions)
        self._check_extensions(wanted)
        if wanted == was:
            return
        gone = Q(pk=None)
        for each in set(was) - set(wanted):
            gone |= Q(slot__endswith=f":{each}")
        with transaction.atomic():
            self.extensions = wanted
            self.save(update_fields=["extensions"])
            self.assignments.filter(gone).delete()
            self._record(
                actor, audit.Action.APP_CHANGED, what="extensions", was=", ".join(was), now=", ".join(wanted) or "none"
            )  # fmt: skip

    def _check_extensions(self, bundle_ids: list[str]) -> None:
        if bundle_ids and self.is_android:
            raise ValidationError("An Android app has no extensions.")
        if len(bundle_ids) > MOST_EXTENSIONS:
            raise ValidationError(f"An app has {MOST_EXTENSIONS} extensions at most here.")
        for each in bundle_ids:
            is_one = re.match(_IDENTIFIER, each) and each.startswith(f"{self.identifier}.")
            if len(each) > 155 or not is_one:
                raise ValidationError(
                    f"{each[:155]} is no bundle ID of an extension: Apple wants {self.identifier} with a dot and words "
                    f"of its own after it, such as {self.identifier}.widget."
                )

    def freeze(self, actor: Actor, because: str) -> None:
        """From now on nothing that it signs with is changed."""
        actor.require(Permission.ASSET_MANAGE, self.organization)
        self.frozen_at, self.frozen_by, self.frozen_because = timezone.now(), actor.user, because
        self._save_frozen(actor, audit.Action.APP_FROZEN, reason=because)

    def unfreeze(self, actor: Actor) -> None:
        actor.require(Permission.ASSET_MANAGE, self.organization)
        was = self.frozen_because
        self.frozen_at, self.frozen_by, self.frozen_because = None, None, ""
        self._save_frozen(actor, audit.Action.APP_UNFROZEN, reason=was)

    def _save_frozen(self, actor: Actor, action: audit.Action, **facts: Any) -> None:
        with transaction.atomic():
            self.save(update_fields=["frozen_at", "frozen_by", "frozen_because"])
            self._record(actor, action, **facts)

    def _record(self, actor: Actor, action: audit.Action, **facts: Any) -> None:
        audit.record(actor, action, self, organization=self.organization, **facts)
