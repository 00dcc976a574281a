"""The keyring of this deployment, as the settings configure it."""

import functools

from django.conf import settings

from credentials.keys.aws_kms import AwsKmsKeys
from credentials.keys.errors import MasterKeyError
from credentials.keys.keyring import Keyring
from credentials.keys.local import MasterKeys
from credentials.keys.provider import KeyProvider
from credentials.keys.transit import TransitKeys

PROVIDERS = ("local", "transit", "aws-kms")


def configured() -> Keyring:
    """Raises MasterKeyError. Reaches no provider: only using the keyring does."""
    return _made(
        settings.CREDHUB_KEY_PROVIDER,
        settings.CREDHUB_MASTER_KEYS,
        tuple(sorted(settings.CREDHUB_TRANSIT.items())),
        tuple(sorted(settings.CREDHUB_AWS_KMS.items())),
        settings.DATA_KEY_CACHE_SECONDS,
    )


def forget() -> None:
    """Drop every plain key from memory."""
    _made.cache_clear()


Words = tuple[tuple[str, str], ...]


@functools.lru_cache(maxsize=2)
def _made(chosen: str, local: str, transit: Words, aws_kms: Words, lifetime: float) -> Keyring:
    """One keyring a configuration: what it has opened goes with it."""
    if chosen not in PROVIDERS:
        raise MasterKeyError(f"CREDHUB_KEY_PROVIDER is one of {', '.join(PROVIDERS)}.")
    at_vault, at_aws = dict(transit), dict(aws_kms)
    providers: dict[str, KeyProvider] = {}
    if chosen == "local" or local:
        providers["local"] = MasterKeys.parse(local)
    if chosen == "transit" or at_vault["url"]:
        providers["transit"] = TransitKeys(keys=_several(at_vault.pop("keys")), **at_vault)
    if chosen == "aws-kms" or at_aws["keys"]:
        providers["aws-kms"] = AwsKmsKeys(_several(at_aws.pop("keys")), **at_aws)
    return Keyring([providers.pop(chosen), *providers.values()], lifetime)


def _several(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
