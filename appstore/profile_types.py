"""Apple's profile types: for which distribution and platform each is, and which certificates and devices it takes.

https://developer.apple.com/documentation/appstoreconnectapi/profilecreaterequest
"""

from dataclasses import dataclass

_DEVELOPMENT = ("DEVELOPMENT", "IOS_DEVELOPMENT")
_DISTRIBUTION = ("DISTRIBUTION", "IOS_DISTRIBUTION")
_MAC_DEVELOPMENT = ("DEVELOPMENT", "MAC_APP_DEVELOPMENT")
_MAC_DISTRIBUTION = ("DISTRIBUTION", "MAC_APP_DISTRIBUTION")
_DIRECT = ("DEVELOPER_ID_APPLICATION", "DEVELOPER_ID_APPLICATION_G2")
_IOS_CLASSES = ("IPHONE", "IPAD", "IPOD", "APPLE_WATCH", "APPLE_VISION_PRO", "APPLE_SILICON_MAC")
_TV_CLASSES = ("APPLE_TV",)
_MAC_CLASSES = ("MAC", "APPLE_SILICON_MAC", "INTEL_MAC")


@dataclass(frozen=True)
class ProfileType:
    """`devices`: the classes that it may name, none for profiles that name no devices. `bundle_platforms`: of the App
    IDs that it can be made for."""

    name: str
    label: str
    distribution: str
    certificates: tuple[str, ...]
    bundle_platforms: tuple[str, ...]
    devices: tuple[str, ...] = ()
    is_enterprise: bool = False

    @property
    def names_devices(self) -> bool:
        return bool(self.devices)

    def takes(self, device_class: str) -> bool:
        """What is new to us may well be taken: Apple decides."""
        return device_class in {*self.devices, ""}


_IOS, _MAC = ("IOS", "UNIVERSAL"), ("MAC_OS", "UNIVERSAL")

PROFILE_TYPES: dict[str, ProfileType] = {
    each.name: each
    for each in (
        ProfileType("IOS_APP_STORE", "iOS App Store", "app-store", _DISTRIBUTION, _IOS),
        ProfileType("IOS_APP_ADHOC", "iOS Ad Hoc", "ad-hoc", _DISTRIBUTION, _IOS, _IOS_CLASSES),
        ProfileType(
            "IOS_APP_DEVELOPMENT", "iOS Development", "development", _DEVELOPMENT, _IOS, _IOS_CLASSES
        ),
        ProfileType(
            "IOS_APP_INHOUSE", "iOS In-House", "in-house", _DISTRIBUTION, _IOS, is_enterprise=True
        ),
        ProfileType("TVOS_APP_STORE", "tvOS App Store", "app-store", _DISTRIBUTION, _IOS),
        ProfileType("TVOS_APP_ADHOC", "tvOS Ad Hoc", "ad-hoc", _DISTRIBUTION, _IOS, _TV_CLASSES),
        ProfileType(
            "TVOS_APP_DEVELOPMENT", "tvOS Development", "development", _DEVELOPMENT, _IOS, _TV_CLASSES
        ),
        ProfileType(
            "TVOS_APP_INHOUSE", "tvOS In-House", "in-house", _DISTRIBUTION, _IOS, is_enterprise=True
        ),
        ProfileType("MAC_APP_STORE", "macOS App Store", "app-store", _MAC_DISTRIBUTION, _MAC),
        ProfileType(
            "MAC_APP_DEVELOPMENT", "macOS Development", "development", _MAC_DEVELOPMENT, _MAC, _MAC_CLASSES
        ),
        ProfileType("MAC_APP_DIRECT", "macOS Developer ID", "developer-id", _DIRECT, _MAC),
        ProfileType("MAC_CATALYST_APP_STORE", "Mac Catalyst App Store", "app-store", _MAC_DISTRIBUTION, _MAC),
        ProfileType(
            "MAC_CATALYST_APP_DEVELOPMENT", "Mac Catalyst Development", "development", _MAC_DEVELOPMENT, _MAC,
            _MAC_CLASSES,
        ),
        ProfileType("MAC_CATALYST_APP_DIRECT", "Mac Catalyst Developer ID", "developer-id", _DIRECT, _MAC),
    )
}  # fmt: skip


def types_for(*, is_enterprise: bool) -> list[ProfileType]:
    """Those that a key of this program can make: Enterprise teams have neither App Store nor Ad Hoc of the store."""
    return [
        each
        for each in PROFILE_TYPES.values()
        if (
            each.distribution not in {"app-store", "developer-id"}
            if is_enterprise
            else not each.is_enterprise
        )
    ]


_FAMILIES = {"IOS": "IOS_APP_", "TV_OS": "TVOS_APP_", "MAC_OS": "MAC_APP_"}


def types_of(platform: str) -> dict[str, ProfileType]:
    """Distribution → the type of profile for apps of this platform. An iPhone app that runs on Macs (Catalyst) has
    other types, which people make themselves."""
    family = _FAMILIES.get(platform, "none")
    return {each.distribution: each for each in PROFILE_TYPES.values() if each.name.startswith(family)}
