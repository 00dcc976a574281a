"""App Store Connect API keys as the files and lines that other tools read."""

import json
import shlex

from appstore.models import AppStoreConnectKey, KeyType
from credentials.kinds.exports import Export, ExportedFile
from credentials.models import Credential


def p8_name(key_id: str, *, individual: bool) -> str:
    """As Apple names it, and as codemagic, altool and xcodebuild look for it."""
    return f"{'ApiKey' if individual else 'AuthKey'}_{key_id}.p8"


def fastlane_json(key_id: str, issuer_id: str, p8: bytes, *, in_house: bool) -> bytes:
    """fastlane's `api_key_path`. Without an Issuer ID it is an Individual key to fastlane too."""
    values: dict[str, object] = {"key_id": key_id}
    if issuer_id:
        values["issuer_id"] = issuer_id
    values |= {"key": p8.decode(), "duration": 1200, "in_house": in_house}
    return json.dumps(values, indent=2).encode() + b"\n"


def environment_lines(key_id: str, issuer_id: str, p8: bytes) -> bytes:
    """Codemagic has a name of its own for the Key ID."""
    prefix = "APP_STORE_CONNECT"
    values = {
        f"{prefix}_KEY_ID": key_id,
        f"{prefix}_KEY_IDENTIFIER": key_id,
        f"{prefix}_ISSUER_ID": issuer_id,
    }
    return _lines(values, f"{prefix}_PRIVATE_KEY", p8)


def fastlane_lines(key_id: str, issuer_id: str, p8: bytes, *, in_house: bool) -> bytes:
    """As fastlane's action `app_store_connect_api_key` reads them."""
    prefix = "APP_STORE_CONNECT_API_KEY"
    house = {f"{prefix}_IN_HOUSE": str(in_house).lower()}
    values = {f"{prefix}_KEY_ID": key_id, f"{prefix}_ISSUER_ID": issuer_id, **house}
    return _lines(values, f"{prefix}_KEY", p8)


def asc_lines(key_id: str, issuer_id: str, p8: bytes) -> bytes:
    return _lines({"ASC_KEY_ID": key_id, "ASC_ISSUER_ID": issuer_id}, "ASC_PRIVATE_KEY", p8)


def _lines(values: dict[str, str], key_name: str, p8: bytes) -> bytes:
    """One line a variable, for bash and zsh: `set -a; . file`. Individual keys have no Issuer ID."""
    escaped = p8.decode().replace("\\", "\\\\").replace("'", "\\'").replace("\r", "").replace("\n", "\\n")
    lines = [f"{name}={shlex.quote(value)}" for name, value in values.items() if value]
    return "\n".join([*lines, f"{key_name}=$'{escaped}'", ""]).encode()


def _key(credential: Credential) -> AppStoreConnectKey:
    key: AppStoreConnectKey = credential.app_store_connect_key
    return key


def _as_p8(credential: Credential, secret: bytes) -> ExportedFile:
    key = _key(credential)
    individual = key.key_type == KeyType.INDIVIDUAL
    return ExportedFile(p8_name(key.key_id, individual=individual), secret)


def _as_fastlane(credential: Credential, secret: bytes) -> ExportedFile:
    key = _key(credential)
    content = fastlane_json(key.key_id, key.issuer_id, secret, in_house=key.is_enterprise)
    return ExportedFile(f"{key.key_id}.json", content, "application/json")


def _env(credential: Credential, content: bytes) -> ExportedFile:
    return ExportedFile(f"{_key(credential).key_id}.env", content, "text/plain; charset=utf-8")


def _as_environment(credential: Credential, secret: bytes) -> ExportedFile:
    key = _key(credential)
    return _env(credential, environment_lines(key.key_id, key.issuer_id, secret))


def _as_fastlane_lines(credential: Credential, secret: bytes) -> ExportedFile:
    key = _key(credential)
    return _env(credential, fastlane_lines(key.key_id, key.issuer_id, secret, in_house=key.is_enterprise))


def _as_asc_lines(credential: Credential, secret: bytes) -> ExportedFile:
    key = _key(credential)
    return _env(credential, asc_lines(key.key_id, key.issuer_id, secret))


APP_STORE_CONNECT_KEY_EXPORTS = (
    Export("p8", "Download the .p8", "The file as Apple made it, byte for byte.", _as_p8),
    Export("fastlane", "Download JSON for fastlane", "For api_key_path.", _as_fastlane),
    Export(
        "environment",
        "Download environment lines",
        "For bash and zsh; Codemagic reads them.",
        _as_environment,
    ),
    Export(
        "fastlane-environment",
        "Download environment lines for fastlane",
        "APP_STORE_CONNECT_API_KEY_…: its action app_store_connect_api_key reads them.",
        _as_fastlane_lines,
    ),
    Export("asc-environment", "Download environment lines for asc", "ASC_KEY_ID and so on.", _as_asc_lines),
)
