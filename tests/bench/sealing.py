"""Sealing and opening a 4 KiB value, against bare AES-256-GCM."""

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

    table(
        f"Sealing 4 KiB, {TIMES} times",
        ("AES-256-GCM alone", repeat(lambda: cipher.encrypt(nonce, plaintext, context))),
        {
            "seal (fresh salt, HKDF, header)": repeat(lambda: crypto.seal(plaintext, key, 1, context)),
            "unseal": repeat(lambda: crypto.unseal(value, key, context)),
        },
    )
