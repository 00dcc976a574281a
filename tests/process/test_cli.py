"""The command line in a virtual environment of its own: from the installation to files that a build signs with."""

import importlib.metadata
import json
import os
import stat
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.process.browser import Browser
from tests.process.conftest import OWNER, Place
from tests.process.house import ROOT

NEEDS = ("requests", "urllib3", "certifi", "idna", "charset-normalizer")
SCOPES = [
    "credential:view",
    "credential:manage",
    "credential:reveal",
    "sync:run",
    "asset:view",
    "asset:manage",
]


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`credhub`, as `uv pip install ./cli` makes it. No index is asked: what it needs is linked from here."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, symlinks=True, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in NEEDS:
        for file in _of_distribution(name):
            if not (packages / file.name).exists():
                (packages / file.name).symlink_to(file)
    python = folder / "bin" / "python"
    words = [
        "pip",
        "install",
        "--offline",
        "--quiet",
        "--no-deps",
        "--python",
        str(python),
        str(ROOT / "cli"),
    ]
    subprocess.run([sys.executable, "-m", "uv", *words], check=True, cwd=folder, timeout=120)
    return folder / "bin" / "credhub"


def _of_distribution(name: str) -> Iterator[Path]:
    """What stands in site-packages for it."""
    files = importlib.metadata.files(name) or []
    tops = {file.parts[0] for file in files if file.parts[0] not in {"..", "__pycache__"}}
    return (Path(str(importlib.metadata.distribution(name).locate_file(top))) for top in tops)


class Machine:
    """Somebody's machine with the tool and an empty home."""

    def __init__(self, tool: Path, home: Path, url: str) -> None:
        self.tool, self.home, self.url = tool, home, url
        home.mkdir()
        self.environ = {"HOME": str(home), "PATH": os.environ["PATH"], "CREDHUB_URL": url}
        self.said = ""

    def credhub(self, *words: str, stdin: str = "", code: int = 0) -> Any:
        done = subprocess.run(
            [str(self.tool), *words, "--json"], cwd=self.home, env=self.environ, input=stdin, text=True,
            capture_output=True, timeout=180, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        self.said += done.stdout + done.stderr
        return json.loads(done.stdout or done.stderr)


def test_from_an_empty_machine_to_signing_assets(place: Place, tool: Path, tmp_path: Path) -> None:
    apple = place.apple
    team = apple.add_team("Command Line", certificates=0, profiles=0, bundle_ids=1, devices=2)
    issued = apple.add_key(team)
    place.browser.upload(
        place.slug, file_name=issued.file_name, p8=issued.p8, issuer_id=issued.issuer_id, name="Command line"
    )
    machine = Machine(tool, tmp_path / "home", place.house.url)
    assert machine.credhub("keys", code=3)["error"]["code"] == "not-signed-in"
    token = _token(place)
    assert machine.credhub("login", stdin=token)["organization"] == place.slug
    assert machine.credhub("doctor")["ok"] is True
    synced = machine.credhub("sync", "--wait", "--key", "Command line")
    assert (synced["state"], synced["counts"]["bundleIds"]["seen"]) == ("SUCCEEDED", 1)
    (key,) = [each["id"] for each in machine.credhub("keys")["items"] if each["name"] == "Command line"]

    api = _Api(place, token)
    api.done(api.post("/certificates", certificate_type="DISTRIBUTION", app_store_connect_key=key))
    (certificate,) = [each for each in api.items("/certificates") if each["team"]["name"] == "Command Line"]
    (app,) = [each for each in api.items("/bundle-ids") if each["team"] == certificate["team"]]
    made = {"profile_type": "IOS_APP_STORE", "bundle_id": app["id"], "certificates": [certificate["id"]]}
    api.done(api.post("/profiles", name="Command line", app_store_connect_key=key, **made))

    words = ("--bundle-id", app["identifier"], "--distribution", "app-store")
    api.post("/apps", platform="IOS", identifier=app["identifier"])
    planned = machine.credhub("ensure", app["identifier"], "--distribution", "app-store", "--dry-run")
    assert (planned["steps"], planned["sync"]) == (0, None)
    fetched = machine.credhub("signing", "fetch", *words, "--out", "fetched")
    assert fetched["ios"]["identity"]["sha1"].replace(":", "").lower() == certificate["sha1"].lower()
    installed = machine.credhub("signing", "install", *words, "--out", "installed")
    password = (machine.home / "fetched" / "identity.password").read_text()
    opened = subprocess.run(
        ["openssl", "pkcs12", "-in", str(machine.home / "fetched" / "identity.p12"), "-passin", "stdin", "-noout"],
        input=password, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert opened.returncode == 0, opened.stderr
    for path in (machine.home / each for each in fetched["files"] + installed["files"]):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert token not in machine.said
    assert password not in machine.said


def _token(place: Place) -> str:
    data: dict[str, Any] = {"name": "Command line", "scopes": SCOPES, "days": "7"}
    owner = Browser(place.house.url)
    owner.sign_in(OWNER, place.password)  # a token takes fresh authentication
    page = owner.submit(f"/o/{place.slug}/tokens/", data).text
    return page[(start := page.index("chub_")) : start + 54]


class _Api:
    def __init__(self, place: Place, token: str) -> None:
        self.url = f"{place.house.url}/api/v1"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Any:
        return self.session.get(self.url + path, timeout=60).json()

    def items(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(path + "?limit=200")["items"]
        return found

    def post(self, path: str, **body: Any) -> Any:
        answer = self.session.post(self.url + path, json=body, timeout=60)
        assert answer.status_code in {201, 202}, answer.text
        return answer.json()

    def done(self, run: dict[str, Any]) -> None:
        """Waits for its end, without asking more often than a token may."""
        for _ in range(150):
            if run["state"] == "SUCCEEDED":
                return
            assert run["state"] in {"QUEUED", "RUNNING", "WAITING"}, run
            time.sleep(0.3)
            run = self.get(f"/syncs/{run['id']}")
        raise AssertionError(run["error_message"])
