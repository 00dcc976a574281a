"""An instance from before the digests: after `migrate` its log is a chain and its rows count."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from credentials.models import Credential
from organizations.actors import SYSTEM, Actor
from organizations.models import User
from organizations.permissions import Permission, Role
from tests import factories

BEFORE = [("organizations", "0005_reveal_needs_approval"), ("credentials", "0005_reveal")]


def migrate(targets: list[tuple[str, str | None]]) -> None:
    executor = MigrationExecutor(connection)
    executor.loader.build_graph()
    executor.migrate(targets)


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_what_was_there_gets_its_digests() -> None:
    root = factories.make_root("Acme")
    person = factories.make_user("owner@example.com")
    factories.join(person, root, Role.OWNER)
    credential = factories.make_key(root).credential
    head = MigrationExecutor(connection).loader.graph.leaf_nodes()
    with connection.cursor() as cursor:
        for table in ("organizations_audithead",):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
    migrate(BEFORE)
    try:
        with connection.cursor() as cursor:
            for table in ("organizations_user", "organizations_organization", "organizations_membership",
                          "credentials_credential"):  # fmt: skip
                cursor.execute(f"UPDATE {table} SET guard = ''")  # noqa: S608
            cursor.execute(
                "UPDATE organizations_auditevent SET chain = NULL, sequence = NULL, mac = '', secret_digest = ''"
            )
    finally:
        migrate(head)
    call_command("verify_audit")
    assert Credential.objects.get(pk=credential.pk).reveal(SYSTEM, purpose="test")
    assert Actor(user=User.objects.get(pk=person.pk)).can(Permission.CREDENTIAL_REVEAL, root)
