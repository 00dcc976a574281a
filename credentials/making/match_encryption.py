"""Encrypts files as fastlane match does, so that match decrypts them (credentials/parsing/match_encryption.py)."""

import secrets
from base64 import b64encode

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from credentials.parsing.match_encryption import BLOCK, SALT, TAG, V1_PREFIX, V2_PREFIX, v1_key, v2_key

_LINE = 60  # characters, as Ruby's Base64.encode64 writes them


def encrypt_for_match(content: bytes, passphrase: str, *, version: int = 2) -> bytes:
    """The file as it stands in a repository. Version 1 has no integrity and is for fastlane before 2.220 alone."""
    if not passphrase:
        raise ValueError("A match repository is never encrypted without a passphrase.")
    seal = {1: _v1, 2: _v2}[version]
    written = b64encode(seal(content, passphrase.encode(), secrets.token_bytes(SALT)))
    return b"".join(written[at : at + _LINE] + b"\n" for at in range(0, len(written), _LINE))


def _v1(content: bytes, passphrase: bytes, salt: bytes) -> bytes:
    key, iv = v1_key(passphrase, salt, "md5")
    padder = padding.PKCS7(BLOCK * 8).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    padded = padder.update(content) + padder.finalize()
    return V1_PREFIX + salt + encryptor.update(padded) + encryptor.finalize()


def _v2(content: bytes, passphrase: bytes, salt: bytes) -> bytes:
    key, nonce, associated = v2_key(passphrase, salt)
    sealed = AESGCM(key).encrypt(nonce, content, associated)
    return V2_PREFIX + salt + sealed[-TAG:] + sealed[:-TAG]
