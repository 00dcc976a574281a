"""Files that are not what `backup` wrote are refused with a sentence, and before anything is written."""

import base64
import io
import json
import random
import secrets
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from credhub.backup import chunks, header, keys, lines, reading, schema
from credhub.backup.chunks import TAG_BYTES, SealedWriter
from credhub.backup.errors import BackupError
from credhub.backup.header import Header
from credhub.backup.lines import LinesWriter
from tests.credhub import backups

CHUNK = 512
PASSPHRASE = b"a passphrase of some length"


def made(chunk: int = CHUNK, passphrase: bytes | None = None, **changes: Any) -> bytes:
    """A sound backup file of a few chunks, with nothing in it that means anything."""
    deployment, salt = uuid.uuid4(), secrets.token_bytes(32)
    key, about = keys.new(deployment, salt, passphrase)
    head = Header(
        created_at="2026-01-01T00:00:00+00:00", deployment=str(deployment), engine="sqlite",
        migrations=schema.latest(), master_keys=["test"], key=about, salt=salt.hex(), chunk=chunk,
    )  # fmt: skip
    head = replace(head, **changes)
    file = io.BytesIO()
    file.write(head.to_bytes())
    writer = LinesWriter(SealedWriter(file, key, salt, head.to_bytes(), chunk))
    for _ in range(100):
        writer.write(secrets.token_hex(20))
    writer.close()
    return file.getvalue()


@pytest.fixture
def sound() -> bytes:
    return made()


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., str]:
    """The sentence that a file with these bytes is refused with; empty when it is taken."""

    def sentence(data: bytes, passphrase: bytes | None = None) -> str:
        path = tmp_path / "a.backup"
        path.write_bytes(data)
        try:
            reading.prove(path, passphrase)
        except BackupError as error:
            return str(error)
        return ""

    return sentence


def body_of(data: bytes) -> int:
    """Where the first chunk starts."""
    return 8 + int.from_bytes(data[4:8], "big")


def pieces(data: bytes) -> list[bytes]:
    start, size = body_of(data), CHUNK + TAG_BYTES
    return [data[at : at + size] for at in range(start, len(data), size)]


def with_header(data: bytes, **changes: Any) -> bytes:
    start = body_of(data)
    body = json.dumps({**json.loads(data[8:start]), **changes}).encode()
    return data[:4] + len(body).to_bytes(4, "big") + body + data[start:]


def test_a_sound_file_is_taken(sound: bytes, refusal: Callable[..., str]) -> None:
    assert refusal(sound) == ""
    assert len(pieces(sound)) > 4


def test_a_file_that_was_cut_anywhere(sound: bytes, refusal: Callable[..., str]) -> None:
    start, size = body_of(sound), CHUNK + TAG_BYTES
    boundaries = [*range(start, len(sound), size)]
    anywhere = random.Random(1).sample(range(9, len(sound)), 150)
    for length in {*boundaries, *anywhere, 0, 1, 3, 4, 5, 7, 8, len(sound) - 1}:
        assert refusal(sound[:length]), length
    assert "cut off" in refusal(sound[: boundaries[2]])
    assert "cut off" in refusal(sound[:20])


def test_a_flipped_bit_anywhere(sound: bytes, refusal: Callable[..., str]) -> None:
    places = {0, 3, 4, 7, 8, body_of(sound) - 1, body_of(sound), len(sound) - 1, len(sound) - TAG_BYTES}
    places |= {*random.Random(2).sample(range(len(sound)), 300)}
    for place in places:
        flipped = bytearray(sound)
        flipped[place] ^= 1 << (place % 8)
        assert refusal(bytes(flipped)), place


def test_chunks_that_were_moved_doubled_or_left_out(sound: bytes, refusal: Callable[..., str]) -> None:
    front, (first, second, *others) = sound[: body_of(sound)], pieces(sound)
    for order in ([second, first, *others], [first, first, second, *others], [first, *others], others):
        assert "damaged at chunk" in refusal(front + b"".join(order))
    assert refusal(front + b"".join([first, second, *others])) == ""


def test_bytes_at_the_end(sound: bytes, refusal: Callable[..., str]) -> None:
    for more in (b"\0", b"\n", sound, pieces(sound)[-1], secrets.token_bytes(CHUNK + TAG_BYTES)):
        assert "added to" in refusal(sound + more)


def test_a_chunk_of_another_backup(sound: bytes, refusal: Callable[..., str]) -> None:
    assert "damaged at chunk 1" in refusal(sound[: body_of(sound)] + b"".join(pieces(made())))


