"""What is wrong with profiles that Apple calls active: found by comparing facts after each sync.

A flaw is `kind` or `kind:detail`, stored in Profile.flaws; time alone needs no sync and is not here
(appstore/conditions.py).
"""

from typing import Any

from appstore.client.entitlements import ENTITLEMENTS
from appstore.many_rows import prepared, set_column
from appstore.models import AppStoreConnectKey, BundleId, Certificate, DeveloperTeam, Device, Profile

CERTIFICATE_GONE, DEVICE_DISABLED, CAPABILITY_MISSING = (
    "certificate-gone",
    "device-disabled",
    "capability-missing",
)


def find_flaws(team: DeveloperTeam, key: AppStoreConnectKey) -> int:
    """Compare all of a team's live profiles with what they name. Writes only what differs; returns how many."""
    # Less than an Admin sees certificates of some types only: one that it does not see may well be there.
    sees_all = key.capabilities.get("users") is True
    at_apple = set(
        Certificate.objects.filter(team=team, gone_at=None).order_by().values_list("sha256", flat=True)
    )
    disabled = set(
        Device.objects.filter(team=team, status="DISABLED").order_by().values_list("udid_key", flat=True)
    )
    capabilities: dict[Any, list[str]] = dict(
        BundleId.objects.filter(team=team).order_by().values_list("pk", "capabilities")
    )
    flaws, changed = Profile._meta.get_field("flaws"), list[tuple[Any, Any]]()
    rows = (
        Profile.objects.filter(team=team, gone_at=None)
        .order_by()
        .only("pk", "contents", "flaws", "profile_state", "bundle_id_id", "team_id")
    )
    for profile in rows.iterator(chunk_size=500):
        found: list[str] = []
        if profile.profile_state == "ACTIVE" and profile.contents:
            named = {sha256 for sha256, _end in profile.contents["certificates"]}
            if sees_all and named - at_apple:
                found.append(CERTIFICATE_GONE)
            if disabled & set(profile.contents["udids"]):
                found.append(DEVICE_DISABLED)
            found += _missing_capabilities(profile.contents, capabilities.get(profile.bundle_id_id, []))
        if found != profile.flaws:
            changed.append((prepared(flaws, found), prepared(Profile._meta.pk, profile.pk)))
    set_column(Profile, "flaws", changed)
    return len(changed)


def _missing_capabilities(contents: dict[str, Any], capabilities: list[str]) -> list[str]:
    """Turned on for the App ID after the profile was made."""
    has = set(contents["entitlements"])
    wanted = ((each, ENTITLEMENTS.get(each)) for each in capabilities)
    return [
        f"{CAPABILITY_MISSING}:{each}"
        for each, entitlement in wanted
        if entitlement and entitlement not in has
    ]
