"""EAS's credentials.json with its files, at the paths where `eas credentials` itself would write them.

https://docs.expo.dev/app-signing/local-credentials/
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_UNFIT = re.compile(r"[^\w .()+-]")


@dataclass(frozen=True, slots=True)
class Target:
    """What one target of an iOS app is signed with; `name` is Xcode's, and not written when it is the only one."""

    name: str
    p12: bytes = field(repr=False)
    p12_password: str = field(repr=False)
    profile: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keystore:
    content: bytes = field(repr=False)
    password: str = field(repr=False)
    alias: str
    key_password: str = field(repr=False)


def eas_files(targets: Sequence[Target], keystore: Keystore | None = None) -> dict[str, bytes]:
    """Path → content, credentials.json first. ValueError for an empty password, and for two targets of one name."""
    if not all(target.p12_password for target in targets):
        raise ValueError("A .p12 is never handed out without a password: macOS does not open it.")
    if len({target.name for target in targets}) != len(targets):
        raise ValueError("Two targets have the same name.")
    files: dict[str, bytes] = {"credentials.json": b""}
    document: dict[str, object] = {}
    told = {target.name: _written(target, files, is_only=len(targets) == 1) for target in targets}
    if told:
        document["ios"] = told if len(told) > 1 else next(iter(told.values()))
    if keystore:
        path = "credentials/android/keystore.jks"
        files[path] = keystore.content
        words = {
            "keystorePath": path,
            "keystorePassword": keystore.password,
            "keyAlias": keystore.alias,
            "keyPassword": keystore.key_password,
        }
        document["android"] = {"keystore": {name: value for name, value in words.items() if value}}
    files["credentials.json"] = json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
    return files


def _written(target: Target, files: dict[str, bytes], *, is_only: bool) -> dict[str, object]:
    prefix = "" if is_only else f"{_UNFIT.sub('_', target.name)}-"
    p12 = _free(f"credentials/ios/{prefix}dist-cert.p12", files)
    profile = _free(f"credentials/ios/{prefix}profile.mobileprovision", files)
    files[p12], files[profile] = target.p12, target.profile
    return {
        "provisioningProfilePath": profile,
        "distributionCertificate": {"path": p12, "password": target.p12_password},
    }


def _free(path: str, files: dict[str, bytes]) -> str:
    """This path or one with a number in it: Macs do not tell “App” from “app”."""
    taken = {each.lower() for each in files}
    stem, dot, ending = path.rpartition(".")
    number = 1
    while path.lower() in taken:
        number += 1
        path = f"{stem}-{number}{dot}{ending}"
    return path
