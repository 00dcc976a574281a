"""Second factors: authenticator apps, passkeys and recovery codes, kept by django-allauth in `Authenticator` rows.

Their secrets are sealed, and each row carries a keyed digest over its person, its kind and its secret: a row that
somebody wrote, copied or changed in the database does not fit, and its account lets nobody in until an operator has
removed it.
"""

import base64
import json
from typing import TYPE_CHECKING, Any

import structlog
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import PermissionDenied

from organizations import integrity

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator

    from organizations.models import User

PURPOSE = "second-factor"
TOTP, PASSKEY, RECOVERY_CODES = "totp", "webauthn", "recovery_codes"
# What proves a second factor by itself: recovery codes are a way back in for who has lost one of these.
STRONG = (TOTP, PASSKEY)
SECRET_IN = {TOTP: "secret", PASSKEY: "credential", RECOVERY_CODES: "seed"}
log = structlog.get_logger(__name__)


class AlteredSecondFactorError(PermissionDenied):
    """A second factor of this account was not written by CredHub. Shown to people as a 403."""

    def __init__(self) -> None:
        super().__init__(
            "A second factor of this account was changed in the database and not by CredHub, so nobody is let in "
            "with it. An operator has to remove the account's second factors first."
        )


def seal(text: str, *bound_to: str) -> str:
    return base64.b64encode(integrity.seal(PURPOSE, text.encode(), *bound_to)).decode()


def opened(sealed: str, *bound_to: str) -> str:
    """Raises AlteredSecondFactorError for what was not sealed like that."""
    try:
        return integrity.unseal(PURPOSE, base64.b64decode(sealed), *bound_to).decode()
    except (ValueError, integrity.IntegrityError):
        raise AlteredSecondFactorError from None


def rows_of(user: "User | Any") -> "list[Authenticator]":
    from allauth.mfa.models import Authenticator

    return list(Authenticator.objects.filter(user_id=user.pk).order_by("pk"))


def digest_of(row: "Authenticator") -> tuple[str, ...]:
    """What the digest is over. A secret is read from the one place where its kind has it."""
    secret = json.dumps(row.data.get(SECRET_IN[row.type]), sort_keys=True, separators=(",", ":"))
    return (str(row.user_id), row.type, secret)


def write_mac(sender: Any, instance: "Authenticator", **_kwargs: Any) -> None:
    """Just before an authenticator is first stored: there is no moment at which it is without its digest."""
    if instance._state.adding:
        instance.data["mac"] = integrity.mac(PURPOSE, *digest_of(instance))


def is_authentic(row: "Authenticator") -> bool:
    """Whether CredHub wrote this row for this person. Codes moved over from another product would have no digest,
    so there are none."""
    known = row.type in SECRET_IN and "migrated_codes" not in row.data
    return known and integrity.mac_fits(str(row.data.get("mac", "")), PURPOSE, *digest_of(row))


def opens(row: "Authenticator") -> bool:
    """Whether CredHub wrote this row, and what is sealed in it opens. A passkey's public key is not sealed."""
    if not is_authentic(row):
        return False
    try:
        return row.type == PASSKEY or bool(opened(str(row.data[SECRET_IN[row.type]])))
    except AlteredSecondFactorError:
        return False


def require_authentic(user: "User | Any") -> "list[Authenticator]":
    """The person's rows. Raises AlteredSecondFactorError when one of them is not what CredHub wrote."""
    rows = rows_of(user)
    altered = [row for row in rows if not is_authentic(row)]
    if altered:
        log.warning("second_factor.altered", user=str(user.pk), rows=[row.pk for row in altered])
        raise AlteredSecondFactorError
    return rows


def has_second_factor(user: "User | Any") -> bool:
    """An authenticator app or a passkey; a row that does not fit is none."""
    rows = rows_of(user)
    return any(row.type in STRONG for row in rows) and all(is_authentic(row) for row in rows)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """django-allauth's door to all of this (settings.MFA_ADAPTER)."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return opened(encrypted_text)

    def is_mfa_enabled(self, user: Any, types: list[str] | None = None) -> bool:
        if user.is_anonymous:
            return False
        return any(types is None or row.type in types for row in require_authentic(user))

    def get_totp_issuer(self) -> str:
        return "CredHub"

    def generate_authenticator_name(self, user: Any, type: str) -> str:  # noqa: A002 - allauth's name for it
        number = 1 + sum(row.type == type for row in rows_of(user))
        return "Passkey" if number == 1 else f"Passkey {number}"
