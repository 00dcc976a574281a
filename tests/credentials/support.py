"""What the tests of sealed credentials share: plain credentials, and hands in the database."""

import base64
import secrets
import uuid
from typing import Any

from django.db import connection

from credentials.models import Credential
from organizations.actors import SYSTEM, Actor
from organizations.models import Organization

SECRET = b"the secret itself, in plain words"


def store(
    organization: Organization, secret: bytes = SECRET, *, actor: Actor = SYSTEM, name: str = ""
) -> Credential:
    """A credential of a kind that only tests know."""
    name = name or f"Credential {uuid.uuid4().hex[:12]}"
    return Credential.store(
        actor, organization=organization, kind="test", name=name, identifier=name, secret=secret, facts={}
    )


def another_key(key_id: str) -> str:
    """One more master key, as the settings hold it."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def reloaded(credential: Credential) -> Credential:
    return Credential.objects.get(pk=credential.pk)


def opened(credential: Credential) -> bytes:
    """The secret as CredHub itself would open it now, from the row as it is stored."""
    return reloaded(credential).reveal(SYSTEM, purpose="test")


def ciphertext_of(credential: Credential) -> bytes:
    """What is stored, past the field."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM credentials_credential WHERE id = %s", [_key(credential)])
        return bytes(cursor.fetchone()[0])


def overwrite(credential: Credential, **columns: Any) -> None:
    """Change a stored row as somebody with the database in hand would, past everything that we wrote."""
    assignments = ", ".join(f"{name} = %s" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE credentials_credential SET {assignments} WHERE id = %s",  # noqa: S608 - names of ours
            [*columns.values(), _key(credential)],
        )


def _key(credential: Credential) -> Any:
    return Credential._meta.get_field("id").get_db_prep_value(credential.pk, connection)
