"""Tries whether what is sealed opens: in memory, telling only whether it did. A backup proves itself by that."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator

from credentials import crypto
from credentials.keys.errors import KeyProviderUnreachableError, MasterKeyError
from credentials.models import Credential, DataKey, SystemKey
from organizations import second_factors
from organizations.audit_verify import Finding


@dataclass
class Tried:
    opened: int = 0
    findings: list[Finding] = field(default_factory=list)


def keys() -> Iterator[Finding]:
    """Every key that a master key wraps. One that was destroyed is wrapped by none, and need not open."""
    wrapped: list[SystemKey | DataKey] = [*SystemKey.objects.all()]
    wrapped += DataKey.objects.exclude(master_key_id="").select_related("organization")
    for key in wrapped:
        try:
            key.open()
        except (crypto.SealError, MasterKeyError, KeyProviderUnreachableError) as error:
            yield Finding(str(key), None, str(error))


def secrets(at_most: int | None) -> Tried:
    """Credentials and second factors: that many of each at random, or all of them."""
    tried = Tried()
    order = "pk" if at_most is None else "?"
    sealed = Credential.objects.filter(secret__isnull=False).select_related("organization")
    for credential in sealed.order_by(order)[:at_most].iterator():
        problem = _problem(credential)
        tried.opened += not problem
        if problem:
            tried.findings.append(
                Finding(f"{credential.organization}, credential “{credential.name}”", None, problem)
            )
    for factor in Authenticator.objects.order_by(order)[:at_most].iterator():
        opens = second_factors.opens(factor)
        tried.opened += opens
        if not opens:
            problem = "it does not open, or CredHub did not write it."
            tried.findings.append(Finding(f"a second factor of {factor.user_id}", None, problem))
    return tried


def _problem(credential: Credential) -> str:
    try:
        version = crypto.data_key_version(credential.ciphertext)
        data_key = DataKey.of(credential.organization_id, version)
        crypto.unseal(credential.ciphertext, data_key.open(), credential._context())  # noqa: SLF001 - see the top
    except (crypto.SealError, MasterKeyError, KeyProviderUnreachableError) as error:
        return str(error)
    return ""
