"""login, logout, whoami, doctor: against the product's own views."""

import json
import stat
import subprocess
from pathlib import Path

import pytest

from organizations.actors import SYSTEM
from organizations.models import ApiToken, Membership
from organizations.permissions import Permission, Role
from tests.cli.conftest import HUB, Hub, Run
from tests.conftest import Cast
from tests.organizations.ci_jobs import identity, trust
from tests.organizations.fake_provider import FakeProvider


@pytest.fixture
def token(cast: Cast) -> str:
    scopes = [Permission.CREDENTIAL_VIEW, Permission.ACTIVITY_VIEW]
    return ApiToken.issue(cast.actor("root_owner"), cast.root, name="Laptop", scopes=scopes)[1]


def test_a_token_is_kept_for_its_owner_alone(hub: Hub, credhub: Run, token: str, home: Path) -> None:
    nobody = credhub("whoami", "--json")
    assert (nobody.code, nobody.error["code"]) == (3, "not-signed-in")
    done = credhub("login", HUB + "/", stdin=token + "\n")
    assert done.code == 0, done.err
    file = home / ".config" / "credhub" / "config.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]
    told = credhub("--json", "whoami").json
    assert (told["url"], told["organization"]["slug"]) == (HUB, "acme")
    assert (told["token"]["name"], told["token"]["last_four"]) == ("Laptop", token[-4:])
    assert told["token"]["scopes"] == ["activity:view", "credential:view"]
    assert "Laptop" in credhub("whoami").out
    for each in (done, credhub("doctor"), credhub("doctor", "--json")):
        assert (each.code, token in each.out + each.err) == (0, False)
    file.chmod(0o644)
    assert credhub("whoami", "--json").error["code"] == "config-readable"
    assert credhub("logout", "--json").json == {"signed_out": True}
    assert not file.exists()
    assert credhub("logout").code == 0


def test_what_is_not_accepted_is_not_kept(hub: Hub, credhub: Run, token: str, home: Path) -> None:
    wrong = "chub_" + "x" * 49
    for stdin, code in ((wrong, 3), ("hunter2", 3), ("", 3)):
        done = credhub("login", HUB, stdin=stdin)
        assert (done.code, stdin in done.err) == (code, stdin == "")
    assert credhub("login", "http://credhub.example", stdin=token).code == 2
    assert credhub("login", stdin=token).code == 2  # no address, and nobody to ask for one
    typed = credhub("login", HUB, token)
    assert (typed.code, token in typed.err) == (2, False)
    assert not (home / ".config").exists()
    assert len(hub.asked) == 1  # only the one that had the shape of a token


