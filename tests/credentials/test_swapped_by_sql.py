"""With the database in hand: whatever is swapped between rows, columns, organizations, versions and tables by plain
SQL, nothing opens that was not sealed for exactly that place."""

from typing import Any

import pytest
from django.db import connection, models

from credentials import crypto, system_keys
from credentials.keys.errors import MasterKeyError
from credentials.models import Credential, DataKey, SystemKey
from organizations import integrity
from organizations.actors import SYSTEM
from tests.conftest import Cast
from tests.credentials.support import SECRET, opened, store

REFUSED = (crypto.SealError, MasterKeyError, integrity.IntegrityError)


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount > 0


def raw(row: models.Model, column: str) -> Any:
    """The stored value of a column, past the ORM."""
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [pk(row)])  # noqa: S608
        return cursor.fetchone()[0]


def pk(row: models.Model) -> Any:
    return row._meta.pk.get_db_prep_value(row.pk, connection)  # type: ignore[union-attr]


def put(row: models.Model, column: str, value: Any) -> None:
    sql(f"UPDATE {row._meta.db_table} SET {column} = %s WHERE id = %s", value, pk(row))  # noqa: S608


def swap(one: models.Model, other: models.Model, *columns: str) -> None:
    """Exchange columns of two rows."""
    found = [(raw(one, column), raw(other, column)) for column in columns]
    for column, (mine, theirs) in zip(columns, found, strict=True):
        put(one, column, theirs)
        put(other, column, mine)


def key_of(credential: Credential, version: int = 1) -> DataKey:
    return DataKey.objects.get(organization=credential.organization_id, version=version)


@pytest.fixture
def credentials(cast: Cast) -> dict[str, Credential]:
    """Two of one organization, one of its sub-organization, one of a stranger; keys already open in memory."""
    found = {
        "mine": store(cast.root, b"mine"),
        "mine too": store(cast.root, b"mine too"),
        "sub's": store(cast.sub_a, b"sub's"),
        "stranger's": store(cast.other, b"stranger's"),
    }
    assert [opened(each) for each in found.values()] == [name.encode() for name in found]
    return found


OTHERS = ["mine too", "sub's", "stranger's"]


def refused(*credentials: Credential) -> None:
    """Neither with the keys that memory holds nor in a fresh process."""
    for credential in credentials:
        for forget in (False, True):
            if forget:
                system_keys.forget()
            with pytest.raises(REFUSED):
                opened(credential)


@pytest.mark.parametrize("other", OTHERS)
def test_swapped_ciphertexts(credentials: dict[str, Credential], other: str) -> None:
    swap(credentials["mine"], credentials[other], "secret")
    refused(credentials["mine"], credentials[other])


@pytest.mark.parametrize("other", ["sub's", "stranger's"])
@pytest.mark.parametrize(
    "columns", [["wrapped"], ["organization_id"], ["wrapped", "master_key_id"]], ids="+".join
)
def test_swapped_wrapped_keys_of_two_organizations(
    credentials: dict[str, Credential], other: str, columns: list[str]
) -> None:
    mine, theirs = key_of(credentials["mine"]), key_of(credentials[other])
    if columns == ["organization_id"]:  # unique with the version: through one that is free
        put(mine, "version", 99)
        swap(mine, theirs, *columns)
        put(mine, "version", 1)
    else:
        swap(mine, theirs, *columns)
    refused(credentials["mine"], credentials[other])


@pytest.mark.parametrize("other", ["sub's", "stranger's"])
def test_a_value_and_the_key_that_opens_it_moved_together(
    credentials: dict[str, Credential], other: str
) -> None:
    """As somebody would who wants to open a stranger's secret as their own."""
    put(key_of(credentials["mine"]), "wrapped", raw(key_of(credentials[other]), "wrapped"))
    put(credentials["mine"], "secret", raw(credentials[other], "secret"))
    refused(credentials["mine"], credentials["mine too"])
    assert opened(credentials[other]) == other.encode()


