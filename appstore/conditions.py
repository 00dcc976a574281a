"""In what state Apple's objects are, by facts and not by Apple's word alone, in one vocabulary."""

from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch

from django.utils import timezone

from appstore.models import BundleId, Certificate, Device, Profile
from appstore.models.apple_objects import EXPIRING_WITHIN, AppleObject


@dataclass(frozen=True)
class Condition:
    """`tone` is one of good, warn, bad, info, neutral; the words carry the meaning."""

    words: str
    tone: str


GONE = Condition("Gone at Apple", "neutral")


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


@singledispatch
def condition(thing: AppleObject) -> Condition:
    raise TypeError(f"No condition of {type(thing).__name__}")


@condition.register
def _certificate(certificate: Certificate) -> Condition:
    if certificate.gone_at:
        return GONE
    if certificate.expiration_date is None:
        return Condition("Pending at Apple", "info")
    return by_expiry(certificate.expiration_date, Condition("Valid", "good"))


@condition.register
def _profile(profile: Profile) -> Condition:
    if profile.gone_at:
        return GONE
    if profile.profile_state == "INVALID":
        return Condition("Invalid", "bad")
    # A state that is new to us shows as Apple spells it.
    known = profile.profile_state in {"ACTIVE", "EXPIRED", ""}
    active = Condition("Active", "good") if known else Condition(profile.profile_state, "info")
    if profile.profile_state == "EXPIRED":
        return Condition("Expired", "bad")
    return by_expiry(profile.expiration_date, active)


@condition.register
def _device(device: Device) -> Condition:
    if device.gone_at:
        return GONE
    words = {
        "ENABLED": ("Enabled", "good"),
        "DISABLED": ("Disabled", "neutral"),
        "PROCESSING": ("Processing", "info"),
    }
    return Condition(*words.get(device.status, (device.status or "Unknown", "info")))


@condition.register
def _bundle_id(bundle_id: BundleId) -> Condition:
    return GONE if bundle_id.gone_at else Condition("Registered", "good")
