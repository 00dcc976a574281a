"""Looks for a private key wherever it could have leaked to, in every form that it may have taken.

A P-256 key is its scalar: 32 secret bytes. Everything that holds the key (PEM, DER, JWK, a dump of any of these)
holds the scalar in some encoding, so the needles are encodings of the scalar, and of the two pieces of PEM text
that carry it. They are searched for in the bytes as they are, and once more without white space and line-break
escapes, which is how line lengths, CRLF and JSON stop mattering. Each needle is there in halves too, because a
database may cut a value at the end of a page.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_BREAKS = re.compile(rb"\s|\\+[nrt]|%0[aAdD]")


class Finding(NamedTuple):
    path: Path
    form: str


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
        "percent escapes": quote(secret).encode(),
        "more percent escapes": quote(secret, safe="").encode(),
    }
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
    squeezed = _BREAKS.sub(b"", data)
    return [name for name, needle in forms.items() if needle in data or needle in squeezed]


def find_in_tree(path: Path, forms: Mapping[str, bytes]) -> list[Finding]:
    """The same in every file below a folder (databases, logs, queues alike) and in the files' names."""
    files = sorted(found for found in path.rglob("*") if found.is_file())
    return [
        Finding(file, form)
        for file in files
        for form in find_in(str(file.relative_to(path)).encode() + b"\0" + file.read_bytes(), forms)
    ]
