"""What is asked of an uploaded zip, one question a child: what is in it, and what some of its files hold.

The zip goes along each time and only what was asked for comes back, so that neither side ever holds all of it
unpacked. `paths` are joined by line breaks, which no path in an archive has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .archive import read_archive, walk_archive
from .eas_json import EasCredentials, read_eas
from .file_kinds import CERTIFICATE, LOCKED_KEY, MATCH_V1, MATCH_V2, P12, PRIVATE_KEY, PROFILE, file_kind
from .file_paths import folder
from .kdf_cost import MAX_ITERATIONS
from .signing_files import SigningFiles
from .signing_folder import read_signing_files, reading_cost

SIGNING_KINDS = {CERTIFICATE, LOCKED_KEY, MATCH_V1, MATCH_V2, P12, PRIVATE_KEY, PROFILE}
BATCH_BYTES = 1024 * 1024  # of files whose content comes back: an answer has to fit through the pipe


@dataclass(frozen=True, slots=True)
class SortedFile:
    """`kind` is a slug of `file_kinds`."""

    path: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class SortedArchive:
    files: tuple[SortedFile, ...]


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    path: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ArchivedFiles:
    files: tuple[ArchivedFile, ...]


def sort_archive(data: bytes) -> SortedArchive:
    """What each file in a zip is. ParsingError as `archive.walk_archive`, which all of these raise."""
    return SortedArchive(
        tuple(
            SortedFile(path, file_kind(path, content), len(content)) for path, content in walk_archive(data)
        )
    )


def archived_files(data: bytes, *, paths: str) -> ArchivedFiles:
    """These files as they are, to be read by the parser of what they are."""
    return ArchivedFiles(tuple(ArchivedFile(*each) for each in _chosen(data, paths).items()))


def archived_signing(
    data: bytes, *, paths: str, passphrase: str = "", p12_password: str = ""
) -> SigningFiles:
    """What these files hold (`signing_batches`), plain or as match encrypts them."""
    files = _chosen(data, paths)
    return read_signing_files(
        files, passphrase=passphrase, p12_password=p12_password, most_work=MAX_ITERATIONS
    )


def archived_eas(data: bytes, *, path: str) -> EasCredentials:
    """The credentials.json at `path` with the files that it names."""
    return read_eas(read_archive(data, lambda each: each.startswith(folder(path))), path)


def signing_batches(files: Iterable[SortedFile]) -> Iterator[str]:
    """The `paths` of one `archived_signing` after the other, each no more than a child can read.

    `signing_files.together` makes one of what they answer.
    """
    batch: list[str] = []
    work = size = 0
    for file in files:
        if file.kind not in SIGNING_KINDS:
            continue
        cost = reading_cost(file.path, file.kind, file.size)
        if batch and (work + cost > MAX_ITERATIONS or size + file.size > BATCH_BYTES):
            yield "\n".join(batch)
            batch, work, size = [], 0, 0
        batch.append(file.path)
        work, size = work + cost, size + file.size
    if batch:
        yield "\n".join(batch)


def _chosen(data: bytes, paths: str) -> dict[str, bytes]:
    return read_archive(data, set(paths.split("\n")).__contains__)
