"""The places of an app that something belongs in: by platform, and for Apple's by distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from appstore.models.app_store_connect_key import APP_STORE_CONNECT_KEY
from appstore.models.assignment import KEYSTORE
from appstore.profile_types import types_of
from credentials.kinds.apns_key import APNS_KEY
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.kinds.google_service_account import GOOGLE_SERVICE_ACCOUNT
from credentials.kinds.keystore_found import ANDROID_KEYSTORE
from credentials.kinds.provisioning_profile import PROVISIONING_PROFILE

DISTRIBUTIONS = {
    "app-store": "App Store",
    "ad-hoc": "Ad Hoc",
    "in-house": "In-House",
    "development": "Development",
    "developer-id": "Developer ID",
}


class Purpose(StrEnum):
    CERTIFICATE = "certificate"
    PROFILE = "profile"
    SUBMISSION = "submission-key"
    PUSH = "push-key"
    KEYSTORE = KEYSTORE
    PLAY = "play-key"
    FCM = "fcm-key"


KINDS = {
    Purpose.CERTIFICATE: APPLE_CERTIFICATE,
    Purpose.PROFILE: PROVISIONING_PROFILE,
    Purpose.SUBMISSION: APP_STORE_CONNECT_KEY,
    Purpose.PUSH: APNS_KEY,
    Purpose.KEYSTORE: ANDROID_KEYSTORE,
    Purpose.PLAY: GOOGLE_SERVICE_ACCOUNT,
    Purpose.FCM: GOOGLE_SERVICE_ACCOUNT,
}
LABELS = {
    Purpose.CERTIFICATE: "Certificate",
    Purpose.PROFILE: "Provisioning profile",
    Purpose.SUBMISSION: "App Store Connect API key for submissions",
    Purpose.PUSH: "Push key (APNs)",
    Purpose.KEYSTORE: "Keystores",
    Purpose.PLAY: "Google Play key",
    Purpose.FCM: "Push key (FCM v1)",
}


@dataclass(frozen=True)
class Slot:
    """`name` is what assignments store: `certificate:ad-hoc`, `push-key`, `profile:ad-hoc:com.acme.app.widget`.
    `extension` is a bundle ID."""

    purpose: Purpose
    distribution: str = ""
    extension: str = ""

    @property
    def name(self) -> str:
        return ":".join(filter(None, (self.purpose, self.distribution, self.extension)))

    @property
    def label(self) -> str:
        return LABELS[self.purpose]

    @property
    def title(self) -> str:
        """`Certificate for Ad Hoc`: where nothing around it says so."""
        label = f"{self.label} of {self.extension}" if self.extension else self.label
        return f"{label} for {DISTRIBUTIONS[self.distribution]}" if self.distribution else label

    @property
    def kind(self) -> str:
        """Of the credentials that go in it."""
        return KINDS[self.purpose]

    @property
    def takes_several(self) -> bool:
        return self.purpose == Purpose.KEYSTORE


def distributions_of(platform: str) -> list[str]:
    """In the order of pages; none for Android."""
    types = types_of(platform)
    return [each for each in DISTRIBUTIONS if each in types]


def slots_of(platform: str, extensions: Sequence[str] = ()) -> dict[str, Slot]:
    """Name → slot, in the order of pages. `extensions`: an app's."""
    if platform == "ANDROID":
        found = [Slot(Purpose.KEYSTORE), Slot(Purpose.PLAY), Slot(Purpose.FCM)]
    else:
        pairs = [(Purpose.CERTIFICATE, each) for each in distributions_of(platform)]
        pairs += [(Purpose.PROFILE, each) for each in distributions_of(platform)]
        found = [Slot(*pair) for pair in pairs]
        found += [
            Slot(Purpose.PROFILE, each, extension)
            for each in distributions_of(platform)
            for extension in extensions
        ]
        found += [Slot(Purpose.SUBMISSION), Slot(Purpose.PUSH)]
    return {each.name: each for each in found}