def test_a_row_given_to_another_organization(credentials: dict[str, Credential], cast: Cast) -> None:
    put(credentials["stranger's"], "organization_id", raw(credentials["mine"], "organization_id"))
    refused(credentials["stranger's"])


def test_wrapped_keys_of_two_versions(credentials: dict[str, Credential], cast: Cast) -> None:
    DataKey.make(cast.root.pk, version=2)
    newer = store(cast.root, b"newer")
    swap(key_of(newer, 1), key_of(newer, 2), "wrapped")
    refused(newer, credentials["mine"])


def test_a_key_that_changed_its_version(credentials: dict[str, Credential]) -> None:
    put(key_of(credentials["mine"]), "version", 2)
    sealed = bytearray(raw(credentials["mine"], "secret"))
    sealed[4:8] = (2).to_bytes(4, "big")
    put(credentials["mine"], "secret", bytes(sealed))
    refused(credentials["mine"])


def test_a_data_key_in_the_place_of_the_system_key_and_the_other_way_round(
    credentials: dict[str, Credential],
) -> None:
    mac, sealed = integrity.mac("test", "words"), integrity.seal("test", b"second factor", "somebody")
    data_key, system_key = key_of(credentials["mine"]), SystemKey.objects.get()
    swap(data_key, system_key, "wrapped")
    refused(credentials["mine"])
    system_keys.forget()
    for works in (
        lambda: integrity.mac_fits(mac, "test", "words"),
        lambda: integrity.unseal("test", sealed, "somebody"),
        lambda: integrity.mac("test", "words"),
    ):
        with pytest.raises(REFUSED):
            works()


def test_system_keys_of_two_versions(db: None) -> None:
    SystemKey.make(version=2)
    one, two = SystemKey.objects.order_by("version")
    swap(one, two, "wrapped")
    system_keys.forget()
    for version in (1, 2):
        with pytest.raises(crypto.SealError):
            system_keys.opened(version)


def test_a_wrapped_key_or_a_persons_secret_in_the_place_of_a_secret(
    credentials: dict[str, Credential],
) -> None:
    for planted in (
        raw(key_of(credentials["mine"]), "wrapped"),
        raw(SystemKey.objects.get(), "wrapped"),
        integrity.seal("credentials.Credential.secret", b"planted", str(credentials["mine"].pk)),
    ):
        put(credentials["mine"], "secret", planted)
        refused(credentials["mine"])


@pytest.mark.parametrize("name", ["", "test2", "transit:main", "aws-kms:main", "test\x7f"], ids=repr)
def test_another_master_keys_name_on_a_key(credentials: dict[str, Credential], name: str) -> None:
    put(key_of(credentials["mine"]), "master_key_id", name)
    refused(credentials["mine"])


def test_a_destroyed_key_put_back_under_another_organization(
    credentials: dict[str, Credential],
) -> None:
    wrapped = raw(key_of(credentials["sub's"]), "wrapped")
    key_of(credentials["sub's"]).destroy()
    put(key_of(credentials["mine"]), "wrapped", wrapped)
    refused(credentials["mine"], credentials["sub's"])


def test_what_is_put_back_as_it_was_opens(credentials: dict[str, Credential]) -> None:
    """The tests above refuse because of what was swapped, and not because something was written."""
    mine, other = credentials["mine"], credentials["stranger's"]
    swap(mine, other, "secret")
    swap(mine, other, "secret")
    swap(key_of(mine), key_of(other), "wrapped")
    swap(key_of(mine), key_of(other), "wrapped")
    system_keys.forget()
    assert (opened(mine), opened(other)) == (b"mine", b"stranger's")
    assert SECRET not in (bytes(raw(mine, "secret")), bytes(raw(other, "secret")))
    assert Credential.objects.get(pk=mine.pk).reveal(SYSTEM, purpose="test") == b"mine"
