"""Data keys: each organization's own, made on first use, wrapped by a master key, and lost with it."""

import pytest
from django.db import IntegrityError, connection
from pytest_django import Settings

from credentials import crypto
from credentials.keys.errors import MasterKeyError
from credentials.keys.local import MasterKeys
from credentials.models import Credential
from credentials.models.data_key import DataKey, Deployment
from organizations.actors import SYSTEM
from tests.conftest import Cast
from tests.credentials.support import SECRET, another_key, opened, store
from tests.leaks import find_in, forms_of_secret


def test_an_organization_gets_its_key_on_first_use_and_keeps_it(cast: Cast) -> None:
    assert not DataKey.objects.exists()
    store(cast.root)
    store(cast.root)
    store(cast.sub_a)

    assert sorted(DataKey.objects.values_list("organization__name", "version")) == [
        ("Acme", 1), ("Acme Games", 1)
    ]  # fmt: skip
    root, sub = DataKey.current_for(cast.root.pk), DataKey.current_for(cast.sub_a.pk)
    assert root.open() != sub.open()
    assert len(root.open()) == 32


def test_nothing_of_a_data_key_is_stored_in_plain(cast: Cast) -> None:
    plain = (data_key := DataKey.current_for(cast.root.pk)).open()

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM credentials_datakey")
        rows = b"|".join(
            bytes(v) if isinstance(v, memoryview) else str(v).encode() for v in cursor.fetchone()
        )
    shown = rows + bytes(data_key.wrapped) + f"{data_key} {data_key!r} {vars(data_key)}".encode()
    assert find_in(shown, forms_of_secret(plain, "data key")) == []


def test_two_that_make_the_first_key_in_one_moment_use_the_same(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[DataKey] = []
    wrap = MasterKeys.wrap

    def somebody_else_is_first(keys: MasterKeys, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        if not made:
            made.append(
                DataKey.objects.create(
                    organization=cast.root,
                    version=1,
                    **dict(zip(("master_key_id", "wrapped"), wrap(keys, data_key, context), strict=True)),
                )
            )
        return wrap(keys, crypto.new_data_key(), context)

    monkeypatch.setattr(MasterKeys, "wrap", somebody_else_is_first)
    credential = store(cast.root)

    assert list(DataKey.objects.all()) == made
    assert opened(credential) == SECRET


def test_an_organization_has_one_key_of_a_version(cast: Cast) -> None:
    data_key = DataKey.current_for(cast.root.pk)
    with pytest.raises(IntegrityError):
        DataKey.objects.create(
            organization=cast.root, version=1, master_key_id="x", wrapped=bytes(data_key.wrapped)
        )


def test_a_new_master_key_wraps_new_data_keys_and_the_old_one_still_opens(
    cast: Cast, settings: Settings
) -> None:
    before = store(cast.root)
    settings.CREDHUB_MASTER_KEYS = f"{another_key('next')},{settings.CREDHUB_MASTER_KEYS}"
    after = store(cast.other)

    assert DataKey.current_for(cast.root.pk).master_key_id == "test"
    assert DataKey.current_for(cast.other.pk).master_key_id == "next"
    assert opened(before) == opened(after) == SECRET


def test_without_its_master_key_nothing_opens_and_the_error_names_the_id_alone(
    cast: Cast, settings: Settings
) -> None:
    credential = store(cast.root)
    old, new = settings.CREDHUB_MASTER_KEYS, another_key("next")
    settings.CREDHUB_MASTER_KEYS = new

    with pytest.raises(MasterKeyError, match="“test” is needed") as caught:
        opened(credential)
    assert old.partition(":")[2] not in str(caught.value)
    assert new.partition(":")[2] not in str(caught.value)
    with pytest.raises(MasterKeyError):  # and nothing new is sealed under a key that is not here
        store(cast.root)
    assert Credential.objects.get() == credential


def test_a_master_key_of_the_right_id_and_the_wrong_value_opens_nothing(
    cast: Cast, settings: Settings
) -> None:
    credential = store(cast.root)
    settings.CREDHUB_MASTER_KEYS = another_key("test")

    with pytest.raises(crypto.SealError, match="does not open with master key “test”"):
        opened(credential)


@pytest.mark.parametrize("text", ["", "test", "test:xyz"])
def test_unreadable_master_keys_are_a_clear_error(cast: Cast, settings: Settings, text: str) -> None:
    credential = store(cast.root)
    settings.CREDHUB_MASTER_KEYS = text

    with pytest.raises(MasterKeyError):
        opened(credential)


def test_destroying_the_data_keys_destroys_the_secrets(cast: Cast) -> None:
    mine, other = store(cast.root), store(cast.other)
    DataKey.objects.filter(organization=cast.root).delete()

    with pytest.raises(crypto.SealError, match="Data key 1 of this organization is not here"):
        opened(mine)
    assert opened(other) == SECRET
    # A new key of the same version does not bring the old value back.
    store(cast.root)
    with pytest.raises(crypto.SealError):
        mine.reveal(SYSTEM, purpose="test")


def test_a_deployment_has_one_name(db: None) -> None:
    assert Deployment.current() == Deployment.current()
    with pytest.raises(IntegrityError):
        Deployment.objects.create()
