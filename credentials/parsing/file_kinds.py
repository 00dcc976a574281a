"""Tells what an uploaded file is, by its content; nothing is decrypted, verified or loaded."""

import json
import re
from typing import Any

from . import limits
from .der import read_element
from .der_kind import binary_kind, pkcs8_algorithm
from .errors import ParsingError
from .match_encryption import match_version
from .pem_text import as_text, from_base64, labels, only_block

# The slugs that `file_kind` answers with
P12, CERTIFICATE, PRIVATE_KEY, P8, LOCKED_KEY = "p12", "certificate", "private-key", "p8", "locked-key"
PROFILE, KEYSTORE, REQUEST, ARCHIVE = "profile", "keystore", "certificate-request", "archive"
SERVICE_ACCOUNT, GOOGLE_SERVICES, CREDENTIALS_JSON = "service-account", "google-services", "credentials-json"
MATCH_V1, MATCH_V2, OTHER = "match-v1", "match-v2", "other"

_KEYSTORE_NAMES = (
    ".jks",
    ".keystore",
    ".ks",
    ".bks",
    ".pkcs12",
)  # PKCS#12 keystores are .p12 files by content
_OF_BINARY = {
    "pkcs12": P12, "certificate": CERTIFICATE, "provisioning-profile": PROFILE, "keystore": KEYSTORE,
    "certificate-request": REQUEST, "encrypted-key": LOCKED_KEY, "archive": ARCHIVE, "rsa-key": PRIVATE_KEY,
    "sec1-key": PRIVATE_KEY,
}  # fmt: skip
_OF_LABEL = {
    "CERTIFICATE": CERTIFICATE, "X509 CERTIFICATE": CERTIFICATE, "CERTIFICATE REQUEST": REQUEST,
    "NEW CERTIFICATE REQUEST": REQUEST, "ENCRYPTED PRIVATE KEY": LOCKED_KEY, "PKCS7": OTHER,
}  # fmt: skip
_LOCKED = re.compile(r"^Proc-Type:.*ENCRYPTED", re.MULTILINE)


def file_kind(path: str, content: bytes) -> str:
    """One of the slugs above. The name decides only between a .p12 and a keystore, which can be the same file."""
    if version := match_version(content):
        return MATCH_V2 if version == 2 else MATCH_V1
    text = as_text(content)
    if text is not None:
        return _of_text(text)
    kind = binary_kind(content)
    if kind == "der-key":
        return _of_key(content)
    if kind == "pkcs12" and path.lower().endswith(_KEYSTORE_NAMES):
        return KEYSTORE
    return _OF_BINARY.get(kind, OTHER)


def _of_text(text: str) -> str:
    if text.lstrip().startswith("{"):
        return _of_json(text)
    found = labels(text) if len(text) <= limits.ARCHIVED_FILE else []
    if not found:
        return OTHER
    if not found[0].endswith("PRIVATE KEY") or len(found) > 1:
        return _OF_LABEL.get(found[0], OTHER) if len(set(found)) == 1 else OTHER
    if found[0] == "ENCRYPTED PRIVATE KEY" or _LOCKED.search(text):
        return LOCKED_KEY
    return (
        _of_key(from_base64(only_block(text).body or "") or b"") if found[0] == "PRIVATE KEY" else PRIVATE_KEY
    )


def _of_key(der: bytes) -> str:
    """A .p8 of Apple's is a P-256 key; signing keys are RSA."""
    try:
        parts = read_element(der).children()
        return P8 if len(parts) > 1 and pkcs8_algorithm(der)[0] == "p256" else PRIVATE_KEY
    except ParsingError:
        return PRIVATE_KEY  # a damaged one: whoever reads it says so


def _of_json(text: str) -> str:
    document = _json(text)
    if document.get("type") == "service_account":
        return SERVICE_ACCOUNT
    if "project_info" in document and "client" in document:
        return GOOGLE_SERVICES
    if set(document) & {"ios", "android"} and _is_eas(document):
        return CREDENTIALS_JSON
    return OTHER


def _json(text: str) -> dict[str, Any]:
    if len(text) > limits.CREDENTIALS_JSON:
        return {}
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _is_eas(document: dict[str, Any]) -> bool:
    """`android.keystore`, `ios.provisioningProfilePath`, or one of these in each target of `ios`."""
    android, ios = document.get("android"), document.get("ios")
    if isinstance(android, dict) and "keystore" in android:
        return True
    if not isinstance(ios, dict):
        return False
    told = [ios, *(each for each in ios.values() if isinstance(each, dict))]
    return any("provisioningProfilePath" in each or "distributionCertificate" in each for each in told)
