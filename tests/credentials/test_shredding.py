"""Destroying an organization for good: what was sealed for it never opens again, and nobody else loses anything."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from credentials import crypto, keyring, shredding
from credentials.models import Credential, DataKey, Share
from credentials.models.data_key import DataKeyGoneError, Deployment
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import AuditEvent, Organization
from tests.conftest import Cast
from tests.credentials.revealing import fresh_client
from tests.credentials.support import SECRET, ciphertext_of, opened, store


def destroyed(cast: Cast, organization: Organization, by: str = "operator") -> shredding.Impact:
    organization.archive(SYSTEM)
    return shredding.destroy(cast.actor(by), organization)


def wrapped_keys() -> set[bytes]:
    """Past the ORM: what the column holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT wrapped FROM credentials_datakey")
        return {bytes(wrapped) for (wrapped,) in cursor.fetchall()} - {b""}


def keys_that_can_be_had(organization: Organization) -> Iterator[bytes]:
    """Every data key that the configured master keys open of what the database holds."""
    ring = keyring.configured()
    for wrapped, key_id, version in itertools.product(wrapped_keys(), ring.key_ids, range(1, 4)):
        try:
            yield ring.unwrap(
                key_id, wrapped, DataKey.context(Deployment.current().pk, organization.pk, version)
            )
        except crypto.SealError:
            continue


def test_no_configured_key_opens_a_copy_of_the_old_ciphertext(cast: Cast) -> None:
    lost, kept = store(cast.sub_a), store(cast.sub_b)
    copy, context, before = ciphertext_of(lost), lost._context(), wrapped_keys()
    assert [crypto.unseal(copy, key, context) for key in keys_that_can_be_had(cast.sub_a)] == [SECRET]

    destroyed(cast, cast.sub_a)

    assert wrapped_keys() < before
    assert len(wrapped_keys()) == 1  # sub B's
    assert list(keys_that_can_be_had(cast.sub_a)) == []
    Credential.objects.filter(pk=lost.pk).update(secret=lost.secret)  # somebody puts the copy back
    with pytest.raises(DataKeyGoneError, match="destroyed"):
        opened(lost)
    assert opened(kept) == SECRET


@pytest.mark.django_db(transaction=True)
def test_the_files_of_the_database_do_not_hold_the_old_keys_either(cast: Cast) -> None:
    lost = store(cast.sub_a)
    wrapped, sealed = bytes(DataKey.objects.get().wrapped), ciphertext_of(lost)
    destroyed(cast, cast.sub_a)

    if connection.vendor == "sqlite":
        name = str(settings.DATABASES["default"]["NAME"])
        raw = b"".join(Path(f"{name}{end}").read_bytes() for end in ("", "-wal"))
        assert b"credentials_datakey" in raw
        assert wrapped not in raw
        assert sealed not in raw
    else:
        assert wrapped not in wrapped_keys()
        with connection.cursor() as cursor:  # one live row, and none that is dead and still there
            cursor.execute("SELECT pg_relation_size('credentials_datakey') / 8192")
            assert cursor.fetchone()[0] <= 1


def test_what_it_shared_ends_and_what_others_own_stays(cast: Cast) -> None:
    mine = [store(cast.root), store(cast.root)]
    share(SYSTEM, mine[0], with_all=False, chosen=[cast.sub_a])
    share(SYSTEM, mine[1], with_all=True, chosen=[])
    subs, other = store(cast.sub_a), store(cast.other)

    lost = destroyed(cast, cast.root)

    assert lost == shredding.Impact(credentials=2, shares=2, data_keys=1)
    assert not Share.objects.exists()
    for credential in Credential.objects.filter(organization=cast.root):
        assert (credential.secret, credential.shared_with_all, credential.is_archived) == (None, False, True)
    assert opened(subs) == opened(other) == SECRET
    assert not Credential.objects.get(pk=other.pk).is_archived


def test_it_is_in_the_log_of_the_root_or_of_the_deployment(cast: Cast) -> None:
    store(cast.sub_a)
    destroyed(cast, cast.sub_a, by="root_owner")
    destroyed(cast, cast.other)

    sub, root = AuditEvent.objects.filter(action="organization:destroyed").order_by("created_at")
    assert (sub.organization, sub.subject_label, sub.actor_user) == (cast.root, "Acme Games", cast.root_owner)
    assert sub.facts["counts"] == {"credentials": 1, "shares": 0, "data_keys": 1}
    assert (root.organization, root.subject_label) == (None, "Globex")


