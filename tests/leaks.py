"""Looks for secrets wherever they could have leaked to, in every form that they may have taken.

`find(canaries, places)` is the way in: what to look for by name, and where (files, folders, or bytes with a label;
tests/leak_places.py has a deployment's).

A P-256 key is its scalar: 32 secret bytes. Everything that holds the key (PEM, DER, JWK, a dump of any of these)
holds the scalar in some encoding, so the needles are encodings of the scalar, and of the two pieces of PEM text
that carry it. They are searched for in the bytes as they are, once more without white space and line-break escapes,
which is how line lengths, CRLF and JSON stop mattering, and then in what was packed (gzip, zlib). Each needle is there
in halves too, because a database may cut a value at the end of a page.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_BREAKS = re.compile(rb"\s|\\+[nrt]|%0[aAdD]")
_PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
MOST_UNPACKED = 8 * 1024 * 1024
STEP = 16  # bytes

Place = Path | tuple[str, bytes]


class Finding(NamedTuple):
    path: Path | str
    form: str


def find(canaries: Mapping[str, bytes], places: Iterable[Place]) -> list[Finding]:
    """Every canary in every place. A canary that is a private key in PEM is looked for by its scalar too."""
    forms: dict[str, bytes] = {}
    for name, secret in canaries.items():
        if secret.startswith(b"-----BEGIN PRIVATE KEY"):
            forms |= {f"{name}: {form}": needle for form, needle in forms_of(secret).items()}
        else:
            forms |= forms_of_secret(secret, name)
    found: list[Finding] = []
    for place in places:
        if isinstance(place, Path):
            found += find_in_tree(place, forms)
        else:
            found += [Finding(place[0], form) for form in find_in(place[1], forms)]
    return found


def forms_of(p8: bytes) -> dict[str, bytes]:
    """What to look for, by name, of the key in this PEM. No needle holds a byte that another key shares."""
    key = load_pem_private_key(p8, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    number = key.private_numbers().private_value
    scalar = number.to_bytes(32, "big")
    # The scalar starts at byte 36 of the PKCS#8, so at a whole group of base64, and the PEM's first line ends
    # twelve bytes later.
    body = base64.b64encode(scalar[:30]).decode()
    return {
        "decimal": str(number).encode(),
        **forms_of_secret(scalar, "scalar"),
        **forms_of_secret(body[:16].encode(), "PEM line 1"),
        **forms_of_secret(body[16:].encode(), "PEM line 2"),
    }


def forms_of_secret(secret: bytes, name: str) -> dict[str, bytes]:
    """The same for any secret bytes: as they are, hex, base64 at each alignment, escapes."""
    whole = {
        "raw": secret,
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
        "hex with colons": secret.hex(":").encode(),
        "HEX with colons": secret.hex(":").upper().encode(),
        "Python literal": repr(secret)[2:-1].encode(),
        "JSON": json.dumps(secret.decode("latin-1"))[1:-1].encode(),
        "list of numbers": ",".join(map(str, secret)).encode(),
        "UTF-16": secret.decode("latin-1").encode("utf-16-le"),
        "UTF-16, big end first": secret.decode("latin-1").encode("utf-16-be"),
    }
    everything = "".join(f"%{byte:02X}" for byte in secret)
    for form, escaped in {"percent escapes": quote(secret), "more percent escapes": quote(secret, safe=""),
                          "escapes of everything": everything}.items():  # fmt: skip
        whole[form] = escaped.encode()
        whole[f"{form}, small"] = re.sub("%..", lambda escape: escape[0].lower(), escaped).encode()
    for shift, text in enumerate(_base64_at_each_alignment(secret)):
        whole[f"base64 +{shift}"] = text
        whole[f"base64url +{shift}"] = text.translate(bytes.maketrans(b"+/", b"-_"))
    pieces: dict[str, bytes] = {}
    for form, needle in whole.items():
        pieces[f"{name}, {form}"] = needle
        if len(secret) >= 24:
            middle = len(needle) // 2
            pieces[f"{name}, {form}, 1st half"] = needle[:middle]
            pieces[f"{name}, {form}, 2nd half"] = needle[middle:]
    return pieces


def _base64_at_each_alignment(secret: bytes) -> Iterator[bytes]:
    """How base64 shows the bytes inside something longer: only the characters that depend on them alone."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret)
        start, end = -(-before * 8 // 6), (before + len(secret)) * 8 // 6
        yield encoded[start:end]


def find_in(data: bytes, forms: Mapping[str, bytes]) -> list[str]:
    """The names of the forms that these bytes hold."""
    if not data:
        return []
    seen = [data, _BREAKS.sub(b"", data)]
    for unpacked in _unpacked(data):
        seen += [unpacked, _BREAKS.sub(b"", unpacked)]
    return [name for name, needle in forms.items() if any(needle in each for each in seen)]


def _unpacked(data: bytes) -> Iterator[bytes]:
    """What gzip or zlib made small, wherever it stands; the start of it where the rest is cut off or damaged."""
    for start in _PACKED.finditer(data):
        unpacker = zlib.decompressobj(wbits=47)  # gzip or zlib, as its first bytes say
        unpacked = bytearray()
        try:
            # In small steps: at damage, zlib keeps what it had unpacked of the same step to itself
            for place in range(start.start(), len(data), STEP):
                unpacked += unpacker.decompress(data[place : place + STEP])
                if unpacker.eof or len(unpacked) > MOST_UNPACKED:
                    break
        except zlib.error:
            pass
        if unpacked:
            yield bytes(unpacked)


def find_in_tree(path: Path, forms: Mapping[str, bytes]) -> list[Finding]:
    """The same in a file, or in every file below a folder (databases, logs, queues alike) and in the files' names."""
    files = [path] if path.is_file() else sorted(found for found in path.rglob("*") if found.is_file())
    return [
        Finding(file, form)
        for file in files
        for form in find_in(str(file.relative_to(path)).encode() + b"\0" + file.read_bytes(), forms)
    ]
