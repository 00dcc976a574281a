"""A Google service account's key: what is read of it, and what is told of everything else."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from credentials.parsing.errors import ParsingError
from credentials.parsing.service_account import parse_service_account
from tests.credentials.kind_uploads import service_account


def refused(data: bytes) -> ParsingError:
    with pytest.raises(ParsingError) as caught:
        parse_service_account(data)
    return caught.value


def test_its_facts() -> None:
    account = parse_service_account(b"\xef\xbb\xbf" + service_account())
    assert account.client_email == "play-upload@acme-releases.iam.gserviceaccount.com"
    assert (account.project_id, account.client_id) == ("acme-releases", "104829471029384756102")
    assert json.loads(account.document) == json.loads(service_account())


@pytest.mark.parametrize(
    ("code", "data", "said"),
    [
        ("empty", b"", "empty"),
        ("empty", b" \n", "empty"),
        ("too-large", b"{" + b" " * 40_000 + b"}", "32 KiB"),
        ("not-json", b"-----BEGIN PRIVATE KEY-----", "JSON"),
        ("not-json", b"[1]", "JSON"),
        ("not-json", b"[" * 20_000, "JSON"),
        ("not-json", b'{"type": "\\ud800"}', "JSON"),
        ("not-json", "{}".encode("utf-16"), "JSON"),
        ("google-services", b'{"project_info": {"project_id": "x"}, "client": []}', "google-services.json"),
        ("oauth-client", b'{"installed": {"client_id": "x"}}', "OAuth client"),
        ("user-credentials", b'{"type": "authorized_user", "refresh_token": "x"}', "somebody's own"),
        ("not-a-service-account", b"{}", "no type"),
        ("not-a-service-account", service_account(private_key=None), "no private_key"),
        ("not-a-service-account", service_account(client_email=None), "no client_email"),
        ("not-a-service-account", service_account(client_email="nobody"), "no client_email"),
        ("not-a-service-account", service_account(type="external_account"), "service_account"),
        ("unreadable-key", service_account(private_key="-----BEGIN"), "private_key"),
        ("unreadable-key", service_account(private_key="x" * 9000), "private_key"),
    ],
)
def test_what_is_refused(code: str, data: bytes, said: str) -> None:
    error = refused(data)
    assert error.code == code
    assert said in error.message
    assert "Service Accounts" in error.message  # what to do instead


@pytest.mark.parametrize("make", [lambda: ec.generate_private_key(ec.SECP256R1())])
def test_google_signs_with_rsa(make: Any) -> None:
    assert refused(service_account(make())).code == "unreadable-key"


def test_a_large_key_is_still_one() -> None:
    assert parse_service_account(service_account(rsa.generate_private_key(65537, 3072))).client_email
