"""DER as it is written: just enough to put an envelope around what cryptography encodes (ITU-T X.690)."""


def tlv(tag: int, *content: bytes) -> bytes:
    value = b"".join(content)
    if len(value) < 0x80:
        return bytes([tag, len(value)]) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + value


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return tlv(0x31, *sorted(parts))


def octets(value: bytes) -> bytes:
    return tlv(0x04, value)


def number(value: int) -> bytes:
    """Not below zero."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(encoded: str) -> bytes:
    """Given as the hex of its encoding, which is what every list of them has."""
    return tlv(0x06, bytes.fromhex(encoded))


def explicit(part: bytes) -> bytes:
    """[0] EXPLICIT"""
    return tlv(0xA0, part)
