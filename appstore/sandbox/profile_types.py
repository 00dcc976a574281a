"""The profile types: where each one installs, and which certificates, bundle IDs and devices it takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from appstore.sandbox.devices import IOS_CLASSES

_IOS = ("iOS", "xrOS", "visionOS")
_DEVELOPMENT = ("DEVELOPMENT", "IOS_DEVELOPMENT")
_DISTRIBUTION = ("DISTRIBUTION", "IOS_DISTRIBUTION")
_MAC = frozenset({"MAC"})
_TV = frozenset({"APPLE_TV"})


@dataclass(frozen=True)
class ProfileType:
    """`device_classes` is empty for profiles that name no devices; `label` is what a name ends with."""

    label: str
    platform: str
    platforms: tuple[str, ...]
    certificate_types: tuple[str, ...]
    device_classes: frozenset[str] = frozenset()
    all_devices: bool = False
    development: bool = False
    store: bool = False

    @property
    def application_key(self) -> str:
        """The entitlement that holds the application identifier; the Mac has its own."""
        return "com.apple.application-identifier" if self.platform == "MAC_OS" else "application-identifier"


TYPES: Mapping[str, ProfileType] = {
    "IOS_APP_STORE": ProfileType("App Store", "IOS", _IOS, _DISTRIBUTION, store=True),
    "IOS_APP_DEVELOPMENT": ProfileType(
        "Development", "IOS", _IOS, _DEVELOPMENT, IOS_CLASSES, development=True
    ),
    "IOS_APP_ADHOC": ProfileType("Ad Hoc", "IOS", _IOS, _DISTRIBUTION, IOS_CLASSES),
    "IOS_APP_INHOUSE": ProfileType("In House", "IOS", _IOS, _DISTRIBUTION, all_devices=True),
    "TVOS_APP_STORE": ProfileType("tvOS App Store", "IOS", ("tvOS",), _DISTRIBUTION, store=True),
    "TVOS_APP_DEVELOPMENT": ProfileType(
        "tvOS Development", "IOS", ("tvOS",), _DEVELOPMENT, _TV, development=True
    ),
    "TVOS_APP_ADHOC": ProfileType("tvOS Ad Hoc", "IOS", ("tvOS",), _DISTRIBUTION, _TV),
    "TVOS_APP_INHOUSE": ProfileType("tvOS In House", "IOS", ("tvOS",), _DISTRIBUTION, all_devices=True),
    "MAC_APP_STORE": ProfileType(
        "Mac App Store", "MAC_OS", ("OSX",), ("DISTRIBUTION", "MAC_APP_DISTRIBUTION"), store=True
    ),
    "MAC_APP_DEVELOPMENT": ProfileType(
        "Mac Development",
        "MAC_OS",
        ("OSX",),
        ("DEVELOPMENT", "MAC_APP_DEVELOPMENT"),
        _MAC,
        development=True,
    ),
    "MAC_APP_DIRECT": ProfileType(
        "Developer ID", "MAC_OS", ("OSX",), ("DEVELOPER_ID_APPLICATION",), all_devices=True
    ),
}
