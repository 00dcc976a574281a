"""The shell lines of docs/ci-recipes.md, as they stand there, against a running instance. Where a line needs a Mac or
fastlane, a program of that name notes how it was called."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from organizations.models import ApiToken
from organizations.permissions import Permission
from tests.appstore.building import buildable, make_file, make_keystore
from tests.appstore.signing import IDENTIFIER, make_app
from tests.architecture.sources import ROOT
from tests.conftest import Cast
from tests.credentials.signing_material import bare_key
from tests.factories import make_key

README = (ROOT / "README.md").read_text()
TEXT = (ROOT / "docs" / "ci-recipes.md").read_text()
ELSEWHERE = ("security", "xcodebuild", "fastlane")
NOTE = """#!/bin/sh
for word in "$0" "$@"; do printf '%s\\n' "$word"; done >> "$NOTES"
env | grep -E '^(CI_|MATCH_|PRIVATE_TOKEN|FASTLANE_)' >> "$NOTES" || true
"""


def recipe(title: str) -> str:
    chapter = TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL))


@dataclass
class Machine:
    """A build machine: its own home, and what it noted."""

    url: str
    token: str
    home: Path

    @property
    def notes(self) -> str:
        return (self.home / "notes").read_text()

    def run(self, script: str) -> Path:
        """Returns the folder that `mktemp -d` made."""
        programs = self.home / "bin"
        programs.mkdir()
        for name in ELSEWHERE:
            (programs / name).write_text(NOTE)
            (programs / name).chmod(0o755)
        environment = {
            "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(self.home), "TMPDIR": str(self.home),
            "NOTES": str(self.home / "notes"), "CREDHUB_URL": self.url, "CREDHUB_TOKEN": self.token,
            "CI_JOB_TOKEN": "of GitLab", "CI_API_V4_URL": "https://gitlab.example/api/v4", "no_proxy": "*",
        }  # fmt: skip
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env=environment, cwd=self.home, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return next((each for each in self.home.glob("tmp.*")), self.home)


@pytest.fixture
def machine(live_server: LiveServer, cast: Cast, tmp_path: Path, doorbell: list[object]) -> Machine:
    held = buildable(cast.root)
    make_file(held.team, held.certificate, 0, f"{IDENTIFIER}.share")
    make_app(cast.root, platform="ANDROID")
    make_keystore(cast.root)
    actor, scopes = cast.actor("root_owner"), [Permission.CREDENTIAL_REVEAL]
    _token, text = ApiToken.issue(actor, cast.root, name="CI", scopes=scopes, bundle_ids=["com.acme.*"])
    return Machine(live_server.url, text, tmp_path)


def test_curl_and_xcodebuild(machine: Machine) -> None:
    kept = recipe("xcodebuild").replace('rm -rf "$work"', 'cp -R "$work" "$HOME/tmp.kept"; rm -rf "$work"')
    folder = machine.run(recipe("Plain curl") + kept)
    assert folder.name == "tmp.kept"  # the other one was removed
    told = json.loads((folder / "assets.json").read_text())
    subprocess.run(
        ["openssl", "pkcs12", "-in", folder / "identity.p12", "-passin", "env:P12", "-noout", "-legacy"],
        env={**os.environ, "P12": told["identity"]["p12_password"]}, check=True, capture_output=True,
    )  # fmt: skip
    assert len(list(folder.glob("*.mobileprovision"))) == 2
    assert len(list((machine.home / "Library").rglob("*.mobileprovision"))) == 4
    assert (folder / "release.jks").read_bytes()[:4] == bytes.fromhex("feedfeed")
    assert "<key>provisioningProfiles</key>" in (folder / "ExportOptions.plist").read_text()
    assert "-exportOptionsPlist" in machine.notes
    assert machine.token not in machine.notes
    assert all(each.stat().st_mode & 0o077 == 0 for each in folder.iterdir())


def test_the_lines_of_the_readme(machine: Machine, cast: Cast) -> None:
    """As printed, but for the address, the token and the id, which are this instance's."""
    key, scopes = make_key(cast.root), [Permission.CREDENTIAL_VIEW, Permission.CREDENTIAL_REVEAL]
    _token, machine.token = ApiToken.issue(cast.actor("root_owner"), cast.root, name="README", scopes=scopes)
    exports, lines = README.split("## From CI")[1].split("```sh\n")[1].split("```")[0].split("\n", 1)
    assert re.fullmatch(r"export CREDHUB_URL=\S+ CREDHUB_TOKEN=\S+", exports)
    machine.run(lines.replace("<id>", str(key.credential_id)))
    (file,) = machine.home.glob("*.json")
    assert json.loads(file.read_text())["key_id"] == key.key_id


def test_fastlane_match(machine: Machine) -> None:
    machine.run(recipe("fastlane match") + '\n[ "$CI_JOB_TOKEN" = "of GitLab" ]\n')
    assert f"CI_API_V4_URL={machine.url}/api/v4\n" in machine.notes
    assert "MATCH_STORAGE_MODE=gitlab_secure_files\n" in machine.notes
    assert "CI_JOB_TOKEN" not in machine.notes
    assert "--readonly" in machine.notes


def test_gitlab_secure_files(machine: Machine) -> None:
    folder = machine.run(recipe("GitLab secure files"))
    files = {each.suffix: each for each in folder.rglob("*") if each.suffix}
    assert set(files) == {".cer", ".p12", ".mobileprovision"}
    assert files[".p12"].read_bytes() == bare_key()
    assert (folder / "sums").read_text().count("\n") == 4
