"""A zip is read by what comes out of it, and nothing in it leads anywhere."""

import io
import stat
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest

from credentials.making.zip_file import zip_of
from credentials.parsing import archive, limits
from credentials.parsing.archive import read_archive
from credentials.parsing.errors import ParsingError

FILES = {"a.cer": b"one", "folder/b.p12": b"two" * 1000, "folder/deeper/c": b""}


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as file:
        for name, content in files:
            file.writestr(name, content)
    return made.getvalue()


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def refused(data: bytes) -> str:
    with pytest.raises(ParsingError) as caught:
        read_archive(data)
    assert caught.value.message.endswith(".")
    return caught.value.code


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
def test_its_files(method: int) -> None:
    assert read_archive(zipped(*FILES.items(), method=method)) == FILES


def test_what_we_zip_is_read_and_always_the_same() -> None:
    assert read_archive(zip_of(FILES)) == FILES
    assert zip_of(FILES) == zip_of(FILES)


def test_another_programs_zip(tmp_path: Path) -> None:
    """Written to a pipe it knows no sizes when it writes a file's header."""
    script = (
        "import sys, zipfile\n"
        "class Pipe:\n"
        "    def write(self, data): return sys.stdout.buffer.write(data)\n"
        "    def flush(self): pass\n"
        "with zipfile.ZipFile(Pipe(), 'w', zipfile.ZIP_DEFLATED) as file: file.writestr('x/y.cer', b'z' * 9999)\n"
    )
    made = subprocess.run(["python3", "-c", script], capture_output=True, check=True, cwd=tmp_path).stdout
    assert read_archive(made) == {"x/y.cer": b"z" * 9999}


def test_folders_and_clutter_are_no_files() -> None:
    data = zipped(
        ("folder/", b""), ("./folder/a.cer", b"one"), (".git/config", b"x"), ("x/.git/HEAD", b"x"),
        ("__MACOSX/._a.cer", b"x"), ("folder/.DS_Store", b"x"), (entry(".git/link", stat.S_IFLNK | 0o777), b"/"),
    )  # fmt: skip
    assert read_archive(data) == {"folder/a.cer": b"one"}


def test_names_of_windows() -> None:
    data = zipped(("folder+a.cer", b"one")).replace(b"folder+a", b"folder\\a")
    assert read_archive(data) == {"folder/a.cer": b"one"}


def test_only_what_is_wanted_is_read() -> None:
    data = bytearray(zipped(*FILES.items(), method=zipfile.ZIP_STORED))
    data[data.index(b"twotwo")] ^= 1
    assert read_archive(bytes(data), lambda path: path == "a.cer") == {"a.cer": b"one"}
    assert refused(bytes(data)) == "damaged-archive"


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/../../x",
        "/etc/passwd",
        "\\\\host\\x",
        "..\\x",
        "C:\\x",
        "c:x",
        "a\nb",
        "a\u202eb",
        "x" * 600,
        "./",
    ],
    ids=[
        "up",
        "up inside",
        "absolute",
        "share",
        "up with \\",
        "drive",
        "drive alone",
        "line",
        "disguise",
        "long",
        "none",
    ],
)
def test_names_that_lead_out_are_refused(name: str) -> None:
    assert refused(zipped((name, b"x"), ("ok", b"y"))) == "unsafe-path"


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR], ids=["symlink", "pipe", "device"]
)
def test_links_are_refused(kind: int) -> None:
    assert refused(zipped((entry("a.cer", kind | 0o777), b"/etc/passwd"))) == "symlink"


def test_names_told_twice_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(("a.cer", b"one"), ("a.cer", b"two"))
    assert refused(data) == "duplicate-name"
    assert refused(zipped(("a.cer", b"one"), ("./a.cer", b"two"))) == "duplicate-name"


def test_a_bomb_is_stopped_while_it_comes() -> None:
    assert refused(zipped(("bomb", bytes(20 * 1024 * 1024)))) == "unpacks-too-large"
    many = zipped(*((f"{number}", bytes(limits.ARCHIVED_FILE)) for number in range(30)))
    assert len(many) < 100_000
    assert refused(many) == "unpacks-too-large"


@pytest.mark.parametrize("claimed", [0, 1, 10, 2**32 - 2])
def test_the_size_that_a_header_claims_is_not_believed(claimed: int) -> None:
    """In both headers: what comes out is counted, and what does not come out is missed."""
    size = 20 * 1024 * 1024
    data = zipped(("bomb", bytes(size))).replace(struct.pack("<I", size), struct.pack("<I", claimed))
    assert refused(data) in {"unpacks-too-large", "damaged-archive"}


def test_entries_that_share_their_bytes_are_counted_each_time() -> None:
    """David Fifield's bomb: one kernel of data that every entry points to."""
    kernel = zipped(("0", bytes(limits.ARCHIVED_FILE)))
    start = kernel.index(b"PK\x01\x02")
    end = kernel.index(b"PK\x05\x06")
    central = kernel[start:end]
    entries = b"".join(central[:-1] + bytes([0x30 + number]) for number in range(60))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 60, 60, len(entries), start, 0)
    assert refused(kernel[:start] + entries + tail) in {"unpacks-too-large", "damaged-archive", "unsafe-path"}


def test_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    data = zipped(*((f"{number}", b"") for number in range(30)))
    monkeypatch.setattr(archive, "MOST_FILES", 29)
    assert refused(data) == "too-many-files"
    monkeypatch.setattr(archive, "MOST_FILES", 30)
    assert len(read_archive(data)) == 30
    monkeypatch.setattr(archive, "MOST_ENTRIES", 29)
    monkeypatch.setattr(zipfile, "ZipFile", None)  # refused before a list of them is made
    assert refused(data) == "too-many-files"


def test_a_password_of_its_own() -> None:
    data = bytearray(zipped(("a.cer", b"one")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(data)) == "encrypted-archive"


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("empty", b""),
        ("not-a-zip", b"\x1f\x8b\x08" + bytes(100)),
        ("not-a-zip", b"-----BEGIN CERTIFICATE-----"),
        ("too-large", b"PK\x03\x04" + bytes(limits.ARCHIVE)),
        ("damaged-archive", zipped(*FILES.items())[:-30]),
        ("damaged-archive", b"PK\x03\x04" + bytes(100)),
        ("damaged-archive", zipped(*FILES.items(), method=zipfile.ZIP_BZIP2)),
        ("damaged-archive", zipped(*FILES.items(), method=zipfile.ZIP_LZMA)),
    ],
    ids=["empty", "gzip", "text", "too large", "cut", "nothing", "bzip2", "lzma"],
)
def test_other_files_are_refused(code: str, data: bytes) -> None:
    assert refused(data) == code


def test_a_zip_inside_stays_closed() -> None:
    inner = zipped(("../x", bytes(50 * 1024 * 1024)))
    assert read_archive(zipped(("inner.zip", inner))) == {"inner.zip": inner}
    assert read_archive(zipped()) == {}
