"""DER as a tree that can be changed and written again with true lengths: such files get past the first look."""

from dataclasses import dataclass

from credentials.parsing.der import MAX_DEPTH, OCTET_STRING, Element, read_element
from credentials.parsing.errors import ParsingError

CONSTRUCTED = 0x20


@dataclass
class Node:
    """One element: its content, or its parts, also those that an OCTET STRING is the encoding of."""

    tag: int
    content: "bytes | list[Node]"

    def encode(self) -> bytes:
        content = self.content
        return tlv(self.tag, content if isinstance(content, bytes) else b"".join(n.encode() for n in content))

    def walk(self) -> "list[Node]":
        """This node and all below it."""
        found = [self]
        if isinstance(self.content, list):
            for node in self.content:
                found += node.walk()
        return found


def tlv(tag: int, value: bytes) -> bytes:
    length = len(value)
    if length < 0x80:
        return bytes([tag, length]) + value
    width = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + length.to_bytes(width, "big") + value


def number(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, b"".join(parts))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    written = bytes([first * 40 + second])
    for arc in rest:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | (arc & 0x7F))
        written += bytes(reversed(groups))
    return tlv(0x06, written)


def parse(der: bytes) -> Node:
    """Raises ParsingError when the outermost element is not whole."""
    return _node(read_element(der))


def _node(element: Element) -> Node:
    if element.depth < MAX_DEPTH:
        try:
            if element.tag & CONSTRUCTED:
                return Node(element.tag, [_node(child) for child in element.children()])
            if element.tag == OCTET_STRING and element.value[:1] == b"\x30":
                inner = read_element(element.value, depth=element.depth + 1)
                if len(inner.raw) == len(element.value):
                    return Node(element.tag, [_node(inner)])
        except ParsingError:
            pass
    return Node(element.tag, element.value)


def with_numbers(der: bytes, old: int, new: int) -> bytes:
    """The same file with every INTEGER that is `old` made `new`."""
    tree = parse(der)
    before, after = parse(number(old)), parse(number(new))
    for node in tree.walk():
        if node == before:
            node.content = after.content
    return tree.encode()
