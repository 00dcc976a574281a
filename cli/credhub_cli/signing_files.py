"""Signing assets as files: names and bytes. Nothing is written here."""

import base64
from typing import Any

from credhub_cli.private_files import plain_name

P12, PASSWORD, EXPORT_OPTIONS = "identity.p12", "identity.password", "ExportOptions.plist"
GRADLE = "keystore.properties"


def ios_files(assets: dict[str, Any]) -> dict[str, bytes]:
    identity = assets["identity"]
    files = {P12: base64.b64decode(identity["p12"]), PASSWORD: identity["p12_password"].encode()}
    for profile in assets["profiles"]:
        files[plain_name(profile["file_name"])] = base64.b64decode(profile["content"])
    return files | {EXPORT_OPTIONS: assets["export_options"].encode()}


def android_files(assets: dict[str, Any]) -> dict[str, bytes]:
    """The keystore, and its words as Gradle reads them."""
    keystore = assets["keystore"]
    name = plain_name(keystore["file_name"])
    words = {
        "storeFile": name,
        "storePassword": keystore["password"],
        "keyAlias": keystore["alias"],
        "keyPassword": keystore["key_password"],
    }
    properties = "".join(f"{word}={_escaped(value)}\n" for word, value in words.items())
    return {name: base64.b64decode(keystore["content"]), GRADLE: properties.encode("ascii")}


def _escaped(value: str) -> str:
    """As java.util.Properties reads it."""
    told = []
    for place, letter in enumerate(value):
        if letter in "\\#!=:" or (letter == " " and place == 0):
            told.append(f"\\{letter}")
        elif " " <= letter <= "~":
            told.append(letter)
        else:
            units = letter.encode("utf-16-be").hex()
            told.extend(f"\\u{units[each : each + 4]}" for each in range(0, len(units), 4))
    return "".join(told)


def public(assets: dict[str, Any] | None) -> dict[str, Any] | None:
    """What may be shown: no file, no password."""
    if assets is None:
        return None
    secret = {"p12", "p12_password", "content", "password", "key_password", "export_options"}
    shown: dict[str, Any] = {}
    for name, value in assets.items():
        if name in secret:
            continue
        if isinstance(value, dict):
            shown[name] = public(value)
        elif isinstance(value, list):
            shown[name] = [public(each) if isinstance(each, dict) else each for each in value]
        else:
            shown[name] = value
    return shown
