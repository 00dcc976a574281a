"""The parsers, each with a maker of inputs. An input is a function of its number alone, given the run's files."""

import base64
import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from credentials.making.zip_file import zip_of
from credentials.parsing.archived import archived_eas, archived_signing, sort_archive
from credentials.parsing.certificate import CertificateFacts, parse_certificate
from credentials.parsing.cms import cms_content
from credentials.parsing.der import Element, read_element
from credentials.parsing.der_kind import binary_kind
from credentials.parsing.device_answer import parse_device_answer
from credentials.parsing.errors import ParsingError
from credentials.parsing.huawei_key import HuaweiKey, parse_huawei_key
from credentials.parsing.identity import SigningIdentity, parse_identity
from credentials.parsing.jks import MAGIC
from credentials.parsing.keystore import Keystore, parse_keystore
from credentials.parsing.p8 import P8Key, key_id_from_filename, key_type_from_filename, parse_p8
from credentials.parsing.p12 import P12, parse_p12
from credentials.parsing.plist import load_plist
from credentials.parsing.profile import ProfileFacts, parse_profile
from credentials.parsing.service_account import parse_service_account
from credentials.parsing.signed_profile import SignedProfile, parse_signed_profile
from credentials.parsing.udid import normalise_udid
from credentials.parsing.wire import from_plain
from organizations.words import MAX_NAME, clean
from tests.fuzz import files, folders
from tests.fuzz.mutations import any_der, changed_bytes, changed_text, changed_tree
from tests.fuzz.words import BYTES, WORDS
from tests.security import bombs

