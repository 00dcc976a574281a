"""Folders of signing files to start from, zipped: a match repository and the project of an EAS app."""

import json
import random
from collections.abc import Callable, Sequence
from functools import cache

from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat

from credentials.making.match_encryption import encrypt_for_match
from credentials.making.zip_file import zip_of
from credentials.parsing.match_encryption import match_version
from tests.fuzz import files

PASSPHRASE = "export"
CREDENTIALS_JSON = "app/credentials.json"


@cache
def plain() -> dict[str, bytes]:
    key = files.keys()["P-256"]  # checking the primes of an RSA key would be most of the work
    made = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, files.PLAIN)
    return {
        "certs/distribution/A.cer": files.certificates()[0],
        "certs/distribution/A.p12": made,
        "certs/distribution/B.p12": files.p12s()[0],
        "profiles/appstore/AppStore_a.mobileprovision": files.profiles()[0],
    }


PATHS = "\n".join(
    f"{folder}{path}"
    for folder in ("", "TEAM567890/")
    for path in (
        "certs/distribution/A.cer", "certs/distribution/A.p12", "certs/distribution/B.p12",
        "profiles/appstore/AppStore_a.mobileprovision",
    )
)  # fmt: skip


@cache
def match_repository() -> dict[str, bytes]:
    """In v1, which costs nothing to open, but for one file."""
    sealed = {path: encrypt_for_match(content, PASSPHRASE, version=1) for path, content in plain().items()}
    path = "certs/distribution/A.cer"
    sealed[path] = encrypt_for_match(plain()[path], PASSPHRASE)
    return {"README.md": b"## match", **sealed}


@cache
def eas_project() -> dict[str, bytes]:
    certificate = {"path": "keys/a.p12", "password": "export"}
    target = {"provisioningProfilePath": "./keys/a.mobileprovision", "distributionCertificate": certificate}
    keystore = {"keystorePath": "keys/a.jks", "keystorePassword": "x", "keyAlias": "y"}
    document = {"ios": {"App": target, "Share": target}, "android": {"keystore": keystore}}
    return {
        CREDENTIALS_JSON: json.dumps(document).encode(),
        "app/keys/a.p12": files.p12s()[0],
        "app/keys/a.mobileprovision": files.profiles()[0],
        "app/keys/a.jks": b"\xfe\xed\xfe\xed",
    }


def renamed(rng: random.Random, data: bytes, words: Sequence[str]) -> bytes:
    """Another name of the same length in the place of one, so that the zip stays whole."""
    old = rng.choice((b"README.md", b"certs/distribution/A", b"app/keys"))
    word = rng.choice((*words, "../", "/", "..\\", "C:", "\0", "\xff")).encode("utf-8", "replace")
    return data.replace(old, (word + old)[: len(old)], rng.choice((1, 2, 9)))


def changed_match(
    rng: random.Random,
    change_plain: Callable[[bytes], bytes],
    change_sealed: Callable[[random.Random, bytes], bytes],
) -> bytes:
    repository = dict(match_repository())
    path = rng.choice(list(plain()))
    kind = rng.random()
    if kind < 0.5:
        version = match_version(repository[path])
        repository[path] = encrypt_for_match(change_plain(plain()[path]), PASSPHRASE, version=version)
    elif kind < 0.8:
        repository[path] = change_sealed(rng, repository[path])
    else:
        repository[path] = change_plain(plain()[path])
    return zip_of(repository)
