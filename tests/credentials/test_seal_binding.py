"""A sealed value opens in its own row, column, organization and deployment, and nowhere else."""

import uuid

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials import crypto, keyring
from credentials.fields import Sealed
from credentials.models import Credential
from credentials.models.data_key import DataKey, Deployment
from organizations.actors import SYSTEM
from tests.conftest import Cast
from tests.credentials.support import SECRET, ciphertext_of, opened, overwrite, reloaded, store


@pytest.fixture(autouse=True)
def the_cipher_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the activity log, which would find each of these, too."""
    monkeypatch.setattr(Credential, "_the_last_one", lambda self: self.ciphertext)


def test_what_was_stored_comes_back_whatever_its_size(cast: Cast) -> None:
    @given(st.binary(max_size=10_000) | st.integers(0, 300_000).map(bytes))
    @settings(max_examples=30)
    def comes_back(secret: bytes) -> None:
        assert opened(store(cast.root, secret)) == secret

    comes_back()


def test_what_is_stored_is_the_envelope(cast: Cast) -> None:
    credential = store(cast.root)

    stored = ciphertext_of(credential)
    assert stored.startswith(b"CH1\x02\x00\x00\x00\x01")
    assert SECRET not in stored
    assert stored == credential.secret.ciphertext == reloaded(credential).secret.ciphertext


def test_a_ciphertext_of_another_row_does_not_open(cast: Cast) -> None:
    mine, other = store(cast.root, b"mine"), store(cast.root, b"other")
    own = ciphertext_of(mine)

    overwrite(mine, secret=ciphertext_of(other))
    with pytest.raises(crypto.SealError):
        opened(mine)

    overwrite(mine, secret=own)
    assert opened(mine) == b"mine"


def test_a_row_that_moves_to_another_organization_does_not_open(cast: Cast) -> None:
    """Also where that organization has a data key of the same version, or is its own sub-organization."""
    for organization in (cast.other, cast.sub_a):
        credential = store(cast.root)
        store(organization)
        key = Credential._meta.pk.get_db_prep_value(organization.pk, connection)  # type: ignore[union-attr]

        overwrite(credential, organization_id=key)
        with pytest.raises(crypto.SealError):
            opened(credential)


def test_one_data_key_under_two_organizations_does_not_help(cast: Cast) -> None:
    """The data key itself is sealed for its organization, and so is the value."""
    credential = store(cast.root)
    own = DataKey.current_for(cast.root.pk)
    DataKey.objects.create(
        organization=cast.other, version=own.version, master_key_id=own.master_key_id, wrapped=own.wrapped
    )
    with pytest.raises(crypto.SealError):
        DataKey.current_for(cast.other.pk).open()

    # Were the data key the same, the value's own context would still tell the organizations apart.
    moved = reloaded(credential)
    moved.organization = cast.other
    with pytest.raises(crypto.SealError):
        crypto.unseal(moved.secret.ciphertext, own.open(), moved._context())


def test_a_value_of_another_column_or_model_does_not_open(cast: Cast) -> None:
    credential = store(cast.root)
    data_key = DataKey.current_for(cast.root.pk)
    deployment = Deployment.current()
    for column in (
        "credentials.Credential.facts", "credentials.Other.secret", "", "credentials.credential.secret"
    ):  # fmt: skip
        context = crypto.canonical(str(deployment.pk), str(cast.root.pk), column, str(credential.pk))
        overwrite(credential, secret=crypto.seal(b"planted", data_key.open(), data_key.version, context))
        with pytest.raises(crypto.SealError):
            opened(credential)


def test_a_wrapped_data_key_does_not_open_as_a_secret_nor_the_other_way_round(cast: Cast) -> None:
    credential = store(cast.root)
    data_key = DataKey.current_for(cast.root.pk)
    sealed = ciphertext_of(credential)

    overwrite(credential, secret=bytes(data_key.wrapped))
    with pytest.raises(crypto.SealError):
        opened(credential)
    DataKey.objects.filter(pk=data_key.pk).update(wrapped=sealed)
    with pytest.raises(crypto.SealError):
        DataKey.current_for(cast.root.pk).open()


def test_rows_of_another_deployment_do_not_open(cast: Cast) -> None:
    """The same rows under the same master key, in a deployment of another name."""
    credential = store(cast.root)
    assert opened(credential) == SECRET

    Deployment.objects.update(id=uuid.uuid4())
    with pytest.raises(crypto.SealError):
        opened(credential)


def test_a_value_of_another_deployment_does_not_open_even_under_the_same_data_key(cast: Cast) -> None:
    """As after bringing rows over and wrapping their data key anew."""
    credential = store(cast.root)
    data_key = DataKey.current_for(cast.root.pk)
    plain = data_key.open()
    Deployment.objects.update(id=uuid.uuid4())
    context = DataKey.context(Deployment.current().pk, cast.root.pk, data_key.version)
    _, data_key.wrapped = keyring.configured().wrap(plain, context)
    data_key.save()
    assert DataKey.current_for(cast.root.pk).open() == plain

    with pytest.raises(crypto.SealError):
        opened(credential)


def test_a_data_key_of_another_version_is_not_taken(cast: Cast) -> None:
    credential = store(cast.root)
    sealed = bytearray(ciphertext_of(credential))
    sealed[4:8] = (2).to_bytes(4, "big")
    overwrite(credential, secret=bytes(sealed))
    with pytest.raises(crypto.SealError, match="Data key 2 of this organization is not here"):
        opened(credential)

    DataKey.make(cast.root.pk, version=2)
    with pytest.raises(crypto.SealError):
        opened(credential)


@pytest.mark.parametrize("version", [0, 2**31, 2**32 - 1])
def test_no_version_in_a_header_does_more_than_not_open(cast: Cast, version: int) -> None:
    credential = store(cast.root)
    sealed = ciphertext_of(credential)
    overwrite(credential, secret=sealed[:4] + version.to_bytes(4, "big") + sealed[8:])

    with pytest.raises(crypto.SealError):
        opened(credential)


def test_values_under_an_older_data_key_still_open(cast: Cast) -> None:
    before = store(cast.root, b"before")
    DataKey.make(cast.root.pk, version=2)
    after = store(cast.root, b"after")

    assert crypto.data_key_version(ciphertext_of(after)) == 2
    assert opened(before) == b"before"
    assert opened(after) == b"after"


def test_an_instance_that_changed_its_row_in_memory_does_not_open(cast: Cast) -> None:
    mine, other = store(cast.root), store(cast.root)
    mine.secret = Sealed(other.secret.ciphertext)

    with pytest.raises(crypto.SealError):
        mine.reveal(SYSTEM, purpose="test")
