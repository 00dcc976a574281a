"""The envelope and the walker inside it."""

import pytest

from credentials.parsing.cms import cms_content
from credentials.parsing.der import MAX_CHILDREN, MAX_DEPTH, read_element
from credentials.parsing.errors import ParsingError

SIGNED_DATA_OID = bytes.fromhex("06092a864886f70d010702")


def tlv(tag: int, value: bytes) -> bytes:
    return bytes([tag, 0x84]) + len(value).to_bytes(4, "big") + value


def envelope(content: bytes) -> bytes:
    """A SignedData with just enough of an outline around a prepared eContent."""
    info = tlv(0x30, bytes.fromhex("06092a864886f70d010701") + tlv(0xA0, content))
    return tlv(0x30, SIGNED_DATA_OID + tlv(0xA0, tlv(0x30, b"\x02\x01\x01" + tlv(0x31, b"") + info)))


def test_content_in_pieces_is_joined() -> None:
    assert cms_content(envelope(tlv(0x24, tlv(0x04, b"<?x") + tlv(0x04, b"ml")))) == b"<?xml"


def test_the_der_walker_stops_at_its_depth() -> None:
    der = b""
    for _ in range(MAX_DEPTH + 3):
        der = tlv(0x30, der)
    element = read_element(der)

    for _ in range(MAX_DEPTH):
        element = element.children()[0]
    with pytest.raises(ParsingError):
        element.children()


def test_the_der_walker_counts() -> None:
    assert len(read_element(tlv(0x30, b"\x05\x00" * MAX_CHILDREN)).children()) == MAX_CHILDREN
    with pytest.raises(ParsingError):
        read_element(tlv(0x30, b"\x05\x00" * (MAX_CHILDREN + 1))).children()
