"""Bombs and other hostile files, posted to the upload form: a sentence, and nothing is stored."""

import io
import threading
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from appstore.models import AppStoreConnectKey
from credentials import slots
from credentials.parsing import limits
from credentials.parsing.errors import ParsingError
from credentials.parsing.p12 import P12
from credentials.reading import read_upload
from tests import factories
from tests.admin.furniture import address as admin_address
from tests.appstore.uploading import ISSUER, address, counts, errors_of, stored, text_of, upload
from tests.conftest import Cast
from tests.security import bombs

MIB = 1024 * 1024


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("AuthKey_2X9R4HXF34.p8", bytes(8 * MIB))
    return file.getvalue()


MANY = bombs.pbkdf2(bombs.MOST, bytes(16))
FILES: dict[str, bytes] = {
    "p12 with 2^31 iterations": bombs.p12_with_iterations(bombs.MOST),
    "p12 with hidden iterations": bombs.p12_with_hidden(MANY),
    "p8 with scrypt, binary": bombs.encrypted_key(bombs.scrypt(2**22)),
    "p8 with scrypt": bombs.pem(bombs.encrypted_key(bombs.scrypt(2**22)), "ENCRYPTED PRIVATE KEY"),
    "p8 with scrypt, disguised": bombs.pem(bombs.encrypted_key(bombs.scrypt(2**22)), "PRIVATE KEY"),
    "p8 with 2^31 iterations": bombs.pem(bombs.encrypted_key(MANY), "ENCRYPTED PRIVATE KEY"),
    "binary plist": bombs.binary_plist_dag(),
    "profile with a binary plist": bombs.profile(bombs.binary_plist_dag()),
    "deep XML": bombs.deep_xml(),
    "profile with deep XML": bombs.profile(bombs.deep_xml()),
    "RSA with 262,144 bits": bombs.pem(bombs.huge_rsa(), "PRIVATE KEY"),
    "RSA with 262,144 bits, binary": bombs.huge_rsa(),
    "RSA with 32,768 bits": bombs.pem(bombs.huge_rsa(32_768), "PRIVATE KEY"),
    "certificate with such a key": bombs.certificate_with_key(bombs.huge_rsa_public()),
    "certificate with its own curve": bombs.certificate_with_key(bombs.spelled_out_curve()),
    "bytes after the key": bombs.make_pem_key() + b"\x00\x01\x02",
    "text after the key": bombs.make_pem_key() + b"more",
    "10 MB": bytes(10 * MIB),
    "10 MB of key": bombs.make_pem_key() * (10 * MIB // 241),
    "archive": archive(),
    "random": bytes((number * 2_654_435_761 >> 13) & 0xFF for number in range(5000)),
    "empty": b"",
    "NUL": b"\x00",
    "NULs": bytes(4000),
    "half UTF-16": "-----BEGIN PRIVATE KEY-----".encode("utf-16")[:-1],
    "UTF-16 text": "no key at all".encode("utf-16"),
    "UTF-16 without mark": bombs.make_pem_key().decode().encode("utf-16-le"),
    "deep DER": b"\x30\x80" * 4000,
    "wide DER": b"\x30\x82\x1f\x00" + b"\x05\x00" * 0xF80,
    "length without end": b"\x30\x84\xff\xff\xff\xff",
    "deep JSON": b'{"a":' * 1500,
    "markers alone": b"-----BEGIN PRIVATE KEY-----\n" * 200,
    "hyphens": b"-" * 8000,
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_gets_a_sentence(cast: Cast, name: str) -> None:
    client, before = cast.client("root_owner"), counts()
    answer = upload(client, cast.root, FILES[name])
    assert answer.status_code == 400
    (error,) = errors_of(answer)
    assert error.endswith((".", "key.p8"))
    assert "takes too much work" not in error  # it was known by its outline, and did not have to be stopped
    assert "Traceback" not in text_of(answer)
    assert counts() == before


@pytest.mark.parametrize("name", ["p8 with scrypt", "p12 with hidden iterations", "empty", "10 MB"])
def test_the_other_forms_say_the_same(cast: Cast, name: str) -> None:
    client, key = cast.client("root_owner"), factories.make_key(cast.root)
    (said,) = errors_of(upload(client, cast.root, FILES[name]))
    before = counts()

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile(f"AuthKey_{key.key_id}.p8", FILES[name])

    replaced = client.post(f"{key.credential.page_path()}replace/", {"key_type": "TEAM", "file": file()})
    body = {"organization": str(cast.root.pk), "key_type": "TEAM", "issuer_id": ISSUER, "file": file()}
    added = client.post(admin_address(AppStoreConnectKey, "add"), body)
    assert said in text_of(replaced)
    assert said in text_of(added)
    assert counts() == before


def test_a_body_far_beyond_every_file_is_not_even_read(cast: Cast) -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            self.asked += size
            return b"x" * size

    body = Endless()
    environment: dict[str, Any] = {
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "CONTENT_LENGTH": str(limits.LARGEST_REQUEST + 1),
        "wsgi.input": body,
    }
    answer = cast.client("root_owner").generic("POST", address(cast.root), **environment)
    assert answer.status_code == 413
    assert body.asked == 0


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "PATIENCE_SECONDS", 0.1)


@pytest.mark.usefixtures("impatient")
def test_the_third_at_once_is_told_to_try_again_and_others_are_not(cast: Cast, settings: Any) -> None:
    folder, before = settings.DATA_DIR / "reading", counts()
    with slots.slot(folder, str(cast.root.pk)), slots.slot(folder, str(cast.root.pk)):
        answer = upload(cast.client("root_owner"), cast.root, factories.make_p8())
        assert answer.status_code == 400
        assert "Try again in a few seconds." in text_of(answer)
        assert counts() == before
        assert stored(upload(cast.client("outsider"), cast.other, factories.make_p8()))
    assert stored(upload(cast.client("root_owner"), cast.root, factories.make_p8()))


def test_other_requests_go_on_while_bombs_are_read(cast: Cast) -> None:
    codes: list[str] = []

    def reader() -> None:
        try:
            bomb = bombs.p12_with_hidden(MANY)
            read_upload(P12, bomb, organization_id=cast.other.pk, password=bombs.PASSWORD)
        except ParsingError as error:
            codes.append(error.code)

    client = cast.client("root_owner")
    client.get(address(cast.root))
    threads = [threading.Thread(target=reader) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert client.get(address(cast.root)).status_code == 200
    still_reading = not codes
    for thread in threads:
        thread.join()
    assert codes == ["too-much-work"] * 2
    assert still_reading
