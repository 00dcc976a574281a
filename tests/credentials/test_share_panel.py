"""The share panel, with and without JavaScript, in the dashboard and in the admin."""

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from credentials.models import Credential, Share
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests import factories
from tests.conftest import Cast
from tests.credentials.support import reloaded

HTMX = {"HX-Request": "true", "HX-Target": "share-preview"}
PANEL = 'id="share-panel"'


@pytest.fixture
def credential(cast: Cast) -> Credential:
    return factories.make_key(cast.root, name="Our key").credential


@pytest.fixture(params=["dashboard", "admin"])
def panel(cast: Cast, credential: Credential, request: pytest.FixtureRequest) -> Any:
    """Both panels: (client, address, where Share leads to)."""
    if request.param == "admin":
        where, done = "admin:credentials_credential_share", "admin:credentials_credential_change"
        return (
            cast.client("root_owner"),
            reverse(where, args=[credential.pk]),
            reverse(done, args=[credential.pk]),
        )
    where = reverse("share-credential", args=[cast.root.slug, credential.pk])
    return cast.client("root_owner"), where, credential.page_path()


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def shares(credential: Credential) -> set[str]:
    return set(Share.objects.filter(credential=credential).values_list("organization__name", flat=True))


def test_it_shows_the_choices_as_they_are(cast: Cast, credential: Credential, panel: Any) -> None:
    client, address, _done = panel
    share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    archived = cast.root.create_sub_organization(SYSTEM, "Closed")
    archived.archive(SYSTEM)

    page = text(client.get(address))
    assert PANEL in page
    assert f'value="{cast.sub_a.pk}" checked' in page
    assert f'value="{cast.sub_b.pk}">' in page
    assert 'value="Our key"' in page
    for foreign in (archived, cast.other, cast.root):
        assert str(foreign.pk) not in page.partition(PANEL)[2]


def test_share_applies_and_leads_back(cast: Cast, credential: Credential, panel: Any) -> None:
    client, address, done = panel
    answer = client.post(address, {"name": "New name", "sub_organizations": [cast.sub_a.pk], "apply": "1"})

    assert (answer.status_code, answer["Location"]) == (302, done)
    assert shares(credential) == {"Acme Games"}
    assert reloaded(credential).name == "New name"
    assert "New name is shared with 1 sub-organization." in text(client.get(done))
    assert AuditEvent.objects.filter(action="credential:shared").get().actor_user == cast.root_owner


@pytest.mark.parametrize(
    ("posted", "says"),
    [
        ({"shared_with_all": "on"}, "Our key is shared with all sub-organizations, present and future."),
        ({"sub_organizations": ["sub_a", "sub_b"]}, "Our key is shared with 2 sub-organizations."),
        ({}, "Our key is shared with nobody."),
    ],
)
def test_the_message_says_who_has_it_now(
    cast: Cast, credential: Credential, panel: Any, posted: dict[str, Any], says: str
) -> None:
    client, address, done = panel
    ids = [getattr(cast, name).pk for name in posted.get("sub_organizations", [])]
    client.post(address, {"name": "Our key", **posted, "sub_organizations": ids})

    assert says in text(client.get(done))
    assert reloaded(credential).shared_with_all == ("shared_with_all" in posted)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["without htmx", "htmx"])
def test_a_preview_tells_and_changes_nothing(
    cast: Cast, credential: Credential, panel: Any, headers: dict[str, str]
) -> None:
    client, address, _done = panel
    share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    before = AuditEvent.objects.count()

    answer = client.post(
        address, {"name": "Renamed", "sub_organizations": [cast.sub_b.pk], "preview": "1"}, headers=headers
    )

    assert answer.status_code == 200
    page = text(answer)
    assert "Acme Travel gains it" in page
    assert "Acme Games loses it, with its next request" in page
    assert shares(credential) == {"Acme Games"}
    assert reloaded(credential).name == "Our key"
    assert AuditEvent.objects.count() == before
    if headers:
        assert page.strip().startswith('<div id="share-preview"')
        assert "<html" not in page
        assert "<form" not in page
    else:
        assert PANEL in page
        assert f'value="{cast.sub_b.pk}" checked' in page  # the choice is still there, to be applied


def test_the_preview_tells_of_sub_organizations_to_come(
    cast: Cast, credential: Credential, panel: Any
) -> None:
    client, address, _done = panel
    ask = {"name": "Our key", "preview": "1"}
    assert "Nothing changes" in text(client.post(address, ask))
    page = text(client.post(address, {**ask, "shared_with_all": "on"}))
    assert "Sub-organizations created later gain it" in page
    share(SYSTEM, credential, with_all=True, chosen=[])
    page = text(client.post(address, {**ask, "sub_organizations": [cast.sub_a.pk]}))
    assert "Acme Games keeps it" in page
    assert "Acme Travel loses it" in page
    assert "Sub-organizations created later do not get it by themselves" in page


