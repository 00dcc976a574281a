"""System checks: a bad deployment says so at start."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from credentials.crypto import MasterKeyError, MasterKeys
from credhub.first_start import LOOPBACK_HOSTS


@register()
def master_keys_can_be_read(**_kwargs: Any) -> list[CheckMessage]:
    try:
        MasterKeys.parse(settings.CREDHUB_MASTER_KEYS)
    except MasterKeyError as error:
        return [Error(str(error), id="credhub.E001", hint="CREDHUB_MASTER_KEYS is `id:base64,id:base64,…`.")]
    return []


@register()
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


@register()
def apple_is_asked_in_secret(**_kwargs: Any) -> list[CheckMessage]:
    """Each request carries a token that is worth the key for 15 minutes."""
    return [
        Error(
            f"{name} must be an https address, or on this machine (the sandbox).",
            id="credhub.E002",
            hint="Leave it out to talk to Apple.",
        )
        for name in ("APPSTORE_API_URL", "APPSTORE_ENTERPRISE_API_URL")
        if (parts := urlsplit(getattr(settings, name))).scheme != "https"
        and parts.hostname not in LOOPBACK_HOSTS
    ]
