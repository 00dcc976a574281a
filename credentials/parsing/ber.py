"""BER with lengths left open, as streaming encoders write it, made DER-like: every length is said."""

from .der import MAX_CHILDREN, MAX_DEPTH, damaged, read_element

_OPEN = 0x80
_CONSTRUCTED = 0x20
_END = b"\x00\x00"


def with_definite_lengths(data: bytes) -> bytes:
    """The first element of `data`, its open lengths written out; ParsingError "damaged-der" where none ends.

    What has a definite length is copied as it stands: what is signed in such a file is DER already.
    """
    return _element(data, 0, 0)[0]


def _element(data: bytes, offset: int, depth: int) -> tuple[bytes, int]:
    """The element that starts at `offset` anew, and the offset behind it in the original."""
    if depth > MAX_DEPTH or len(data) - offset < 2:
        raise damaged()
    if data[offset + 1] != _OPEN:
        raw = read_element(data, offset, depth).raw
        return raw, offset + len(raw)
    if not data[offset] & _CONSTRUCTED:
        raise damaged()
    parts: list[bytes] = []
    place = offset + 2
    while data[place : place + 2] != _END:
        if len(parts) == MAX_CHILDREN:
            raise damaged()
        part, place = _element(data, place, depth + 1)
        parts.append(part)
    return _written(data[offset], b"".join(parts)), place + 2


def _written(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    width = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + length.to_bytes(width, "big") + content
