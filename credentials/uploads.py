"""Uploads stay in memory. A private key must not touch the disk on its way in."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from credentials.parsing import limits


class MemoryOnlyUploadHandler(FileUploadHandler):
    """Keeps the first FILE_UPLOAD_MAX_MEMORY_SIZE bytes of a file and lets the rest go by.

    So the form gets to say that a file is too large (`size` is the true one), in place of a connection that is
    cut in mid-upload. Nothing is written to disk, whatever the size. Only a request that announces a body far
    beyond every file is refused unread: reading it would hold a thread for as long as somebody sends.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - Django's own name
        content_length: int,
        *rest: Any,
        **others: Any,
    ) -> None:
        if content_length > limits.LARGEST_REQUEST:
            raise RequestDataTooBig

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        room = max(settings.FILE_UPLOAD_MAX_MEMORY_SIZE - start, 0)
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
