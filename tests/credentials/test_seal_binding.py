"""A sealed value opens in its own row, column, organization and deployment, and nowhere else."""

import uuid

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials import crypto
from credentials.fields import Sealed
from credentials.models import Credential
from credentials.models.data_key import DataKey, Deployment
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests import factories
from tests.conftest import Cast


def store(organization: Organization, secret: bytes = b"secret") -> Credential:
    name = uuid.uuid4().hex
    return Credential.store(
        SYSTEM, organization=organization, kind="test", name=name, identifier=name, secret=secret, facts={}
    )


def opened(credential: Credential) -> bytes:
    return Credential.objects.get(pk=credential.pk).reveal(SYSTEM, purpose="test")


def move(ciphertext: bytes, to: Credential) -> None:
    """As somebody with the database in hand would, past everything that we wrote."""
    with connection.cursor() as cursor:
        column = Credential._meta.pk.get_db_prep_value(to.pk, connection)  # type: ignore[union-attr]
        cursor.execute("UPDATE credentials_credential SET secret = %s WHERE id = %s", [ciphertext, column])


@given(secret=st.binary(max_size=10_000))
@settings(max_examples=20, deadline=None)
def test_what_was_stored_comes_back(django_db_blocker: pytest.fixture, secret: bytes) -> None:
    ...


def test_a_ciphertext_of_another_row_does_not_open(cast: Cast) -> None:
    one, two = store(cast.root, b"one"), store(cast.root, b"two")
    mine, other = one.secret.ciphertext, two.secret.ciphertext

    move(other, to=one)
    with pytest.raises(crypto.SealError):
        opened(one)
    move(mine, to=one)
    assert opened(one) == b"one"
