"""The command line in this process, with a home of its own, and instances that answer without a network."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import requests
from credhub_cli.main import main
from django.test import Client
from pytest_django import Settings
from requests.adapters import BaseAdapter

from organizations import rates
from organizations.federation import keys
from tests.organizations.fake_provider import FakeProvider

HUB = "https://credhub.example"
CI = ("CREDHUB_", "GITHUB_", "ACTIONS_", "GITLAB_", "CI_", "CIRCLE", "BITRISE_", "JENKINS_", "CM_", "XDG_")


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """What --json tells of a failure, after whatever else was said."""
        return json.loads(self.err)["error"]


Run = Callable[..., Done]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's: no sign-in, no CI job, not a Mac."""
    for name in list(os.environ):
        if name.startswith(CI):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setattr("platform.system", lambda: "Linux")
    for module in ("client", "waiting"):
        monkeypatch.setattr(f"credhub_cli.{module}.sleep", lambda _seconds: None)
    return folder


@pytest.fixture
def credhub(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`credhub("keys", "--json")`"""

    def run(*words: str, stdin: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        try:
            code = main(words)
        except SystemExit as ended:
            code = int(ended.code or 0)
        told = capsys.readouterr()
        return Done(code, told.out, told.err)

    return run


class Adapter(BaseAdapter):
    """Where requests sends to, instead of a network."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[requests.PreparedRequest] = []
        self.verified: list[Any] = []

    def send(self, request: requests.PreparedRequest, *_args: Any, **options: Any) -> requests.Response:  # type: ignore[override]
        self.asked.append(request)
        self.verified.append(options.get("verify"))
        answer = requests.Response()
        answer.request, answer.url = request, str(request.url)
        answer.headers["Date"] = formatdate(usegmt=True)
        status, headers, content = self.answer(request)
        answer.status_code, answer._content = status, content
        answer.headers.update(headers)
        return answer

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is open."""

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        others = requests.Session.get_adapter

        def get_adapter(session: requests.Session, url: str) -> Any:
            return self if url.startswith("https:") else others(session, url)

        monkeypatch.setattr(requests.Session, "get_adapter", get_adapter)


class Hub(Adapter):
    """The product itself, by its own views."""

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        body = request.body or b""
        path = request.path_url
        kind = headers.pop("Content-Type", "")
        answer = Client().generic(str(request.method), path, body, kind, secure=True, headers=headers)
        return answer.status_code, dict(answer.headers), answer.content


@pytest.fixture
def hub(db: None, monkeypatch: pytest.MonkeyPatch) -> Hub:
    made = Hub()
    made.install(monkeypatch)
    return made


@pytest.fixture(scope="module")
def _provider() -> Iterator[FakeProvider]:
    made = FakeProvider()
    yield made
    made.close()


@pytest.fixture
def federated(_provider: FakeProvider, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    """A CI provider that CredHub may ask for its keys."""
    settings.CREDHUB_OUTGOING_ALLOW = ["127.0.0.1"]
    monkeypatch.setattr(keys, "_known", {})
    monkeypatch.setattr(rates, "_shares", {})
    return _provider
