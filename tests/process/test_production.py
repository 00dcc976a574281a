"""Production (ALLOWED_HOSTS names another machine) never runs on keys that a first start would make."""

import json
import re
import sys
from pathlib import Path

import pytest
import requests

from tests.process.house import House, house, keys, wait_for
from tests.thoroughness import first_of

HOST = "credhub.example"
COMMANDS = {
    "up": ["manage.py", "up"],
    "wsgi": ["-c", "import credhub.wsgi"],
    "gunicorn": ["-m", "gunicorn", "--check-config", "credhub.wsgi:application"],
    "celery": ["-m", "celery", "-A", "credhub", "report"],
}
BOTH = {"SECRET_KEY", "CREDHUB_MASTER_KEYS"}


@pytest.fixture
def bare(tmp_path: Path) -> House:
    """Production with nothing set."""
    return House(tmp_path, ALLOWED_HOSTS=HOST)


def named(text: str) -> set[str]:
    """The settings that the message says are not set."""
    sentence = re.search(r"so this is production, and (.*?) not set", text)
    return set(re.findall(r"[A-Z_]+", sentence[1])) if sentence else set()


@pytest.mark.parametrize("command", first_of(COMMANDS.values()), ids=COMMANDS)
def test_without_keys_nothing_starts(bare: House, command: list[str]) -> None:
    ended = bare.run([sys.executable, *command])
    assert ended.returncode != 0
    said = ended.stdout + ended.stderr
    assert named(said) == BOTH
    for name in BOTH:
        assert f"{name}_FILE={bare.data_dir}" in said
    assert not bare.data_dir.exists()  # nothing was made in passing
    if command[0] == "manage.py":
        (line,) = ended.stderr.splitlines()
        assert line.startswith("CredHub cannot start: ALLOWED_HOSTS")


@pytest.mark.parametrize("missing", first_of(sorted(BOTH)))
def test_one_key_alone_is_not_enough(bare: House, missing: str) -> None:
    made = {name: value for name, value in keys().items() if name != missing}
    ended = bare.manage("check", **made)
    assert (ended.returncode, named(ended.stderr)) == (1, {missing})


def test_keys_of_an_earlier_first_start_are_not_taken_unasked(bare: House) -> None:
    assert bare.manage("check", ALLOWED_HOSTS="localhost").returncode == 0
    made = bare.data_dir / "secret_key"
    assert made.exists()
    ended = bare.manage("check")
    assert (ended.returncode, named(ended.stderr)) == (1, BOTH)
    # The message says how to keep them.
    pointers = {f"{name}_FILE": str(bare.data_dir / name_) for name, name_ in FILES.items()}
    assert all(f"{name}={path}" in ended.stderr for name, path in pointers.items())
    assert bare.manage("check", **pointers).returncode == 0


FILES = {"SECRET_KEY": "secret_key", "CREDHUB_MASTER_KEYS": "master_keys"}


def test_a_master_key_that_is_none_is_refused(bare: House) -> None:
    ended = bare.manage("check", **keys() | {"CREDHUB_MASTER_KEYS": "main:c2hvcnQ="})
    assert ended.returncode == 1
    assert "credhub.E001" in ended.stderr
    assert "c2hvcnQ" not in ended.stderr


def test_with_keys_it_starts_and_asks_for_https(tmp_path: Path) -> None:
    """One key in the environment, the other in a file."""
    made = keys()
    file = tmp_path / "master"
    file.write_text(made["CREDHUB_MASTER_KEYS"] + "\n")
    environ = {"SECRET_KEY": made["SECRET_KEY"], "CREDHUB_MASTER_KEYS_FILE": str(file)}
    with house(tmp_path, migrated=True, ALLOWED_HOSTS=HOST, **environ) as production:
        production.start()

        def get(path: str, **headers: str) -> requests.Response:
            return requests.get(
                f"{production.url}{path}", headers={"Host": HOST} | headers, timeout=30, allow_redirects=False
            )

        def serves() -> bool:
            try:
                return get("/healthz").ok
            except requests.ConnectionError:
                return False

        wait_for(serves, "an answer", production.log)
        plain = get("/accounts/login/")
        assert (plain.status_code, plain.headers["Location"]) == (301, f"https://{HOST}/accounts/login/")
        behind_a_proxy = get("/accounts/login/", **{"X-Forwarded-Proto": "https"})
        assert behind_a_proxy.status_code == 200
        assert "__Host-csrftoken" in behind_a_proxy.headers["Set-Cookie"]
        assert "max-age=31536000" in behind_a_proxy.headers["Strict-Transport-Security"]
        hashed = re.search(r'href="(/static/credhub/base\.[0-9a-f]{12}\.css)"', behind_a_proxy.text)
        assert hashed
        for path, keeps in (
            (hashed[1], "immutable"),
            ("/accounts/login/", "no-store"),
            ("/nothing/", "no-store"),
        ):
            answer = get(path, **{"X-Forwarded-Proto": "https"})
            assert keeps in answer.headers["Cache-Control"], path
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", path
            assert "max-age=31536000" in answer.headers["Strict-Transport-Security"], path
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
        assert get("/healthz", Host="evil.example").status_code == 400
        assert not (production.data_dir / "secret_key").exists()
        assert not (production.data_dir / "master_keys").exists()
        assert "made SECRET_KEY" not in production.log.read_text()
        get("/invitations/a-token-in-a-path/?q=a-token", **{"X-Forwarded-Proto": "https"})
        wait_for(lambda: "invitations/<str:token>/" in production.log.read_text(), "its line", production.log)
        assert "a-token" not in production.log.read_text()
        lines = [line for line in production.log.read_text().splitlines() if line.startswith("{")]
        assert {"request_served"} <= {json.loads(line)["event"] for line in lines}