LABELS = ["PRIVATE KEY"] * 6 + ["EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "CERTIFICATE", "X"]


@dataclass(frozen=True)
class Target:
    """`run` accepts an input or raises ParsingError; anything else is a finding."""

    name: str
    share: int  # of a hundred inputs
    make: Callable[[random.Random], bytes]
    run: Callable[[bytes], object]


def _der(rng: random.Random, bases: tuple[bytes, ...]) -> bytes:
    kind = rng.randrange(10)
    if kind == 0:
        return any_der(rng)
    if kind < 4:
        return changed_bytes(rng, rng.choice(bases))
    return changed_tree(rng, rng.choice(bases), bases)


def _p8(rng: random.Random) -> bytes:
    der = rng.choice(files.p8_ders()) if rng.random() < 0.4 else _der(rng, files.p8_ders())
    if rng.random() < 0.1:
        return der
    file = bombs.pem(der, rng.choice(LABELS))
    if rng.random() < 0.2:
        file = base64.b64encode(file)
    return changed_text(rng, file) if rng.random() < 0.6 else file


def _plist(rng: random.Random) -> bytes:
    base = rng.choice(files.plists())
    return changed_text(rng, base) if rng.random() < 0.7 else changed_bytes(rng, base)


def _profile(rng: random.Random) -> bytes:
    return bombs.profile(_plist(rng)) if rng.random() < 0.5 else _der(rng, files.profiles())


def _keystore(rng: random.Random) -> bytes:
    base = rng.choice(files.keystores())
    if not base.startswith(MAGIC):
        return _der(rng, files.keystores()[2:])
    body = changed_bytes(rng, base[:-20])
    if rng.random() < 0.2:
        return body + base[-20:]
    signed = bombs.PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + body
    return body + hashlib.sha1(signed, usedforsecurity=False).digest()


def _json(rng: random.Random) -> bytes:
    return changed_text(rng, rng.choice(files.json_keys()))


def _words(rng: random.Random) -> bytes:
    text = "".join(rng.choices([*WORDS, "a", "é", " ", "\t", "\U0001f600"], k=rng.randrange(0, 40)))
    data = text.encode("utf-16-le")
    return changed_bytes(rng, data) if rng.random() < 0.5 else data


def _answer(rng: random.Random) -> bytes:
    plain = rng.choice(
        (
            {"pem": "AAAA", "public_key_sha256": "x"},
            {"private_key": "AAAA", "certificate": None, "others": [{"der": "AAAA", "friendly_name": "x"}]},
        )
    )
    return changed_text(rng, json.dumps(plain).encode())


def _walk(data: bytes) -> None:
    binary_kind(data)
    todo: list[Element] = [read_element(data)]
    while todo:
        todo.extend(todo.pop().children())


def _open_p12(data: bytes) -> None:
    parse_p12(data, bombs.PASSWORD if len(data) % 4 else "")


def _identity(rng: random.Random) -> bytes:
    if rng.random() < 0.6:
        return _der(rng, files.p12s())
    der = _der(rng, files.certificates())
    return der if rng.random() < 0.5 else changed_text(rng, bombs.pem(der, "CERTIFICATE"))


def _read_identity(data: bytes) -> None:
    parse_identity(data, bombs.PASSWORD if len(data) % 4 else "")


def _open_keystore(data: bytes) -> None:
    alias = ("", "", "ONE", "zwei")[len(data) % 4]
    parse_keystore(data, bombs.PASSWORD, alias, ("", "another")[len(data) % 2])


def _read_json(data: bytes) -> None:
    parsers: list[Callable[[bytes], object]] = [parse_service_account, parse_huawei_key]
    for number, parser in enumerate(parsers, 1):
        try:
            parser(data)
        except ParsingError:
            if number == len(parsers):
                raise


def _read_words(data: bytes) -> None:
    text = data.decode("utf-16-le", "surrogatepass") if len(data) % 2 == 0 else data.decode("latin-1")
    cleaned = clean(text)
    assert len(cleaned) <= MAX_NAME
    assert cleaned == clean(cleaned)
    cleaned.encode()  # no half characters
    assert "\x00" not in cleaned
    normalise_udid(text)
    key_id_from_filename(text)
    key_type_from_filename(text)


def _read_answer(data: bytes) -> object:
    """What a child that was taken over may say: ValueError is the refusal there."""
    kinds: list[type[Any]] = [P8Key, P12, CertificateFacts, ProfileFacts, SigningIdentity, SignedProfile]
    kinds: list[type[Any]] = [P8Key, P12, CertificateFacts, ProfileFacts, Keystore, HuaweiKey]
    for kind in kinds:
        try:
            return from_plain(kind, json.loads(data))
        except (ValueError, RecursionError):
            continue
    raise ParsingError("no-answer", "")


def _folder(rng: random.Random) -> bytes:
    """A zip that is changed, or a whole one whose files or names are."""
    data = zip_of(rng.choice((folders.match_repository(), folders.eas_project())))
    return changed_bytes(rng, data) if rng.random() < 0.7 else folders.renamed(rng, data, WORDS)


def _signing(rng: random.Random) -> bytes:
    """Repositories whose files are changed before they are encrypted, and after."""
    return folders.changed_match(rng, lambda content: _der(rng, (content,)), changed_bytes)


def _eas(rng: random.Random) -> bytes:
    project = dict(folders.eas_project())
    project[folders.CREDENTIALS_JSON] = changed_text(rng, project[folders.CREDENTIALS_JSON])
    return zip_of(project)


def _read_signing(data: bytes) -> None:
    archived_signing(data, passphrase=folders.PASSPHRASE, paths=folders.PATHS)


def _read_eas(data: bytes) -> None:
    archived_eas(data, path=folders.CREDENTIALS_JSON)


def _every_parser(data: bytes) -> None:
    parsers: list[Callable[[bytes], object]] = [
        parse_p8,
        parse_p12,
        parse_certificate,
        parse_profile,
        parse_service_account,
        parse_identity,
        parse_huawei_key,
        parse_keystore,
        parse_device_answer,
        load_plist,
        sort_archive,
        _read_signing,
        _read_eas,
    ]
    for parser in [*parsers, _walk]:
        try:
            parser(data)
        except ParsingError:
            continue


TARGETS = [
    Target("p8", 20, _p8, parse_p8),
    Target("p12", 20, lambda rng: _der(rng, files.p12s()), _open_p12),
    Target("certificate", 15, lambda rng: _der(rng, files.certificates()), parse_certificate),
    Target("identity", 10, _identity, _read_identity),
    Target("profile", 5, _profile, parse_profile),
    Target("signed-profile", 5, _profile, parse_signed_profile),
    Target("cms", 5, lambda rng: _der(rng, files.profiles()), cms_content),
    Target("plist", 5, _plist, load_plist),
    Target("der", 4, lambda rng: _der(rng, files.certificates()), _walk),
    Target("random", 2, lambda rng: bytes(rng.choices(BYTES, k=rng.randrange(300))), _every_parser),
    Target("words", 2, _words, _read_words),
    Target("answer", 2, _answer, _read_answer),
    Target("keystore", 3, _keystore, _open_keystore),
    Target("json", 2, _json, _read_json),
    Target("archive", 3, _folder, sort_archive),
    Target("signing", 1, _signing, _read_signing),
    Target("eas", 2, _eas, _read_eas),
    Target("device-answer", 3, lambda rng: _der(rng, files.device_answers()), parse_device_answer),
]  # fmt: skip