CHANGES: dict[str, dict[str, Any]] = {
    "day": {"created_at": "2030-01-01T00:00:00+00:00"},
    "deployment": {"deployment": str(uuid.UUID(int=1))},
    "migrations": {"migrations": {}},
    "master keys": {"master_keys": ["other"]},
    "chunk": {"chunk": CHUNK * 2},
    "salt": {"salt": "00" * 32},
    "no key": {"key": {}},
    "key that is no base64": {"key": {"by": "master key", "id": "test", "wrapped": "…"}},
    "way of the key": {"key": {"by": "nobody", "id": "test", "wrapped": ""}},
    "types": {"migrations": ["organizations"]},
    "types of the key": {"key": {"by": "master key", "id": 1, "wrapped": "AA=="}},
    "huge chunk": {"chunk": 2**40},
    "tiny chunk": {"chunk": 0},
    "something new": {"surprise": True},
    "older format": {"format": 0},
    "format that is a word": {"format": "1"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_header_that_was_changed(sound: bytes, refusal: Callable[..., str], change: dict[str, Any]) -> None:
    assert refusal(with_header(sound, **change))


def test_what_is_no_backup(refusal: Callable[..., str]) -> None:
    for data in (b"", b"PK\x03\x04", b"SQLite format 3\0", b"chb1" + bytes(100)):
        assert refusal(data) == header.NOT_A_BACKUP
    assert "start of this backup" in refusal(b"CHB1" + b"\xff" * 100)
    assert "start of this backup" in refusal(b"CHB1" + (5000).to_bytes(4, "big") + b"[" * 5000)


def test_what_is_newer(sound: bytes, refusal: Callable[..., str]) -> None:
    newer = "made by a newer CredHub"
    assert newer in refusal(b"CHB2" + sound[4:])
    assert newer in refusal(with_header(sound, format=2))
    assert newer in refusal(made(migrations={**schema.latest(), "organizations": "9999_later"}))
    assert newer in refusal(made(migrations={**schema.latest(), "an_app_of_later": "0001_initial"}))


def other_key(name: str) -> str:
    return f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def test_another_master_key(sound: bytes, refusal: Callable[..., str], settings: Settings) -> None:
    settings.CREDHUB_MASTER_KEYS = other_key("test")
    assert "does not open with the master key “test”" in refusal(sound)


def test_the_missing_master_key_is_named(
    sound: bytes, refusal: Callable[..., str], settings: Settings
) -> None:
    settings.CREDHUB_MASTER_KEYS = other_key("m2027")
    assert "Master key “test” is needed" in refusal(sound)


def test_a_passphrase_opens_instead_of_the_master_key(
    refusal: Callable[..., str], settings: Settings
) -> None:
    sealed = made(passphrase=PASSPHRASE)
    assert "--passphrase-file" in refusal(sealed)
    assert "another one" in refusal(sealed, b"another passphrase")
    settings.CREDHUB_MASTER_KEYS = other_key("m2027")
    assert refusal(sealed, PASSPHRASE) == ""


def test_a_passphrase_is_long_enough(tmp_path: Path) -> None:
    from credhub.backup import passphrase

    (tmp_path / "short").write_text("hunter2\n")
    (tmp_path / "long").write_bytes(PASSPHRASE + b"\nsecond line")
    assert passphrase.read(str(tmp_path / "long")) == PASSPHRASE
    for path, words in (("short", "16 characters"), ("absent", "cannot be read")):
        with pytest.raises(BackupError, match=words):
            passphrase.read(str(tmp_path / path))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be read"):
        reading.prove(tmp_path / "none.backup")


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK], ids=str)
def test_chunks_of_every_fill(size: int) -> None:
    key, salt, plain, file = bytes(32), bytes(32), secrets.token_bytes(size), io.BytesIO()
    writer = SealedWriter(file, key, salt, b"header", CHUNK)
    for at in range(0, size, 100):
        writer.write(plain[at : at + 100])
    writer.close()
    file.seek(0)
    assert b"".join(chunks.opened(file, key, salt, b"header", CHUNK)) == plain
    file.seek(0)
    with pytest.raises(BackupError):
        list(chunks.opened(file, key, salt, b"another header", CHUNK))


def test_lines_end_where_they_were_ended() -> None:
    file = io.BytesIO()
    sealed = SealedWriter(file, bytes(32), bytes(32), b"", CHUNK)
    writer = LinesWriter(sealed)
    writer.write(["a\nb", "\u2028", 2**60])
    writer.close()
    file.seek(0)
    (packed,) = chunks.opened(file, bytes(32), bytes(32), b"", CHUNK)
    assert list(lines.read([packed])) == [["a\nb", "\u2028", 2**60]]
    for wrong in ([packed[:-1]], [packed, b"more"], []):
        with pytest.raises(BackupError):
            list(lines.read(wrong))


@pytest.mark.django_db(transaction=True)
def test_nothing_is_written_for_a_file_that_is_refused(
    sound: bytes, tmp_path: Path, settings: Settings
) -> None:
    from django.core.management import CommandError

    settings.AUDIT_ANCHORS = str(tmp_path / "anchors.jsonl")
    (tmp_path / "cut.backup").write_bytes(sound[:-1])
    before = backups.dump()
    for options in ([], ["--verify"]):
        with pytest.raises(CommandError, match="damaged at chunk"):
            backups.restore(tmp_path / "cut.backup", *options)
    # Every chunk is genuine, and what is inside is no backup
    (tmp_path / "nonsense.backup").write_bytes(sound)
    with pytest.raises(CommandError, match="cannot be read, although nobody changed it"):
        backups.restore(tmp_path / "nonsense.backup")
    assert backups.dump() == before
    assert {each.name for each in tmp_path.iterdir()} == {"cut.backup", "nonsense.backup"}
