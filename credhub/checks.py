"""System checks: a bad deployment says so at start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from credentials.crypto import MasterKeyError, MasterKeys


@register()
def master_keys_can_be_read(**_kwargs: Any) -> list[CheckMessage]:
    try:
        MasterKeys.parse(settings.CREDHUB_MASTER_KEYS)
    except MasterKeyError as error:
        return [Error(str(error), id="credhub.E001", hint="CREDHUB_MASTER_KEYS is `id:base64,id:base64,…`.")]
    return []
