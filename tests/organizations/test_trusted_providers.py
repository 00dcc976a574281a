"""Whom an organization trusts: what a policy may ask for, and its pages."""

import json
import threading
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import Settings

from organizations.federation import keys
from organizations.federation.claims import ClaimsError, check, missing
from organizations.federation.keys import KeySetError, KeysUnavailableError
from organizations.federation.providers import BITRISE, CIRCLECI, GENERIC, GITHUB, GITLAB, PROVIDERS, Provider
from organizations.models import AuditEvent, ScopeAboveOwnError, TrustPolicy
from organizations.models.trust_policy import require_issuer
from tests.conftest import Cast
from tests.organizations.ci_jobs import AUDIENCE, trust
from tests.organizations.fake_provider import FakeProvider
from tests.organizations.test_api_tokens import fresh

OURS = {"repository_id": "1", "repository_owner_id": "2"}


@pytest.mark.parametrize(("provider", "asked", "says"), [
    (GITHUB, {"repository_id": "1"}, "“Owner ID” is needed"), (GITHUB, {}, "“Repository ID” is needed"),
    (GITHUB, OURS | {"repository_id": "1*"}, "without a"), (GITHUB, OURS | {"actor_id": "1*"}, "without a"),
    (GITHUB, OURS | {"ref": "*"}, "elsewhere than at the end"), (GITHUB, OURS | {"ref": "refs/*/v1"}, "elsewhere"),
    (GITHUB, OURS | {"exp": "1"}, "can be asked"), (GITHUB, OURS | {"a b": "1"}, "can be asked"),
    (GITLAB, {"project_id": "1"}, "“Namespace ID” is needed"), (BITRISE, {"workflow": "x"}, "“App slug” is needed"),
    (CIRCLECI, {"oidc.circleci.com/vcs-ref": "x"}, "“Project ID” is needed"),
    (GENERIC, {"ref": "refs/heads/main"}, "Ask for sub"), (GENERIC, {"sub": "repo:*"}, "without a"),
    (GENERIC, {}, "Ask for sub"), (GENERIC, {"sub": "x" * 301}, "too long"),
])  # fmt: skip
def test_claims_that_would_let_others_in(provider: Provider, asked: dict[str, str], says: str) -> None:
    with pytest.raises(ClaimsError, match=says):
        check(provider, asked)


def test_claims_that_do() -> None:
    asked = OURS | {"ref": "refs/tags/*", "environment": ""}
    assert check(GITHUB, asked) == OURS | {"ref": "refs/tags/*"}
    for told, wrong in (
        ({"ref": "refs/tags/v1"}, ""), ({"ref": "refs/heads/refs/tags/v1"}, "ref"), ({}, "ref"),
        ({"ref": "refs/tags/v1", "repository_id": 1}, ""),
        ({"ref": "refs/tags/v1", "repository_id": True}, "repository_id"),
    ):  # fmt: skip
        assert missing(check(GITHUB, asked), {**OURS, **told}) == wrong, told
    assert missing({"ref_protected": "true"}, {"ref_protected": True}) == ""


@pytest.mark.parametrize(("provider", "issuer"), [
    (GITHUB, "https://token.actions.githubusercontent.com/"), (GITHUB, "https://evil.example"),
    (CIRCLECI, CIRCLECI.issuer), (CIRCLECI, "https://oidc.circleci.com/org/../x"), (CIRCLECI, "https://evil.example/org/x"),
    (GITLAB, "gitlab.com"), (GITLAB, "ftp://gitlab.com"), (GITLAB, "https://"), (GITLAB, "https://a@gitlab.com"),
    (GENERIC, "https://x.example/?a"), (GENERIC, "file:///etc/passwd"),
])  # fmt: skip
def test_what_is_no_issuer(provider: Provider, issuer: str) -> None:
    with pytest.raises(ClaimsError, match="issuer"):
        require_issuer(provider, issuer)


def test_keys_that_may_not_sign(provider: FakeProvider) -> None:
    (right,) = provider.keys()["keys"]
    small = {"kty": "RSA", "kid": "x", "e": "AQAB", "n": "3" * 80}
    for wrong in (
        {"kty": "oct", "kid": "x", "k": "c2VjcmV0"}, right | {"use": "enc"}, right | {"alg": "RS512"}, small,
        {name: value for name, value in right.items() if name != "kid"}, "text", None,
    ):  # fmt: skip
        with pytest.raises(KeySetError):
            keys.read(json.dumps({"keys": [wrong]}))
    for text in ("", "[]", "{}", '{"keys": 1}', "<html>"):
        with pytest.raises(KeySetError):
            keys.read(text)
    assert list(keys.read(json.dumps(provider.keys()))) == ["one"]


def test_an_issuer_is_asked_at_its_own_host_alone(
    cast: Cast, provider: FakeProvider, settings: Settings
) -> None:
    with pytest.raises(KeysUnavailableError, match="https"):  # an address inside, which no operator named
        trust(cast, provider)
    settings.CREDHUB_OUTGOING_ALLOW = ["127.0.0.1"]
    for config, says in (
        ({"issuer": "https://evil.example"}, "another issuer"),
        ({"jwks_uri": "https://evil.example/keys"}, "another host"),
        ({"jwks_uri": f"{provider.url}/moved"}, "as it should"),
    ):  # fmt: skip
        provider.config = config
        with pytest.raises(KeysUnavailableError, match=says):
            trust(cast, provider)
    assert not TrustPolicy.objects.exists()


