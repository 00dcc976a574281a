"""What the page of a key says it can do, and which role to ask for where it cannot."""

import re
from html import unescape

import pytest
from django.urls import reverse

from appstore.models import AppStoreConnectKey, KeyType
from tests import factories
from tests.conftest import Cast

WITH_ACCESS = "Admin, or App Manager or Developer with access to Certificates, Identifiers & Profiles"
PROVISIONING = ["Certificates", "Profiles", "Bundle IDs", "Devices"]
ROW = re.compile(r'<tr><th scope="row">(.*?)</th><td><span class="pill is-(\w+)">(.*?)</span>(.*?)</td></tr>')


def page(cast: Cast, key: AppStoreConnectKey) -> str:
    answer = cast.client("root_owner").get(reverse("credential", args=[cast.root.slug, key.credential_id]))
    return unescape(answer.content.decode())


def rows(shown: str) -> dict[str, tuple[str, str, str]]:
    """Endpoint → tone of the pill, its word, and what the row asks for."""
    return {label: (tone, word, re.sub("<.*?>", "", rest)) for label, tone, word, rest in ROW.findall(shown)}


def key_with(cast: Cast, key_type: KeyType = KeyType.TEAM, **capabilities: bool) -> AppStoreConnectKey:
    key = factories.make_key(cast.root, key_type=key_type)
    key.record_outcome("works", "", capabilities)
    return key


def test_each_endpoint_has_a_row_with_a_word_and_a_shape_of_its_own(cast: Cast) -> None:
    key = key_with(cast, certificates=True, profiles=False)
    shown = page(cast, key)

    assert "What this key can do" in shown
    assert rows(shown) == {
        "Certificates": ("good", "Can", ""),
        "Profiles": ("warn", "Cannot", f"Ask for: {WITH_ACCESS}"),
        **dict.fromkeys(["Bundle IDs", "Devices", "Users", "Apps"], ("neutral", "Not tried", "")),
    }


@pytest.mark.parametrize(
    ("key_type", "asks"),
    [
        (
            KeyType.TEAM,
            dict.fromkeys(PROVISIONING, WITH_ACCESS) | {"Users": "Admin", "Apps": "any role"},
        ),
        (
            KeyType.INDIVIDUAL,
            dict.fromkeys(PROVISIONING, f"a Team key; {WITH_ACCESS}")
            | {"Users": "Admin", "Apps": "any role"},
        ),
        (KeyType.ENTERPRISE, dict.fromkeys([*PROVISIONING, "Users"], "Admin")),
    ],
)
def test_what_cannot_be_done_names_the_role_to_ask_for(
    cast: Cast, key_type: KeyType, asks: dict[str, str]
) -> None:
    names = ["certificates", "profiles", "bundleIds", "devices", "users", "apps"]
    shown = page(cast, key_with(cast, key_type, **dict.fromkeys(names, False)))

    assert rows(shown) == {label: ("warn", "Cannot", f"Ask for: {role}") for label, role in asks.items()}


def test_it_says_when_apple_was_asked(cast: Cast) -> None:
    key = factories.make_key(cast.root)
    assert "Apple has not been asked yet." in page(cast, key)

    key.record_outcome("works", "", {})
    assert re.search(r"Apple was last asked <time datetime=.*?>now</time>\.", page(cast, key))
