"""A download is named as its owner named it, and the name is never more than a name."""

import re
from email.message import Message
from urllib.parse import unquote

import pytest

from organizations.downloads import attachment, content_disposition

NAMES = {
    "plain": ("AuthKey_ABC123.p8", "AuthKey_ABC123.p8", None),
    "spaces": ("My profile.mobileprovision", "My profile.mobileprovision", None),
    "umlauts": ("Größe.cer", "Groe.cer", "Größe.cer"),
    "another script": ("日本語.cer", "cer", "日本語.cer"),
    "nothing in ASCII": ("日本語", "download", "日本語"),
    "quotes": ('a"; filename="evil.exe', "a_ filename=_evil.exe", None),
    "line breaks": ("a\r\nX-Evil: 1\u2028.p8", "aX-Evil_ 1.p8", None),
    "another direction": ("photo\u202egnp.exe", "photognp.exe", None),
    "a way up": ("../../etc/passwd", "_.._etc_passwd", None),
    "a drive": ("C:\\Windows\\x.p8", "C_Windows_x.p8", None),
    "percent": ("a%2f%00b", "a_2f_00b", None),
    "hidden": (".bashrc", "bashrc", None),
    "dots": ("..", "download", None),
    "empty": ("", "download", None),
    "long": ("a" * 400 + ".p8", "a" * 147 + ".p8", None),
}


@pytest.mark.parametrize(("name", "plain", "whole"), NAMES.values(), ids=NAMES)
def test_names(name: str, plain: str, whole: str | None) -> None:
    header = content_disposition(name)
    found = re.fullmatch(
        r"attachment; filename=\"([\x20-\x7e]+)\"(?:; filename\*=UTF-8''([\w.~%-]+))?", header
    )
    assert found is not None
    assert found[1] == plain
    assert (unquote(found[2]) if found[2] else None) == whole
    message = Message()  # as another parser reads it
    message["Content-Disposition"] = header
    assert "/" not in (message.get_filename() or "")


def test_the_answer() -> None:
    answer = attachment(b"\0bytes", name="x.p8", content_type="application/octet-stream")
    assert answer.content == b"\0bytes"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"] == 'attachment; filename="x.p8"'
