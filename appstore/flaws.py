"""What is wrong with profiles that Apple calls active: found by comparing facts after each sync.

A flaw is `kind` or `kind:detail`, stored in Profile.flaws; time alone needs no sync and is not here
(appstore/conditions.py).
"""

from typing import Any

from appstore.models import AppStoreConnectKey, BundleId, Certificate, DeveloperTeam, Device, Profile

CERTIFICATE_GONE, DEVICE_DISABLED, CAPABILITY_MISSING = (
    "certificate-gone",
    "device-disabled",
    "capability-missing",
)

# Capability → an entitlement that a profile of an App ID with that capability has. Those that Apple turns on for
# everybody, or that leave no trace in a profile, say nothing.
# https://developer.apple.com/documentation/bundleresources/entitlements
ENTITLEMENTS = {
    "PUSH_NOTIFICATIONS": "aps-environment",
    "APP_GROUPS": "com.apple.security.application-groups",
    "APPLE_ID_AUTH": "com.apple.developer.applesignin",
    "APPLE_PAY": "com.apple.developer.in-app-payments",
    "ASSOCIATED_DOMAINS": "com.apple.developer.associated-domains",
    "AUTOFILL_CREDENTIAL_PROVIDER": "com.apple.developer.authentication-services.autofill-credential-provider",
    "CLASSKIT": "com.apple.developer.ClassKit-environment",
    "HEALTHKIT": "com.apple.developer.healthkit",
    "HOMEKIT": "com.apple.developer.homekit",
    "HOT_SPOT": "com.apple.developer.networking.HotspotConfiguration",
    "ICLOUD": "com.apple.developer.icloud-container-identifiers",
    "INTER_APP_AUDIO": "inter-app-audio",
    "MULTIPATH": "com.apple.developer.networking.multipath",
    "NETWORK_EXTENSIONS": "com.apple.developer.networking.networkextension",
    "NFC_TAG_READING": "com.apple.developer.nfc.readersession.formats",
    "PERSONAL_VPN": "com.apple.developer.networking.vpn.api",
    "SIRIKIT": "com.apple.developer.siri",
    "WALLET": "com.apple.developer.pass-type-identifiers",
    "WIRELESS_ACCESSORY_CONFIGURATION": "com.apple.external-accessory.wireless-configuration",
}


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
    changed = []
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
            profile.flaws = found
            changed.append(profile)
    Profile.objects.bulk_update(changed, ["flaws"], batch_size=100)
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
