"""Opens the files of a fastlane match repository, in both of match's encryptions; both are base64 with line breaks.

v1 is `openssl enc -aes-256-cbc`: "Salted__", 8 bytes of salt, ciphertext; the key is one round of MD5 (SHA-256 where
OpenSSL 1.1 or newer wrote it), and nothing says whether what comes out is what went in. v2 is "match_encrypted_v2__",
salt, a tag of 16 bytes, ciphertext: AES-256-GCM under PBKDF2-HMAC-SHA256. No file chooses its rounds.
"""

import binascii
import hashlib
from base64 import b64decode
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import ParsingError

V1_PREFIX, V2_PREFIX = b"Salted__", b"match_encrypted_v2__"
ROUNDS = 10_000
DERIVED = 68  # bytes: key, nonce, associated data
V2_COST = ROUNDS * 3  # in iterations of a hash, as `kdf_cost` counts: 68 bytes are three outputs of SHA-256
SALT, TAG, BLOCK = 8, 16, 16
_HEAD = 64  # characters: enough to see either prefix


def match_version(content: bytes) -> int:
    """1 or 2 for a file that match encrypted; 0 for everything else."""
    head = b"".join(content[:_HEAD].split())
    try:
        start = b64decode(head[: len(head) // 4 * 4], validate=True)
    except binascii.Error:
        return 0
    if start.startswith(V2_PREFIX):
        return 2
    return 1 if start.startswith(V1_PREFIX) else 0


def open_match_file(content: bytes, passphrase: str, is_real: Callable[[bytes], bool]) -> bytes:
    """What is in one file. ParsingError "damaged-encryption", "passphrase-needed" or "wrong-passphrase".

    `is_real` says whether bytes are of a sort that match keeps: the only check that v1 has.
    """
    if not passphrase:
        raise ParsingError(
            "passphrase-needed",
            "This file is encrypted. Give the passphrase of the repository (MATCH_PASSWORD).",
        )
    try:
        data = b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        raise _damaged() from None
    if data.startswith(V2_PREFIX):
        return _open_v2(data[len(V2_PREFIX) :], passphrase.encode())
    if data.startswith(V1_PREFIX):
        return _open_v1(data[len(V1_PREFIX) :], passphrase.encode(), is_real)
    raise _damaged()


def v1_key(passphrase: bytes, salt: bytes, hash_name: str) -> tuple[bytes, bytes]:
    """(key, IV) as OpenSSL's EVP_BytesToKey makes them with one round."""
    made = last = b""
    while len(made) < 48:
        last = hashlib.new(hash_name, last + passphrase + salt, usedforsecurity=False).digest()
        made += last
    return made[:32], made[32:48]


def v2_key(passphrase: bytes, salt: bytes) -> tuple[bytes, bytes, bytes]:
    """(key, nonce, associated data)."""
    made = hashlib.pbkdf2_hmac("sha256", passphrase, salt, ROUNDS, DERIVED)
    return made[:32], made[32:44], made[44:]


def _open_v1(data: bytes, passphrase: bytes, is_real: Callable[[bytes], bool]) -> bytes:
    salt, ciphertext = data[:SALT], data[SALT:]
    if not ciphertext or len(ciphertext) % BLOCK:
        raise _damaged()
    for hash_name in ("md5", "sha256"):
        key, iv = v1_key(passphrase, salt, hash_name)
        decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        unpadder = padding.PKCS7(BLOCK * 8).unpadder()
        try:
            opened = (
                unpadder.update(decryptor.update(ciphertext) + decryptor.finalize()) + unpadder.finalize()
            )
        except ValueError:
            continue
        if is_real(opened):  # a wrong key gets past the padding once in 256 files
            return opened
    raise _wrong()


def _open_v2(data: bytes, passphrase: bytes) -> bytes:
    salt, tag, ciphertext = data[:SALT], data[SALT : SALT + TAG], data[SALT + TAG :]
    if not ciphertext:
        raise _damaged()
    key, nonce, associated = v2_key(passphrase, salt)
    try:
        return AESGCM(key).decrypt(nonce, ciphertext + tag, associated)
    except InvalidTag:
        raise _wrong() from None


def _damaged() -> ParsingError:
    return ParsingError(
        "damaged-encryption",
        "This file is damaged or was cut short: its encryption is incomplete. Clone the repository again.",
    )


def _wrong() -> ParsingError:
    return ParsingError(
        "wrong-passphrase",
        "The passphrase does not open this file, or the file is damaged. It is the one that match asks for "
        "(MATCH_PASSWORD).",
    )
