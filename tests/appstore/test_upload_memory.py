"""Uploads stay in memory, whatever their size, and one that is too large is told so on the page."""

import io
import tempfile
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.files import uploadedfile
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client, RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests import factories
from tests.appstore.uploading import FILE_NAME, ISSUER, address, counts, errors_of, stored, text_of, upload
from tests.conftest import Cast
from tests.leaks import find_in, forms_of

KIB = 1024


@pytest.fixture(autouse=True)
def no_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def made(*_args: Any, **_kwargs: Any) -> None:
        pytest.fail("a temporary file was made")

    for name in ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile", "mkstemp", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, made)
    monkeypatch.setattr(uploadedfile.TemporaryUploadedFile, "__init__", made)


def read_request(files: dict[str, bytes], **fields: str) -> tuple[WSGIRequest, io.BytesIO]:
    """A request with these files, and the stream that it is read from."""
    parts = {
        name: InMemoryUploadedFile(io.BytesIO(data), name, name, "", len(data), None)
        for name, data in files.items()
    }
    body = encode_multipart(BOUNDARY, {**parts, **fields})
    stream = io.BytesIO(body)
    environ = RequestFactory().generic("POST", "/", body, MULTIPART_CONTENT).environ
    return WSGIRequest({**environ, "wsgi.input": stream}), stream


def test_a_key_is_uploaded_without_a_temporary_file(cast: Cast) -> None:
    assert stored(upload(cast.client("root_owner"), cast.root, factories.make_p8()))


@pytest.mark.parametrize("size", [8 * KIB + 1, 255 * KIB, 300 * KIB, 5 * KIB * KIB])
@pytest.mark.parametrize(
    "make",
    [
        lambda p8, size: bytes(size),
        lambda p8, size: b"a" * size,
        lambda p8, size: p8 + b"\n" * (size - len(p8)),
    ],
    ids=["zeros", "text", "a key and blank lines"],
)
def test_a_file_that_is_too_large_gets_its_message(
    cast: Cast, size: int, make: Callable[[bytes, int], bytes]
) -> None:
    p8, before = factories.make_p8(), counts()
    answer = upload(cast.client("root_owner"), cast.root, make(p8, size))

    assert answer.status_code == 400
    (error,) = errors_of(answer)
    assert error.startswith("The file is larger than 8 KiB, and a .p8 key is about 250 bytes.")
    assert find_in(answer.content, forms_of(p8)) == []
    assert counts() == before


def test_what_is_typed_after_a_large_file_still_arrives(cast: Cast) -> None:
    """The forms' token among it: a browser sends fields in the order of the page."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.root_owner, backend="organizations.sign_in_backend.SignInBackend")
    strict.get(address(cast.root))
    token = strict.cookies[settings.CSRF_COOKIE_NAME].value
    large = InMemoryUploadedFile(io.BytesIO(bytes(KIB * KIB)), "file", FILE_NAME, "", KIB * KIB, None)
    body = {"file": large, "issuer_id": ISSUER, "name": "Typed after it", "csrfmiddlewaretoken": token}

    answer = strict.post(address(cast.root), body)
    assert answer.status_code == 400
    assert "The file is larger than 8 KiB" in text_of(answer)
    assert 'value="Typed after it"' in text_of(answer)


def test_pasted_text_beyond_all_measure_is_answered_too(cast: Cast) -> None:
    before = counts()
    for size in (9 * KIB, 200 * KIB):
        answer = upload(cast.client("root_owner"), cast.root, text="a" * size, key_id="2X9R4HXF34")
        assert answer.status_code == 400
        assert "The file is larger than 8 KiB" in text_of(answer)
    answer = upload(cast.client("root_owner"), cast.root, text="a" * (300 * KIB), key_id="2X9R4HXF34")
    assert answer.status_code == 413
    assert "This is too large" in text_of(answer)
    assert counts() == before


def test_the_whole_upload_is_read_so_that_the_connection_is_not_cut() -> None:
    request, stream = read_request({"file": b"x" * (3 * KIB * KIB)}, after="the file")
    assert request.POST["after"] == "the file"
    assert stream.read() == b""


def test_only_the_beginning_of_a_large_file_is_kept_and_its_size_is_told() -> None:
    size = 3 * KIB * KIB
    request, _ = read_request({"file": b"begin" + bytes(size - 5)})
    upload = request.FILES["file"]

    assert upload.size == size
    kept = upload.read()
    assert kept.startswith(b"begin")
    assert len(kept) == settings.FILE_UPLOAD_MAX_MEMORY_SIZE


@pytest.mark.parametrize("size", [0, 1, 64 * KIB, 256 * KIB - 1, 256 * KIB])
def test_a_file_that_fits_is_kept_whole(size: int) -> None:
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    request, _ = read_request({"file": data})

    assert isinstance(request.FILES["file"], InMemoryUploadedFile)
    assert request.FILES["file"].size == size
    assert request.FILES["file"].read() == data


def test_files_are_kept_apart() -> None:
    request, _ = read_request({"one": b"1" * (300 * KIB), "two": b"2" * 10, "three": b""})

    assert request.FILES["one"].size == 300 * KIB
    assert set(request.FILES["one"].read()) == set(b"1")
    assert request.FILES["two"].read() == b"2" * 10
    assert request.FILES["three"].read() == b""
    assert request.FILES["two"].name == "two"
