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
    """One line a variable, for bash and zsh: `set -a; . file`. Codemagic has a name of its own for the Key ID."""
    escaped = p8.decode().replace("\\", "\\\\").replace("'", "\\'").replace("\r", "").replace("\n", "\\n")
    values = {"APP_STORE_CONNECT_KEY_ID": key_id, "APP_STORE_CONNECT_KEY_IDENTIFIER": key_id}
    if issuer_id:
        values["APP_STORE_CONNECT_ISSUER_ID"] = issuer_id
    lines = [f"{name}={shlex.quote(value)}" for name, value in values.items()]
    return "\n".join([*lines, f"APP_STORE_CONNECT_PRIVATE_KEY=$'{escaped}'", ""]).encode()


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


def _as_environment(credential: Credential, secret: bytes) -> ExportedFile:
    key = _key(credential)
    content = environment_lines(key.key_id, key.issuer_id, secret)
    return ExportedFile(f"{key.key_id}.env", content, "text/plain; charset=utf-8")


APP_STORE_CONNECT_KEY_EXPORTS = (
    Export("p8", "Download the .p8", "The file as Apple made it, byte for byte.", _as_p8),
    Export("fastlane", "Download JSON for fastlane", "For api_key_path.", _as_fastlane),
    Export(
        "environment",
        "Download environment lines",
        "For bash and zsh; Codemagic reads them.",
        _as_environment,
    ),
)
