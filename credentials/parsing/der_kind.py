"""Names what a piece of DER is from its outline, so that a refusal can say what somebody uploaded.

Nothing is decrypted, verified or loaded here, so no file can make this slow.
"""

import re

from .der import BIT_STRING, INTEGER, OCTET_STRING, OID, SEQUENCE, Element, read_element
from .errors import ParsingError

# The header of a SEQUENCE with any length, the indefinite one too: BER encoders write .p12 files that way.
_SEQUENCE = rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)"
_PKCS12 = re.compile(_SEQUENCE + rb"\x02\x01\x03\x30", re.DOTALL)
_SIGNED_DATA = re.compile(_SEQUENCE + rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", re.DOTALL)

_OUTLINES: list[tuple[tuple[int, ...], str]] = [
    ((INTEGER, SEQUENCE, OCTET_STRING), "pkcs8"),
    ((SEQUENCE, OCTET_STRING), "encrypted-key"),
    ((SEQUENCE, BIT_STRING), "public-key"),
    ((INTEGER, OCTET_STRING), "sec1-key"),
    ((INTEGER,) * 9, "rsa-key"),
    ((INTEGER,) * 6, "other-algorithm"),
    ((INTEGER, INTEGER), "public-key"),
]

_EC, _P256 = bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d030107")
_RSA = {bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d01010a")}
_CURVES = {
    bytes.fromhex("2a8648ce3d030101"): "P-192",
    bytes.fromhex("2b81040021"): "P-224",
    bytes.fromhex("2b81040022"): "P-384",
    bytes.fromhex("2b81040023"): "P-521",
    bytes.fromhex("2b8104000a"): "secp256k1",
}


def der_kind(der: bytes) -> str:
    """A slug such as "pkcs8", "certificate" or "pkcs12"; "" when the outline is none that we know."""
    if _PKCS12.match(der):
        return "pkcs12"
    if _SIGNED_DATA.match(der):
        return "provisioning-profile"
    try:
        outer = read_element(der)
        if outer.tag != SEQUENCE:
            return ""
        return _outline(outer.children())
    except ParsingError:
        return ""


def _outline(parts: list[Element]) -> str:
    tags = tuple(part.tag for part in parts)
    if tags == (SEQUENCE, SEQUENCE, BIT_STRING):
        # A certificate's body has six parts or more, a request's has three or four.
        return "certificate" if len(parts[0].children()) >= 6 else "certificate-request"
    return next((kind for outline, kind in _OUTLINES if tags[: len(outline)] == outline), "")


def pkcs8_algorithm(der: bytes) -> tuple[str, str]:
    """(kind, curve) of a PKCS#8 key: kind "p256", "rsa-key", "wrong-curve" or "other-algorithm".

    Asked before the loader runs: checking a crafted RSA key costs far more than reading its algorithm's name.
    """
    algorithm = read_element(der).children()[1].children()
    oids = [part.value if part.tag == OID else b"" for part in algorithm]
    if oids and oids[0] in _RSA:
        return "rsa-key", ""
    if not oids or oids[0] != _EC:
        return "other-algorithm", ""
    if oids[1:] == [_P256]:
        return "p256", "P-256"
    return "wrong-curve", _CURVES.get(oids[1], "another curve") if len(oids) == 2 else "another curve"


def binary_kind(data: bytes) -> str:
    """The same for any file that is not text: also "der-key", "keystore", "archive", and "not-text"."""
    if data.startswith((b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")):
        return "keystore"
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        return "archive"
    kind = der_kind(data)
    return "der-key" if kind == "pkcs8" else kind or "not-text"
