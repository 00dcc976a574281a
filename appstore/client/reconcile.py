"""A write whose answer was lost: was it carried out? Found out by looking, never by sending it again.

Apple's filters match parts of words, so whole lists are read and compared exactly here. And Apple is
eventually consistent: what was just made may be missing for some seconds, so everything is looked for twice.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .errors import AppStoreConnectError, NotFound, ServerError, UnexpectedAnswer, Unreachable
from .reading import ReadingClient
from .resources import BundleId, Capability, Certificate, Device, Profile

LEEWAY = timedelta(seconds=5)  # Apple's dates are whole seconds, and so is what is known of its clock
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Outcome = TypeVar("Outcome")


def settled(write: Callable[[], Outcome], look: Callable[[], Outcome | None], pause: float) -> Outcome:
    """What `write` gives, or `look` finds after its answer was lost: at once, and again `pause` seconds later.

    Where neither look finds it, or they fail as well, the error of the write is raised.
    """
    try:
        return write()
    except (Unreachable, ServerError, UnexpectedAnswer) as error:
        lost = error
    for wait in (0.0, pause):
        time.sleep(wait)
        found = _tried(look)
        if found is not None:
            return found
    raise lost


def _tried(look: Callable[[], Outcome | None]) -> Outcome | None:
    try:
        return look()
    except AppStoreConnectError:
        return None


def public_key_of(csr_pem: str) -> bytes:
    """The public key in a signing request, as DER. ValueError where it is none."""
    key = x509.load_pem_x509_csr(csr_pem.encode()).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def certificate_for(client: ReadingClient, public_key: bytes, certificate_type: str) -> Certificate | None:
    """The certificate of this type for this key; of several, the one that ends last."""
    found = [
        each
        for page in client.certificates()
        for each in page.items
        if each.certificate_type == certificate_type and _certifies(each, public_key)
    ]
    return max(found, key=lambda each: each.expiration_date or _EPOCH, default=None)


def _certifies(certificate: Certificate, public_key: bytes) -> bool:
    try:
        key = x509.load_der_x509_certificate(certificate.certificate_content or b"").public_key()
    except Exception:  # noqa: BLE001 - whatever a certificate is that cannot be read, it is not the new one
        return False
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == public_key


def device_with(client: ReadingClient, udid: str) -> Device | None:
    """The device, in whatever case and with whatever dashes Apple writes its UDID."""
    wanted = _bare(udid)
    return next(
        (each for page in client.devices() for each in page.items if _bare(each.udid) == wanted), None
    )


def _bare(udid: str) -> str:
    return udid.replace("-", "").casefold()


def bundle_id_with(client: ReadingClient, identifier: str) -> BundleId | None:
    found = (each for page in client.bundle_ids() for each in page.items if each.identifier == identifier)
    return next(found, None)


@dataclass(frozen=True, slots=True)
class WantedProfile:
    """What tells a profile that was asked for from its namesakes. `asked_at` is by our clock."""

    name: str
    profile_type: str
    bundle_id: str
    asked_at: datetime


def profile_like(client: ReadingClient, wanted: WantedProfile) -> Profile | None:
    """The profile, made since it was asked for: one before it has the same name and is about to go."""
    for page in client.profiles():
        for each in page.items:
            if (
                (each.name, each.profile_type) == (wanted.name, wanted.profile_type)
                and each.bundle_id == wanted.bundle_id
                and each.created_date is not None
                and each.created_date >= wanted.asked_at - (client.clock_skew or timedelta()) - LEEWAY
            ):
                return each
    return None


def capability_of(client: ReadingClient, bundle_id: str, capability_type: str) -> Capability | None:
    found = client.capabilities_of(bundle_id)
    return next((each for each in found if each.capability_type == capability_type), None)


def is_gone(client: ReadingClient, path: str) -> bool | None:
    """True where Apple has no such object any more, otherwise None."""
    try:
        client.get(path)
    except NotFound:
        return True
    return None


def is_disabled(client: ReadingClient, capability_id: str) -> bool | None:
    """As `is_gone`. A capability cannot be asked for, but its id begins with its bundle ID's: AB12CD34EF_MAPS."""
    bundle_id, _, _ = capability_id.partition("_")
    found = {each.id for each in client.capabilities_of(bundle_id)}
    return None if capability_id in found else True