def test_nothing_new_is_sealed_for_it_and_it_does_not_come_back(cast: Cast) -> None:
    destroyed(cast, cast.sub_a)  # which never had a secret
    with pytest.raises(DataKeyGoneError):
        store(cast.sub_a)
    assert not Credential.objects.exists()
    with pytest.raises(ValidationError, match="destroyed for good"):
        Organization.objects.get(pk=cast.sub_a.pk).restore(SYSTEM)
    call_command("rotate_keys", "--data-keys")
    with pytest.raises(ValidationError, match="destroyed already"):
        shredding.destroy(cast.actor("operator"), cast.sub_a)
    assert Organization.objects.get(pk=cast.sub_a.pk).is_destroyed


def test_keys_that_a_rotation_retired_are_no_destroyed_organization(cast: Cast) -> None:
    store(cast.sub_a)
    call_command("rotate_keys", "--data-keys")
    call_command("rotate_keys", "--retire", grace=0)
    assert not Organization.objects.get(pk=cast.sub_a.pk).is_destroyed
    assert not Organization.objects.get(pk=cast.sub_b.pk).is_destroyed  # which has no keys at all


def test_only_an_archived_organization_is_destroyed(cast: Cast) -> None:
    credential = store(cast.sub_a)
    with pytest.raises(ValidationError, match="Archive the organization first"):
        shredding.destroy(cast.actor("operator"), cast.sub_a)
    assert opened(credential) == SECRET


@pytest.mark.parametrize(
    ("name", "may"),
    [("sub_a", {"root_owner", "operator"}), ("other", {"operator"}), ("root", {"operator"})],
)
def test_only_owners_of_the_root_and_operators_destroy(cast: Cast, name: str, may: set[str]) -> None:
    organization = getattr(cast, name)
    credential = store(organization)
    organization.archive(SYSTEM)
    for member in set(Cast.MEMBERS) - may:
        with pytest.raises(PermissionDenied):
            shredding.destroy(cast.actor(member), organization)
    assert opened(credential) == SECRET
    shredding.destroy(cast.actor(sorted(may)[-1]), organization)


def test_the_page_says_what_is_lost_and_wants_the_name(cast: Cast) -> None:
    credential = store(cast.sub_a)
    cast.sub_a.archive(SYSTEM)
    client = fresh_client(cast.root_owner)
    address = reverse("destroy-sub-organization", args=[cast.root.slug, cast.sub_a.pk])
    listed = client.get(reverse("sub-organizations", args=[cast.root.slug])).content.decode()
    assert address in listed

    page = client.get(address).content.decode()
    assert "1 secret can never be opened or used again" in page
    assert "0 shares end" in page
    assert "Type “Acme Games” to confirm" in page
    refused = client.post(address, {"name": "acme games"})
    assert refused.status_code == 400
    assert "This is not its name. Nothing was done." in refused.content.decode()
    assert opened(credential) == SECRET

    done = client.post(address, {"name": "Acme Games"}, follow=True).content.decode()
    assert "Acme Games is destroyed for good." in done
    assert "Destroyed for good" in done
    assert address not in done
    restored = client.post(
        reverse("restore-sub-organization", args=[cast.root.slug, cast.sub_a.pk]), follow=True
    ).content.decode()
    assert "stays archived. It is destroyed for good." in restored
    again = client.post(address, {"name": "Acme Games"}, follow=True).content.decode()
    assert "is not destroyed. It is destroyed already." in again


def test_it_takes_fresh_authentication(cast: Cast) -> None:
    cast.sub_a.archive(SYSTEM)
    client = cast.client("root_owner")
    address = reverse("destroy-sub-organization", args=[cast.root.slug, cast.sub_a.pk])
    for answer in (client.get(address), client.post(address, {"name": "Acme Games"})):
        assert answer.status_code == 302
        assert answer["Location"] == f"{reverse('account_reauthenticate')}?{urlencode({'next': address})}"
    assert not Organization.objects.get(pk=cast.sub_a.pk).is_destroyed


def test_the_page_of_a_live_one_leads_to_archiving(cast: Cast) -> None:
    client = fresh_client(cast.root_owner)
    address = reverse("destroy-sub-organization", args=[cast.root.slug, cast.sub_a.pk])
    page = client.get(address).content.decode()
    assert reverse("archive-sub-organization", args=[cast.root.slug, cast.sub_a.pk]) in page
    client.post(address, {"name": "Acme Games"})
    assert not Organization.objects.get(pk=cast.sub_a.pk).is_destroyed
