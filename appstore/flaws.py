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


class Comparison:
    """Of profiles with what else is known of their team, as it stands when this is made."""

    def __init__(self, team: DeveloperTeam, key: AppStoreConnectKey) -> None:
        # Less than an Admin sees certificates of some types only: one that it does not see may well be there.
        self._sees_all = key.capabilities.get("users") is True
        self._at_apple = set(
            Certificate.objects.filter(team=team, gone_at=None).order_by().values_list("sha256", flat=True)
        )
        self._disabled = set(
            Device.objects.filter(team=team, status="DISABLED").order_by().values_list("udid_key", flat=True)
        )
        self._capabilities: dict[Any, list[str]] = dict(
            BundleId.objects.filter(team=team).order_by().values_list("pk", "capabilities")
        )

    def flaws(self, profile_state: str, contents: dict[str, Any], bundle_id: Any) -> list[str]:
        """`bundle_id`: the key of its bundle ID."""
        if profile_state != "ACTIVE" or not contents:
            return []
        found = []
        if self._sees_all and {sha256 for sha256, _end in contents["certificates"]} - self._at_apple:
            found.append(CERTIFICATE_GONE)
        if not self._disabled.isdisjoint(contents["udids"]):
            found.append(DEVICE_DISABLED)
        return found + _missing_capabilities(contents, self._capabilities.get(bundle_id, []))


def find_flaws(team: DeveloperTeam, key: AppStoreConnectKey) -> int:
    """Compare all of a team's live profiles with what they name. Writes only what differs; returns how many."""
    comparison = Comparison(team, key)
    field, changed = Profile._meta.get_field("flaws"), list[tuple[Any, Any]]()
    rows = Profile.objects.filter(team=team, gone_at=None).order_by()
    names = ("pk", "flaws", "profile_state", "contents", "bundle_id_id")
    for pk, flaws, *facts in rows.values_list(*names).iterator(chunk_size=500):
        found = comparison.flaws(*facts)
        if found != flaws:
            changed.append((prepared(field, found), prepared(Profile._meta.pk, pk)))
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
