"""System checks: a bad deployment says so at start."""

import sys
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from credentials import key_check, keyring
from credentials.keys.errors import KeyProviderUnreachable, MasterKeyError


@register()
def master_keys_can_be_read(**_kwargs: Any) -> list[CheckMessage]:
    try:
        keyring.configured()
    except MasterKeyError as error:
        return [Error(str(error), id="credhub.E001", hint="docs/deploy.md tells how master keys are set.")]
    return []


@register(Tags.database)
def master_keys_are_of_this_database(databases: Any = None, **_kwargs: Any) -> list[CheckMessage]:
    """Runs before `migrate`, and with `check --database default`."""
    if not databases:
        return []
    try:
        key_check.prove()
    except DatabaseError:
        return []  # the command that needs the database tells more of it
    except (MasterKeyError, KeyProviderUnreachable) as error:
        return [Error(str(error), id="credhub.E002")]
    return []


def refuse_wrong_keys() -> None:
    """For a process that is about to serve: end it, with one line, when the master keys are not the right ones.

    A database that does not answer yet is no reason: nothing can be opened or spoiled without it.
    """
    try:
        key_check.prove()
    except DatabaseError:
        return
    except (MasterKeyError, KeyProviderUnreachable) as error:
        print(f"CredHub cannot start: {error}", file=sys.stderr, flush=True)  # noqa: T201
        raise SystemExit(3) from None  # gunicorn's own code for a worker that must not be started again
