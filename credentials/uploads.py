"""Uploads stay in memory. A private key must not touch the disk on its way in."""

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload


class MemoryOnlyUploadHandler(MemoryFileUploadHandler):
    """Keeps small files in memory and ends the upload of any larger one (FILE_UPLOAD_MAX_MEMORY_SIZE)."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        super().handle_raw_input(*args, **kwargs)
        # Django asks this of the whole request; whether each file fits is counted as it comes in.
        self.activated = True
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        from django.conf import settings

        self.seen += len(raw_data)
        if self.seen > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            raise StopUpload(connection_reset=True)
        return super().receive_data_chunk(raw_data, start)
