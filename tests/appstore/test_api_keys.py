"""App Store Connect API keys over the API: added, read, and used without being seen."""

import base64
from datetime import UTC, datetime

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.test import Client

from appstore.models import AppStoreConnectKey, SyncRun
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import ApiToken, AuditEvent
from organizations.permissions import Permission
from tests import factories
from tests.appstore.apple import Apple
from tests.conftest import Cast
from tests.leaks import find_in, forms_of
from tests.machines import machine, send

pytestmark = pytest.mark.django_db
KEYS = "/app-store-connect-keys"


@pytest.fixture
def key(apple: Apple, cast: Cast) -> AppStoreConnectKey:
    return apple.upload(cast.root)


@pytest.fixture
def client(cast: Cast) -> Client:
    return machine(cast, cast.root)


def test_a_key_is_added_and_checked_and_its_private_key_replaced(client: Client) -> None:
    p8 = factories.make_p8()
    file = {"name": "AuthKey_2X9R4HXF34.p8", "content": base64.b64encode(p8).decode()}
    refused = send(client, "POST", KEYS, {"file": file})
    assert refused.json()["errors"][0]["field"] == "issuer_id"
    asked = {"file": file, "issuer_id": "57246542-96fe-1a63-e053-0824d011072a", "name": "Store"}
    answer = send(client, "POST", KEYS, asked)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["key_id"], told["key_type"], told["health"]) == ("2X9R4HXF34", "TEAM", "UNCHECKED")
    assert find_in(answer.content, forms_of(p8)) == []
    assert SyncRun.objects.get().kind == "CHECK"
    path = f"{KEYS}/{told['id']}"
    assert send(client, "GET", path).json() == told
    (listed,) = send(client, "GET", f"{KEYS}?key_id=2X9R4HXF34").json()["items"]
    assert listed == told
    again = send(client, "PUT", f"{path}/private-key", {"text": factories.make_p8().decode()})
    assert (again.status_code, again.json()["id"]) == (200, told["id"])
    assert AuditEvent.objects.filter(action=Action.CREDENTIAL_REPLACED).count() == 1


def test_a_token_of_apples_for_some_requests(
    cast: Cast, client: Client, apple: Apple, key: AppStoreConnectKey
) -> None:
    asked = {"scope": ["GET /v1/devices"], "purpose": "list of devices", "seconds": 600}
    answer = send(client, "POST", f"{KEYS}/{key.credential_id}/token", asked)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert "no-store" in answer["Cache-Control"]
    p8 = key.credential.reveal(SYSTEM, purpose="test")
    assert find_in(answer.content, forms_of(p8)) == []
    public = load_pem_private_key(p8, None).public_key()
    claims = jwt.decode(told["token"], public, algorithms=["ES256"], audience="appstoreconnect-v1")  # type: ignore[arg-type]
    assert claims["scope"] == ["GET /v1/devices"]
    assert claims["exp"] - datetime.now(UTC).timestamp() <= 600
    headers = {"Authorization": f"Bearer {told['token']}"}
    good, other = (requests.get(f"{settings.APPSTORE_API_URL}/v1/{each}", headers=headers, timeout=30)
                   for each in ("devices", "profiles"))  # fmt: skip
    assert (good.status_code, other.status_code) == (200, 401)
    event = AuditEvent.objects.get(action=Action.APPLE_TOKEN_MINTED)
    assert event.actor_label.startswith("API token “CI”")
    assert (event.facts["scopes"], event.facts["purpose"]) == (["GET /v1/devices"], "list of devices")


def test_what_no_token_of_apples_is_given_for(cast: Cast, client: Client) -> None:
    key = factories.make_key(cast.root)
    path = f"{KEYS}/{key.credential_id}/token"
    for scope in (["POST /v1/devices"], ["GET /v1/devices", "DELETE /v1/x"], ["*"], ["GET /v1/a b"], []):
        assert send(client, "POST", path, {"scope": scope, "purpose": "x"}).status_code == 422
    good = {"scope": ["GET /v1/devices"], "purpose": "x"}
    assert send(client, "POST", path, good | {"seconds": 1201}).status_code == 422
    assert send(machine(cast, cast.root, Permission.CREDENTIAL_VIEW), "POST", path, good).status_code == 403
    few, text = ApiToken.issue(
        cast.actor("root_owner"),
        cast.root,
        name="few",
        scopes=[Permission.CREDENTIAL_USE],
        bundle_ids=["com.example.a"],
    )
    assert few.bundle_ids
    bound = Client(headers={"authorization": f"Bearer {text}"})
    assert send(bound, "POST", path, good).status_code == 403
    key.credential.archive(SYSTEM)
    assert send(client, "POST", path, good).status_code == 404
    assert not AuditEvent.objects.filter(action=Action.APPLE_TOKEN_MINTED).exists()


def test_who_is_given_a_key_uses_it_and_never_sees_it(cast: Cast) -> None:
    key = factories.make_key(cast.root)
    share(SYSTEM, key.credential, with_all=True, chosen=[])
    below = machine(cast, cast.sub_a)
    good = {"scope": ["GET /v1/devices"], "purpose": "x"}
    assert send(below, "POST", f"{KEYS}/{key.credential_id}/token", good).status_code == 200
    event = AuditEvent.objects.get(action=Action.APPLE_TOKEN_MINTED)
    assert event.organization == cast.root  # in the log of whose key it is
    assert (
        send(below, "POST", f"/credentials/{key.credential_id}/reveal", {"purpose": "x"}).status_code == 404
    )
