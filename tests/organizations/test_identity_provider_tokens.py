"""Sign-in through an identity provider: which tokens and answers are refused, and whom CredHub talks to."""

import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.urls import reverse
from pytest_django import Settings

from tests.conftest import Cast
from tests.organizations.fake_provider import CALLBACK, CLIENT_ID, CLIENT_SECRET, START, FakeProvider, go
from tests.organizations.signing_in import is_signed_in, new_browser


@pytest.mark.parametrize(
    "spoil",
    [
        {"iss": "https://idp.evil.example"}, {"aud": "another-client"}, {"aud": [CLIENT_ID, "b"], "azp": "b"},
        {"nonce": "another"}, {"nonce": None}, {"exp": int(time.time()) - 60}, {"exp": None}, {"sub": None},
        {"iat": int(time.time()) + 3600},
    ],
    ids=["issuer", "audience", "azp", "nonce", "no-nonce", "expired", "no-expiry", "no-subject", "from-the-future"],
)  # fmt: skip
def test_a_token_that_does_not_hold_is_refused(
    cast: Cast, provider: FakeProvider, spoil: dict[str, Any]
) -> None:
    provider.spoil = spoil
    refused(provider)


def test_a_token_of_another_key_is_refused(cast: Cast, provider: FakeProvider) -> None:
    provider.sign_with = (rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256")
    refused(provider)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_a_real_signature_is_refused(
    cast: Cast, provider: FakeProvider, algorithm: str
) -> None:
    provider.sign_with = (None if algorithm == "none" else CLIENT_SECRET * 2, algorithm)
    refused(provider)


def refused(provider: FakeProvider) -> None:
    client, answer = go(provider)
    assert answer["Location"] == reverse("account_login")
    assert "Signing in with Acme SSO did not work." in client.get(answer["Location"]).content.decode()
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("token_endpoint", "http://127.0.0.2:9/x"), ("token_endpoint", "https://idp.evil.example/x"),
        ("jwks_uri", "http://127.0.0.2:9/x"), ("jwks_uri", "https://idp.evil.example/x"), ("jwks_uri", "MOVED"),
    ],
    ids=["token-other-host", "token-other-scheme", "keys-other-host", "keys-other-scheme", "keys-redirected"],
)  # fmt: skip
def test_requests_go_to_the_issuers_host_alone(
    cast: Cast, provider: FakeProvider, name: str, where: str
) -> None:
    """Neither the discovery document nor a redirect leads anywhere else."""
    provider.config = {name: f"{provider.url}/moved" if where == "MOVED" else where}
    refused(provider)


def test_a_discovery_document_of_another_issuer_is_refused(cast: Cast, provider: FakeProvider) -> None:
    provider.config = {"issuer": "https://idp.evil.example"}
    assert new_browser().get(START)["Location"] == reverse("account_login")


def test_a_provider_that_is_down_is_told(cast: Cast, provider: FakeProvider, settings: Settings) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    client = new_browser()
    page = client.get(client.get(START)["Location"]).content.decode()
    assert "Signing in with Acme SSO did not work." in page


def test_the_answer_belongs_to_one_browser_and_one_sign_in(cast: Cast, provider: FakeProvider) -> None:
    brought = provider.authorize(new_browser().get(START)["Location"])
    elsewhere = new_browser()
    assert elsewhere.get(CALLBACK, brought)["Location"] == reverse("account_login")
    assert not is_signed_in(elsewhere)

    client = new_browser()
    brought = provider.authorize(client.get(START)["Location"])
    other = provider.authorize(new_browser().get(START)["Location"])
    client.get(CALLBACK, {"state": brought["state"], "code": other["code"]})
    assert not is_signed_in(client), "somebody else's code fails at PKCE"
    client.get(CALLBACK, brought)
    assert not is_signed_in(client), "a state works once"


def test_a_discovery_document_without_addresses_is_refused(cast: Cast, provider: FakeProvider) -> None:
    whole = provider.document
    try:
        provider.document = lambda: {"issuer": provider.url}  # type: ignore[method-assign]
        assert new_browser().get(START)["Location"] == reverse("account_login")
    finally:
        provider.document = whole  # type: ignore[method-assign]


def test_a_stranger_does_not_keep_the_provider_busy(cast: Cast, provider: FakeProvider) -> None:
    client = new_browser()
    answers = [client.get(START).status_code for _ in range(31)]
    assert answers == [302] * 30 + [429]
    assert len(provider.asked) == 30
