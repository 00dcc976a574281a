"""Opens the deployment's own keys, and keeps them for a while: every request needs them."""

from django.conf import settings

from credentials import crypto, keyring
from credentials.keys.kept import Kept
from credentials.models.data_key import Deployment
from credentials.models.system_key import SystemKey
from organizations import integrity

# (purpose, version) → (version, key of that purpose); without a purpose the key itself, without a version the newest
_kept: Kept[tuple[str, int | None], tuple[int, bytes]] = Kept(most=256)


def opened(version: int | None = None) -> tuple[int, bytes]:
    """(version, plain key) of that version, or of the newest. Raises integrity.IntegrityError when there is none,
    MasterKeyError, KeyProviderUnreachableError and SealError when it does not open."""
    if (kept := _kept.get(("", version))) is not None:
        return kept
    rows = SystemKey.objects.filter(version=version) if version is not None else SystemKey.objects.all()
    row = rows.order_by("-version").first()
    if row is None:
        raise integrity.IntegrityError(
            f"System key {version or ''} is not here. `manage.py migrate` makes the first one."
        )
    found = row.version, row.open()
    for name in {version, row.version}:
        _kept.keep(("", name), found, settings.DATA_KEY_CACHE_SECONDS)
    return found


def forget() -> None:
    """Drop every plain key from memory, those of organizations too."""
    _kept.forget()
    keyring.forget()


def for_digests(purpose: str, version: int | None = None) -> tuple[int, bytes]:
    if (kept := _kept.get((purpose, version))) is not None:
        return kept
    number, key = opened(version)
    found = number, crypto.derive(key, f"CredHub {purpose}")
    _kept.keep((purpose, version), found, settings.DATA_KEY_CACHE_SECONDS)
    return found


def _context(purpose: str, context: tuple[str, ...]) -> bytes:
    return crypto.canonical(str(Deployment.current().pk), purpose, *context)


def seal(purpose: str, plaintext: bytes, *context: str) -> bytes:
    version, key = opened()
    return crypto.seal(plaintext, key, version, _context(purpose, context))


def unseal(purpose: str, value: bytes, *context: str) -> bytes:
    try:
        _version, key = opened(crypto.data_key_version(value))
        return crypto.unseal(value, key, _context(purpose, context))
    except crypto.SealError as error:
        raise integrity.IntegrityError(str(error)) from None
