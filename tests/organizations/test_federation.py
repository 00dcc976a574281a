"""Trusted CI providers: what an identity token has to be, what it gives, and how long."""

import base64
import json
import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.cache import cache
from django.db import models
from django.test import Client
from django.utils import timezone
from jwt.algorithms import ECAlgorithm
from pytest_django import Settings

from organizations import audit_verify, rates, tidying
from organizations.federation import keys
from organizations.models import ApiToken, AuditEvent, TrustPolicy, UsedAssertion
from tests.conftest import Cast
from tests.organizations.ci_jobs import AUDIENCE, EXCHANGE, exchange, identity, trust
from tests.organizations.fake_provider import FakeProvider

LIST = "/api/v1/credentials"
NOW = int(time.time())


@pytest.fixture(autouse=True)
def ready(settings: Settings, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    settings.CREDHUB_OUTGOING_ALLOW = ["127.0.0.1"]
    monkeypatch.setattr(keys, "_known", {})
    monkeypatch.setattr(rates, "_shares", {})
    request.getfixturevalue("db")
    cache.clear()


@pytest.fixture
def policy(cast: Cast, provider: FakeProvider) -> TrustPolicy:
    return trust(cast, provider)


def reasons() -> list[str]:
    events = AuditEvent.objects.filter(action="provider:refused").order_by("sequence")
    return [event.facts["reason"] for event in events]


def test_a_job_gets_a_token_for_a_quarter_of_an_hour(
    cast: Cast, provider: FakeProvider, policy: TrustPolicy
) -> None:
    answer = exchange(policy, identity(provider, user_login="ada\x00\ud800"))  # PostgreSQL takes neither
    assert answer.status_code == 200, answer.json()
    told = answer.json()
    assert (told["organization"], told["scopes"], told["bundle_ids"]) == (
        cast.root.slug,
        ["credential:view"],
        [],
    )
    assert "no-store" in answer["Cache-Control"]
    token = ApiToken.of_text(told["token"], "127.0.0.1")
    assert token is not None
    assert timedelta(minutes=14) < token.expires_at - timezone.now() <= timedelta(minutes=15)
    assert (token.policy, token.created_by, token.last_four) == (policy, cast.root_owner, told["token"][-4:])
    client = Client(headers={"authorization": f"Bearer {told['token']}"})
    assert client.get(LIST).status_code == 200
    event = AuditEvent.objects.get(action="provider:used")
    assert event.actor_label == f"API token “Release” …{token.last_four}"
    assert event.facts["claims"] == {
        "sub": "project_path:acme/app:ref_type:tag:ref:v1.2", "project_id": "42", "namespace_id": "7",
        "ref_protected": "true", "ref": "v1.2", "project_path": "acme/app", "user_login": "ada",
    }  # fmt: skip
    assert event.address == "127.0.0.1"
    assert not AuditEvent.objects.filter(action="token:used").exists()  # that is this event


SPOILT: list[tuple[str, dict[str, Any]]] = [
    ("issuer", {"iss": "https://gitlab.evil.example"}), ("issuer", {"iss": None}),
    ("InvalidAudienceError", {"aud": "another"}), ("MissingRequiredClaimError", {"aud": None}),
    ("audience", {"aud": [AUDIENCE, "https://other.example"]}), ("InvalidAudienceError", {"aud": f"{AUDIENCE}/"}),
    ("ExpiredSignatureError", {"exp": NOW - 60}), ("MissingRequiredClaimError", {"exp": None}),
    ("ImmatureSignatureError", {"nbf": NOW + 900}), ("ImmatureSignatureError", {"iat": NOW + 900}),
    ("MissingRequiredClaimError", {"iat": None}), ("MissingRequiredClaimError", {"sub": None}),
    ("too old", {"iat": NOW - 3700, "exp": NOW + 900}), ("too old", {"iat": -(10**18)}),
    ("unknown key", {"kid": "two"}),
    ("the claim project_id", {"project_id": "43"}), ("the claim project_id", {"project_id": None}),
    ("the claim project_id", {"project_id": ["42"]}), ("the claim project_id", {"project_id": "42 "}),
    ("the claim namespace_id", {"namespace_id": "8"}), ("the claim ref_protected", {"ref_protected": "false"}),
    ("the claim ref", {"ref": "main"}),
]  # fmt: skip


def test_what_does_not_hold_gives_nothing_and_one_answer(provider: FakeProvider, policy: TrustPolicy) -> None:
    unknown = exchange(uuid.uuid4(), identity(provider))
    assert unknown.status_code == 401
    same = unknown.json() | {"request_id": ""}
    for reason, spoil in SPOILT:
        cache.clear()
        answer = exchange(policy, identity(provider, **spoil))
        assert (answer.status_code, answer.json() | {"request_id": ""}) == (401, same), spoil
        assert reasons()[-1] == reason, spoil
    assert not ApiToken.objects.exists()
    assert exchange(policy, identity(provider, aud=[AUDIENCE], project_id=42)).status_code == 200


def _unsigned(text: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none","kid":"one"}').rstrip(b"=").decode()
    return f"{head}.{text.split('.')[1]}."


def test_only_the_issuers_own_signature_counts(provider: FakeProvider, policy: TrustPolicy) -> None:
    right = identity(provider)
    head, body, signature = right.split(".")
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = []
    for key, algorithm in ((stranger, "RS256"), ("a secret of thirty-two characters", "HS256"), (provider.key, "RS512"),
                           (ec.generate_private_key(ec.SECP256R1()), "ES256")):  # fmt: skip
        provider.sign_with = (key, algorithm)
        forged.append(identity(provider))
    other = (
        base64.urlsafe_b64encode(json.dumps({"iss": provider.url, "aud": AUDIENCE}).encode())
        .decode()
        .rstrip("=")
    )
    deep = base64.urlsafe_b64encode(b"[" * 11_000).decode().rstrip("=")
    forged += [
        _unsigned(right),
        f"{head}.{other}.{signature}",
        f"{head}.{body}.",
        "not.a.jwt",
        f"{head}.{deep}.{signature}",
        "ä",
        "x" * 16_000,
    ]
    for text in forged:
        assert exchange(policy, text).status_code == 401, text[:40]
    assert not ApiToken.objects.exists()
    assert exchange(policy, right).status_code == 200


@pytest.mark.parametrize("jti", [uuid.uuid4().hex, None], ids=["with-an-id", "without"])
def test_one_works_once(provider: FakeProvider, policy: TrustPolicy, jti: str | None) -> None:
    text = identity(provider, jti=jti)
    assert [exchange(policy, text).status_code for _ in range(2)] == [200, 401]
    assert reasons() == ["used before"]
    used = UsedAssertion.objects.get()
    assert used.ends_at > timezone.now() + timedelta(minutes=59)
    if jti:  # nor one that says the same id again
        assert exchange(policy, identity(provider, jti=jti, sub="another")).status_code == 401
    assert exchange(policy, identity(provider)).status_code == 200


def test_networks_scopes_and_bundle_ids_are_the_policys(cast: Cast, provider: FakeProvider) -> None:
    elsewhere = trust(cast, provider, networks=["198.51.100.0/24"])
    assert exchange(elsewhere, identity(provider)).status_code == 401
    assert reasons() == ["network"]
    here = trust(cast, provider, networks=["127.0.0.0/8"], bundle_ids=["com.acme.*"], scopes=["asset:view"])
    told = exchange(here, identity(provider)).json()
    assert (told["scopes"], told["bundle_ids"]) == (["asset:view"], ["com.acme.*"])
    assert ApiToken.of_text(told["token"], "198.51.100.1") is None


def test_it_counts_as_long_as_who_made_it_may_give_tokens(
    cast: Cast, provider: FakeProvider, policy: TrustPolicy
) -> None:
    text = exchange(policy, identity(provider)).json()["token"]
    cast.root_owner.memberships.get().delete()
    assert Client(headers={"authorization": f"Bearer {text}"}).get(LIST).status_code == 403
    assert exchange(policy, identity(provider)).status_code == 401
    assert reasons() == ["who trusted this provider may do so no more"]


def test_what_is_removed_ends_with_its_tokens(
    cast: Cast, provider: FakeProvider, policy: TrustPolicy
) -> None:
    text = exchange(policy, identity(provider)).json()["token"]
    policy.remove(cast.actor("root_owner"))
    assert ApiToken.of_text(text, "127.0.0.1") is None
    assert exchange(policy, identity(provider)).status_code == 401
    assert reasons() == []  # to nobody's log: there is no such policy


@pytest.mark.parametrize(
    "column", ["issuer", "audience", "claim_words", "key_set", "scope_words", "removed_at"]
)
def test_a_policy_that_was_forged_gives_nothing(
    cast: Cast, provider: FakeProvider, policy: TrustPolicy, column: str
) -> None:
    if column == "removed_at":
        policy.remove(cast.actor("root_owner"))
    values = {
        "audience": "another", "claim_words": '{"sub": "x"}', "key_set": json.dumps(provider.keys()),
        "issuer": "https://evil.example", "scope_words": "credential:reveal", "removed_at": None,
    }  # fmt: skip
    models.QuerySet(TrustPolicy).update(**{column: values[column]})  # past the guards, as SQL would
    assert exchange(policy, identity(provider)).status_code == 401
    assert not ApiToken.objects.exists()


def test_keys_are_asked_for_once_and_again_when_there_are_new_ones(
    provider: FakeProvider, policy: TrustPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(keys.time, "monotonic", lambda: clock[0])
    provider.asked.clear()

    def asked() -> int:
        count = provider.asked.count("/keys")
        provider.asked.clear()
        return count

    for _ in range(3):
        assert exchange(policy, identity(provider)).status_code == 200
    assert asked() == 1
    new = identity(provider, kid="new")
    assert exchange(policy, new).status_code == 401
    assert asked() == 0  # strangers do not keep the issuer busy
    clock[0] += keys.ASKED_EVERY
    renamed = {"keys": [provider.keys()["keys"][0] | {"kid": "new"}]}
    monkeypatch.setattr(provider, "keys", lambda: renamed)
    assert [exchange(policy, text).status_code for text in (new, identity(provider))] == [200, 401]
    assert asked() == 1
    clock[0] += keys.LIFETIME
    monkeypatch.setattr(provider, "document", dict)  # it is out of order: what was known goes on for a day
    assert exchange(policy, identity(provider, kid="new")).status_code == 200
    clock[0] += keys.STALE_LIFETIME
    assert exchange(policy, identity(provider, kid="new")).status_code == 503


def test_pasted_keys_need_no_issuer(cast: Cast, provider: FakeProvider) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pasted = json.dumps({"keys": [ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "ours"}]})
    provider.asked.clear()
    policy = trust(cast, provider, key_set=pasted)
    provider.sign_with = (key, "ES256")
    assert exchange(policy, identity(provider, kid="ours")).status_code == 200
    provider.sign_with = None
    assert exchange(policy, identity(provider)).status_code == 401  # the issuer's own key is not among them
    assert provider.asked == []


def test_one_address_asks_only_so_often(
    provider: FakeProvider, policy: TrustPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("organizations.api.federation.MOST", 3)
    answers = [exchange(policy, "x") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert reasons() == ["not a JWT"]  # one event a minute


def test_what_is_not_understood(policy: TrustPolicy) -> None:
    for body, status in ((b"{", 400), (b"{}", 422), (b'{"trust_policy": "x", "token": "y"}', 422)):
        answer = Client().post(EXCHANGE, body, content_type="application/json")
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert Client().get(EXCHANGE).status_code == 405


def test_its_tokens_are_tidied_away_and_the_log_stays_whole(
    provider: FakeProvider, policy: TrustPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange(policy, identity(provider))
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    tidying.tidy()
    assert not ApiToken.objects.exists()
    known = audit_verify.Known()
    assert [*audit_verify.verify_chains(known), *audit_verify.verify_rows(known)] == []


def test_one_providers_jobs_count_together(
    provider: FakeProvider, policy: TrustPolicy, settings: Settings
) -> None:
    settings.TOKEN_REQUESTS_PER_MINUTE = 3
    texts = [exchange(policy, identity(provider)).json()["token"] for _ in range(4)]
    statuses = [Client(headers={"authorization": f"Bearer {text}"}).get(LIST).status_code for text in texts]
    assert statuses == [200, 200, 200, 429]
