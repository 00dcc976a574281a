"""What the root shares signs the builds of a sub-organization, on record with both; it leaves by no other door."""

import base64
import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from credentials import usage
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.audit import Action
from tests.appstore.building import (
    SIGNING_ASSETS,
    Buildable,
    buildable_below,
    make_identity,
    make_keystore,
    nothing_left,
    on_record,
)
from tests.appstore.signing import IDENTIFIER, make_app
from tests.appstore.test_api_signing_assets import opens
from tests.appstore.test_secure_files import CER, KEY, PROFILE, match
from tests.conftest import Cast
from tests.credentials.revealing import require_approval
from tests.credentials.support import reloaded
from tests.machines import send

pytestmark = pytest.mark.django_db
REFUSED, REVEALED, TAKEN = (
    Action.CREDENTIAL_REVEAL_REFUSED, Action.CREDENTIAL_REVEALED, Action.ASSET_DOWNLOADED,
)  # fmt: skip


@pytest.fixture
def held(cast: Cast, doorbell: list[object]) -> Buildable:
    return buildable_below(cast.root, cast.sub_a)


def test_a_build_gets_all_of_it_and_both_logs_say_so(cast: Cast, held: Buildable, build: Client) -> None:
    answer = send(build, "GET", f"{SIGNING_ASSETS}&ensure=true&purpose=release%201.2")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store"), answer.content
    told = answer.json()
    assert opens(told["identity"])
    assert base64.b64decode(told["profiles"][0]["content"]) == bytes(held.profile.profile_content or b"")

    about = {
        "purpose": "release 1.2", "what": "signing-assets", "kind": "apple-certificate",
        "bundle_id": IDENTIFIER, "distribution": "app-store",
    }  # fmt: skip
    [opened] = on_record(cast.root, REVEALED, TAKEN)
    assert (opened.subject_id, opened.facts) == (
        str(held.identity.pk),
        about | {"sub_organization": "Acme Games"},
    )
    taken = on_record(cast.sub_a, REVEALED, TAKEN)
    assert [each.action for each in taken] == [TAKEN, TAKEN]  # the identity, the profile
    assert (taken[0].subject_id, taken[0].facts) == (str(held.identity.pk), about | {"shared_by": "Acme"})
    assert {opened.actor_label[:14], taken[0].actor_label[:14]} == {"API token “CI”"}
    assert not on_record(cast.sub_b, *Action)

    for where, member in ((cast.root, "root_owner"), (cast.sub_a, "sub_a_admin")):
        tally = usage.tallies(usage.pulls(cast.actor(member), where))[str(held.identity.pk)]
        assert tally.quarter == 1
    page = cast.client("root_owner").get(reverse("credential-usage", args=[cast.root.slug, held.identity.pk]))
    assert '<span class="tag">Acme Games</span>' in page.content.decode()
    today = {name: timezone.now().date().isoformat() for name in ("first", "last")}
    file = (
        cast.client("root_owner").get(reverse("usage-file", args=[cast.root.slug]), today).getvalue().decode()
    )
    assert [("Acme Games" in line, "release 1.2" in line) for line in file.splitlines()[1:]] == [
        (True, True)
    ] * 2


def test_match_finds_it_and_takes_no_key_of_apples(cast: Cast, held: Buildable) -> None:
    make_identity(held.team, 1)  # the root's alone, and the one that more profiles hold
    client = match(cast, cast.sub_a)
    assert sorted(client.downloaded()) == [CER, KEY, PROFILE]
    [opened] = on_record(cast.root, REVEALED)
    assert (opened.facts["sub_organization"], opened.facts["what"]) == ("Acme Games", "match")
    [taken] = on_record(cast.sub_a, TAKEN, of=held.identity)[1:]  # after the .cer, which is public
    assert taken.facts["shared_by"] == "Acme"
    file = next(each for each in client.files() if each["name"] == KEY)
    share(SYSTEM, held.identity, with_all=False, chosen=[cast.sub_b])
    assert client.files() == []
    assert client.get(f"/{file['id']}/download").status_code == 404


def test_a_keystore(cast: Cast, build: Client) -> None:
    kept = make_keystore(cast.root)
    make_app(cast.sub_a, platform="ANDROID")
    path = f"/signing-assets/android?application_id={IDENTIFIER}"
    refused = send(build, "GET", path).json()
    assert (refused["code"], "ask an owner of Acme" in refused["detail"]) == ("no-signing-assets", True)
    share(SYSTEM, kept, with_all=True, chosen=[])
    answer = send(build, "GET", path)
    assert (answer.status_code, answer.json()["keystore"]["password"]) == (200, "store word")
    assert [each.facts["sub_organization"] for each in on_record(cast.root, REVEALED)] == ["Acme Games"]
    assert [each.facts["bundle_id"] for each in on_record(cast.sub_a, TAKEN)] == [IDENTIFIER]


# The owner keeps the last word


@pytest.mark.parametrize("rule", ["use-without-seeing", "approval", "rate"])
def test_what_the_owner_keeps_back_is_refused_and_on_record_with_both(
    cast: Cast, held: Buildable, build: Client, settings: Settings, rule: str
) -> None:
    if rule == "use-without-seeing":
        reloaded(held.identity).allow_reveal(cast.actor("root_owner"), allowed=False)
    elif rule == "approval":
        require_approval(cast)
    else:
        settings.TOKEN_REVEALS_PER_MINUTE = 0
    answer = send(build, "GET", SIGNING_ASSETS)
    said = answer.json()["detail"]
    if rule == "rate":
        assert answer.status_code == 429
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "reveal-refused")
        assert said.endswith("Ask an owner of Acme.")
        assert match(cast, cast.sub_a).files() == []
    assert nothing_left(cast.root, cast.sub_a)
    [with_owner], [here] = (on_record(where, REFUSED) for where in (cast.root, cast.sub_a))
    assert with_owner.facts["reason"] == here.facts["reason"] == said
    assert (with_owner.facts["sub_organization"], here.facts["shared_by"]) == ("Acme Games", "Acme")


# Told before


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode())))


def test_pages_say_whose_builds_get_it(cast: Cast, held: Buildable) -> None:
    owner, here = cast.client("root_owner"), cast.client("sub_a_developer")
    panel = reverse("share-credential", args=[cast.root.slug, held.identity.pk])
    chosen = {"name": held.identity.name, "sub_organizations": [cast.sub_b.pk], "preview": "1"}
    assert "can be signed with it: their API tokens get it as signing assets" in words(owner.get(panel))
    assert "Acme Travel gains it, and its builds can be signed with it" in words(owner.post(panel, chosen))
    assert "Those of Acme Games can be signed with it" in words(owner.get(held.identity.page_path()))
    assert "With “Use without seeing” they lose it" in words(owner.get(held.identity.page_path()))
    assert "GET /api/v1/signing-assets" in words(here.get(held.identity.page_path(cast.sub_a)))
    key = held.team.keys.get().credential  # for no build
    assert "signing assets" not in words(
        owner.get(reverse("share-credential", args=[cast.root.slug, key.pk]))
    )

    reloaded(held.identity).allow_reveal(cast.actor("root_owner"), allowed=False)
    assert "do not get it: “Use without seeing” is on" in words(owner.get(panel))
    assert "its builds" not in words(owner.post(panel, chosen))
    assert "Those of sub-organizations do not get it" in words(owner.get(held.identity.page_path()))
    assert "do not get it. Ask an owner of Acme" in words(here.get(held.identity.page_path(cast.sub_a)))
