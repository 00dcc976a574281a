"""The text of an upload: undoes what copying and CI variables do to a PEM file, and finds its blocks."""

import base64
import binascii
import re
from typing import NamedTuple

_INVISIBLE = {0x200B: None, 0x200C: None, 0x200D: None, 0x2060: None, 0xFEFF: None}
_ESCAPED_BREAK = re.compile(r"\\+[rn]")
_ESCAPED_SLASH = re.compile(r"\\+/")
_AROUND = " \t\r\n\v\f\u00a0\u2028\u2029\"'\\"
_BEGIN = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----")


class Block(NamedTuple):
    """One PEM block: its label, its body without white space (None: no END line), and the text around it."""

    label: str
    body: str | None
    around: str


def as_text(data: bytes) -> str | None:
    """The file as text: UTF-8, or UTF-16 with a byte order mark (PowerShell's `>`); None if binary."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def plain(text: str) -> str:
    """The text without quotes, blank edges, invisible characters and the escapes of JSON and .env."""
    text = _ESCAPED_BREAK.sub("\n", text.translate(_INVISIBLE))
    return _ESCAPED_SLASH.sub("/", text).strip(_AROUND)


def from_base64(text: str) -> bytes | None:
    """Strict base64, line breaks and blanks aside; None for everything else."""
    try:
        return base64.b64decode("".join(text.split()).encode("ascii", "replace"), validate=True)
    except binascii.Error:
        return None


def labels(text: str) -> list[str]:
    """The labels of all BEGIN lines, in order."""
    return _BEGIN.findall(text)


def only_block(text: str) -> Block:
    """The one block of a text with exactly one BEGIN line."""
    begin = next(_BEGIN.finditer(text))
    end = f"-----END {begin[1]}-----"
    body, found, after = text[begin.end() :].partition(end)
    return Block(begin[1], "".join(body.split()) if found else None, (text[: begin.start()] + after).strip())
