"""Uploads stay in memory. A private key must not touch the disk on its way in."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from credentials.parsing import limits

View = TypeVar("View", bound=Callable[..., Any])


def takes_archives(view: View) -> View:
    """This page takes files of limits.ARCHIVE from whoever is signed in. No other page does."""
    view.takes_archives = True  # type: ignore[attr-defined]
    return view


def _is_for_archives(request: HttpRequest) -> bool:
    """Asked before the body is read, and so before the page's own rules: strangers have no large upload read."""
    match = request.resolver_match
    return bool(match and getattr(match.func, "takes_archives", False) and SESSION_KEY in request.session)


class MemoryOnlyUploadHandler(FileUploadHandler):
    """Keeps the first FILE_UPLOAD_MAX_MEMORY_SIZE bytes of a file (or an archive) and lets the rest go by.

    So the form gets to say that a file is too large (`size` is the true one), in place of a connection that is
    cut in mid-upload. Nothing is written to disk, whatever the size. Only a request that announces a body far
    beyond every file is refused unread: reading it would hold a thread for as long as somebody sends.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.is_for_archives = request is not None and _is_for_archives(request)
        self.most_kept = limits.ARCHIVE if self.is_for_archives else settings.FILE_UPLOAD_MAX_MEMORY_SIZE

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - Django's own name
        content_length: int,
        *rest: Any,
        **others: Any,
    ) -> None:
        if content_length > (limits.LARGEST_IMPORT if self.is_for_archives else limits.LARGEST_REQUEST):
            raise RequestDataTooBig

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        room = max(self.most_kept - start, 0)
        self.file.write(raw_data[:room])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.file.seek(0)
        return InMemoryUploadedFile(
            file=self.file,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


class ArchiveUploadHandler(MemoryOnlyUploadHandler):
    """For the one operation of the API that takes archives, whose body is read after its token was found to be one."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.is_for_archives, self.most_kept = True, limits.ARCHIVE
