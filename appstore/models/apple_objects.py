"""Mirrors of Apple's objects, written by `appstore/sync.py` alone.

Field names are Apple's in snake_case. Apple's enum values are stored as text: one that is new to us shows as
Apple spells it and never breaks a sync.
"""

import uuid
from datetime import timedelta
from typing import Self, TypeVar

from django.db import models
from django.db.models import Case, F, Value, When
from django.utils import timezone

from appstore.models.developer_team import DeveloperTeam, OfTeamsQuerySet

M = TypeVar("M", bound=models.Model)
EXPIRING_WITHIN = timedelta(days=30)
IS_GONE = Case(When(gone_at=None, then=False), default=True, output_field=models.BooleanField())


class AppleObjectQuerySet(OfTeamsQuerySet[M]):
    def at_apple(self) -> Self:
        return self.filter(gone_at=None)

    def expired(self) -> Self:
        return self.at_apple().filter(expiration_date__lte=timezone.now())

    def expiring(self, within: timedelta = EXPIRING_WITHIN) -> Self:
        now = timezone.now()
        return self.at_apple().filter(expiration_date__gt=now, expiration_date__lte=now + within)

    def soonest_first(self) -> Self:
        """What expires next comes first; what has expired comes last, the latest first."""
        now = timezone.now()
        is_over = Case(When(expiration_date__lte=now, then=Value(1)), default=Value(0))
        ahead = Case(When(expiration_date__gt=now, then=F("expiration_date")))
        return self.at_apple().order_by(is_over, ahead, F("expiration_date").desc(nulls_last=True), "pk")


class AppleObject(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(DeveloperTeam, on_delete=models.PROTECT)
    apple_id = models.CharField("ID at Apple", max_length=100)
    name = models.CharField(max_length=255, blank=True)
    platform = models.CharField(max_length=40, blank=True)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(null=True)
    # The first generation that did not list it any more; None while Apple lists it. Gone is what two in a row miss.
    missing_generation = models.PositiveBigIntegerField(null=True)
    gone_at = models.DateTimeField("gone at Apple since", null=True)

    class Meta:
        abstract = True
        ordering = ["name", "apple_id"]
        constraints = [
            models.UniqueConstraint(fields=["team", "apple_id"], name="%(class)s_once_per_team"),
        ]
        indexes = [models.Index(fields=["team", "name"], name="%(class)s_by_name")]

    def __str__(self) -> str:
        return self.name or self.apple_id


class Certificate(AppleObject):
    display_name = models.CharField(max_length=255, blank=True)
    certificate_type = models.CharField(max_length=60, blank=True)
    serial_number = models.CharField(max_length=64, blank=True)
    expiration_date = models.DateTimeField(null=True)
    certificate_content = models.BinaryField(null=True)  # DER
    sha1 = models.CharField("SHA-1 fingerprint", max_length=40, blank=True)
    sha256 = models.CharField("SHA-256 fingerprint", max_length=64, blank=True, db_index=True)
    public_key_sha256 = models.CharField(max_length=64, blank=True, db_index=True)

    objects = AppleObjectQuerySet["Certificate"].as_manager()

    class Meta(AppleObject.Meta):
        indexes = [
            *AppleObject.Meta.indexes,
            models.Index(fields=["team", "expiration_date"], name="certificate_by_expiry"),
        ]


class BundleId(AppleObject):
    BUNDLE_ID = "identifier"

    identifier = models.CharField(max_length=255)
    seed_id = models.CharField("App ID prefix", max_length=20, blank=True)
    capabilities = models.JSONField(default=list)  # Apple's capability types, sorted

    objects = AppleObjectQuerySet["BundleId"].as_manager()

    class Meta(AppleObject.Meta):
        verbose_name = "bundle ID"

    @property
    def is_wildcard(self) -> bool:
        return self.identifier.endswith("*")


class Device(AppleObject):
    udid = models.CharField("UDID", max_length=64)
    udid_key = models.CharField(max_length=64, db_index=True)  # without case and dashes, for matching
    device_class = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=100, blank=True)
    added_date = models.DateTimeField(null=True)

    objects = AppleObjectQuerySet["Device"].as_manager()

    class Meta(AppleObject.Meta):
        pass


class Profile(AppleObject):
    BUNDLE_ID = "bundle_id__identifier"

    profile_type = models.CharField(max_length=60, blank=True)
    profile_state = models.CharField(max_length=40, blank=True)
    uuid = models.CharField("UUID", max_length=64, blank=True)
    created_date = models.DateTimeField(null=True)
    expiration_date = models.DateTimeField(null=True)
    profile_content = models.BinaryField(null=True)  # CMS; Apple sends none for an invalid profile
    # What its content names, which Apple's lists do not tell or cut at 50 (see appstore/profile_contents.py)
    contents = models.JSONField(default=dict)
    certificates_expire_at = models.DateTimeField("first of its certificates expires", null=True)
    certificates_last_until = models.DateTimeField("last of its certificates expires", null=True)
    flaws = models.JSONField(
        default=list
    )  # what a sync found wrong with it, in the words of appstore/flaws.py
    bundle_id = models.ForeignKey(BundleId, null=True, on_delete=models.SET_NULL, related_name="profiles")
    certificates = models.ManyToManyField(Certificate, related_name="profiles")
    devices = models.ManyToManyField(Device, related_name="profiles")

    objects = AppleObjectQuerySet["Profile"].as_manager()

    class Meta(AppleObject.Meta):
        indexes = [
            *AppleObject.Meta.indexes,
            models.Index(fields=["team", "expiration_date"], name="profile_by_expiry"),
        ]

    @property
    def flaw_kinds(self) -> set[str]:
        return {flaw.partition(":")[0] for flaw in self.flaws}

    @property
    def file_extension(self) -> str:
        """`.mobileprovision`, and `.provisionprofile` for macOS."""
        is_mac = self.profile_type.startswith(("MAC_", "MAC_CATALYST_"))
        return "provisionprofile" if is_mac else "mobileprovision"
