"""Files that people download: the one place that names them (RFC 6266)."""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse

from organizations.words import clean

LONGEST_NAME = 150
# What ends a quoted string, a path or a parameter, or means something to a shell or to Windows
_UNSAFE = re.compile(r'[\\/:*?"<>|;%]+')


def attachment(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    """`content` as a file called `name`, whoever chose that name, kept by no cache."""
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": content_disposition(name), "Cache-Control": "no-store"},
    )


def streamed(parts: Iterable[str], *, name: str, content_type: str) -> StreamingHttpResponse:
    """The same for what is made while it is sent."""
    return StreamingHttpResponse(
        parts,
        content_type=content_type,
        headers={"Content-Disposition": content_disposition(name), "Cache-Control": "no-store"},
    )


def content_disposition(name: str) -> str:
    """The header: a name in plain ASCII for every client, and the whole one for those that read `filename*`."""
    whole = _one_step(name)
    plain = unicodedata.normalize("NFKD", whole).encode("ascii", "ignore").decode()
    plain = _one_step(plain)
    header = f'attachment; filename="{plain}"'
    return header if plain == whole else f"{header}; filename*=UTF-8''{quote(whole, safe='')}"


def _one_step(name: str) -> str:
    """One step of a path: no separators, no way up, not hidden, its extension kept when it is too long."""
    safe = _UNSAFE.sub("_", clean(name, limit=1000)).strip(". ")
    if len(safe) > LONGEST_NAME:
        stem, dot, extension = safe.rpartition(".")
        extension = f"{dot}{extension}" if stem and len(extension) <= 20 else ""
        safe = safe[: LONGEST_NAME - len(extension)] + extension
    return safe or "download"
