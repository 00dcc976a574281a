"""Whether the configured master keys are those of the database: asked at start, answered by reading alone."""

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from credentials import key_check
from credentials.keys.errors import MasterKeyError
from credentials.models import SystemKey
from credentials.models.data_key import DataKey
from tests.conftest import Cast
from tests.credentials.support import another_key, store


def test_the_right_keys_are_proven_by_reading_alone(cast: Cast) -> None:
    store(cast.root), store(cast.other)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        key_check.prove()
    assert all(query["sql"].lstrip().upper().startswith(("SELECT", "PRAGMA")) for query in queries)
    assert len(queries) <= 8  # however many organizations there are


def test_a_missing_key_is_named_beside_those_that_are_there(cast: Cast, settings: Settings) -> None:
    settings.CREDHUB_MASTER_KEYS = f"{another_key('new')},{another_key('newer')}"
    with pytest.raises(
        MasterKeyError,
        match=r"needs the master key “test”, and the configuration holds the master keys “new”, “newer”",
    ):
        key_check.prove()


def test_one_of_several_that_is_missing_is_enough(cast: Cast, settings: Settings) -> None:
    """A data key that hangs on an old master key counts as the newest system key does."""
    right = settings.CREDHUB_MASTER_KEYS
    store(cast.root)
    settings.CREDHUB_MASTER_KEYS = f"{another_key('next')},{right}"
    store(cast.other)
    key_check.prove()

    settings.CREDHUB_MASTER_KEYS = right
    with pytest.raises(MasterKeyError, match="needs the master key “next”"):
        key_check.prove()


def test_the_right_name_with_another_value_is_caught(cast: Cast, settings: Settings) -> None:
    settings.CREDHUB_MASTER_KEYS = another_key("test")
    with pytest.raises(MasterKeyError, match="“test” has the right name and the wrong value"):
        key_check.prove()


def test_so_is_an_old_key_beside_the_right_current_one(cast: Cast, settings: Settings) -> None:
    right = settings.CREDHUB_MASTER_KEYS
    settings.CREDHUB_MASTER_KEYS = f"{another_key('next')},{right}"
    store(cast.root)
    settings.CREDHUB_MASTER_KEYS = f"{right},{another_key('next')}"
    with pytest.raises(MasterKeyError, match="“next” has the right name and the wrong value"):
        key_check.prove()


def test_one_damaged_row_does_not_keep_everything_from_starting(cast: Cast) -> None:
    store(cast.root), store(cast.other)
    DataKey.objects.filter(organization=cast.other).update(wrapped=b"damaged" * 9)
    key_check.prove()


def test_a_destroyed_key_hangs_on_none(cast: Cast, settings: Settings) -> None:
    right = settings.CREDHUB_MASTER_KEYS
    settings.CREDHUB_MASTER_KEYS = f"{another_key('next')},{right}"
    data_key = DataKey.current_for(cast.root.pk)
    assert data_key.master_key_id == "next"
    data_key.destroy()
    settings.CREDHUB_MASTER_KEYS = right
    key_check.prove()


def test_a_database_without_keys_is_fine_with_any(db: None, settings: Settings) -> None:
    SystemKey.objects.all().delete()
    settings.CREDHUB_MASTER_KEYS = another_key("first")
    key_check.prove()


def test_a_configuration_that_cannot_be_read_is_told(db: None, settings: Settings) -> None:
    for provider, words in (
        ("local", "holds no key"),
        ("vault", "is one of local, transit, aws-kms"),
        ("transit", "CREDHUB_TRANSIT_URL"),
        ("aws-kms", "CREDHUB_AWS_KMS_KEY_ID is not set"),
    ):
        settings.CREDHUB_KEY_PROVIDER, settings.CREDHUB_MASTER_KEYS = provider, ""
        with pytest.raises(MasterKeyError, match=words):
            key_check.prove()


def test_the_system_checks_ask_the_database_only_where_it_is_named(cast: Cast, settings: Settings) -> None:
    settings.CREDHUB_MASTER_KEYS = another_key("test")
    assert [error.id for error in run_checks()] == []
    assert [error.id for error in run_checks(databases=["default"])] == ["credhub.E002"]
    settings.CREDHUB_MASTER_KEYS = "test:short"
    assert [error.id for error in run_checks()] == ["credhub.E001"]
