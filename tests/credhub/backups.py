"""What the tests of backups share: an instance with something of everything, and ways to compare and to empty it."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection, transaction

from appstore.models import AppStoreConnectKey
from credentials import system_keys
from credentials.sharing import share
from credhub.backup import rows, schema
from credhub.backup.proving import Proof, proven
from organizations import audit_anchors, second_factors
from organizations.actors import SYSTEM
from tests import factories
from tests.conftest import Cast
from tests.credentials.support import store

SECRET = b"canary: the secret itself, in plain words"
SEED = "CANARYSEEDCANARYSEEDCANARYSEED22"


def furnish(cast: Cast) -> AppStoreConnectKey:
    """Credentials, shares, mirrors, a second factor, a session, an admin's note, anchors."""
    key = factories.make_key(cast.root, name="Ключ 🔑 of Acme")
    factories.mirror(key.team, 3)
    share(SYSTEM, store(cast.root, SECRET, name="Plain"), with_all=False, chosen=[cast.sub_a])
    store(cast.other, SECRET + b" of Globex")
    cast.client("root_owner").get("/")
    Authenticator.objects.create(
        user=cast.root_owner, type=second_factors.TOTP, data={"secret": second_factors.seal(SEED)}
    )
    audit_anchors.anchor()
    return key


def dump() -> dict[str, list[str]]:
    """Every table that a backup holds, in words that are the same for every database."""
    return {
        label: sorted(
            json.dumps([rows.plain(value) for value in row], sort_keys=True) for row in rows.read(model)
        )
        for label, model in schema.tables(schema.state())
    }


def empty() -> None:
    """As a new instance is: tables, and nobody in them."""
    with transaction.atomic():
        rows.delete_all(model for _, model in schema.tables(schema.state(), everything=True))
    system_keys.forget()


def backup(path: Path, *options: str) -> Path:
    call_command("backup", str(path), *options, stdout=StringIO())
    return path


def restore(path: Path, *options: str) -> None:
    call_command("restore", str(path), *options, stdout=StringIO())


def proof(path: Path, passphrase: bytes | None = None) -> Proof:
    """What came out of proving it. Its place is gone."""
    with proven(path, passphrase, all_secrets=True) as found:
        return found


def execute(statement: str, *values: Any) -> None:
    """As the database's superuser does it."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
