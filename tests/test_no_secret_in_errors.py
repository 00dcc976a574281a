"""When something breaks while a private key is in hand, neither the answer nor the log nor a report holds it."""

import base64
import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.conf import settings as configured
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.log import AdminEmailHandler
from django.views.debug import ExceptionReporter
from pytest_django import Settings

from appstore import runs
from appstore.clients import client_for
from appstore.models import SyncRun
from credentials.models import Credential
from organizations.models import Organization
from tests import factories
from tests.appstore.uploading import ISSUER, KEY_ID, address, counts, text_of, upload
from tests.conftest import Cast
from tests.crawl import everything_of
from tests.leaks import find_in, forms_of
from tests.log_lines import everything_logged

# Where it breaks, from the first moment at which the key is in memory to the last
PLACES = [
    "credentials.uploads.MemoryOnlyUploadHandler.file_complete",
    "appstore.forms.read_upload",
    "credentials.child_process._checked",
    "credentials.reading.from_plain",
    "appstore.forms.AppStoreConnectKeyForm._find_existing",
    "appstore.models.AppStoreConnectKey.add",
    "credentials.crypto.seal",
    "credentials.hkdf.expand",
    "credentials.models.Credential.save",
    "organizations.models.AuditEvent.save",
    "appstore.models.SyncRun.request_check",
    "django.contrib.messages.success",
]


FORM = "application/x-www-form-urlencoded"


class BrokenError(Exception):
    pass


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    with everything_logged() as lines:
        yield lines


@pytest.fixture(params=[False, True], ids=["DEBUG off", "DEBUG on"])
def debug(request: pytest.FixtureRequest, settings: Settings) -> bool:
    settings.DEBUG = request.param
    return settings.DEBUG


def breaks(monkeypatch: pytest.MonkeyPatch, place: str, error: Exception) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(place, broken)


def browser(cast: Cast) -> Client:
    client = cast.client("root_owner")
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
@pytest.mark.parametrize("place", PLACES)
def test_the_upload_page(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO, debug: bool, place: str, accept: str
) -> None:
    p8, before, client = factories.make_p8(), counts(), browser(cast)
    client.defaults["HTTP_ACCEPT"] = accept
    breaks(monkeypatch, place, BrokenError("it broke"))

    answers = [upload(client, cast.root, p8)]
    if place not in {PLACES[0], PLACES[-1]}:  # before there is a text, and when all is stored
        answers.append(upload(client, cast.root, text=p8.decode(), key_id=KEY_ID))

    for answer in answers:
        assert answer.status_code == 500
        assert find_in(everything_of(answer), forms_of(p8)) == []
        assert ("BrokenError" in text_of(answer)) == debug
        assert ("Something broke" in text_of(answer)) != debug
    assert "BrokenError" in logged.getvalue()
    assert "it broke" not in logged.getvalue()
    assert find_in(logged.getvalue().encode(), forms_of(p8)) == []
    if place != PLACES[-1]:
        assert counts()["credentials.Credential"] == before["credentials.Credential"]


@pytest.mark.parametrize("place", ["credentials.models.Credential.replace_secret", "credentials.crypto.seal"])
def test_the_page_that_replaces(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO, debug: bool, place: str
) -> None:
    old, new, client = factories.make_p8(), factories.make_p8(), browser(cast)
    key = factories.make_key(cast.root, p8=old, key_id=KEY_ID, issuer_id=ISSUER)
    secret = key.credential.secret
    breaks(monkeypatch, place, BrokenError("it broke"))

    for where in (reverse("replace-credential", args=["acme", key.credential.pk]), address(cast.root)):
        answer = upload(client, cast.root, new, to=where, replace_existing="on")
        assert answer.status_code == 500
        assert find_in(everything_of(answer), forms_of(old) | forms_of(new)) == []
    assert find_in(logged.getvalue().encode(), forms_of(old) | forms_of(new)) == []
    assert Credential.objects.get().secret == secret


def test_the_admins_upload_page(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO, debug: bool
) -> None:
    p8, client = factories.make_p8(), browser(cast)
    breaks(monkeypatch, "credentials.crypto.seal", BrokenError("it broke"))
    facts = {"organization": str(cast.root.pk), "key_type": "TEAM", "issuer_id": ISSUER, "key_id": KEY_ID}
    answer = client.post(
        reverse("admin:appstore_appstoreconnectkey_add"), {**facts, "file": SimpleUploadedFile("key.p8", p8)}
    )

    assert answer.status_code == 500
    assert find_in(everything_of(answer), forms_of(p8)) == []
    assert find_in(logged.getvalue().encode(), forms_of(p8)) == []


