"""Sealing and opening a 4 KiB value, against bare AES-256-GCM."""

import os
import secrets
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from credentials import crypto

TIMES = 2_000


def run(table: Callable[..., Any]) -> None:
    plaintext, key, context = (
        secrets.token_bytes(4096),
        crypto.new_data_key(),
        crypto.canonical("a", "b", "c", "d"),
    )
    cipher, nonce = AESGCM(key), secrets.token_bytes(12)
    value = crypto.seal(plaintext, key, 1, context)

    def repeat(work: Callable[[], object]) -> Callable[[], None]:
        def loop() -> None:
            for _ in range(TIMES):
                work()

        return loop

    # What a value of 4 KiB costs at least: bare AES-256-GCM as it is used, with a fresh nonce that travels along.
    def bare_seal() -> bytes:
        nonce = os.urandom(12)
        return nonce + cipher.encrypt(nonce, plaintext, context)

    bare = bare_seal()
    table(
        f"Sealing 4 KiB, {TIMES} times",
        ("AES-256-GCM alone, encrypting", repeat(bare_seal)),
        {
            "AES-256-GCM with a key of its own": repeat(
                lambda: AESGCM(key).encrypt(nonce, plaintext, context)
            ),
            "seal (a key of its own: salt, HKDF)": repeat(lambda: crypto.seal(plaintext, key, 1, context)),
        },
    )
    table(
        f"Opening 4 KiB, {TIMES} times",
        ("AES-256-GCM alone, decrypting", repeat(lambda: cipher.decrypt(bare[:12], bare[12:], context))),
        {
            "AES-256-GCM with a key of its own": repeat(
                lambda: AESGCM(key).decrypt(bare[:12], bare[12:], context)
            ),
            "unseal": repeat(lambda: crypto.unseal(value, key, context)),
        },
    )
