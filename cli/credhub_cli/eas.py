"""EAS's credentials.json and the files that it names: pure text and bytes.

https://docs.expo.dev/app-signing/local-credentials/
"""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from credhub_cli.errors import usage
from credhub_cli.private_files import plain_name

FILE = "credentials.json"
FOLDER = "credentials"


def targets_of(bundle_ids: list[str], named: list[str]) -> dict[str, str]:
    """Name of the target → bundle ID. `named` are like `Share=com.acme.app.share`; a single one needs no name."""
    if not named:
        if len(bundle_ids) > 1:
            raise usage("Several bundle IDs: name the target of each, as in --target Acme=com.acme.app.")
        return dict.fromkeys([""], bundle_ids[0]) if bundle_ids else {}
    pairs = [each.partition("=") for each in named]
    targets = {name: bundle_id for name, _, bundle_id in pairs}
    if not all(name and bundle_id for name, bundle_id in targets.items()) or len(targets) != len(named):
        raise usage("A target is like Acme=com.acme.app, and each name stands once.")
    return targets


def eas_files(
    targets: dict[str, str], ios: dict[str, Any] | None, android: dict[str, Any] | None
) -> dict[str, bytes]:
    """Path → content, credentials.json last: what it names is there before it."""
    files: dict[str, bytes] = {}
    document: dict[str, Any] = {}
    if ios:
        p12 = f"{FOLDER}/ios/dist-cert.p12"
        files[p12] = base64.b64decode(ios["identity"]["p12"])
        certificate = {"path": p12, "password": ios["identity"]["p12_password"]}
        profiles = {each["bundle_id"]: each for each in ios["profiles"]}
        made = {}
        for name, bundle_id in targets.items():
            profile = profiles[bundle_id]
            path = f"{FOLDER}/ios/{plain_name(profile['file_name'])}"
            files[path] = base64.b64decode(profile["content"])
            made[name] = {"provisioningProfilePath": path, "distributionCertificate": certificate}
        document["ios"] = made.get("", made)
    if android:
        keystore = android["keystore"]
        path = f"{FOLDER}/android/{plain_name(keystore['file_name'])}"
        files[path] = base64.b64decode(keystore["content"])
        document["android"] = {
            "keystore": {
                "keystorePath": path,
                "keystorePassword": keystore["password"],
                "keyAlias": keystore["alias"],
                "keyPassword": keystore["key_password"],
            }
        }
    return files | {FILE: json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"}


@dataclass(frozen=True)
class Upload:
    """One credential to add: its kind, the file's path, and the fields of the kind's form."""

    kind: str
    path: str
    fields: dict[str, str] = field(repr=False, default_factory=dict)


def uploads_of(text: str) -> list[Upload]:
    """What credentials.json names, each file once. Raises CliError."""
    try:
        document = json.loads(text)
        ios = document.get("ios") or {}
        targets = [ios] if "distributionCertificate" in ios else list(ios.values())
        found = []
        for target in targets:
            certificate = target["distributionCertificate"]
            fields = {"password": certificate.get("password") or ""}
            found.append(Upload("apple-certificate", certificate["path"], fields))
            found.append(Upload("provisioning-profile", target["provisioningProfilePath"]))
        if keystore := (document.get("android") or {}).get("keystore"):
            fields = {
                "password": keystore["keystorePassword"],
                "alias": keystore["keyAlias"],
                "key_password": keystore.get("keyPassword") or "",
            }
            found.append(Upload("android-keystore", keystore["keystorePath"], fields))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise usage(
            "This is no credentials.json as EAS reads it: an entry is missing or in the wrong place."
        ) from None
    return list({(each.kind, each.path): each for each in found}.values())
