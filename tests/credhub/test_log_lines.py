"""A log line holds what is on the list, whoever wrote it and whatever the type, and nobody forges one."""

import io
import json
import logging
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from appstore.client.errors import UnexpectedAnswer
from credhub.logs import LineHandler, logging_config
from tests.conftest import Cast

SECRET = "correct horse battery staple"


def formatter(*, json_lines: bool = True) -> logging.Formatter:
    form = logging_config(json_lines=json_lines, debug=True)["formatters"]["lines"]
    return structlog.stdlib.ProcessorFormatter(**{k: v for k, v in form.items() if k != "()"})


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter())
    levels = {log: log.level for log in (root, logging.getLogger("organizations.middleware"))}
    root.addHandler(handler)
    for log in levels:
        log.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    for log, level in levels.items():
        log.setLevel(level)


def told(lines: io.StringIO) -> list[dict[str, Any]]:
    """One object a line, also for a reader who ends lines at every character that Unicode calls a line break."""
    return [json.loads(line) for line in lines.getvalue().splitlines()]


@pytest.mark.parametrize(
    "value",
    [SECRET, SECRET.encode(), bytearray(SECRET.encode()), memoryview(SECRET.encode()), {"deep": [SECRET]}, (SECRET,)],
    ids=["str", "bytes", "bytearray", "memoryview", "dict", "tuple"],
)  # fmt: skip
@pytest.mark.parametrize("field", ["secret", "password", "anything", "run"])
def test_a_field_off_the_list_is_masked_whatever_its_type(lines: io.StringIO, field: str, value: Any) -> None:
    structlog.get_logger("ours").info("stored", **{field: value}, attempt=2)
    (line,) = told(lines)
    assert (line["event"], line["attempt"]) == ("stored", 2)
    if field == "run" and isinstance(value, str):
        assert line["run"] == SECRET  # on the list: what is put there is ours to answer for
    else:
        assert SECRET not in lines.getvalue()
        assert line.get("masked", [field]) == [field]


def test_our_own_events_are_names_and_never_sentences_with_values(lines: io.StringIO) -> None:
    log = structlog.get_logger("ours")
    log.info(f"stored {SECRET}")  # noqa: G004
    log.info("stored %s", SECRET)
    log.info({"stored": SECRET})
    assert [line["event"] for line in told(lines)] == ["<masked>"] * 3
    assert SECRET not in lines.getvalue()


@pytest.mark.parametrize(
    "name", ["django.request", "gunicorn.error", "celery.worker", "allauth", "py.warnings", "x"]
)
def test_a_librarys_data_are_masked(lines: io.StringIO, name: str) -> None:
    log = logging.getLogger(name)
    log.propagate = True
    log.error("cannot %s %s %d", SECRET, SECRET.encode(), 3, extra={"token": SECRET, "data": {"x": SECRET}})
    log.error("cannot %(what)s", {"what": SECRET})
    log.error(ValueError(SECRET))
    mistaken = logging.LogRecord(name, logging.ERROR, "x.py", 1, "%d", (SECRET,), None)
    lines.write(formatter().format(mistaken) + "\n")
    assert SECRET not in lines.getvalue()
    assert {line["logger"] for line in told(lines)} == {name}
    known = not name.startswith(("allauth", "py", "x"))
    assert told(lines)[0]["event"] == ("cannot <masked> <masked> 3" if known else "<masked>")


FORGED = '\r\n{"event":"forged"}\n\u2028\u2029\x85\x0b\x0c\x1b[2J\x00\u202e'


def test_nobody_forges_a_line(lines: io.StringIO) -> None:
    structlog.get_logger("ours").info("stored", code=FORGED, **{FORGED: 1, "name": FORGED})
    logging.getLogger("django.request").warning("Not Found: " + FORGED)  # noqa: G003
    logging.getLogger(f"evil{FORGED}").warning("x")
    assert len(told(lines)) == 3
    assert "forged" not in {line["event"] for line in told(lines)}
    for bad in "\r\u2028\u2029\x85\x0b\x0c\x1b\x00\u202e":
        assert bad not in lines.getvalue()
        assert json.dumps(bad)[1:-1] not in lines.getvalue()


