"""The finder of leaks finds a planted key in every disguise, and nothing where there is none."""

import base64
import gzip
import json
import re
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests import factories
from tests.leaks import find, find_in, find_in_tree, forms_of, forms_of_secret


def scalar(p8: bytes) -> bytes:
    return load_pem_private_key(p8, None).private_numbers().private_value.to_bytes(32, "big")  # type: ignore[union-attr]


def der(p8: bytes) -> bytes:
    return load_pem_private_key(p8, None).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def sec1(p8: bytes) -> bytes:
    return load_pem_private_key(p8, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


DISGUISES: dict[str, Callable[[bytes], bytes]] = {
    "PEM": lambda p8: p8,
    "PEM, CRLF": lambda p8: p8.replace(b"\n", b"\r\n"),
    "PEM, escaped line breaks": lambda p8: p8.replace(b"\n", b"\\n"),
    "PEM in JSON in JSON": lambda p8: json.dumps({"log": json.dumps({"key": p8.decode()})}).encode(),
    "PEM, Python literal": lambda p8: repr({"p8": p8}).encode(),
    "PEM, posted": lambda p8: urlencode({"text": p8.decode()}).encode(),
    "PEM, percent escapes": lambda p8: quote(p8.decode(), safe="").encode(),
    "PEM, UTF-16": lambda p8: p8.decode().encode("utf-16"),
    "PEM, UTF-16, big end first": lambda p8: p8.decode().encode("utf-16-be"),
    "PEM, small percent escapes": lambda p8: re.sub(
        "%..", lambda each: each[0].lower(), quote(p8.decode(), safe="")
    ).encode(),
    "PEM, gzip": gzip.compress,
    "PEM, zlib": zlib.compress,
    "PEM, gzip that was cut off": lambda p8: gzip.compress(p8 + bytes(range(256)) * 4)[:-40],
    "PEM, gzip that was damaged": lambda p8: gzip.compress(p8 + bytes(range(256)) * 4)[:-40] + b"\xff" * 40,
    "DER, gzip": lambda p8: gzip.compress(b"before" + der(p8)),
    "PEM, hex": lambda p8: p8.hex().encode(),
    "PEM, HEX": lambda p8: p8.hex().upper().encode(),
    "PEM, base64": base64.b64encode,
    "PEM, base64 in lines": base64.encodebytes,
    "PEM, base64url": base64.urlsafe_b64encode,
    "PEM, base64 inside something longer": lambda p8: base64.b64encode(b"x" + p8 + b"y"),
    "SEC1 PEM": sec1,
    "first line of the PEM": lambda p8: p8.splitlines()[1],
    "second line of the PEM": lambda p8: p8.splitlines()[2],
    "DER": der,
    "DER, base64": lambda p8: base64.b64encode(der(p8)),
    "DER, base64 at another alignment": lambda p8: base64.b64encode(b"x" + der(p8)),
    "DER, base64 at a third alignment": lambda p8: base64.b64encode(b"xx" + der(p8)),
    "DER, base64 in lines of 60": lambda p8: b"\n".join(
        base64.b64encode(der(p8))[start : start + 60] for start in range(0, 184, 60)
    ),
    "DER, hex": lambda p8: der(p8).hex().encode(),
    "DER, HEX": lambda p8: der(p8).hex().upper().encode(),
    "DER, Python literal": lambda p8: repr(der(p8)).encode(),
    "DER, hex as openssl prints it": lambda p8: b"\n    ".join(
        der(p8).hex(":").encode()[start : start + 45] for start in range(0, 414, 45)
    ),
    "scalar": scalar,
    "scalar, hex": lambda p8: scalar(p8).hex().encode(),
    "scalar, HEX": lambda p8: scalar(p8).hex().upper().encode(),
    "scalar, base64": lambda p8: base64.b64encode(scalar(p8)),
    "scalar, JWK": lambda p8: base64.urlsafe_b64encode(scalar(p8)).rstrip(b"="),
    "scalar, decimal": lambda p8: str(int.from_bytes(scalar(p8), "big")).encode(),
    "scalar, list of numbers": lambda p8: json.dumps(list(scalar(p8))).encode(),
    "first half of the scalar": lambda p8: scalar(p8)[:16],
    "second half of the scalar": lambda p8: scalar(p8)[16:],
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_planted_key_is_found(tmp_path: Path, disguise: str) -> None:
    p8 = factories.make_p8()
    folder = tmp_path / "logs"
    folder.mkdir()
    planted = folder / "worker.log"
    planted.write_bytes(b"\0started\n" + DISGUISES[disguise](p8) + b"\nstopped")
    (folder / "other.log").write_bytes(DISGUISES[disguise](factories.make_p8()))

    assert {finding.path for finding in find_in_tree(tmp_path, forms_of(p8))} == {planted}


def test_a_key_in_a_database_is_found_also_in_deleted_rows_and_across_pages(tmp_path: Path) -> None:
    p8 = factories.make_p8()
    database = sqlite3.connect(tmp_path / "db.sqlite3")
    database.execute("PRAGMA page_size=512")
    database.execute("PRAGMA secure_delete=OFF")
    database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)")
    for filler in range(0, 480, 7):  # at one of these lengths the end of a page cuts the key
        database.execute("INSERT INTO t (v) VALUES (?)", [b"x" * filler + der(p8)])
    database.commit()
    assert find_in_tree(tmp_path, forms_of(p8))

    database.execute("DELETE FROM t")
    database.commit()
    database.close()
    assert find_in_tree(tmp_path, forms_of(p8))


def test_a_key_in_a_file_name_is_found(tmp_path: Path) -> None:
    p8 = factories.make_p8()
    (tmp_path / scalar(p8).hex()).touch()
    assert find_in_tree(tmp_path, forms_of(p8))


def test_nothing_is_found_of_another_key_or_of_what_all_keys_share(tmp_path: Path) -> None:
    p8, other = factories.make_p8(), factories.make_p8()
    public = (
        load_pem_private_key(p8, None)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    (tmp_path / "public.pem").write_bytes(public)
    for name, disguise in DISGUISES.items():
        (tmp_path / name).write_bytes(disguise(other))

    assert find_in_tree(tmp_path, forms_of(p8)) == []
    assert find_in(b"", forms_of(p8)) == []


def test_needles_are_long_enough_to_mean_something() -> None:
    assert min(len(needle) for needle in forms_of(factories.make_p8()).values()) >= 10


def test_any_other_secret_is_looked_for_in_the_same_way() -> None:
    forms = forms_of_secret(b"a master key of thirty-two bytes", "master key")
    assert "master key, raw" in find_in(b"x a master key of thirty-two bytes", forms)
    assert find_in(base64.b64encode(b"xx a master key of thirty-two bytes"), forms)


WORDS: dict[str, bytes] = {
    "password": b"correct horse/battery+staple",
    "TOTP seed": b"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "token": b"chub_0123456789abcdefghijABCDEFGHIJ0123456789abc",
    "raw key": bytes(range(200, 232)),
}
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "raw": lambda secret: secret,
    "hex": lambda secret: secret.hex().encode(),
    "HEX": lambda secret: secret.hex().upper().encode(),
    **{f"base64 +{n}": lambda secret, n=n: base64.b64encode(b"x" * n + secret + b"y") for n in range(3)},  # type: ignore[misc]
    **{f"base64url +{n}": lambda secret, n=n: base64.urlsafe_b64encode(b"x" * n + secret) for n in range(3)},  # type: ignore[misc]
    "gzip": lambda secret: gzip.compress(b"before " + secret + b" after"),
    "zlib": zlib.compress,
    "UTF-16LE": lambda secret: secret.decode("latin-1").encode("utf-16-le"),
    "UTF-16BE": lambda secret: secret.decode("latin-1").encode("utf-16-be"),
    "percent escapes": lambda secret: quote(secret, safe="").encode(),
    "escapes of everything": lambda secret: "".join(f"%{byte:02x}" for byte in secret).encode(),
    "JSON": lambda secret: json.dumps(secret.decode("latin-1")).encode(),
    "Python": lambda secret: repr(secret).encode(),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", WORDS)
def test_any_canary_is_found_in_every_encoding(tmp_path: Path, name: str, encoding: str) -> None:
    planted = ENCODINGS[encoding](WORDS[name])
    (tmp_path / "file").write_bytes(b"\0" * 100 + planted + b"\xff" * 100)
    for place in (tmp_path, tmp_path / "file", ("a table", b"x" + planted)):
        found = find(WORDS, [place])
        assert {finding.form.split(",")[0] for finding in found} == {name}
    others = {each: secret for each, secret in WORDS.items() if each != name}
    assert find(others, [tmp_path]) == []


def test_a_private_key_among_the_canaries_is_found_by_its_scalar(tmp_path: Path) -> None:
    p8 = factories.make_p8()
    (tmp_path / "file").write_bytes(scalar(p8).hex().encode())
    assert {finding.form.split(":")[0] for finding in find({"key": p8}, [tmp_path])} == {"key"}
