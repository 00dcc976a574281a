"""A folder as a zip, made in memory: regular files alone, and none that a link leads to."""

import io
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from credhub_cli.errors import CliError, Exit, usage

MOST = 24 * 1024 * 1024  # what CredHub takes
PASSED_OVER = frozenset({".git", ".hg", ".svn", "node_modules", "Pods", "__pycache__"})
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Archive:
    name: str
    content: bytes = field(repr=False)
    files: int | None = None  # of a zip that was there: not known
    links: tuple[str, ...] = ()  # left out


def archive_of(path: Path, only: tuple[str, ...] = ()) -> Archive:
    """A folder as a zip; a file as it is. `only`: what is taken of a folder, by the first part of its path. Raises
    CliError."""
    if not path.is_dir():
        try:
            content = path.read_bytes() if path.stat().st_size <= MOST else b""
        except FileNotFoundError:
            raise CliError(Exit.NOT_FOUND, "no-file", f"There is no {path}.") from None
        if not content:
            raise _too_large() if path.stat().st_size else usage(f"{path} is empty.")
        if only and not content.startswith(_ZIP):
            raise usage(f"{path} is neither a folder nor a zip.")
        return Archive(path.name, content)
    made, total, count = io.BytesIO(), 0, 0
    links: list[str] = []
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, file in _files(path, only, links):
            content = _read(file)
            total += len(content)
            if total > 2 * MOST:  # packed it is smaller; what CredHub unpacks has an end, too
                raise _too_large()
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, content)
            count += 1
    if not count:
        said = f" It has none of {', '.join(only)}." if only else ""
        raise usage(f"There is nothing in {path} to import.{said}")
    if made.tell() > MOST:
        raise _too_large()
    return Archive(f"{path.resolve().name or 'folder'}.zip", made.getvalue(), count, tuple(links))


def _files(root: Path, only: tuple[str, ...], links: list[str]) -> Iterator[tuple[str, Path]]:
    """(path in the zip, file). What a link leads to may be anybody's: links are left out, and named in `links`."""
    for folder, folders, files in os.walk(root, followlinks=False):
        here = Path(folder)
        if here == root and only:
            folders[:] = [each for each in folders if each in only]
            files[:] = [each for each in files if each in only]
        links += [
            (here / each).relative_to(root).as_posix()
            for each in [*folders, *files]
            if (here / each).is_symlink()
        ]
        folders[:] = sorted(
            each for each in folders if each not in PASSED_OVER and not (here / each).is_symlink()
        )
        for each in sorted(files):
            file = here / each
            if stat.S_ISREG(file.lstat().st_mode):
                yield file.relative_to(root).as_posix(), file


def _read(file: Path) -> bytes:
    """Not what took its place meanwhile: a link, or a pipe that never ends."""
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as opened:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise CliError(Exit.FAILED, "files", f"{file} is no file any more.")
        return opened.read(2 * MOST + 1)


def _too_large() -> CliError:
    said = f"That is more than {MOST // 1024 // 1024} MiB. Import the certificates, keys and profiles alone."
    return CliError(Exit.USAGE, "too-large", said)
