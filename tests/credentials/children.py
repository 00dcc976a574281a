"""What the tests of the child share: reading through it, and other programs in its place."""

import uuid
from typing import Any

import pytest

from credentials import child_process
from credentials.parsing.errors import ParsingError
from credentials.parsing.p8 import P8Key
from credentials.reading import read_upload

# The nursery, with another child
NURSERY = """
import sys
sys.path += sys.argv[1:]
from credentials.parsing import child, nursery
def main():
    {body}
    sys.stdout.flush()
    return 0
child.main = main
nursery.main()
"""
# The child, with a parser that does what a test wants to know about
PROBE = """
import os, sys
import _socket
sys.path += sys.argv[1:]
from credentials.parsing import child, nursery, p8
def probe(data):
    {body}
child.PARSERS["p8"] = lambda: probe
nursery.main()
"""


def read(wanted: type[Any], data: bytes, **options: str) -> Any:
    return read_upload(wanted, data, organization_id=uuid.uuid4(), **options)


def refused(wanted: type[Any] = P8Key, data: bytes = b"", **options: str) -> ParsingError:
    with pytest.raises(ParsingError) as caught:
        read(wanted, data, **options)
    assert "Traceback" not in caught.value.message
    return caught.value


def program(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Run this in place of the child, with the same interpreter and folders."""
    _nursery(monkeypatch, NURSERY, body)


def probe(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    _nursery(monkeypatch, PROBE, body)


def _nursery(monkeypatch: pytest.MonkeyPatch, text: str, body: str) -> None:
    command = child_process.COMMAND
    text = text.replace("{body}", body.replace("\n", "\n    "))
    monkeypatch.setattr(child_process, "COMMAND", [*command[:4], "-c", text, *command[5:]])


def told_by(monkeypatch: pytest.MonkeyPatch, body: str) -> bytes:
    """What such a program prints."""
    program(monkeypatch, body)
    return child_process.run_child(b"{}")
