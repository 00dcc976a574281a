"""A provisioning profile: what Apple allows an app to run on, and signed by whom.

TN3125 https://developer.apple.com/documentation/technotes/tn3125-inside-code-signing-provisioning-profiles
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from organizations.words import MAX_NAME, clean

from . import limits
from .cms import cms_content
from .errors import ParsingError
from .plist import load_plist

_MAC = "OSX"
_UUID = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """What a profile says; times are aware UTC, digests lower-case hex, absent text is ""."""

    uuid: str
    name: str
    team_id: str
    team_name: str
    app_id_prefix: str
    application_identifier: str  # without the prefix: "com.example.app" or "com.example.*"
    platforms: tuple[str, ...]  # Apple's words: iOS, OSX, tvOS, xrOS …
    certificate_sha256s: tuple[str, ...]
    certificates: tuple[bytes, ...] = field(repr=False)  # DER, in the same order
    entitlements: tuple[str, ...]  # their names
    udids: tuple[str, ...]
    provisions_all_devices: bool
    get_task_allow: bool
    created_at: datetime
    expires_at: datetime
    is_xcode_managed: bool

    @property
    def distribution(self) -> str:
        """app-store, ad-hoc, development, in-house or developer-id."""
        for_mac = set(self.platforms) == {_MAC}
        if self.provisions_all_devices:
            return "developer-id" if for_mac else "in-house"
        if self.get_task_allow:
            return "development"
        if self.udids:
            # There is no ad hoc on the Mac, and a Mac development profile does not carry get-task-allow.
            return "development" if for_mac else "ad-hoc"
        return "app-store"


def parse_profile(content: bytes) -> ProfileFacts:
    """The facts of a .mobileprovision or .provisionprofile; the signature is not checked (`cms_content`).

    ParsingError: "too-large", "damaged-der", "not-cms", "not-a-profile", "too-complex", "incomplete-profile".
    """
    if len(content) > limits.PROFILE:
        raise ParsingError("too-large", "The profile is larger than 1 MiB, real ones are much smaller.")
    plist = load_plist(cms_content(content))
    entitlements = _mapping(plist.get("Entitlements"))
    prefix, identifier = _application_identifier(plist, entitlements)
    certificates = _binaries(plist.get("DeveloperCertificates"))
    return ProfileFacts(
        uuid=_uuid(plist),
        name=clean(plist.get("Name")),
        team_id=_first(plist, "TeamIdentifier"),
        team_name=clean(plist.get("TeamName")),
        app_id_prefix=prefix,
        application_identifier=identifier,
        platforms=tuple(_texts(plist.get("Platform"))),
        certificate_sha256s=tuple(hashlib.sha256(each).hexdigest() for each in certificates),
        certificates=certificates,
        entitlements=tuple(clean(name) for name in entitlements),
        udids=tuple(_texts(plist.get("ProvisionedDevices"))),
        provisions_all_devices=plist.get("ProvisionsAllDevices") is True,
        get_task_allow=entitlements.get("get-task-allow") is True,
        created_at=_moment(plist, "CreationDate"),
        expires_at=_moment(plist, "ExpirationDate"),
        is_xcode_managed=plist.get("IsXcodeManaged") is True,
    )


def _application_identifier(plist: Mapping[str, Any], entitlements: Mapping[str, Any]) -> tuple[str, str]:
    full = clean(
        entitlements.get("application-identifier") or entitlements.get("com.apple.application-identifier")
    )
    prefix = _first(plist, "ApplicationIdentifierPrefix")
    if prefix and full.startswith(f"{prefix}."):
        return prefix, full.removeprefix(f"{prefix}.")
    # The prefix itself never holds a dot.
    found, _, identifier = full.partition(".")
    return prefix or found, identifier


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    texts = [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
    return [text for item in texts if (text := _cleaned(item[:_LONGEST]))]


# The same few hundred devices are in all of a team's profiles. Cut before, so that nobody's megabytes are kept.
_LONGEST = 4 * MAX_NAME
_cleaned = lru_cache(maxsize=4096)(clean)


def _first(plist: Mapping[str, Any], key: str) -> str:
    return next(iter(_texts(plist.get(key))), "")


def _binaries(value: object) -> tuple[bytes, ...]:
    return tuple(item for item in value if isinstance(item, bytes)) if isinstance(value, list) else ()


def _required(plist: Mapping[str, Any], key: str) -> str:
    text = clean(plist.get(key))
    if not text:
        raise _incomplete(key)
    return text


def _uuid(plist: Mapping[str, Any]) -> str:
    """Files are named by it, here and in Xcode's folder: nothing in it leads to another one."""
    text = _required(plist, "UUID")
    if not _UUID.fullmatch(text):
        raise _incomplete("readable UUID")
    return text


def _moment(plist: Mapping[str, Any], key: str) -> datetime:
    value = plist.get(key)
    if not isinstance(value, datetime):
        raise _incomplete(key)
    return value.replace(tzinfo=UTC)  # property lists write UTC and plistlib leaves it unsaid


def _incomplete(key: str) -> ParsingError:
    return ParsingError(
        "incomplete-profile", f"The profile has no {key}. Download it again from Apple's developer portal."
    )
