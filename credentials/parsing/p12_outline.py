"""The outline of a .p12 (PKCS#12, RFC 7292): what is in it and what opening it costs, before anything is opened.

What stands inside an encrypted part cannot be seen here. A key that is encrypted once more in there may still ask
for anything; the child's limits are for that.
"""

from dataclasses import dataclass, field

from organizations.words import clean

from .der import CONTEXT_0, INTEGER, OCTET_STRING, OID, SEQUENCE, Element, damaged, read_element
from .errors import ParsingError
from .kdf_cost import MAX_ITERATIONS, encryption_cost, mac_cost, too_costly

# An RSA key of 4096 bits is 2,376 bytes as PKCS#8, and loading it checks its primes for 0.25 s; 8192 bits, 4.3 s.
MAX_KEY_BYTES = 2560
_DATA, _ENCRYPTED = bytes.fromhex("2a864886f70d010701"), bytes.fromhex("2a864886f70d010706")
_BAGS = bytes.fromhex("2a864886f70d010c0a01")
_KEY, _SHROUDED_KEY, _SAFE_CONTENTS = (_BAGS + bytes([last]) for last in (1, 2, 6))
_FRIENDLY_NAME = bytes.fromhex("2a864886f70d010914")
_SET, _BMP_STRING = 0x31, 0x1E
_IMPLICIT_OCTETS = 0x80


@dataclass(frozen=True, slots=True)
class KeyBag:
    """A private key as it stands there: PKCS#8 in DER, with a password or without."""

    name: str  # "" when the file gives none
    der: bytes = field(repr=False)
    is_encrypted: bool


@dataclass
class Outline:
    """`bags` are the keys that can be seen; `may_hide_keys` when a whole list of bags is encrypted."""

    bags: list[KeyBag] = field(default_factory=list)
    cost: int = 0
    may_hide_keys: bool = False
    key_tries: int = 1

    @property
    def keys(self) -> int:
        return len(self.bags)

    def spend(self, cost: int) -> None:
        self.cost += cost
        if self.cost > MAX_ITERATIONS:
            raise too_costly()


def read_outline(der: bytes, *, mac_tries: int, key_tries: int = 1) -> Outline:
    """Of one whole element, whose MAC is checked and whose keys are opened so often.

    ParsingError "damaged-der", "too-costly", "key-too-large", "unknown-encryption".
    """
    outline = Outline(key_tries=key_tries)
    outer = read_element(der)
    parts = _parts(outer, SEQUENCE, 2, 3)
    if parts[0].tag != INTEGER or parts[0].value != b"\x03":
        raise damaged()
    if len(parts) == 3:
        _walk_mac(parts[2], outline, mac_tries)
    _walk_safes(parts[1], outline)
    return outline


def _walk_safes(info: Element, outline: Outline) -> None:
    oid, content = _content(info)
    if oid != _DATA:  # a file that is signed instead of having a MAC: nobody makes these
        raise damaged()
    for safe in _inside(content, info.depth).children():
        oid, content = _content(safe)
        if oid == _DATA:
            _walk_bags(_inside(content, safe.depth), outline)
        elif oid == _ENCRYPTED:
            _walk_encrypted(content, outline)
        else:
            raise damaged()


def _walk_mac(mac: Element, outline: Outline, tries: int) -> None:
    parts = _parts(mac, SEQUENCE, 2, 3)
    digest = _parts(parts[0], SEQUENCE, 2, 2)
    if len(parts) == 3 and parts[2].tag != INTEGER:
        raise damaged()
    outline.spend(tries * mac_cost(digest[0], parts[2] if len(parts) == 3 else None))


def _walk_encrypted(content: Element, outline: Outline) -> None:
    version_and_info = _parts(content, SEQUENCE, 2, 3)
    info = _parts(version_and_info[1], SEQUENCE, 3, 3)
    if info[2].tag != _IMPLICIT_OCTETS:
        raise damaged()
    outline.may_hide_keys = True
    outline.spend(encryption_cost(info[1]))


def _walk_bags(bags: Element, outline: Outline) -> None:
    if bags.tag != SEQUENCE:
        raise damaged()
    for bag in bags.children():
        parts = _parts(bag, SEQUENCE, 2, 3)
        if parts[0].tag != OID or parts[1].tag != CONTEXT_0 or (len(parts) == 3 and parts[2].tag != _SET):
            raise damaged()
        (value,) = _parts(parts[1], CONTEXT_0, 1, 1)
        if parts[0].value == _SAFE_CONTENTS:
            _walk_bags(value, outline)
        elif parts[0].value in {_KEY, _SHROUDED_KEY}:
            is_encrypted = parts[0].value == _SHROUDED_KEY
            outline.bags.append(KeyBag(_friendly_name(parts[2:]), value.raw, is_encrypted))
            _walk_key(value, outline, is_encrypted=is_encrypted)


def _walk_key(value: Element, outline: Outline, *, is_encrypted: bool) -> None:
    body = value
    if is_encrypted:
        algorithm, body = _parts(value, SEQUENCE, 2, 2)
        if body.tag != OCTET_STRING:
            raise damaged()
        outline.spend(outline.key_tries * encryption_cost(algorithm))
    if len(body.value) > MAX_KEY_BYTES:
        raise ParsingError(
            "key-too-large",
            "The private key in this file is larger than RSA with 4096 bits. Apple's signing keys are RSA with 2048.",
        )


def _friendly_name(attributes: list[Element]) -> str:
    for attribute in (each for found in attributes for each in found.children()):
        oid, values = _parts(attribute, SEQUENCE, 2, 2)
        if oid.value == _FRIENDLY_NAME:
            (name,) = _parts(values, _SET, 1, 1)
            if name.tag != _BMP_STRING:
                raise damaged()
            return clean(name.value.decode("utf-16-be", "replace"))
    return ""


def _content(info: Element) -> tuple[bytes, Element]:
    """(type, content) of a ContentInfo."""
    oid, wrapper = _parts(info, SEQUENCE, 2, 2)
    if oid.tag != OID:
        raise damaged()
    return oid.value, _parts(wrapper, CONTEXT_0, 1, 1)[0]


def _inside(octets: Element, depth: int) -> Element:
    """The one element that an OCTET STRING is the encoding of."""
    if octets.tag != OCTET_STRING:
        raise damaged()
    inner = read_element(octets.value, depth=depth + 1)
    if inner.tag != SEQUENCE or len(inner.raw) != len(octets.value):
        raise damaged()
    return inner


def _parts(element: Element, tag: int, least: int, most: int) -> list[Element]:
    if element.tag != tag:
        raise damaged()
    found = element.children()
    if not least <= len(found) <= most:
        raise damaged()
    return found
