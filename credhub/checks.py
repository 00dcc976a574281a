"""System checks: a bad deployment says so at start."""

import sys
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from credentials import key_check, keyring
from credentials.keys.errors import KeyProviderUnreachableError, MasterKeyError
from credhub.first_start import LOOPBACK_HOSTS


@register(Tags.security)
def master_keys_can_be_read(**_kwargs: Any) -> list[CheckMessage]:
    try:
        keyring.configured()
    except MasterKeyError as error:
        return [Error(str(error), id="credhub.E001", hint="docs/deploy.md tells how master keys are set.")]
    return []


@register(Tags.security)
def identity_provider_is_whole(**_kwargs: Any) -> list[CheckMessage]:
    from organizations.group_roles import parse

    if not settings.OIDC_ISSUER:
        return []
    wrong = []
    issuer = urlsplit(settings.OIDC_ISSUER)
    if issuer.scheme != "https" and not (issuer.scheme == "http" and issuer.hostname in LOOPBACK_HOSTS):
        wrong.append("CREDHUB_OIDC_ISSUER is an https:// address.")
    if not (settings.OIDC_CLIENT_ID and settings.OIDC_CLIENT_SECRET):
        wrong.append("CREDHUB_OIDC_CLIENT_ID and CREDHUB_OIDC_CLIENT_SECRET belong to CREDHUB_OIDC_ISSUER.")
    try:
        parse(settings.OIDC_GROUP_ROLES)
    except ValueError as error:
        wrong.append(f"CREDHUB_OIDC_GROUP_ROLES: {error}.")
    return [Error(each, id="credhub.E003") for each in wrong]


@register(Tags.security)
def apple_is_asked_in_secret(**_kwargs: Any) -> list[CheckMessage]:
    """Each request carries a token that is worth the key for 15 minutes."""
    return [
        Error(
            f"{name} must be an https address, or on this machine (the sandbox).",
            id="credhub.E004",
            hint="Leave it out to talk to Apple.",
        )
        for name in ("APPSTORE_API_URL", "APPSTORE_ENTERPRISE_API_URL")
        if (parts := urlsplit(getattr(settings, name))).scheme != "https"
        and parts.hostname not in LOOPBACK_HOSTS
    ]


@register(Tags.database)
def master_keys_are_of_this_database(databases: Any = None, **_kwargs: Any) -> list[CheckMessage]:
    """Runs before `migrate`, and with `check --database default`."""
    if not databases:
        return []
    try:
        key_check.prove()
    except DatabaseError:
        return []  # the command that needs the database tells more of it
    except (MasterKeyError, KeyProviderUnreachableError) as error:
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
    except (MasterKeyError, KeyProviderUnreachableError) as error:
        print(f"CredHub cannot start: {error}", file=sys.stderr, flush=True)  # noqa: T201
        raise SystemExit(3) from None  # gunicorn's own code for a worker that must not be started again
