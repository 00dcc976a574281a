"""What the child answers is what the parser says; whatever else comes back, the form gets a sentence."""

from typing import Any

import pytest

from credentials import child_process
from credentials.parsing.certificate import CertificateFacts, parse_certificate
from credentials.parsing.errors import ParsingError
from credentials.parsing.identity import SigningIdentity, parse_identity
from credentials.parsing.p8 import P8Key, parse_p8
from credentials.parsing.p12 import P12, parse_p12
from credentials.parsing.profile import ProfileFacts, parse_profile
from credentials.parsing.signed_profile import SignedProfile, parse_signed_profile
from tests import factories
from tests.credentials import (
    apple_files,
    test_parse_certificate,
    test_parse_p8_refusals,
    test_parse_p12,
    test_parse_profile,
)
from tests.credentials.children import probe, program, read, refused
from tests.leaks import find_in, forms_of
from tests.security import bombs

WITH_PASSWORD = {"password": bombs.PASSWORD}
OLD = test_parse_p12.pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC


@pytest.mark.parametrize(
    ("wanted", "parse", "data", "options"),
    [
        (P8Key, parse_p8, factories.make_p8(), {}),
        (P8Key, parse_p8, factories.make_p8().decode().encode("utf-16"), {}),
        (P8Key, parse_p8, b"\xef\xbb\xbf" + factories.make_p8(), {}),
        (P12, parse_p12, test_parse_p12.make(), WITH_PASSWORD),
        (P12, parse_p12, test_parse_p12.make(pbe=OLD), WITH_PASSWORD),
        (CertificateFacts, parse_certificate, test_parse_certificate.certificate("6.1.2"), {}),
        (ProfileFacts, parse_profile, test_parse_profile.profile(), {}),
        (SigningIdentity, parse_identity, apple_files.p12(), {"password": apple_files.PASSWORD}),
        (SignedProfile, parse_signed_profile, apple_files.profile(), {}),
    ],
    ids=[
        "p8",
        "p8 in UTF-16",
        "p8 with BOM",
        "p12",
        "old p12",
        "certificate",
        "profile",
        "identity",
        "signed profile",
    ],
)
def test_the_answer_is_the_parsers_own(wanted: Any, parse: Any, data: bytes, options: dict[str, str]) -> None:
    assert read(wanted, data, **options) == parse(data, **options)


@pytest.mark.parametrize("code", {code: 1 for code, _, _ in test_parse_p8_refusals.REFUSED})
def test_the_refusal_is_the_parsers_own(code: str) -> None:
    data = next(data for found, data, _ in test_parse_p8_refusals.REFUSED if found == code)
    with pytest.raises(ParsingError) as direct:
        parse_p8(data)
    told = refused(P8Key, data)
    assert (told.code, told.message) == (code, direct.value.message)


ANSWERS = {
    "no JSON": "nonsense",
    "nothing": "",
    "no answer": "{}",
    "null": "null",
    "too deep": "[" * 100_000,
    "another type": '{"facts": {"pem": 5, "public_key_sha256": ""}}',
    "no base64": '{"facts": {"pem": "*", "public_key_sha256": ""}}',
    "too few": '{"facts": {"pem": ""}}',
    "too many": '{"facts": {"pem": "", "public_key_sha256": "", "more": 1}}',
    "no code": '{"refused": ["<b>", "message"]}',
    "no message": '{"refused": ["code"]}',
    "no words": '{"refused": [1, 2]}',
    "endless message": '{"refused": ["code", "' + "x" * 5000 + '"]}',
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_is_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    program(monkeypatch, f"import sys; sys.stdin.read(); print({ANSWERS[answer]!r})")
    assert refused(P8Key, factories.make_p8()).code == "unreadable"
    assert "Could not read an uploaded file: parser=p8" in caplog.text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("import sys; sys.exit(1)", "unreadable"),
        ("raise ValueError", "unreadable"),
        ("import os; os.kill(os.getpid(), 11)", "unreadable"),
        ("import os; os.kill(os.getpid(), 9)", "too-much-work"),
        ("import os\nwhile True: os.write(1, b'x' * 65536)", "too-much-work"),
        ("import time; print('{}', flush=True); time.sleep(60)", "too-much-work"),
        ("import os, time\nos.fork() or time.sleep(60)", "unreadable"),
    ],
    ids=["status", "exception", "crash", "killed", "endless", "does not end", "it ends, its child does not"],
)
def test_no_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, text: str, code: str
) -> None:
    monkeypatch.setattr(child_process, "WALL_SECONDS", 0.7)
    program(monkeypatch, text)
    assert refused(P8Key, factories.make_p8()).code == code
    assert "parser=p8" in caplog.text


def test_a_bug_in_a_parser_is_no_error_page_and_logs_no_content(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    p8 = factories.make_p8()
    probe(monkeypatch, "raise KeyError(data)")
    assert refused(P8Key, p8).code == "unreadable"
    assert find_in(caplog.text.encode(), forms_of(p8)) == []


def test_an_interpreter_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "COMMAND", ["/nowhere/python"])
    assert refused().code == "unreadable"
