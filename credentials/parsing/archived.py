"""What is asked of an uploaded zip, one question a child: what is in it, and what some of its files hold.

The zip goes along each time and only what was asked for comes back, so that neither side ever holds all of it
unpacked. `paths` are joined by line breaks, which no path in an archive has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .archive import read_archive, walk_archive
from .eas_json import EasCredentials, read_eas
from .file_kinds import MATCH_V1, MATCH_V2, file_kind
from .file_paths import folder
from .kdf_cost import MAX_ITERATIONS
from .match_repository import ENDINGS, read_match, reading_cost
from .signing_files import SigningFiles

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


def archived_match(data: bytes, *, passphrase: str, paths: str) -> SigningFiles:
    """These files of a match repository (`match_batches`), each no more than a child can decrypt."""
    return read_match(_chosen(data, paths), passphrase, most_work=MAX_ITERATIONS)


def archived_eas(data: bytes, *, path: str) -> EasCredentials:
    """The credentials.json at `path` with the files that it names."""
    return read_eas(read_archive(data, lambda each: each.startswith(folder(path))), path)


def match_batches(files: Iterable[SortedFile]) -> Iterator[str]:
    """The `paths` of one `archived_match` after the other. `signing_files.together` makes one of what they answer."""
    batch: list[str] = []
    work = size = 0
    for file in files:
        if not file.path.lower().endswith(ENDINGS):
            continue
        cost = reading_cost(file.path, file.size, {MATCH_V1: 1, MATCH_V2: 2}.get(file.kind, 0))
        if batch and (work + cost > MAX_ITERATIONS or size + file.size > BATCH_BYTES):
            yield "\n".join(batch)
            batch, work, size = [], 0, 0
        batch.append(file.path)
        work, size = work + cost, size + file.size
    if batch:
        yield "\n".join(batch)


def _chosen(data: bytes, paths: str) -> dict[str, bytes]:
    return read_archive(data, set(paths.split("\n")).__contains__)
