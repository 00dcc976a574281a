"""What a team's certificates and profiles are like: the mix that real accounts show after some years."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from appstore.sandbox.model import Program


class Life(Enum):
    GOOD = auto()
    EXPIRING = auto()  # within 3 to 25 days
    EXPIRED = auto()
    EXPIRED_CERTIFICATE = auto()  # a profile that is ACTIVE with Apple and yet signs nothing
    INVALID = auto()  # a profile with Apple's own mark on it


GOOD, EXPIRING, EXPIRED = Life.GOOD, Life.EXPIRING, Life.EXPIRED


@dataclass(frozen=True)
class Plan:
    """The first few in order, then `again` over and over."""

    first: tuple[tuple[str, Life], ...]
    again: tuple[tuple[str, Life], ...]

    def at(self, index: int) -> tuple[str, Life]:
        if index < len(self.first):
            return self.first[index]
        return self.again[(index - len(self.first)) % len(self.again)]

    @property
    def names(self) -> set[str]:
        return {name for name, _ in (*self.first, *self.again)}


CERTIFICATES: Mapping[Program, Plan] = {
    Program.APP_STORE: Plan(
        (
            ("DISTRIBUTION", GOOD),
            ("DEVELOPMENT", GOOD),
            ("IOS_DISTRIBUTION", EXPIRED),
            ("IOS_DEVELOPMENT", EXPIRING),
            ("DISTRIBUTION_MANAGED", GOOD),
            ("DEVELOPER_ID_APPLICATION", GOOD),
            ("MAC_APP_DISTRIBUTION", GOOD),
            ("MAC_INSTALLER_DISTRIBUTION", GOOD),
            ("MAC_APP_DEVELOPMENT", GOOD),
            ("DISTRIBUTION", EXPIRING),
            ("DEVELOPMENT", EXPIRED),
            ("DEVELOPMENT", GOOD),
        ),
        (
            ("DEVELOPMENT", GOOD),
            ("IOS_DEVELOPMENT", GOOD),
            ("DEVELOPMENT", EXPIRED),
            ("DISTRIBUTION", GOOD),
            ("DEVELOPMENT", GOOD),
            ("MAC_APP_DEVELOPMENT", EXPIRING),
            ("IOS_DISTRIBUTION", GOOD),
            ("DEVELOPMENT", GOOD),
        ),
    ),
    Program.ENTERPRISE: Plan(
        (
            ("IOS_DISTRIBUTION", GOOD),
            ("IOS_DEVELOPMENT", GOOD),
            ("IOS_DISTRIBUTION", EXPIRED),
            ("IOS_DEVELOPMENT", EXPIRING),
        ),
        (
            ("DEVELOPMENT", GOOD),
            ("IOS_DEVELOPMENT", GOOD),
            ("IOS_DEVELOPMENT", EXPIRED),
            ("IOS_DISTRIBUTION", EXPIRING),
        ),
    ),
}
PROFILES: Mapping[Program, Plan] = {
    Program.APP_STORE: Plan(
        (
            ("IOS_APP_STORE", GOOD),
            ("IOS_APP_DEVELOPMENT", GOOD),
            ("IOS_APP_ADHOC", GOOD),
            ("IOS_APP_STORE", Life.EXPIRED_CERTIFICATE),
        ),
        (
            ("IOS_APP_STORE", Life.INVALID),
            ("IOS_APP_DEVELOPMENT", GOOD),
            ("IOS_APP_STORE", EXPIRING),
            ("MAC_APP_STORE", GOOD),
            ("IOS_APP_DEVELOPMENT", EXPIRED),
            ("IOS_APP_ADHOC", GOOD),
            ("MAC_APP_DIRECT", GOOD),
            ("IOS_APP_STORE", GOOD),
            ("TVOS_APP_DEVELOPMENT", GOOD),
            ("IOS_APP_DEVELOPMENT", Life.EXPIRED_CERTIFICATE),
            ("MAC_APP_DEVELOPMENT", GOOD),
            ("IOS_APP_STORE", GOOD),
        ),
    ),
    Program.ENTERPRISE: Plan(
        (
            ("IOS_APP_INHOUSE", GOOD),
            ("IOS_APP_DEVELOPMENT", GOOD),
            ("IOS_APP_ADHOC", GOOD),
            ("IOS_APP_INHOUSE", Life.EXPIRED_CERTIFICATE),
        ),
        (
            ("IOS_APP_INHOUSE", EXPIRING),
            ("IOS_APP_INHOUSE", Life.INVALID),
            ("IOS_APP_DEVELOPMENT", GOOD),
            ("IOS_APP_INHOUSE", EXPIRED),
            ("TVOS_APP_INHOUSE", GOOD),
        ),
    ),
}
