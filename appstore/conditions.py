"""In what state Apple's objects are, by facts and not by Apple's word alone, in one vocabulary."""

from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch

from django.utils import timezone

from appstore.flaws import CAPABILITY_MISSING, CERTIFICATE_GONE, DEVICE_DISABLED
from appstore.models import BundleId, Certificate, Device, Profile
from appstore.models.apple_objects import EXPIRING_WITHIN, AppleObject


@dataclass(frozen=True)
class Condition:
    """`tone` is one of good, warn, bad, info, neutral; the words carry the meaning."""

    words: str
    tone: str


GONE = Condition("Gone at Apple", "neutral")
MISSING = Condition("Missing at Apple", "warn")  # in the last list; gone when it is in the next one neither

# What a sync found wrong with a profile that Apple calls active (appstore/flaws.py), the worst first
FLAWS = {
    CERTIFICATE_GONE: Condition("Certificate gone", "bad"),
    DEVICE_DISABLED: Condition("Device disabled", "warn"),
    CAPABILITY_MISSING: Condition("Capability missing", "warn"),
}


def by_expiry(moment: datetime | None, otherwise: Condition) -> Condition:
    """Expired, Expiring in N days, or the given condition."""
    now = timezone.now()
    if moment is None:
        return otherwise
    if moment <= now:
        return Condition("Expired", "bad")
    if moment - now > EXPIRING_WITHIN:
        return otherwise
    days = (moment - now).days
    words = {0: "Expires today", 1: "Expiring in 1 day"}.get(days, f"Expiring in {days} days")
    return Condition(words, "warn")


def condition(thing: AppleObject) -> Condition:
    if thing.gone_at:
        return GONE
    return MISSING if thing.missing_generation is not None else _condition(thing)


@singledispatch
def _condition(thing: AppleObject) -> Condition:
    raise TypeError(f"No condition of {type(thing).__name__}")


@_condition.register
def _certificate(certificate: Certificate) -> Condition:
    if certificate.expiration_date is None:
        return Condition("Pending at Apple", "info")
    return by_expiry(certificate.expiration_date, Condition("Valid", "good"))


@_condition.register
def _profile(profile: Profile) -> Condition:
    if profile.profile_state == "INVALID":
        return Condition("Invalid", "bad")
    # A state that is new to us shows as Apple spells it.
    known = profile.profile_state in {"ACTIVE", "EXPIRED", ""}
    active = Condition("Active", "good") if known else Condition(profile.profile_state, "info")
    if profile.profile_state == "EXPIRED":
        return Condition("Expired", "bad")
    now = timezone.now()
    if profile.expiration_date is not None and profile.expiration_date <= now:
        return Condition("Expired", "bad")
    # Apple goes on calling it active when what it holds has expired.
    if profile.certificates_last_until is not None and profile.certificates_last_until <= now:
        return Condition("Certificate expired", "bad")
    if found := next((FLAWS[kind] for kind in FLAWS if kind in profile.flaw_kinds), None):
        return found
    if profile.certificates_expire_at is not None and profile.certificates_expire_at <= now:
        return Condition("A certificate expired", "warn")
    return by_expiry(profile.expiration_date, active)


@_condition.register
def _device(device: Device) -> Condition:
    words = {
        "ENABLED": ("Enabled", "good"),
        "DISABLED": ("Disabled", "neutral"),
        "PROCESSING": ("Processing", "info"),
    }
    return Condition(*words.get(device.status, (device.status or "Unknown", "info")))


@_condition.register
def _bundle_id(bundle_id: BundleId) -> Condition:
    return Condition("Registered", "good")
