"""A fastlane match repository, with the file names that match itself would choose: it uses it as its own.

https://docs.fastlane.tools/actions/match/
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from credentials.parsing.signing_files import FoundProfile, Identity, Problem, SigningFiles

from .match_encryption import encrypt_for_match

# The first fastlane that reads v2, and the last that writes v1 unasked
FASTLANE = {2: b"2.220.0", 1: b"2.219.0"}
README = b"""## fastlane match

This repository holds signing certificates, their private keys and provisioning profiles for fastlane match,
encrypted under the passphrase of whoever exported it from CredHub. Keep it private.

```
fastlane match appstore --readonly
```

match asks for the passphrase, or takes it from MATCH_PASSWORD.

- `certs`: certificates (.cer) and their private keys (.p12)
- `profiles`: provisioning profiles

match replaces this file with its own when it next writes.
"""
# Distribution → (folder of its profiles, first word of their names)
_NAMES = {
    "app-store": ("appstore", "AppStore"),
    "ad-hoc": ("adhoc", "AdHoc"),
    "development": ("development", "Development"),
    "in-house": ("enterprise", "InHouse"),
    "developer-id": ("developer_id", "Direct"),
}
_UNFIT = re.compile(r"[^A-Za-z0-9.*_-]")
_FOLDERS = {
    "DEVELOPMENT": "development", "IOS_DEVELOPMENT": "development", "MAC_APP_DEVELOPMENT": "development",
    "DISTRIBUTION": "distribution", "IOS_DISTRIBUTION": "distribution", "MAC_APP_DISTRIBUTION": "distribution",
    "MAC_INSTALLER_DISTRIBUTION": "mac_installer_distribution", "DEVELOPER_ID_INSTALLER": "developer_id_installer",
    "DEVELOPER_ID_APPLICATION": "developer_id_application", "DEVELOPER_ID_APPLICATION_G2": "developer_id_application",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MatchExport:
    """`files` is path → content as it is committed; `left_out` says what match has no place for."""

    files: dict[str, bytes] = field(repr=False)
    left_out: tuple[Problem, ...]


def write_match(
    found: SigningFiles,
    passphrase: str,
    *,
    certificate_ids: Mapping[str, str],
    team_id: str = "",
    version: int = 2,
) -> MatchExport:
    """The identities and profiles of `found`; lone keys and lone certificates are of no use to match.

    `certificate_ids` is a certificate's SHA-256 (hex) → its ID at Apple, which match names its files by; one that is
    unknown there is named by its serial number, which match takes in --readonly alone. `team_id` puts the files into
    a folder of that name, as the storages with several teams have it.
    """
    plain: dict[str, bytes] = {}
    left_out: list[Problem] = []
    in_house = {
        digest
        for profile in found.profiles
        if profile.facts.distribution == "in-house"
        for digest in profile.facts.certificate_sha256s
    }
    for identity in found.identities:
        facts = identity.certificate.facts
        folder = certificate_folder(facts.apple_type, in_house=facts.sha256 in in_house)
        if folder:
            stem = certificate_stem(folder, certificate_ids.get(facts.sha256, facts.serial_number))
            plain[f"{stem}.cer"] = identity.certificate.der
            plain[f"{stem}.p12"] = bare_key(identity.key.pkcs8)
        else:
            left_out.append(_no_place(identity))
    for profile in _one_of_a_name(found.profiles, left_out):
        plain[_profile_path(profile)] = profile.content
    prefix = team_folder(team_id)
    files = {
        prefix + path: encrypt_for_match(content, passphrase, version=version)
        for path, content in plain.items()
    }
    return MatchExport(
        {**files, "match_version.txt": FASTLANE[version], "README.md": README}, tuple(left_out)
    )


def team_folder(team_id: str) -> str:
    """What all paths of a team begin with."""
    return f"{_fit(team_id).strip('.')}/" if team_id else ""


def certificate_folder(apple_type: str, *, in_house: bool) -> str:
    """The folder of certificates of this type; "" for what match keeps none of."""
    folder = _FOLDERS.get(apple_type, "")
    return "enterprise" if folder == "distribution" and in_house else folder


def certificate_stem(folder: str, certificate_id: str) -> str:
    return f"certs/{folder}/{_fit(certificate_id)}"


def bare_key(pkcs8: bytes) -> bytes:
    """What match calls .p12: the key in PEM, for RSA as "RSA PRIVATE KEY". The same bytes each time."""
    key = serialization.load_der_private_key(pkcs8, password=None)
    written = serialization.PrivateFormat.PKCS8
    if isinstance(key, rsa.RSAPrivateKey):
        written = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, written, serialization.NoEncryption())


def _profile_path(profile: FoundProfile) -> str:
    facts = profile.facts
    suffix = ""
    if set(facts.platforms) == {"tvOS"}:
        suffix = "_tvos"
    elif profile.path.endswith("_catalyst.provisionprofile"):
        suffix = "_catalyst"  # nothing in a profile says it, only match's own name
    is_mac = "OSX" in facts.platforms
    return profile_path(facts.distribution, facts.application_identifier, suffix=suffix, is_mac=is_mac)


def profile_path(distribution: str, identifier: str, *, suffix: str = "", is_mac: bool = False) -> str:
    """`suffix`: `_tvos`, `_catalyst`, or none."""
    folder, word = _NAMES[distribution]
    ending = "provisionprofile" if is_mac else "mobileprovision"
    return f"profiles/{folder}/{word}_{_fit(identifier)}{suffix}.{ending}"


def _fit(name: str) -> str:
    """For a path: an identifier comes out of a file that somebody wrote, and may try to leave its folder."""
    return _UNFIT.sub("_", name)


def _one_of_a_name(profiles: Iterable[FoundProfile], left_out: list[Problem]) -> Iterable[FoundProfile]:
    """match knows one profile for a bundle ID and a type: the one that expires last."""
    chosen: dict[str, FoundProfile] = {}
    for profile in sorted(profiles, key=lambda each: each.facts.expires_at, reverse=True):
        first = chosen.setdefault(_profile_path(profile), profile)
        if first is not profile:
            left_out.append(
                Problem(
                    profile.path,
                    "another-profile",
                    "match keeps one profile of a type for a bundle ID. Another one, which expires later, was taken.",
                )
            )
    return chosen.values()


def _no_place(identity: Identity) -> Problem:
    return Problem(
        identity.certificate.path, "no-place", "match keeps no certificates of this type: it signs no apps."
    )
