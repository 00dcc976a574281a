"""The same key twice: the page offers to replace the private key, and everything else about it stays."""

import pytest
from django.urls import reverse

from appstore.models import AppStoreConnectKey, SyncRun
from appstore.models.app_store_connect_key import Health
from credentials.models import Credential, Status
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests import factories
from tests.appstore.uploading import ISSUER, KEY_ID, address, counts, errors_of, stored, text_of, upload
from tests.conftest import Cast
from tests.leaks import find_in, forms_of


@pytest.fixture
def first(cast: Cast) -> AppStoreConnectKey:
    """A key that works, is shared with sub A, and has been checked."""
    key = factories.make_key(cast.root, name="Our key", key_id=KEY_ID, issuer_id=ISSUER)
    SyncRun.objects.all().delete()
    share(SYSTEM, key.credential, with_all=False, chosen=[cast.sub_a])
    key.record_outcome("works", "", {"certificates": True})
    return key


def test_the_second_upload_offers_to_replace_and_changes_nothing(
    cast: Cast, first: AppStoreConnectKey
) -> None:
    p8, before = factories.make_p8(), counts()
    secret = first.credential.secret

    answer = upload(cast.client("root_owner"), cast.root, p8, name="Another name")

    assert answer.status_code == 400
    page = text_of(answer)
    assert "This key is here already, as “Our key”." in page
    assert 'name="replace_existing"' in page
    assert reverse("credential", args=[cast.root.slug, first.credential.pk]) in page
    assert find_in(answer.content, forms_of(p8)) == []
    assert counts() == before
    assert Credential.objects.get(pk=first.credential.pk).secret == secret


def test_the_offer_is_made_only_then(cast: Cast, first: AppStoreConnectKey) -> None:
    client = cast.client("root_owner")
    assert "replace_existing" not in text_of(client.get(address(cast.root)))
    assert "replace_existing" not in text_of(upload(client, cast.root, b"junk", key_id="ABCDEF1234"))


@pytest.mark.parametrize("way", ["file", "text"])
def test_replacing_keeps_the_row_its_shares_and_links(
    cast: Cast, first: AppStoreConnectKey, way: str
) -> None:
    p8 = factories.make_p8()
    posted = {"file": p8} if way == "file" else {"text": p8.decode(), "key_id": KEY_ID}
    answer = upload(cast.client("root_owner"), cast.root, replace_existing="on", **posted)

    key = stored(answer)
    assert key == first
    assert key.credential == first.credential
    assert key.credential.reveal(SYSTEM, purpose="test") == p8
    assert key.credential.name == "Our key"
    assert [each.organization for each in key.credential.shares.all()] == [cast.sub_a]
    assert key.team == first.team
    assert cast.client("sub_a_developer").get(key.credential.page_path(cast.sub_a)).status_code == 200
    assert Credential.objects.count() == 1


def test_what_was_known_of_the_old_private_key_is_forgotten_and_asked_anew(
    cast: Cast, first: AppStoreConnectKey
) -> None:
    assert (first.health, first.credential.status) == (Health.HEALTHY, Status.WORKS)
    stored(upload(cast.client("root_owner"), cast.root, factories.make_p8(), replace_existing="on"))

    first.refresh_from_db()
    assert (first.health, first.capabilities) == (Health.UNCHECKED, {})
    assert first.credential.status == Status.NEVER_CHECKED
    run = SyncRun.objects.get()
    assert (run.kind, run.key, run.state) == (SyncRun.Kind.CHECK, first, SyncRun.State.QUEUED)
    event = AuditEvent.objects.filter(action="credential:replaced").get()
    assert (event.actor_user, event.subject_id) == (cast.root_owner, str(first.credential.pk))


def test_a_key_type_that_was_chosen_wrong_can_be_corrected_with_it(
    cast: Cast, first: AppStoreConnectKey
) -> None:
    key = stored(
        upload(
            cast.client("root_owner"),
            cast.root,
            factories.make_p8(),
            replace_existing="on",
            key_type="ENTERPRISE",
        )
    )
    assert key == first
    assert key.is_enterprise
    assert key.team is not None
    assert key.team.is_enterprise
    assert key.credential.facts["key_type"] == "ENTERPRISE"


def test_replacing_with_junk_keeps_the_old_private_key(cast: Cast, first: AppStoreConnectKey) -> None:
    secret = first.credential.secret
    answer = upload(cast.client("root_owner"), cast.root, b"junk", replace_existing="on")

    assert answer.status_code == 400
    assert Credential.objects.get().secret == secret
    assert Credential.objects.get().status == Status.WORKS


def test_replace_without_an_existing_key_adds_it(cast: Cast) -> None:
    key = stored(upload(cast.client("root_owner"), cast.root, factories.make_p8(), replace_existing="on"))
    assert key.credential.organization == cast.root


def test_the_same_key_id_under_another_issuer_is_another_key(cast: Cast, first: AppStoreConnectKey) -> None:
    other = stored(
        upload(
            cast.client("root_owner"), cast.root, factories.make_p8(), issuer_id="another-issuer", name="x"
        )
    )
    assert other != first


def test_the_same_key_in_another_organization_is_nobodys_duplicate(
    cast: Cast, first: AppStoreConnectKey
) -> None:
    """Neither the other root nor a sub-organization (which sees the root's) is told of the first one."""
    p8 = factories.make_p8()
    others = [
        stored(upload(cast.client(name), organization, p8, name="Our key"))
        for name, organization in [("outsider", cast.other), ("sub_a_admin", cast.sub_a)]
    ]
    assert {key.credential.organization for key in others} == {cast.other, cast.sub_a}
    assert len({bytes(key.credential.secret.ciphertext) for key in others}) == 2
    for key in others:
        assert key.credential.reveal(SYSTEM, purpose="test") == p8


def test_an_archived_key_can_be_added_again(cast: Cast, first: AppStoreConnectKey) -> None:
    first.credential.archive(SYSTEM)
    again = stored(upload(cast.client("root_owner"), cast.root, factories.make_p8(), name="Our key"))
    assert again != first


def test_an_archived_key_whose_place_is_taken_stays_archived_and_says_why(
    cast: Cast, first: AppStoreConnectKey
) -> None:
    first.credential.archive(SYSTEM)
    client = cast.client("root_owner")
    stored(upload(client, cast.root, factories.make_p8(), name="Another name"))

    answer = client.post(
        reverse("restore-credential", args=[cast.root.slug, first.credential.pk]), follow=True
    )
    assert "It stays archived. It was added again since, as “Another name”." in text_of(answer)
    assert Credential.objects.get(pk=first.credential.pk).is_archived


@pytest.mark.parametrize("name", ["Our key", "our KEY", "  Our   key "])
def test_the_same_name_twice_is_refused(cast: Cast, first: AppStoreConnectKey, name: str) -> None:
    before = counts()
    answer = upload(
        cast.client("root_owner"),
        cast.root,
        factories.make_p8(),
        file_name="AuthKey_ABCDEF1234.p8",
        name=name,
    )

    assert answer.status_code == 400
    assert errors_of(answer) == ["Another credential of this organization has this name. Choose another."]
    assert counts() == before


def test_the_name_of_an_archived_key_is_free(cast: Cast, first: AppStoreConnectKey) -> None:
    first.credential.archive(SYSTEM)
    answer = upload(
        cast.client("root_owner"),
        cast.root,
        factories.make_p8(),
        file_name="AuthKey_ABCDEF1234.p8",
        name="Our key",
    )
    assert stored(answer).credential.name == "Our key"