def test_the_environment_wins_and_a_kept_token_stays_at_its_address(
    hub: Hub, credhub: Run, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert credhub("login", HUB, stdin=token).code == 0
    asked = len(hub.asked)
    monkeypatch.setenv("CREDHUB_URL", "https://elsewhere.example")
    assert credhub("whoami").code == 3
    assert credhub("whoami", "--url", "https://third.example").code == 3
    assert len(hub.asked) == asked
    monkeypatch.setenv("CREDHUB_TOKEN", token)
    assert credhub("whoami", "--json").json["url"] == "https://elsewhere.example"
    assert hub.asked[-1].url == "https://elsewhere.example/api/v1/token"


def test_a_token_of_somebody_who_may_less_by_now(hub: Hub, credhub: Run, cast: Cast) -> None:
    words = ["credential:view", "credential:use:apple-certificate"]
    few = ApiToken.issue(
        cast.actor("sub_a_admin"), cast.sub_a, name="CI", scopes=words, bundle_ids=["com.acme.app"]
    )[1]
    assert credhub("login", HUB, stdin=few).code == 0
    assert credhub("doctor").code == 0
    assert "Only for com.acme.app" in credhub("whoami").out
    Membership.objects.get(user=cast.sub_a_admin).change_role(SYSTEM, Role.VIEWER)
    token = credhub("whoami", "--json").json["token"]
    assert (token["without_effect"], token["kinds"]) == (
        [words[1]],
        {"credential:use": ["apple-certificate"]},
    )
    done = credhub("doctor", "--json")
    assert (done.code, [each["name"] for each in done.json["checks"] if not each["ok"]]) == (4, ["scopes"])


def test_doctor_says_what_is_wrong(hub: Hub, credhub: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert credhub("doctor").code == 3
    monkeypatch.setenv("CREDHUB_URL", HUB)
    monkeypatch.setenv("CREDHUB_TOKEN", "chub_" + "x" * 49)
    monkeypatch.setattr("tests.cli.conftest.formatdate", lambda **_: "Sun, 22 Nov 2020 20:00:00 GMT")
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:secret@proxy.example:3128")
    done = credhub("doctor", "--json")
    wrong = [each["name"] for each in done.json["checks"] if not each["ok"]]
    assert (done.code, done.json["ok"], wrong) == (1, False, ["clock", "token"])
    assert ("proxy.example" in done.out, "secret" in done.out) == (True, False)


@pytest.mark.parametrize(
    ("provider_name", "variable"), [("gitlab", "IDENTITY_TOKEN"), ("bitrise", "BITRISE_IDENTITY_TOKEN")]
)
def test_a_job_signs_in_with_its_identity(
    hub: Hub, credhub: Run, cast: Cast, federated: FakeProvider, home: Path, monkeypatch: pytest.MonkeyPatch,
    provider_name: str, variable: str,
) -> None:  # fmt: skip
    policy = trust(cast, federated)
    words = ("login", HUB, "--oidc", provider_name, "--policy", str(policy.pk), "--json")
    assert credhub(*words).error["code"] == "no-identity-token"
    monkeypatch.setenv(variable, identity(federated))
    done = credhub(*words)
    assert done.code == 0, done.err
    assert (done.json["organization"], done.json["kept_in"]) == ("acme", "file")
    assert credhub("whoami", "--json").json["token"]["scopes"] == ["credential:view"]
    again = credhub(*words)  # an identity token works once
    assert (again.code, again.error["code"]) == (3, "not-trusted")


def test_identity_tokens_that_have_to_be_asked_for(
    hub: Hub,
    credhub: Run,
    cast: Cast,
    federated: FakeProvider,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy = str(trust(cast, federated).pk)
    asked = {}

    def github(url: str, **options: object) -> object:
        asked.update(options, url=url)
        return type("Answer", (), {"json": lambda _self: {"value": identity(federated)}})()

    monkeypatch.setattr("credhub_cli.identity_tokens.requests.get", github)
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of-the-job")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", "http://actions.example/token?v=2")
    assert credhub("login", HUB, "--oidc", "github", "--policy", policy).code == 2  # plain http
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", "https://actions.example/token?v=2")
    assert credhub("login", HUB, "--oidc", "github", "--policy", policy).code == 0
    assert (asked["url"], asked["params"]) == ("https://actions.example/token?v=2", {"audience": HUB})
    assert asked["headers"] == {"Authorization": "Bearer of-the-job"}

    tool = tmp_path / "bin" / "circleci"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\necho {identity(federated)}\n')
    tool.chmod(0o755)
    assert credhub("login", HUB, "--oidc", "circleci", "--policy", policy).code == 3  # no job of CircleCI
    monkeypatch.setenv("PATH", str(tool.parent), prepend=":")
    assert credhub("login", HUB, "--oidc", "circleci", "--policy", policy).code == 0
    words = (tmp_path / "said").read_text().partition("--claims ")
    assert json.loads(words[2]) == {"aud": HUB}


def test_completion_knows_every_command(credhub: Run, tmp_path: Path) -> None:
    (tmp_path / "credhub.bash").write_text(credhub("completion", "bash").out)
    script = """. "$0"; for line in "si" "signing fetch --distribution " "credentials.json p" "--url x key"; do
    COMP_WORDS=(credhub $line); case "$line" in *" ") COMP_WORDS+=("");; esac
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _credhub; echo "${COMPREPLY[@]}"; done"""
    done = subprocess.run(
        ["bash", "-c", script, str(tmp_path / "credhub.bash")], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "signing", "app-store ad-hoc development in-house developer-id", "pull push", "keys",
    ]  # fmt: skip
    assert "#compdef credhub" in credhub("completion", "zsh").out
    assert "-a 'fetch'" in credhub("completion", "fish").out
