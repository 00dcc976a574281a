"""The key of one backup file: random, and wrapped by the master key, or by a passphrase that is kept elsewhere."""

import base64
import secrets
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from credentials import crypto, keyring
from credentials.keys.errors import KeyProviderUnreachableError, MasterKeyError
from credhub.backup.errors import BackupError
from credhub.backup.header import DAMAGED_HEADER, Header

MASTER_KEY, PASSPHRASE = "master key", "passphrase"
SHORTEST_PASSPHRASE = 16
NONCE_BYTES = 12


def _context(deployment: str, salt: bytes) -> bytes:
    return crypto.canonical("backup", deployment, salt.hex())


def new(deployment: uuid.UUID, salt: bytes, passphrase: bytes | None) -> tuple[bytes, dict[str, str]]:
    """(the file's key, what the header says of it)."""
    key, context = crypto.new_data_key(), _context(str(deployment), salt)
    if passphrase is None:
        key_id, wrapped = keyring.configured().wrap(key, context)
        return key, {"by": MASTER_KEY, "id": key_id, "wrapped": base64.b64encode(wrapped).decode()}
    nonce = secrets.token_bytes(NONCE_BYTES)
    wrapped = nonce + AESGCM(_stretched(passphrase, salt)).encrypt(nonce, key, context)
    return key, {"by": PASSPHRASE, "wrapped": base64.b64encode(wrapped).decode()}


def unwrap(header: Header, passphrase: bytes | None) -> bytes:
    """The file's key. Raises BackupError, which names the master key that is missing."""
    by, salt = header.key.get("by"), bytes.fromhex(header.salt)
    context = _context(header.deployment, salt)
    try:
        wrapped = base64.b64decode(header.key["wrapped"], validate=True)
        if by == MASTER_KEY:
            return keyring.configured().unwrap(header.key["id"], wrapped, context)
    except (KeyError, ValueError):
        raise BackupError(DAMAGED_HEADER) from None
    except (MasterKeyError, KeyProviderUnreachableError) as error:
        raise BackupError(f"{error} This backup needs: {', '.join(header.master_keys)}.") from None
    except crypto.SealError:
        raise BackupError(
            f"This backup does not open with the master key “{header.key['id']}” that is here: the key is another "
            "one, or the start of the file was changed."
        ) from None
    if by != PASSPHRASE:
        raise BackupError(DAMAGED_HEADER)
    if passphrase is None:
        raise BackupError("This backup opens with a passphrase: give its file with --passphrase-file.")
    try:
        return AESGCM(_stretched(passphrase, salt)).decrypt(
            wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context
        )
    except (InvalidTag, ValueError):
        raise BackupError(
            "This backup does not open with this passphrase: it is another one, or the start of the file was changed."
        ) from None


def _stretched(passphrase: bytes, salt: bytes) -> bytes:
    """The cost is the format's and not the header's: nobody's file makes us work more."""
    return Scrypt(salt=salt, length=32, n=2**17, r=8, p=1).derive(passphrase)
