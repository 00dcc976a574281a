"""How the API is spoken to: retries, pages, what is refused before a token leaves, and what an answer may not be."""

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from credhub_cli import client as of_client
from credhub_cli.addresses import safe_url
from credhub_cli.client import Client
from credhub_cli.errors import CliError
from credhub_cli.output import Output
from credhub_cli.private_files import write_all, write_private
from credhub_cli.progress import Progress, bar, part_of, words_of
from credhub_cli.purposes import purpose_of
from credhub_cli.retries import pause

from tests.cli.conftest import HUB, Adapter

Canned = tuple[int, dict[str, str], Any]
BUSY: Canned = (429, {"Retry-After": "7"}, {"code": "too-many-requests", "detail": "Slowly."})
TOKEN = "chub_" + "x" * 49


class Told(Adapter):
    """Answers one after the other; an exception is raised."""

    def __init__(self, *answers: Canned | Exception) -> None:
        super().__init__()
        self.answers = list(answers)

    def answer(self, _request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        status, headers, body = found
        return status, headers, body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture
def waited(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(of_client, "sleep", found.append)
    return found


def told(monkeypatch: pytest.MonkeyPatch, *answers: Canned | Exception) -> Told:
    made = Told(*answers)
    made.install(monkeypatch)
    return made


def refused(made: Client, method: str = "GET", **options: Any) -> CliError:
    with pytest.raises(CliError) as caught:
        made.send(method, "/x", **options)
    return caught.value


def test_reads_and_writes_that_are_done_once_are_sent_again(
    waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = requests.ConnectionError("proxy://ada:secret@host")
    adapter = told(
        monkeypatch, BUSY, lost, (503, {}, b"<html>"), (200, {}, {"a": 1}), BUSY, (202, {}, {}), BUSY
    )
    client = Client(HUB, TOKEN)
    assert client.get("/x") == {"a": 1}
    assert waited[0] == 7
    assert [0.8 * each <= got <= 1.2 * each for each, got in zip((2, 4), waited[1:], strict=True)] == [
        True,
        True,
    ]
    assert client.post("/x", {}).status == 202
    keys = [each.headers["Idempotency-Key"] for each in adapter.asked[-2:]]
    assert keys[0] == keys[1] != ""
    error = refused(client, "POST", body={})  # an exchange, a reveal: each time counts
    assert (error.exit_code, error.code, len(waited)) == (7, "too-many-requests", 4)


def test_there_is_an_end_to_it(waited: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, *[BUSY] * 9)
    assert refused(Client(HUB, TOKEN)).code == "too-many-requests"
    assert waited == [7.0] * 4
    assert pause(1, "3600") is None  # whoever has to wait that long is told at once


def test_what_is_no_answer_of_credhubs(waited: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    away = {"Location": "https://elsewhere.example/api/v1/x"}
    adapter = told(
        monkeypatch, (302, away, b""), (200, {}, b"<html>"), requests.exceptions.SSLError("bad"),
        requests.exceptions.ProxyError("https://ada:secret@proxy"), requests.ReadTimeout("slow"),
    )  # fmt: skip
    client = Client(HUB, TOKEN)
    errors = [refused(client) for _ in range(5)]
    assert [(int(each.exit_code), each.code) for each in errors] == [
        (7, "not-credhub"), (7, "not-credhub"), (7, "tls"), (7, "proxy"), (8, "timeout"),
    ]  # fmt: skip
    assert (len(adapter.asked), waited) == (5, [])  # nothing followed the redirection
    assert not any("secret" in each.detail for each in errors)


def test_no_file_of_the_home_changes_who_asks(
    home: Path, waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".netrc").write_text("machine credhub.example login ada password hunter2\n")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/from/the/environment.pem")
    adapter = told(monkeypatch, *[(200, {}, {})] * 3)
    Client(HUB, TOKEN, ca_file="own.pem").get("/x")
    Client(HUB, TOKEN).get("/x")
    Client(HUB, "").get("/x")
    sent = [each.headers.get("Authorization") for each in adapter.asked]
    assert sent == [f"Bearer {TOKEN}", f"Bearer {TOKEN}", None]
    assert adapter.verified == ["own.pem", "/from/the/environment.pem", "/from/the/environment.pem"]


def test_pages_to_the_last(waited: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [{"items": [{"n": 1}], "next_cursor": "abc"}, {"items": [{"n": 2}], "next_cursor": None}]
    adapter = told(monkeypatch, *[(200, {}, each) for each in pages])
    assert list(Client(HUB, TOKEN).pages("/x")) == [{"n": 1}, {"n": 2}]
    assert str(adapter.asked[1].url).endswith("?limit=200&cursor=abc")


@pytest.mark.parametrize(
    "address", ["https://a.example", "http://127.0.0.1:8000", "http://[::1]:1", "http://localhost"]
)
def test_addresses_that_a_token_may_go_to(address: str) -> None:
    assert safe_url(f" {address}/ ") == address


@pytest.mark.parametrize(
    "address",
    ["http://a.example", "http://127.0.0.1.evil.example", "ftp://a", "a.example", "", "https://u:p@a", "https://a?x=1",
     "https://a:port", "https://"],
)  # fmt: skip
def test_addresses_that_it_may_not_go_to(address: str) -> None:
    with pytest.raises(CliError) as caught:
        safe_url(address)
    assert caught.value.exit_code == 2


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o644)
    monkeypatch.setattr("os.fsync", lambda _handle: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_private(path, b"new")
    assert ([each.name for each in tmp_path.iterdir()], path.read_text()) == (["secret"], "old")
    monkeypatch.undo()
    write_private(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)
    for name in ("../x", "/etc/x", "a/../../x", ".ssh", "a\nb", ""):
        with pytest.raises(CliError):
            write_all(tmp_path, {name: b""})


def test_how_far_a_run_is() -> None:
    run = {"state": "RUNNING", "title": "Sync\x1b[2J", "report": [], "counts": {}}
    assert (part_of(run), words_of(run)) == (0, "Sync�[2J: running")
    run["counts"] = {
        "certificates": {"seen": 4, "total": 4},
        "devices": {"seen": 50, "total": 100},
        "x": {"seen": None},
    }
    assert (part_of(run), words_of(run)) == (0.375, "Sync�[2J: 4 certificates, 50 devices, 0 x")
    steps = [{"state": "done", "said": "a"}, {"state": "now", "said": "Registers b"}]
    assert part_of(run | {"report": steps}) == 0.5
    assert words_of(run | {"report": steps}) == "Sync�[2J: Registers b"
    assert part_of(run | {"state": "DEAD"}) == 1
    assert bar(0.375) == f"[{'#' * 9}{'.' * 15}]  38%"


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    run = {"state": "RUNNING", "title": "Sync", "report": [], "counts": {"devices": {"seen": 2, "total": 2}}}
    for as_json, said in ((False, f"\r\x1b[K{bar(0.25)} Sync: 2 devices\n"), (True, "")):
        progress = Progress(Output(as_json=as_json))
        progress.show(run)
        progress.close()
        assert capsys.readouterr().err == said


def test_the_log_is_told_the_job() -> None:
    job = {"GITLAB_CI": "true", "CI_PROJECT_PATH": "acme/app", "CI_JOB_ID": "42"}
    assert purpose_of(job, "run") == "credhub run: GitLab CI acme/app 42"
    assert len(purpose_of(job | {"CI_JOB_NAME": "x" * 300}, "run")) == 200
    assert purpose_of({}, "run") == "credhub run"
