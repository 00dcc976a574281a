"""A row whose secret is damaged spoils itself alone: lists, pages, the admin and dumps of it all still work."""

import io

import pytest
from django.core.management import call_command
from django.urls import reverse

from appstore import runs
from appstore.models import AppStoreConnectKey, SyncRun
from credentials import crypto
from credentials.models import Credential, Status
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests import factories
from tests.conftest import Cast
from tests.credentials.support import ciphertext_of, overwrite, reloaded

DAMAGE = {
    "empty": b"",
    "no envelope": b"\x00\xff corrupt",
    "cut": None,
    "another algorithm": b"CH1\x07" + bytes(100),
    "another data key": b"CH1\x01\xff\xff\xff\xff" + bytes(100),
    "plain text": b"-----BEGIN PRIVATE KEY-----",
}


@pytest.fixture(params=DAMAGE)
def damaged(cast: Cast, request: pytest.FixtureRequest) -> AppStoreConnectKey:
    key = factories.make_key(cast.root, name="Damaged key")
    factories.make_key(cast.root, name="Sound key")
    share(SYSTEM, key.credential, with_all=True, chosen=[])
    damage = DAMAGE[request.param]
    overwrite(key.credential, secret=ciphertext_of(key.credential)[:50] if damage is None else damage)
    return key


def test_its_lists_and_pages_open(cast: Cast, damaged: AppStoreConnectKey) -> None:
    for name, slug in [("root_owner", cast.root.slug), ("sub_a_developer", cast.sub_a.slug)]:
        client = cast.client(name)
        for page in ("overview", "credentials", "syncs"):
            assert client.get(reverse(page, args=[slug])).status_code == 200
        listed = client.get(reverse("credentials", args=[slug])).content.decode()
        assert "Damaged key" in listed
        page = client.get(reverse("credential", args=[slug, damaged.credential.pk]))
        assert page.status_code == 200
        assert "Damaged key" in page.content.decode()


def test_it_can_be_renamed_shared_archived_and_restored(cast: Cast, damaged: AppStoreConnectKey) -> None:
    client, where = cast.client("root_owner"), [cast.root.slug, damaged.credential.pk]
    before = ciphertext_of(damaged.credential)

    client.post(reverse("rename-credential", args=where), {"name": "Renamed"})
    client.post(
        reverse("share-credential", args=where), {"name": "Renamed", "sub_organizations": [cast.sub_b.pk]}
    )
    client.post(reverse("archive-credential", args=where))
    assert reloaded(damaged.credential).is_archived
    client.post(reverse("restore-credential", args=where))

    again = reloaded(damaged.credential)
    assert (again.name, again.is_archived, again.shared_with_all) == ("Renamed", False, False)
    assert [each.organization for each in again.shares.all()] == [cast.sub_b]
    assert ciphertext_of(again) == before


def test_replacing_its_private_key_heals_it(cast: Cast, damaged: AppStoreConnectKey) -> None:
    p8 = factories.make_p8()
    answer = cast.client("root_owner").post(
        reverse("replace-credential", args=[cast.root.slug, damaged.credential.pk]),
        {"text": p8.decode(), "key_type": "TEAM"},
    )
    assert answer.status_code == 302
    assert reloaded(damaged.credential).reveal(SYSTEM, purpose="test") == p8


def test_the_admin_lists_and_shows_it(cast: Cast, damaged: AppStoreConnectKey) -> None:
    client = cast.client("operator")
    listed = client.get(reverse("admin:credentials_credential_changelist"))
    assert listed.status_code == 200
    assert "Damaged key" in listed.content.decode()
    for address in (
        reverse("admin:credentials_credential_change", args=[damaged.credential.pk]),
        reverse("admin:credentials_credential_history", args=[damaged.credential.pk]),
        reverse("admin:appstore_appstoreconnectkey_changelist"),
        reverse("admin:appstore_appstoreconnectkey_change", args=[damaged.pk]),
    ):
        assert client.get(address).status_code == 200


def test_a_dump_holds_it_with_all_the_others(cast: Cast, damaged: AppStoreConnectKey) -> None:
    out = io.StringIO()
    call_command("dumpdata", "credentials", stdout=out)
    assert "Damaged key" in out.getvalue()
    assert "Sound key" in out.getvalue()


def test_opening_it_is_one_clear_error_and_the_others_open(cast: Cast, damaged: AppStoreConnectKey) -> None:
    with pytest.raises(crypto.SealError):
        reloaded(damaged.credential).reveal(SYSTEM, purpose="test")
    sound = Credential.objects.get(name="Sound key")
    assert sound.reveal(SYSTEM, purpose="test").startswith(b"-----BEGIN PRIVATE KEY-----")


def test_its_check_ends_with_words_and_without_asking_apple(cast: Cast, damaged: AppStoreConnectKey) -> None:
    """No request leaves (sockets are closed but for loopback), and the run does not go on for ever."""
    run = SyncRun.objects.get(key=damaged, kind=SyncRun.Kind.CHECK)
    runs.perform(run.pk)

    run.refresh_from_db()
    assert run.state == SyncRun.State.FAILED
    assert run.error_code == "sealed"
    assert run.error_message.startswith("The private key cannot be opened.")
    assert reloaded(damaged.credential).status == Status.NEVER_CHECKED
    page = cast.client("root_owner").get(reverse("sync", args=[cast.root.slug, run.pk]))
    assert "The private key cannot be opened." in page.content.decode()


def test_a_damaged_data_key_spoils_only_its_own_organization(cast: Cast) -> None:
    mine, other = factories.make_key(cast.root), factories.make_key(cast.other)
    data_key = cast.root.data_keys.get()
    data_key.wrapped = b"corrupt"
    data_key.save()

    assert cast.client("root_owner").get(mine.credential.page_path()).status_code == 200
    with pytest.raises(crypto.SealError):
        reloaded(mine.credential).reveal(SYSTEM, purpose="test")
    assert reloaded(other.credential).reveal(SYSTEM, purpose="test")
    assert AuditEvent.objects.filter(action="credential:revealed").count() == 2
