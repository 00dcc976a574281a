"""An archive, asked one question a child process (credentials/parsing/archived.py), as often as it takes."""

import time
import uuid
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.views.decorators.debug import sensitive_variables

from appstore.models.import_upload import PASSPHRASE_CODES
from credentials.parsing.archived import (
    BATCH_BYTES,
    ArchivedFile,
    ArchivedFiles,
    SortedArchive,
    SortedFile,
    signing_batches,
)
from credentials.parsing.eas_json import EasCredentials
from credentials.parsing.errors import ParsingError
from credentials.parsing.file_kinds import MATCH_V1, MATCH_V2
from credentials.parsing.signing_files import Problem, SigningFiles
from credentials.reading import read_upload

T = TypeVar("T")
BUSY_TRIES, BUSY_SECONDS = 8, 2.0


class Archive:
    """`step` is called after each question, so that whoever watches sees that it goes on."""

    def __init__(
        self,
        data: bytes,
        organization_id: uuid.UUID,
        step: Callable[[int], None],
        *,
        passphrase: str,
        password: str,
    ) -> None:
        self._data, self._organization_id, self._step = data, organization_id, step
        self._passphrase, self._password = passphrase, password

    def files(self) -> tuple[SortedFile, ...]:
        """Raises ParsingError for what is no archive, or a hostile one."""
        return self._ask(SortedArchive).files

    def eas(self, path: str) -> EasCredentials:
        """Raises ParsingError."""
        return self._ask(EasCredentials, path=path)

    def contents(self, files: list[SortedFile]) -> Iterator[ArchivedFile]:
        """As they are, as many in a child as fit."""
        batch: list[SortedFile] = []
        for file in files:
            if batch and sum(each.size for each in batch) + file.size > BATCH_BYTES:
                yield from self._contents(batch)
                batch = []
            batch.append(file)
        if batch:
            yield from self._contents(batch)

    def _contents(self, batch: list[SortedFile]) -> tuple[ArchivedFile, ...]:
        return self._ask(ArchivedFiles, paths="\n".join(each.path for each in batch)).files

    def signing(self, files: list[SortedFile]) -> Iterator[SigningFiles]:
        """Keys, certificates and profiles. Raises ParsingError with one of PASSPHRASE_CODES while no file of match's
        was opened; after that, and for anything else, a file that cannot be read is a problem of its own."""
        encrypted = {each.path for each in files if each.kind in {MATCH_V1, MATCH_V2}}
        is_open = False
        for paths in signing_batches(files):
            yield from self._signing(paths.split("\n"), raises=frozenset() if is_open else PASSPHRASE_CODES)
            is_open = is_open or bool(encrypted & set(paths.split("\n")))
            self._step(paths.count("\n") + 1)

    @sensitive_variables()
    def _signing(self, paths: list[str], raises: frozenset[str]) -> Iterator[SigningFiles]:
        """What these hold; where a child cannot read them together, by halves."""
        try:
            yield self._ask(
                SigningFiles,
                paths="\n".join(paths),
                passphrase=self._passphrase,
                p12_password=self._password,
            )
        except ParsingError as error:
            if error.code in raises:
                raise
            if len(paths) == 1:
                yield SigningFiles(problems=(Problem.of(paths[0], error),))
                return
            for half in (paths[: len(paths) // 2], paths[len(paths) // 2 :]):
                yield from self._signing(half, raises)

    @sensitive_variables()
    def _ask(self, wanted: type[T], **options: str) -> T:
        return patiently(wanted, self._data, self._organization_id, **options)


@sensitive_variables()
def patiently(wanted: type[T], data: bytes, organization_id: uuid.UUID, **options: str) -> T:
    """`read_upload` for a worker, who can wait until others of the organization are done. Raises ParsingError."""
    for _ in range(BUSY_TRIES):
        try:
            return read_upload(wanted, data, organization_id=organization_id, **options)
        except ParsingError as error:
            if error.code != "busy":
                raise
        time.sleep(BUSY_SECONDS)
    return read_upload(wanted, data, organization_id=organization_id, **options)
