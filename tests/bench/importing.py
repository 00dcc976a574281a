"""Importing a match repository of 2,000 files, against only decrypting the same bytes.

Each is run once: match's key derivation takes a quarter of a minute for so many files, whoever does it. Seconds are
of the processor, ours and the children's.
"""

import base64
import hashlib
import time
import uuid
from collections.abc import Callable
from typing import Any
from unittest import mock

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appstore import runs
from appstore.imports import uploading
from appstore.imports.asking import Archive
from appstore.imports.choosing import choose
from credentials.making.match_encryption import encrypt_for_match
from credentials.making.zip_file import zip_of
from credentials.parsing.match_repository import read_match
from credentials.parsing.signing_files import SigningFiles, together
from organizations.actors import Actor
from organizations.permissions import Role
from tests import factories
from tests.credentials.signing_material import PASSPHRASE, bare_key, certificate, profile

IDENTITIES, PROFILES = 40, 1_920


def run(_table: Callable[..., Any]) -> None:
    plain = repository()
    for version, bare in ((2, _bare_v2), (1, _bare_v1)):
        _compare(
            {
                path: encrypt_for_match(content, PASSPHRASE, version=version)
                for path, content in plain.items()
            },
            bare,
        )


def _compare(files: dict[str, bytes], bare: Callable[[bytes], bytes]) -> None:
    data = zip_of(files)
    works: dict[str, Callable[[], object]] = {
        f"only decrypted, by cryptography and hashlib ({bare.__doc__})": lambda: [
            bare(base64.b64decode(content)) for content in files.values()
        ],
        "read_match": lambda: read_match(files, PASSPHRASE),
        "from a zip, in one child after the other": lambda: _in_children(data),
        "the whole job: uploaded, read, stored": lambda: _as_people_do(data),
    }
    print(f"\nImporting a match repository of {len(files):,} files, {len(data) / 2**20:.1f} MiB zipped")
    floor = 0.0
    for label, work in works.items():
        start = (
            time.perf_counter()
        )  # not processor time: that of the children that read is not this process's
        work()
        seconds = time.perf_counter() - start
        floor = floor or seconds
        print(f"  {seconds / floor:>7.1f} ×  {label} ({seconds:.2f} s)")


def repository() -> dict[str, bytes]:
    files = {}
    for number in range(IDENTITIES):
        files[f"certs/distribution/{number:010}.cer"] = certificate(number)
        files[f"certs/distribution/{number:010}.p12"] = bare_key(number)
    for number in range(PROFILES):
        identifier = f"com.example.app{number}"
        made = profile(identifier, number=number % IDENTITIES)
        files[f"profiles/appstore/AppStore_{identifier}.mobileprovision"] = made
    return files


def _bare_v2(data: bytes) -> bytes:
    """v2: PBKDF2, AES-256-GCM"""
    made = hashlib.pbkdf2_hmac("sha256", PASSPHRASE.encode(), data[20:28], 10_000, 68)
    return AESGCM(made[:32]).decrypt(made[32:44], data[44:] + data[28:44], made[44:])


def _bare_v1(data: bytes) -> bytes:
    """v1: MD5, AES-256-CBC"""
    made = last = b""
    while len(made) < 48:
        last = hashlib.md5(last + PASSPHRASE.encode() + data[8:16], usedforsecurity=False).digest()
        made += last
    decryptor = Cipher(algorithms.AES(made[:32]), modes.CBC(made[32:48])).decryptor()
    return decryptor.update(data[16:]) + decryptor.finalize()


def _in_children(data: bytes) -> SigningFiles:
    archive = Archive(data, uuid.uuid4(), lambda _files: None, passphrase=PASSPHRASE, password="")
    return together(archive.signing(list(archive.files())))


def _as_people_do(data: bytes) -> None:
    """Both runs, as a worker does them; 2,000 credentials with their events."""
    root = factories.make_root(f"Bench {uuid.uuid4().hex[:8]}")
    user = factories.make_user(f"{root.slug}@example.com")
    factories.join(user, root, Role.OWNER)
    actor = Actor(user=user)
    with mock.patch("appstore.doorbell.ring"):
        upload = uploading.begin(actor, root, "match.zip", data, passphrase=PASSPHRASE, password="")
        runs.perform(upload.run_id)
        choose(upload, map(str, upload.items.values_list("pk", flat=True)), {}, rest=True)
        uploading.store(actor, upload)
        runs.perform(upload.locked().run_id)
    if root.credentials.count() != IDENTITIES + PROFILES:
        raise RuntimeError(f"Only {root.credentials.count()} were imported.")
