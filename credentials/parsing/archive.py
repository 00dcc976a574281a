"""Reads a zip into path → bytes, without believing anything that it says of itself.

Nothing is written anywhere: paths are names. Limits are counted on what comes out of the decompressor, while it
comes; a zip inside the zip is a file like any other and stays closed.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from . import limits
from .errors import ParsingError
from .file_paths import is_clutter, safe_path

MOST_ENTRIES = 20_000  # a git folder's objects count too, though they are not read
MOST_FILES = 5_000
_CENTRAL_ENTRY = b"PK\x01\x02"
_LOCAL_ENTRY, _EMPTY = b"PK\x03\x04", b"PK\x05\x06"
_ENCRYPTED = 0x1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_PIECE = 64 * limits.KIB
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError,
    OverflowError, IndexError,
)  # fmt: skip


def read_archive(data: bytes, wanted: Callable[[str], bool] = lambda path: True) -> dict[str, bytes]:
    """The files whose path is wanted. ParsingError as `walk_archive`."""
    return dict(walk_archive(data, wanted))


def walk_archive(
    data: bytes, wanted: Callable[[str], bool] = lambda path: True
) -> Iterator[tuple[str, bytes]]:
    """(path, content) of one file after the other, without git's and the system's own.

    Every name is judged before the first file is opened. ParsingError: "empty", "too-large", "not-a-zip",
    "too-many-files", "encrypted-archive", "symlink", "unsafe-path", "duplicate-name", "unpacks-too-large",
    "damaged-archive".
    """
    archive, entries = _opened(data)
    unpacked = 0
    for path, entry in entries:
        if wanted(path):
            content = _content(archive, entry, limits.ARCHIVE_UNPACKED - unpacked)
            unpacked += len(content)
            yield path, content


def _opened(data: bytes) -> tuple[zipfile.ZipFile, list[tuple[str, zipfile.ZipInfo]]]:
    if not data:
        raise _refusal("empty")
    if len(data) > limits.ARCHIVE:
        raise _refusal("too-large")
    if not data.startswith((_LOCAL_ENTRY, _EMPTY)):
        raise _refusal("not-a-zip")
    if data.count(_CENTRAL_ENTRY) > MOST_ENTRIES:  # before a list of them is made
        raise _refusal("too-many-files")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGED:
        raise _refusal("damaged-archive") from None
    return archive, _judged(archive.infolist())


def _judged(infos: list[zipfile.ZipInfo]) -> list[tuple[str, zipfile.ZipInfo]]:
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        path = safe_path(info.filename)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if is_clutter(path) or (info.is_dir() and kind in {0, stat.S_IFDIR}):
            continue
        if kind not in {0, stat.S_IFREG}:
            raise _refusal("symlink")
        if info.flag_bits & _ENCRYPTED:
            raise _refusal("encrypted-archive")
        if info.compress_type not in _METHODS:
            raise _refusal("damaged-archive")
        if path in found:
            raise _refusal("duplicate-name")
        found[path] = info
    if len(found) > MOST_FILES:
        raise _refusal("too-many-files")
    return list(found.items())


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: int) -> bytes:
    """Counted piece by piece: what the header says of the size is not asked."""
    pieces, size = [], 0
    try:
        with archive.open(info) as file:
            while piece := file.read(_PIECE):
                size += len(piece)
                if size > min(limits.ARCHIVED_FILE, room):
                    break
                pieces.append(piece)
    except _DAMAGED:
        raise _refusal("damaged-archive") from None
    if size > min(limits.ARCHIVED_FILE, room):
        raise _refusal("unpacks-too-large")
    return b"".join(pieces)


_MESSAGES = {
    "empty": "The file is empty. Choose the zip file again.",
    "too-large": (
        f"The zip file is larger than {limits.ARCHIVE // limits.KIB // 1024} MiB. Pack the certificates, keys and "
        "profiles alone, without a .git folder."
    ),
    "not-a-zip": "This is not a zip file. Pack the folder as .zip, and choose that file.",
    "too-many-files": (
        f"There are more than {MOST_FILES:,} files in this zip. Pack the certificates, keys and profiles alone, or a "
        "part of them at a time."
    ),
    "encrypted-archive": "This zip has a password of its own. Pack the folder again without one.",
    "symlink": "There is a link (or another file that is none) in this zip. Pack the files themselves.",
    "duplicate-name": "Two files in this zip have the same name. Pack the folder again.",
    "unpacks-too-large": (
        f"What is in this zip is too large: a file may have {limits.ARCHIVED_FILE // limits.KIB // 1024} MiB, all "
        f"together {limits.ARCHIVE_UNPACKED // limits.KIB // 1024} MiB. Pack the certificates, keys and profiles alone."
    ),
    "damaged-archive": "The zip file is damaged, or packed in an unusual way. Pack the folder again as .zip.",
}  # fmt: skip


def _refusal(code: str) -> ParsingError:
    return ParsingError(code, _MESSAGES[code])
