"""A key of Huawei's AppGallery Connect API: of an API client, or of a service account, which replaces those.

https://developer.huawei.com/consumer/en/doc/development/AppGallery-connect-Guides/agcapi-getstarted
"""

import re
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from organizations.words import clean

from . import limits
from .errors import ParsingError
from .json_object import as_file, json_object

API_CLIENT, SERVICE_ACCOUNT = "API client", "Service account"
_ID = re.compile(r"[A-Za-z0-9._@-]{1,100}")
_LONGEST_KEY = 3500  # RSA with 4096 bits, which Huawei makes, is 3,272 bytes as PEM
_AGAIN = (
    "Upload the file that AppGallery Connect made under Users and permissions › API key › Connect API, for the team "
    "(Project: N/A)."
)
_MESSAGES = {
    "empty": "The file is empty. {again}",
    "too-large": "The file is larger than 32 KiB, and such a key is about 4 KiB at most. {again}",
    "not-json": "This is not a readable JSON file. {again}",
    "agconnect-services": (
        "Looks like this is an agconnect-services.json: the configuration that is built into an app. It publishes "
        "nothing. {again}"
    ),
    "google": "This is a JSON of Google's. Add a service account key as such. For Huawei: {again}",
    "project-level": (
        "This API client belongs to one project, and publishing answers it with “client token authorization fail”. "
        "Make another one with Project: N/A. {again}"
    ),
    "not-a-huawei-key": "This JSON is not a key of the AppGallery Connect API: it has no {missing}. {again}",
    "unreadable-key": "The private_key in this file cannot be read. {again}",
}


@dataclass(frozen=True, slots=True)
class HuaweiKey:
    """`account` is the Client ID, or the service account's own; absent text is ""."""

    type: str  # API_CLIENT or SERVICE_ACCOUNT
    account: str
    key_id: str
    developer_id: str
    project_id: str
    region: str
    document: bytes = field(repr=False)


def parse_huawei_key(data: bytes) -> HuaweiKey:
    """ParsingError with one of the codes above for everything else."""
    if not data.strip():
        raise _refusal("empty")
    if len(data) > limits.HUAWEI_KEY:
        raise _refusal("too-large")
    document = json_object(data)
    if document is None:
        raise _refusal("not-json")
    if "agcgw" in document or isinstance(document.get("client"), dict):
        raise _refusal("agconnect-services")
    if "client_email" in document or "project_info" in document or document.get("type") == "service_account":
        raise _refusal("google")
    if str(document.get("type")).startswith("project_client"):
        raise _refusal("project-level")
    if "private_key" in document:
        return _service_account(document)
    account = _text(document, "client_id")
    _text(document, "client_secret")
    return _facts(document, API_CLIENT, account)


def _service_account(document: dict[str, Any]) -> HuaweiKey:
    pem = _text(document, "private_key")
    account = _text(document, "sub_account")
    _text(document, "key_id")
    try:
        key = load_pem_private_key(pem.encode(), None) if len(pem) <= _LONGEST_KEY else None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _refusal("unreadable-key")
    return _facts(document, SERVICE_ACCOUNT, account)


def _facts(document: dict[str, Any], type_: str, account: str) -> HuaweiKey:
    if not _ID.fullmatch(account):
        missing = "client_id" if type_ == API_CLIENT else "sub_account"
        raise _refusal("not-a-huawei-key", missing=f"{missing} of letters and digits")
    names = ("key_id", "developer_id", "project_id", "region")
    facts = {name: clean(document.get(name), 100) for name in names}
    return HuaweiKey(type=type_, account=account, document=as_file(document), **facts)


def _text(document: dict[str, Any], name: str) -> str:
    value = document.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and name != "client_secret":
        value = str(value)  # ids are numbers to some tools
    if not isinstance(value, str) or not value.strip():
        raise _refusal("not-a-huawei-key", missing=name)
    return value.strip()


def _refusal(code: str, **words: str) -> ParsingError:
    return ParsingError(code, _MESSAGES[code].format(again=_AGAIN, **words))