def test_issuers_that_hang_do_not_take_every_thread(
    provider: FakeProvider, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CREDHUB_OUTGOING_ALLOW = ["127.0.0.1"]
    monkeypatch.setattr(keys, "WAIT", 0.01)
    monkeypatch.setattr(keys, "_turns", turns := threading.BoundedSemaphore(keys.AT_ONCE))
    for _ in range(keys.AT_ONCE):
        turns.acquire()
    with pytest.raises(KeysUnavailableError, match="right now"):
        keys.fetch(provider.url)
    turns.release()
    assert keys.fetch(provider.url)
    with pytest.raises(KeysUnavailableError, match="does not answer"):
        keys.fetch(f"{provider.url}/nothing")
    assert keys.fetch(provider.url)  # a turn comes back


def test_nobody_gives_more_than_they_hold(cast: Cast, provider: FakeProvider) -> None:
    with pytest.raises(ScopeAboveOwnError):
        TrustPolicy.add(
            cast.actor("sub_a_admin"), cast.sub_a, name="x", provider=GITHUB, issuer=GITHUB.issuer, audience="x",
            asked=OURS, scopes=["credential:reveal"], key_set=json.dumps(provider.keys()),
        )  # fmt: skip


def form(provider: FakeProvider, **changed: Any) -> dict[str, Any]:
    return {
        "name": "Release", "issuer": GITHUB.issuer, "audience": AUDIENCE, "claim_repository_id": "42",
        "claim_repository_owner_id": "7", "claim_ref": "refs/tags/*", "claim_environment": " ",
        "more": "event_name = push\n\nrun_attempt=1\nenvironment = production",
        "key_set": json.dumps(provider.keys()), "scopes": ["credential:view", "asset:view"],
        "kinds": ["apple-certificate"], "bundle_ids": "com.acme.*", "networks": "192.0.2.0/24",
    } | changed  # fmt: skip


def test_a_policy_is_added_shown_and_removed(cast: Cast, provider: FakeProvider) -> None:
    client, slug = fresh(cast), cast.root.slug
    page = reverse("trust-provider", args=[slug, "github"])
    assert client.post(page, form(provider)).status_code == 302
    policy = TrustPolicy.objects.get()
    assert policy.claims == {
        "repository_id": "42", "repository_owner_id": "7", "ref": "refs/tags/*", "event_name": "push",
        "run_attempt": "1", "environment": "production",
    }  # fmt: skip
    assert policy.scope_words == "asset:view credential:view:apple-certificate"
    assert (policy.bundle_ids, policy.networks, policy.created_by) == (
        ["com.acme.*"],
        ["192.0.2.0/24"],
        cast.root_owner,
    )
    listed = client.get(reverse("trusted-providers", args=[slug])).content.decode()
    for word in (
        str(policy.pk),
        "ref = refs/tags/*",
        "GitHub Actions",
        "(Signing identity)",
        "/api/v1/federation/token",
    ):
        assert word in listed, word
    assert client.post(reverse("remove-provider", args=[slug, policy.pk])).status_code == 302
    assert str(policy.pk) not in client.get(reverse("trusted-providers", args=[slug])).content.decode()
    events = AuditEvent.objects.filter(subject_id=str(policy.pk)).order_by("sequence")
    assert [event.action for event in events] == ["provider:trusted", "provider:removed"]


@pytest.mark.parametrize(("wrong", "says"), [
    ({"claim_repository_id": ""}, "required"), ({"claim_repository_id": "4*"}, "without a *"),
    ({"issuer": "https://evil.example"}, "The issuer of GitHub Actions is"), ({"key_set": "{}"}, "not a JWKS"),
    ({"more": "event_name"}, "not of the form name = value"), ({"more": "a=1\na=2"}, "stands here twice"),
    ({"more": "ref = refs/heads/main"}, "a field of its own"), ({"scopes": ["member:manage"]}, "not one of"),
    ({"bundle_ids": "*"}, "is not a bundle ID"), ({"scopes": ["credential:manage"]}, "whole organization"),
    ({"scopes": ["asset:view"]}, "Nothing that it may do is about credentials"), ({"audience": ""}, "required"),
])  # fmt: skip
def test_a_form_that_is_wrong_says_so(
    cast: Cast, provider: FakeProvider, wrong: dict[str, Any], says: str
) -> None:
    answer = fresh(cast).post(
        reverse("trust-provider", args=[cast.root.slug, "github"]), form(provider, **wrong)
    )
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert not TrustPolicy.objects.exists()


def test_trusting_takes_fresh_authentication_and_a_known_provider(cast: Cast, provider: FakeProvider) -> None:
    client = cast.client("root_owner")
    page = reverse("trust-provider", args=[cast.root.slug, "github"])
    assert client.post(page, form(provider)).status_code == 302
    assert not TrustPolicy.objects.exists()
    assert client.get(page.replace("github", "nobody")).status_code == 404
    for slug in PROVIDERS:
        assert client.get(reverse("trust-provider", args=[cast.root.slug, slug])).status_code == 200
