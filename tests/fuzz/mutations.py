"""What is done to a file: bytes changed, trees of DER rebuilt, texts with words put in where they do not belong."""

import random
from collections.abc import Sequence

from credentials.parsing.errors import ParsingError
from tests.fuzz.trees import Node, number, parse, tlv
from tests.fuzz.words import BYTES, NUMBERS, TAGS, WORDS

LARGEST_REPEAT = 20_000  # bytes that a part is told again for


def changed_bytes(rng: random.Random, data: bytes) -> bytes:
    """A few changes anywhere."""
    content = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(content) + 1)
        kind = rng.randrange(7)
        if kind == 0 and at < len(content):
            content[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and at < len(content):
            content[at] = rng.choice(BYTES)
        elif kind == 2:
            content[at:at] = bytes(rng.choices(BYTES, k=rng.randrange(1, 9)))
        elif kind == 3:
            del content[at : at + rng.choice((1, 2, 4, 16, 200))]
        elif kind == 4:
            content[at:at] = content[at : at + rng.choice((1, 4, 64, 1000))]
        elif kind == 5 and rng.random() < 0.3:
            del content[at:]
        elif kind == 6:
            content += rng.randbytes(rng.randrange(1, 20))
    return bytes(content)


def changed_text(rng: random.Random, data: bytes) -> bytes:
    """Words put in, parts taken out or told twice, another encoding."""
    text = data.decode("utf-8", "surrogateescape")
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(text) + 1)
        end = at + rng.choice((0, 0, 1, 5, 30, 300))
        again = text[at:end] * 2 if rng.random() < 0.2 else ""
        text = text[:at] + (rng.choice(WORDS) if rng.random() < 0.8 else again) + text[end:]
    if rng.random() < 0.03:
        text = text * rng.randrange(2, 40)
    encoding = "utf-8" if rng.random() < 0.95 else rng.choice(("utf-16", "utf-16-le", "utf-8-sig", "utf-32"))
    return text.encode(encoding, "surrogateescape" if encoding.startswith("utf-8") else "replace")


def changed_tree(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """DER whose lengths are true and whose content is not."""
    try:
        tree = parse(data)
    except ParsingError:
        return changed_bytes(rng, data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        _change(rng, rng.choice(tree.walk()), others)
    return tree.encode()


def _change(rng: random.Random, node: Node, others: Sequence[bytes]) -> None:
    kind = rng.randrange(9)
    if isinstance(node.content, list) and node.content and kind < 4:
        at = rng.randrange(len(node.content))
        part = node.content[at]
        if kind == 0:
            del node.content[at]
        elif kind == 1:
            times = min(rng.choice((1, 1, 2, 50, 5000)), LARGEST_REPEAT // len(part.encode()))
            node.content[at:at] = [part] * times
        elif kind == 2:
            rng.shuffle(node.content)
        else:
            node.content[at] = rng.choice(_foreign(rng, others))
    elif kind == 4:
        node.tag = rng.choice(TAGS)
    elif kind == 5:
        node.content = _wrapped(rng, node)
    elif node.tag == 0x02:
        node.content = _number(rng.choice(NUMBERS))
    elif isinstance(node.content, bytes):
        other = rng.randbytes(rng.choice((0, 1, 32, 3000)))
        node.content = changed_bytes(rng, node.content) if rng.random() < 0.8 else other


def _foreign(rng: random.Random, others: Sequence[bytes]) -> list[Node]:
    try:
        return parse(rng.choice(others)).walk()
    except ParsingError:
        return [Node(0x05, b"")]


def _wrapped(rng: random.Random, node: Node) -> list[Node]:
    inside = Node(node.tag, node.content)
    for _ in range(rng.choice((1, 1, 2, 20))):
        inside = Node(0x30, [inside])
    return [inside]


def _number(value: int) -> bytes:
    content = parse(number(value)).content if value >= 0 else b"\xff"
    assert isinstance(content, bytes)
    return content


def any_der(rng: random.Random, depth: int = 0) -> bytes:
    """A tree that nobody wrote."""
    parts = []
    for _ in range(rng.randrange(5)):
        if depth < 20 and rng.random() < 0.4:
            parts.append(any_der(rng, depth + 1))
        else:
            parts.append(tlv(rng.choice(TAGS), rng.randbytes(rng.choice((0, 1, 3, 9, 40)))))
    return tlv(rng.choice((0x30, 0x30, 0x31, 0xA0, 0x24, 0x04)), b"".join(parts))
