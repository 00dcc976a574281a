"""Keys of Huawei's AppGallery Connect API: what is read of them, and what is told of everything else."""

import json
from typing import Any

import pytest

from credentials.parsing.errors import ParsingError
from credentials.parsing.huawei_key import parse_huawei_key
from tests.credentials.kind_uploads import RSA_KEY, huawei_client, pem, service_account
from tests.factories import make_p8


def huawei_account(**changes: Any) -> bytes:
    """As AppGallery Connect makes it for a service account."""
    document = {
        "project_id": "101653523863785276",
        "key_id": "0d1f2a",
        "private_key": pem(RSA_KEY).decode(),
        "sub_account": "103459871",
        "auth_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/authorize",
        "token_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
    } | changes
    return json.dumps({name: value for name, value in document.items() if value is not None}).encode()


def test_an_api_client() -> None:
    key = parse_huawei_key(b"\xef\xbb\xbf" + huawei_client())
    assert (key.type, key.account, key.region) == ("API client", "1246789573498172544", "DE")
    assert key.developer_id == "900086000150224722"
    assert json.loads(key.document) == json.loads(huawei_client())
    assert "A1B2C3D4" not in repr(key)


def test_an_api_client_that_somebody_typed() -> None:
    key = parse_huawei_key(b'{"client_id": 18893, "client_secret": "hush"}')
    assert (key.account, key.developer_id) == ("18893", "")


def test_a_service_account() -> None:
    key = parse_huawei_key(huawei_account())
    assert (key.type, key.account, key.key_id) == ("Service account", "103459871", "0d1f2a")
    assert key.project_id == "101653523863785276"


@pytest.mark.parametrize(
    ("code", "data", "said"),
    [
        ("empty", b"\n", "empty"),
        ("too-large", b"{" + b" " * 40_000 + b"}", "32 KiB"),
        ("not-json", b"client_id=1", "JSON"),
        ("not-json", b"[]", "JSON"),
        ("agconnect-services", b'{"agcgw": {"url": "x"}, "client": {"client_id": "1"}}', "agconnect-services.json"),
        ("agconnect-services", b'{"client": {"package_name": "x"}, "region": "DE"}', "agconnect-services.json"),
        ("google", service_account(), "Google"),
        ("google", b'{"project_info": {}}', "Google"),
        ("project-level", huawei_client(type="project_client_id", project_id="1"), "one project"),
        ("not-a-huawei-key", b"{}", "no client_id"),
        ("not-a-huawei-key", huawei_client(client_secret=None), "no client_secret"),
        ("not-a-huawei-key", huawei_client(client_secret=5), "no client_secret"),
        ("not-a-huawei-key", huawei_client(client_id="a b"), "no client_id"),
        ("not-a-huawei-key", huawei_account(sub_account=None), "no sub_account"),
        ("not-a-huawei-key", huawei_account(key_id=""), "no key_id"),
        ("unreadable-key", huawei_account(private_key="-----BEGIN"), "private_key"),
        ("unreadable-key", huawei_account(private_key="x" * 9000), "private_key"),
        ("unreadable-key", huawei_account(private_key=make_p8().decode()), "private_key"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_refused(code: str, data: bytes, said: str) -> None:
    with pytest.raises(ParsingError) as caught:
        parse_huawei_key(data)
    assert caught.value.code == code
    assert said in caught.value.message
    assert "Connect API, for the team" in caught.value.message  # what to do instead