@pytest.mark.parametrize("extra", [{}, {"preview": "1"}], ids=["share", "preview"])
@pytest.mark.parametrize("chosen", ["other", "root", "archived", "junk", "nobody"])
def test_any_other_id_is_refused_and_nothing_of_it_is_done(
    cast: Cast, credential: Credential, panel: Any, chosen: str, extra: dict[str, str]
) -> None:
    client, address, _done = panel
    closed = cast.root.create_sub_organization(SYSTEM, "Closed")
    closed.archive(SYSTEM)
    foreign = {
        "other": cast.other.pk, "root": cast.root.pk, "archived": closed.pk, "junk": "1 OR 1=1",
        "nobody": "00000000-0000-0000-0000-000000000000",
    }[chosen]  # fmt: skip

    answer = client.post(address, {"name": "Renamed", "sub_organizations": [cast.sub_a.pk, foreign], **extra})

    assert answer.status_code == 400
    assert shares(credential) == set()
    assert reloaded(credential).name == "Our key"
    assert "Globex" not in text(answer).partition(PANEL)[2]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "This field is required."),
        ("  ", "This field is required."),
        ("Taken", "Another credential"),
        ("tAKEN", "Another credential"),
        ("n" * 101, "at most 100 characters"),
        ("Na\x00me", "Null characters"),
    ],
)
def test_a_bad_name_shares_nothing(
    cast: Cast, credential: Credential, panel: Any, name: str, says: str
) -> None:
    client, address, _done = panel
    factories.make_key(cast.root, name="Taken")
    answer = client.post(address, {"name": name, "shared_with_all": "on"})

    assert answer.status_code == 400
    assert says in text(answer)
    assert not reloaded(credential).shared_with_all


def test_a_name_that_is_taken_in_this_moment_shares_nothing_and_is_told(
    cast: Cast, credential: Credential, panel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address, _done = panel
    rename = Credential.rename

    def slower(self: Credential, *args: Any) -> None:
        factories.make_key(cast.root, name="Taken")
        rename(self, *args)

    monkeypatch.setattr(Credential, "rename", slower)
    answer = client.post(address, {"name": "Taken", "shared_with_all": "on"})

    assert answer.status_code == 400
    assert "Another credential of this organization has this name." in text(answer)
    assert reloaded(credential).name == "Our key"
    assert not reloaded(credential).shared_with_all


def test_when_sharing_fails_the_name_stays_too(
    credential: Credential, panel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address, _done = panel

    def fails(*_args: Any, **_kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("credentials.views.share.share", fails)
    with pytest.raises(ZeroDivisionError):
        client.post(address, {"name": "Renamed", "shared_with_all": "on"})
    assert reloaded(credential).name == "Our key"
    assert not AuditEvent.objects.filter(action="credential:renamed").exists()


def test_an_empty_post_shares_and_takes_nothing(cast: Cast, credential: Credential, panel: Any) -> None:
    client, address, _done = panel
    share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    client.post(address, {})
    assert shares(credential) == {"Acme Games"}


def test_a_root_without_sub_organizations_is_told_how_to_create_one(cast: Cast) -> None:
    key = factories.make_key(cast.other)
    client = cast.client("outsider")
    for address in (
        reverse("share-credential", args=[cast.other.slug, key.credential.pk]),
        reverse("admin:credentials_credential_share", args=[key.credential.pk]),
    ):
        page = text(client.get(address))
        assert "No sub-organizations to share with" in page
        assert f'href="{reverse("sub-organizations", args=[cast.other.slug])}"' in page
        assert 'name="sub_organizations"' not in page
    client.post(address, {"name": key.credential.name, "shared_with_all": "on"})
    assert reloaded(key.credential).shared_with_all  # those to come will have it


def test_a_sub_organizations_own_credential_is_shared_with_nobody(cast: Cast) -> None:
    key = factories.make_key(cast.sub_a)
    address = reverse("share-credential", args=[cast.sub_a.slug, key.credential.pk])
    client = cast.client("sub_a_admin")

    assert "Only a root organization shares" in text(client.get(address))
    for posted in ({"shared_with_all": "on"}, {"sub_organizations": [cast.sub_b.pk]}):
        answer = client.post(address, {"name": key.credential.name, **posted})
        assert answer.status_code == 400
    assert not reloaded(key.credential).shared_with_all
    assert not Share.objects.exists()


def test_an_archived_credential_is_restored_first(cast: Cast, credential: Credential, panel: Any) -> None:
    client, address, _done = panel
    credential.archive(SYSTEM)
    assert client.get(address).status_code in {302, 404}
    client.post(address, {"name": "Our key", "shared_with_all": "on"})
    assert not reloaded(credential).shared_with_all


def test_no_forms_token_no_share(cast: Cast, credential: Credential, panel: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.root_owner, backend="organizations.sign_in_backend.SignInBackend")
    answer = strict.post(panel[1], {"name": "Our key", "shared_with_all": "on"})

    assert answer.status_code == 403
    assert not reloaded(credential).shared_with_all