def test_an_exception_is_its_type_and_place(lines: io.StringIO) -> None:
    def fails() -> None:
        password = SECRET
        try:
            raise KeyError(password)  # noqa: TRY301
        except KeyError as error:
            raise RuntimeError(f"no {password}") from error

    try:
        fails()
    except RuntimeError:
        structlog.get_logger("ours").exception("it_broke", run=str(uuid.uuid4()))
        logging.getLogger("celery.x").exception("broke")
    assert SECRET not in lines.getvalue()
    for line in told(lines):
        outer, inner = line["exception"]
        assert (outer["type"], inner["type"]) == ("RuntimeError", "KeyError")
        assert outer["message"] == "<masked>"
        assert outer["at"][-1].startswith("tests/credhub/test_log_lines.py:")
        assert outer["at"][-1].endswith(" fails")


def test_our_own_exceptions_may_say_their_sentence(lines: io.StringIO) -> None:
    try:
        raise UnexpectedAnswer("Apple sent\nno list.")  # noqa: TRY301
    except UnexpectedAnswer:
        structlog.get_logger("ours").exception("it_broke")
    assert told(lines)[0]["exception"][0]["message"] == "Apple sent·no list."


def test_at_a_terminal_an_exception_has_lines_of_its_own(lines: io.StringIO) -> None:
    (ours,) = (each for each in logging.getLogger().handlers if getattr(each, "stream", None) is lines)
    ours.setFormatter(formatter(json_lines=False))
    try:
        raise KeyError(SECRET)  # noqa: TRY301
    except KeyError:
        structlog.get_logger("ours").exception("it_broke")
    first, kind, place = lines.getvalue().splitlines()
    assert "it_broke" in first
    assert kind == "  KeyError: <masked>"
    assert place.startswith("    tests/credhub/test_log_lines.py:")


def test_a_line_that_cannot_be_made_is_told_of_and_not_shown() -> None:
    stream = io.StringIO()
    handler = LineHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.handle(logging.LogRecord("x", logging.ERROR, "", 1, "%d", (SECRET,), None))
    assert json.loads(stream.getvalue()) == {"event": "log_line_lost", "level": "error"}
    stream.close()
    handler.handle(logging.LogRecord("x", logging.ERROR, "", 1, "%d", (SECRET,), None))


PATHS = ["/invitations/TOKEN-IN-A-PATH/", "/setup/TOKEN-IN-A-PATH/", "/accounts/password/reset/key/1-TOKEN-IN-A-PATH/",
         "/nothing/TOKEN-IN-A-PATH/", "/o/acme/credentials/?q=TOKEN-IN-A-PATH", "/o/TOKEN-IN-A-PATH/"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_request_is_logged_by_its_route(cast: Cast, lines: io.StringIO, path: str) -> None:
    answer = cast.client("root_owner").get(
        path, headers={"referer": "TOKEN-IN-A-PATH", "user-agent": "TOKEN-IN"}
    )
    assert "TOKEN-IN" not in lines.getvalue()
    (served,) = [line for line in told(lines) if line["event"] == "request_served"]
    assert served["request_id"] == answer["X-Request-Id"]
    assert served["status"] == answer.status_code
    assert served["method"] == "GET"
    assert served["route"] in {"(none)", *ROUTES}
    if answer.status_code == 404 and "nothing" not in path:
        (warning,) = [line for line in told(lines) if line["logger"] == "django.request"]
        assert (warning["status"], warning["route"]) == (404, served["route"])


ROUTES = {"invitations/<str:token>/", "setup/<str:token>/", "o/<slug:slug>/credentials/", "o/<slug:slug>/",
          "accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$"}  # fmt: skip


def test_a_method_of_somebodys_own_is_not_repeated(cast: Cast, lines: io.StringIO) -> None:
    cast.client("anonymous").generic("EVIL-METHOD", "/healthz")
    assert "EVIL" not in lines.getvalue()
    assert {"(other)"} == {line["method"] for line in told(lines) if "method" in line}


def test_nothing_logs_past_the_door() -> None:
    """Every handler of every logger is ours, and no error is mailed: Django's default ones would do both."""
    config = logging_config(json_lines=True, debug=False)
    assert config["handlers"].keys() == {"stderr"}
    for name in ("django", "django.server", "django.request", "django.security", "celery", "gunicorn.error"):
        assert logging.getLogger(name).handlers == [], name
