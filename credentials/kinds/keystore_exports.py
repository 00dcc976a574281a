"""A keystore as the files and lines that Gradle, jarsigner, apksigner and CI read."""

import base64
import re
import shlex

from credentials.kinds.exports import Export, ExportedFile
from credentials.kinds.keystore_found import KeystoreSecret
from credentials.making.pkcs12 import Entry, write_pkcs12
from credentials.models import Credential
from credentials.parsing.keystore import parse_keystore

_TEXT = "text/plain; charset=utf-8"


def as_text(secret: bytes) -> str:
    """What people copy: the file itself is downloaded."""
    opened = KeystoreSecret.opened(secret)
    lines = [f"Keystore password: {opened.password}"]
    for alias, password in opened.key_passwords.items():
        lines += [f"Alias: {alias}", f"Key password: {password}"]
    return "\n".join(lines)


def _stem(credential: Credential) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", credential.name).strip("-").lower() or "keystore"


def file_name(credential: Credential) -> str:
    return f"{_stem(credential)}{credential.facts['extension']}"


def _as_uploaded(credential: Credential, secret: bytes) -> ExportedFile:
    return ExportedFile(file_name(credential), KeystoreSecret.opened(secret).file)


def _as_pkcs12(credential: Credential, secret: bytes) -> ExportedFile:
    """With the keystore's password for all its keys, as PKCS12 has it. What is one already stays as it is.

    Read here and not in a child: the file was read in one before it was sealed, and a JKS derives no keys.
    """
    opened = KeystoreSecret.opened(secret)
    content = opened.file
    if credential.facts["type"] != "PKCS12":
        keys = [
            Entry(each.alias, each.private_key, each.chain)
            for alias, key_password in opened.key_passwords.items()
            for each in parse_keystore(opened.file, opened.password, alias, key_password).entries
        ]
        content = write_pkcs12(keys, opened.password)
    return ExportedFile(f"{_stem(credential)}.p12", content, "application/x-pkcs12")


def _as_properties(credential: Credential, secret: bytes) -> ExportedFile:
    opened = KeystoreSecret.opened(secret)
    lines = [_property("storeFile", file_name(credential)), _property("storePassword", opened.password)]
    for mark, (alias, password) in zip(
        ["", *["# "] * len(opened.key_passwords)], opened.key_passwords.items(), strict=False
    ):
        lines += [f"{mark}{_property('keyAlias', alias)}", f"{mark}{_property('keyPassword', password)}"]
    return ExportedFile("keystore.properties", "\n".join([*lines, ""]).encode(), _TEXT)


def _property(name: str, value: str) -> str:
    """As java.util.Properties reads it, whatever encoding it assumes."""
    escaped = value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    if escaped.startswith(" "):
        escaped = f"\\{escaped}"
    units = escaped.encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return f"{name}=" + "".join(chr(code) if 32 <= code < 127 else f"\\u{code:04x}" for code in codes)


def _as_environment(credential: Credential, secret: bytes) -> ExportedFile:
    opened = KeystoreSecret.opened(secret)
    alias, key_password = next(iter(opened.key_passwords.items()))
    values = {
        "ANDROID_KEYSTORE_BASE64": base64.b64encode(opened.file).decode(),
        "ANDROID_KEYSTORE_PASSWORD": opened.password,
        "ANDROID_KEY_ALIAS": alias,
        "ANDROID_KEY_PASSWORD": key_password,
    }
    lines = [f"{name}={shlex.quote(value)}" for name, value in values.items()]
    return ExportedFile(f"{_stem(credential)}.env", "\n".join([*lines, ""]).encode(), _TEXT)


KEYSTORE_EXPORTS = (
    Export("keystore", "Download the keystore", "The file as it was uploaded, byte for byte.", _as_uploaded),
    Export(
        "pkcs12",
        "Download as PKCS12",
        "For all of Java since 8; keys have the keystore's password.",
        _as_pkcs12,
    ),
    Export(
        "properties",
        "Download keystore.properties",
        "For Gradle, beside the downloaded keystore.",
        _as_properties,
    ),
    Export(
        "environment",
        "Download environment lines",
        "For bash and zsh: the keystore in base64, its passwords and its first alias.",
        _as_environment,
    ),
)
