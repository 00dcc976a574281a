"""The .p8 reader accepts every disguise of a P-256 key, and never makes another key of it."""

import base64
import json
import subprocess
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.parsing.errors import ParsingError
from credentials.parsing.p8 import parse_p8

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PKCS8 = serialization.PrivateFormat.PKCS8
PLAIN = serialization.NoEncryption()
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo

KEY = ec.generate_private_key(ec.SECP256R1())
KEY_PEM = KEY.private_bytes(PEM, PKCS8, PLAIN)
KEY_DER = KEY.private_bytes(DER, PKCS8, PLAIN)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def as_pem(der: bytes) -> bytes:
    return b"-----BEGIN PRIVATE KEY-----\n" + base64.encodebytes(der) + b"-----END PRIVATE KEY-----\n"


LINE_ENDS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda pem: pem,
    "CRLF": lambda pem: pem.replace(b"\n", b"\r\n"),
    "CR": lambda pem: pem.replace(b"\n", b"\r"),
    "spaces": lambda pem: pem.replace(b"\n", b" "),
    "tabs and blanks": lambda pem: pem.replace(b"\n", b"  \t\n"),
    "no line ends": lambda pem: pem.replace(b"\n", b""),
    "escaped": lambda pem: pem.replace(b"\n", b"\\n"),
    "escaped CRLF": lambda pem: pem.replace(b"\n", b"\\r\\n"),
    "escaped twice": lambda pem: pem.replace(b"\n", b"\\\\n"),
    "slashes escaped, as PHP does": lambda pem: pem.replace(b"\n", b"\\n").replace(b"/", b"\\/"),
    "no last line end": lambda pem: pem.rstrip(),
    "zero-width spaces": lambda pem: pem.replace(b"\n", "\u200b\n".encode()),
    "no-break spaces": lambda pem: pem.replace(b"\n", "\u00a0\n".encode()),
}
QUOTES: dict[str, Callable[[bytes], bytes]] = {
    "bare": lambda pem: pem,
    "double": lambda pem: b'"' + pem + b'"',
    "single": lambda pem: b"'" + pem + b"'\n",
    "escaped": lambda pem: b'\\"' + pem + b'\\"',
    "blank": lambda pem: b" \n\t\r\n" + pem + b"\n \n",
}
WRAPPERS: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda text: text,
    "UTF-8 BOM": lambda text: b"\xef\xbb\xbf" + text,
    "UTF-16": lambda text: text.decode().encode("utf-16"),
    "UTF-16 big endian": lambda text: b"\xfe\xff" + text.decode().encode("utf-16-be"),
    "base64": base64.b64encode,
    "base64 in lines": base64.encodebytes,
    "base64 in CRLF lines": lambda text: base64.encodebytes(text).replace(b"\n", b"\r\n"),
    "base64 in quotes": lambda text: b'"' + base64.b64encode(text) + b'"',
    "base64 in escaped lines": lambda text: base64.encodebytes(text).replace(b"\n", b"\\n"),
    "base64 with BOM": lambda text: base64.b64encode(b"\xef\xbb\xbf" + text),
}


@given(
    st.binary(min_size=32, max_size=32).map(lambda b: int.from_bytes(b, "big") % (ORDER - 1) + 1),
    st.sampled_from(sorted(LINE_ENDS)),
    st.sampled_from(sorted(QUOTES)),
    st.sampled_from(sorted(WRAPPERS)),
)
@settings(max_examples=300)
def test_every_disguise_gives_the_same_normalised_key(
    scalar: int, line_end: str, quote: str, wrapper: str
) -> None:
    key = ec.derive_private_key(scalar, ec.SECP256R1())
    pem = key.private_bytes(PEM, PKCS8, PLAIN)

    parsed = parse_p8(WRAPPERS[wrapper](QUOTES[quote](LINE_ENDS[line_end](pem))))

    assert parsed.pem == pem


def test_the_digest_is_that_of_the_public_key() -> None:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(KEY.public_key().public_bytes(DER, SPKI))

    assert parse_p8(KEY_PEM).public_key_sha256 == digest.finalize().hex()


def test_a_value_copied_out_of_json_is_accepted() -> None:
    assert parse_p8(json.dumps(KEY_PEM.decode()).encode()).pem == KEY_PEM


def test_a_key_without_its_public_half_is_completed() -> None:
    head = bytes.fromhex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420")
    scalar = KEY.private_numbers().private_value.to_bytes(32, "big")

    assert parse_p8(as_pem(head + scalar)).pem == KEY_PEM


def test_a_key_that_openssl_makes_is_accepted() -> None:
    command = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    made = subprocess.run(command, capture_output=True, check=True)

    assert parse_p8(made.stdout).pem.startswith(b"-----BEGIN PRIVATE KEY-----\n")


def test_the_representation_hides_the_key() -> None:
    parsed = parse_p8(KEY_PEM)

    assert "BEGIN" not in repr(parsed)
    assert parsed.public_key_sha256 in repr(parsed)


def survives(data: bytes) -> bool:
    """Whether it is still accepted; if so, it must be the very same key."""
    try:
        parsed = parse_p8(data)
    except ParsingError:
        return False
    assert parsed.pem == KEY_PEM
    return True


@given(st.integers(0, len(KEY_PEM) - 1), st.binary(max_size=3), st.integers(0, 3))
@settings(max_examples=400)
def test_a_mutated_pem_never_becomes_another_key(at: int, insert: bytes, drop: int) -> None:
    survives(KEY_PEM[:at] + insert + KEY_PEM[at + drop :])


@given(st.integers(0, len(KEY_DER) - 1), st.integers(1, 255))
@settings(max_examples=400)
def test_a_mutated_der_never_becomes_another_key(at: int, flip: int) -> None:
    survives(as_pem(KEY_DER[:at] + bytes([KEY_DER[at] ^ flip]) + KEY_DER[at + 1 :]))
