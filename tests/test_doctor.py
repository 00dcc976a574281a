"""`manage.py doctor` says what is right and what is not, and what to do about it."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from credentials.models import DataKey, SystemKey
from credhub.doctor import surroundings
from credhub.management.commands import doctor
from tests.conftest import Cast
from tests.credentials.support import another_key, ciphertext_of, overwrite, store


@pytest.fixture(autouse=True)
def quiet_place(settings: Settings, tmp_path: Path) -> Path:
    """A data dir of its own, readable by its owner alone, backed up a moment ago."""
    tmp_path.chmod(0o700)
    (tmp_path / "last-backup").write_text(f"{timezone.now().isoformat()} /somewhere/else\n")
    settings.DATA_DIR, settings.REDIS_URL, settings.ALLOWED_HOSTS = tmp_path, "", ["localhost"]
    return tmp_path


def told(level: str = "") -> list[str]:
    return [f"{each.what}: {each.text}" for each in doctor.examine() if not level or each.level == level]


def test_a_healthy_installation(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    store(cast.root)
    call_command("doctor")
    said = capsys.readouterr().out
    assert {line.split()[0] for line in said.splitlines()} == {"OK"}
    assert "“test” is the current one (keys that hang on it: 2)." in said


def test_what_fails_ends_with_a_code_for_scripts(
    cast: Cast, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = another_key("test")
    settings.CREDHUB_MASTER_KEYS = secret
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json")
    assert ended.value.code == 1
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is False
    assert {"FAIL", "OK"} == {each["level"] for each in said["findings"]}
    assert any("has the right name and the wrong value" in each["text"] for each in said["findings"])
    assert secret.partition(":")[2] not in json.dumps(said)


def test_what_still_hangs_on_old_master_keys(cast: Cast, settings: Settings) -> None:
    store(cast.root)
    settings.CREDHUB_MASTER_KEYS = (
        f"{another_key('next')},{settings.CREDHUB_MASTER_KEYS},{another_key('spare')}"
    )
    assert told("WARN") == [
        "master keys: Keys that still hang on “test”: 2. Run: manage.py rotate_keys",
        "master keys: Nothing hangs on “spare”: it may go, once no backup needs it.",
    ]
    call_command("rotate_keys")
    assert "master keys: Nothing hangs on “test”: it may go, once no backup needs it." in told("WARN")
    assert "master keys: “next” is the current one (keys that hang on it: 2)." in told("OK")


def test_a_missing_master_key_is_named(cast: Cast, settings: Settings) -> None:
    settings.CREDHUB_MASTER_KEYS = another_key("next")
    (failed,) = told("FAIL")
    assert "needs the master key “test”, and the configuration holds the master key “next”" in failed


def test_a_configuration_that_cannot_be_read(cast: Cast, settings: Settings) -> None:
    settings.CREDHUB_MASTER_KEYS = "main:short"
    assert all("“main” is not `id:`" in line for line in told("FAIL"))


def test_an_unreachable_provider(cast: Cast, settings: Settings) -> None:
    settings.CREDHUB_KEY_PROVIDER = "transit"
    settings.CREDHUB_TRANSIT = {
        **settings.CREDHUB_TRANSIT,
        "url": "http://127.0.0.1:1",
        "keys": "main",
        "token": "t0ken",
    }
    failed = told("FAIL")
    assert any("127.0.0.1:1 cannot be reached" in line for line in failed)
    assert not any("t0ken" in line for line in told())


def test_values_under_old_data_keys_and_old_keys_that_nothing_needs(cast: Cast) -> None:
    behind = store(cast.root)
    sealed = ciphertext_of(behind)
    call_command("rotate_keys", "--data-keys")
    assert told("WARN") == [
        "data keys: Older ones that nothing needs: 1. Run: manage.py rotate_keys --retire"
    ]
    overwrite(behind, secret=sealed)
    assert told("WARN") == [
        "data keys: Values under older data keys: 1. Run: manage.py rotate_keys --data-keys"
    ]


def test_keys_older_than_a_year(cast: Cast) -> None:
    store(cast.root)
    long_ago = timezone.now() - dt.timedelta(days=366)
    DataKey.objects.update(created_at=long_ago)
    SystemKey.objects.update(created_at=long_ago)
    assert told("WARN") == [
        "system key: It is older than a year. Run: manage.py rotate_keys --system-key",
        "data keys: Organizations with one older than a year: 1. Run: manage.py rotate_keys --data-keys",
    ]


def test_backups_that_are_missing_old_or_unknown(cast: Cast, quiet_place: Path) -> None:
    word = quiet_place / "last-backup"
    assert "backups: The last one is 0 days old (/somewhere/else)." in told("OK")
    word.write_text(f"{(timezone.now() - dt.timedelta(days=8)).isoformat()} /a b\n")
    assert told("WARN") == ["backups: The last one is 8 days old (/a b). Run: manage.py backup"]
    for unreadable in ("", "yesterday /x", "2026-01-01T00:00:00 /no-zone"):
        word.write_text(unreadable)
        (said,) = told("WARN")
        assert "nobody knows of the last backup. Run: manage.py backup" in said
    word.unlink()
    assert "backups: There is nothing to back up yet." in told("OK")
    store(cast.root)
    assert told("WARN") == ["backups: None was made here. Run: manage.py backup"]


def test_no_system_key(cast: Cast) -> None:
    SystemKey.objects.all().delete()
    assert "system key: There is none. Run: manage.py migrate" in told("FAIL")


def test_what_others_on_the_machine_can_read(quiet_place: Path) -> None:
    for name in ("master_keys", "secret_key"):
        (quiet_place / name).touch()
        (quiet_place / name).chmod(0o644)
    assert [each.level for each in surroundings.data_dir()] == ["OK"]  # nobody gets as far as the files
    quiet_place.chmod(0o755)
    (quiet_place / "secret_key").chmod(0o600)
    assert [each.text.rpartition("Run: ")[2] for each in surroundings.data_dir()] == [
        f"chmod 700 {quiet_place}", f"chmod 600 {quiet_place / 'master_keys'}"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "level", "words"),
    [
        ({"DEBUG": True}, "WARN", "DEBUG is on"),
        ({"DEBUG": True, "PRODUCTION": True, "HTTPS": True}, "FAIL", "DEBUG is on"),
        ({"PRODUCTION": True, "HTTPS": False}, "FAIL", "CREDHUB_HTTPS is off"),
        ({"ALLOWED_HOSTS": ["*"]}, "FAIL", "ALLOWED_HOSTS takes any host name"),
    ],
    ids=["debug", "debug in production", "no HTTPS", "any host"],
)
def test_settings_that_are_not_safe(
    settings: Settings, changed: dict[str, object], level: str, words: str
) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    assert any(each.level == level and words in each.text for each in surroundings.web_settings())


def test_a_broker_that_does_not_answer(settings: Settings) -> None:
    settings.REDIS_URL = "redis://:passw0rd@127.0.0.1:1/0"
    (finding,) = surroundings.broker()
    assert (finding.level, finding.text) == ("FAIL", "Redis at 127.0.0.1:1 cannot be used (ConnectionError).")


def test_a_database_that_is_not_migrated(cast: Cast) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'credentials' AND name <> '0001_initial'")
    assert any("migrations. Run: manage.py migrate" in line for line in told("FAIL"))
    assert not any("system key" in line for line in told())