def test_a_worker_that_opened_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO, debug: bool
) -> None:
    """Its traceback goes through frames that hold the key."""
    p8 = factories.make_p8()
    key = factories.make_key(cast.root, p8=p8)
    run = SyncRun.objects.get(key=key)
    breaks(monkeypatch, "appstore.clients.TokenMinter", BrokenError("it broke"))

    runs.perform(run.pk)
    with pytest.raises(BrokenError) as caught:
        client_for(key, purpose="test")

    reporter = ExceptionReporter(None, type(caught.value), caught.value, caught.value.__traceback__)
    told = logged.getvalue() + reporter.get_traceback_html() + reporter.get_traceback_text()
    assert told.count("BrokenError") > 3
    assert find_in(told.encode(), forms_of(p8)) == []
    run.refresh_from_db()
    assert find_in(repr(vars(run)).encode(), forms_of(p8)) == []


def test_an_upload_that_cannot_be_read(cast: Cast, logged: io.StringIO, debug: bool) -> None:
    """Django itself refuses the request, while it reads it."""
    p8 = factories.make_p8()
    client = browser(cast)
    answers = [
        upload(client, cast.root, text=p8.decode() + "x" * 300_000),
        client.post(address(cast.root), {f"field {n}": p8.decode() for n in range(1100)}),
        client.post(address(cast.root), p8, content_type="multipart/form-data; boundary="),
        client.post(address(cast.root), b"text=" + p8 + bytes(300_000), content_type=FORM),
        client.post(address(cast.root), p8, content_type="application/json"),
    ]

    assert {answer.status_code for answer in answers} <= {200, 400, 413}
    for answer in answers:
        assert find_in(everything_of(answer), forms_of(p8)) == []
    assert find_in(logged.getvalue().encode(), forms_of(p8)) == []
    assert not Credential.objects.exists()


def test_an_error_that_carries_the_key_is_cleaned_in_the_log_and_hidden_from_the_page(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO
) -> None:
    """Nothing of ours raises one; a library might."""
    p8 = factories.make_p8()
    breaks(monkeypatch, "credentials.crypto.seal", BrokenError(f"cannot seal {p8.decode()} nor {p8!r}"))
    answer = upload(browser(cast), cast.root, p8)

    assert answer.status_code == 500
    assert find_in(everything_of(answer), forms_of(p8)) == []
    assert "BrokenError" in logged.getvalue()
    assert "cannot seal" not in logged.getvalue()
    assert find_in(logged.getvalue().encode(), forms_of(p8)) == []


def test_a_key_that_is_logged_by_mistake_is_cleaned(logged: io.StringIO) -> None:
    p8 = factories.make_p8()
    text, der = p8.decode(), base64.b64decode(b"".join(p8.splitlines()[1:-1]))
    log = structlog.get_logger("by.mistake")
    log.info("as a field", p8=text)
    log.info("as bytes", p8=p8, der=der, more=bytearray(der), view=memoryview(der))
    event = f"in the event {text}"
    log.info(event)
    log.info(
        "inside",
        data={"p8": text, "raw": p8, "list": [text, (der, {"deep": [text, der]})]},
        several=[p8],
        pair=(text,),
    )
    log.info("as something that shows itself", key=_Shows(text), keys={"one": [_Shows(text)]})
    logging.getLogger("by.mistake").warning("an argument %s and %r", text, p8)
    logging.getLogger("by.mistake").warning("an extra", extra={"p8": text, "raw": p8, "data": {"p8": [text]}})

    assert logged.getvalue().count("by.mistake") == 14
    assert "p8" in logged.getvalue()  # the name of what was masked, for who made the mistake
    assert find_in(logged.getvalue().encode(), forms_of(p8)) == []


class _Shows:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"<Key {self.text}>"


def test_a_report_by_mail_holds_neither_the_key_nor_our_own_secrets(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.ADMINS = [("Operator", "operator@example.com")]
    reports, p8 = AdminEmailHandler(include_html=True), factories.make_p8()
    logging.getLogger("django.request").addHandler(reports)
    try:
        breaks(monkeypatch, "credentials.crypto.seal", BrokenError("it broke"))
        upload(browser(cast), cast.root, p8)
    finally:
        logging.getLogger("django.request").removeHandler(reports)

    (message,) = mail.outbox
    told = message.message().as_bytes() + message.body.encode() + str(message.alternatives).encode()
    assert b"BrokenError" in told
    assert find_in(told, forms_of(p8)) == []
    for secret in (configured.SECRET_KEY, configured.CREDHUB_MASTER_KEYS.partition(":")[2]):
        assert secret.encode() not in told


def test_the_debug_page_does_not_tell_our_own_secrets(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    breaks(monkeypatch, "appstore.forms.read_upload", BrokenError("it broke"))
    page = text_of(upload(browser(cast), cast.root, factories.make_p8()))

    assert "CREDHUB_MASTER_KEYS" in page  # settings are listed, by name
    for secret in (configured.SECRET_KEY, configured.CREDHUB_MASTER_KEYS.partition(":")[2]):
        assert secret not in page
    assert Organization.objects.count() == 4
