"""The key of a Google service account, in JSON: for uploads to Google Play, or for push by FCM v1.

https://developers.google.com/workspace/guides/create-credentials#create_credentials_for_a_service_account
"""

import re
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from organizations.words import clean

from . import limits
from .errors import ParsingError
from .json_object import as_file, json_object

_EMAIL = re.compile(r"[^@\s]{1,100}@[^@\s]{1,150}")
# RSA 2048 in PEM is 1,704 bytes, RSA 4096 3,272. Loading checks the primes: 8192 bits take seconds.
_LONGEST_KEY = 3500
_MESSAGES = {
    "empty": "The file is empty. {again}",
    "too-large": "The file is larger than 32 KiB, and a service account key is about 2 KiB. {again}",
    "not-json": "This is not a readable JSON file. {again}",
    "google-services": (
        "Looks like this is a google-services.json: the configuration that is built into an app. It holds no secret. "
        "{again}"
    ),
    "oauth-client": "This is an OAuth client, for people who sign in. CredHub needs a service account. {again}",
    "user-credentials": "These are somebody's own credentials, of gcloud. CredHub needs a service account. {again}",
    "not-a-service-account": "This JSON is not the key of a service account: it has no {missing}. {again}",
    "unreadable-key": "The private_key in this file cannot be read. {again}",
}
_AGAIN = "Upload the file that IAM & Admin › Service Accounts › Keys › Add key › JSON made in the Google Cloud console."


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """`document` is the file as JSON, without what it does not need; absent text is ""."""

    client_email: str
    project_id: str
    client_id: str
    private_key_id: str
    document: bytes = field(repr=False)


def parse_service_account(data: bytes) -> ServiceAccount:
    """ParsingError with one of the codes above for everything but a service account's key."""
    if not data.strip():
        raise _refusal("empty")
    if len(data) > limits.SERVICE_ACCOUNT:
        raise _refusal("too-large")
    document = json_object(data)
    if document is None:
        raise _refusal("not-json")
    if isinstance(document.get("project_info"), dict) and "client" in document:
        raise _refusal("google-services")
    if "installed" in document or "web" in document:
        raise _refusal("oauth-client")
    if document.get("type") == "authorized_user":
        raise _refusal("user-credentials")
    for name in ("type", "private_key", "client_email"):
        if not isinstance(document.get(name), str) or not document[name].strip():
            raise _refusal("not-a-service-account", missing=name)
    email = clean(document["client_email"])
    if document["type"] != "service_account" or not _EMAIL.fullmatch(email):
        raise _refusal(
            "not-a-service-account",
            missing="type “service_account”" if document["type"] != "service_account" else "client_email",
        )
    _check_key(document["private_key"])
    return ServiceAccount(
        client_email=email,
        project_id=clean(document.get("project_id"), 100),
        client_id=clean(document.get("client_id"), 100),
        private_key_id=clean(document.get("private_key_id"), 100),
        document=as_file(document),
    )


def _check_key(pem: str) -> None:
    try:
        if len(pem) > _LONGEST_KEY:
            raise _refusal("unreadable-key")
        key = load_pem_private_key(pem.encode(), password=None)
    except ParsingError:
        raise
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _refusal("unreadable-key") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _refusal("unreadable-key")


def _refusal(code: str, **words: str) -> ParsingError:
    return ParsingError(code, _MESSAGES[code].format(again=_AGAIN, **words))
