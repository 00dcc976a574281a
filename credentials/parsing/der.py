"""A small walker over DER: enough to name a file and to open an envelope, never to trust one.

Definite lengths and one-byte tags only, which is all that X.509, PKCS#8 and CMS use in DER (ITU-T X.690).
"""

from typing import NamedTuple

from .errors import ParsingError

INTEGER, BIT_STRING, OCTET_STRING, OID, SEQUENCE = 0x02, 0x03, 0x04, 0x06, 0x30
CONTEXT_0 = 0xA0
MAX_DEPTH = 16
MAX_CHILDREN = 4096  # a megabyte of two-byte elements would cost seconds and hundreds of megabytes


class Element(NamedTuple):
    """One tag-length-value: `value` is the content alone, `raw` is all of its bytes."""

    tag: int
    value: bytes
    raw: bytes
    depth: int = 0

    def children(self) -> list["Element"]:
        """The elements inside; ParsingError "damaged-der" unless the content is a list of whole elements."""
        found: list[Element] = []
        offset = 0
        while offset < len(self.value):
            if len(found) == MAX_CHILDREN:
                raise damaged()
            child = read_element(self.value, offset, self.depth + 1)
            found.append(child)
            offset += len(child.raw)
        return found


def read_element(der: bytes, offset: int = 0, depth: int = 0) -> Element:
    """The element that starts at `offset`; bytes after it are the caller's to judge."""
    if depth > MAX_DEPTH or len(der) - offset < 2 or der[offset] & 0x1F == 0x1F:
        raise damaged()
    start, length = offset + 2, der[offset + 1]
    if length >= 0x80:
        width = length & 0x7F
        # Width 0 is the indefinite length of BER; more than four bytes would be a file of over 4 GiB.
        if not 1 <= width <= 4 or len(der) < start + width:
            raise damaged()
        length = int.from_bytes(der[start : start + width], "big")
        start += width
    if len(der) < start + length:
        raise damaged()
    return Element(der[offset], der[start : start + length], der[offset : start + length], depth)


def damaged() -> ParsingError:
    return ParsingError("damaged-der", "The file is damaged or was cut short. Download it again and retry.")
