"""What a plan stands on: plain values, from the mirror or from what Apple has just listed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from appstore.profile_types import ProfileType


@dataclass(frozen=True)
class CertificateFact:
    apple_id: str
    name: str
    expires: datetime | None
    has_key: bool


@dataclass(frozen=True)
class ProfileFact:
    """`certificates` and `devices` are Apple's ids."""

    apple_id: str
    name: str
    identifier: str
    state: str
    expires: datetime | None
    certificates: frozenset[str]
    devices: frozenset[str]


@dataclass(frozen=True)
class Target:
    """What needs a profile: the app, or an extension of it. `pinned_name`: of a profile that was chosen and is gone;
    another one is made under its name."""

    identifier: str
    bundle_id: str = ""  # Apple's id, "" while it is not registered
    pinned_profile: str = ""
    pinned_name: str = ""


@dataclass(frozen=True)
class Facts:
    """What is at Apple for an app and a distribution. `targets`: the app first. `certificates` are of types that sign
    for it, `profiles` of its type and for a target's bundle ID or a wildcard, `devices` the enabled ones that they may
    name: Apple's id → name.

    `owner`: the organization whose team it is, where that is another. `pins_trouble` is a sentence when what a person
    chose cannot be worked with.
    """

    kind: ProfileType
    targets: tuple[Target, ...]
    app_name: str
    platform: str
    certificates: tuple[CertificateFact, ...] = ()
    profiles: tuple[ProfileFact, ...] = ()
    devices: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()  # of all profiles of the team
    pinned_certificate: str = ""
    pins_trouble: str = ""
    owner: str = ""
