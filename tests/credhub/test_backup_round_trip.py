"""What was backed up is what is restored, on either database."""

import base64
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from pytest_django import Settings

from credentials.models import Credential
from credhub.backup import rows, writing
from credhub.backup.clean_place import standing_in
from credhub.backup.errors import BackupError
from credhub.backup.proving import proven
from organizations.models import Membership, User
from tests.conftest import Cast
from tests.credentials.support import opened
from tests.credhub import backups
from tests.credhub.backups import SECRET, backup, dump, empty, proof, restore

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def anchors(tmp_path: Path, settings: Settings) -> Path:
    settings.AUDIT_ANCHORS = str(tmp_path / "anchors.jsonl")
    return tmp_path / "anchors.jsonl"


@pytest.fixture
def file(cast: Cast, tmp_path: Path) -> Path:
    backups.furnish(cast)
    return backup(tmp_path / "credhub.backup")


@pytest.mark.slow_proofs
def test_everything_is_back(file: Path, anchors: Path) -> None:
    before, anchored = dump(), anchors.read_text()
    assert anchored
    assert Session.objects.exists()
    empty()
    anchors.write_text("of another log\n")
    restore(file)
    assert dump() == before
    assert not Session.objects.exists()
    assert anchors.read_text() == anchored
    assert anchors.with_name("anchors.jsonl.before-restore").read_text() == "of another log\n"
    call_command("verify_audit")
    assert opened(Credential.objects.get(name="Plain")) == SECRET


def test_people_sign_in_as_before(file: Path, cast: Cast) -> None:
    empty()
    restore(file)
    owner = User.objects.get(email=cast.root_owner.email)
    assert owner.check_password("correct horse battery staple")
    assert {each.role for each in Membership.objects.filter(user=owner)} == {"OWNER"}


def test_new_rows_find_free_numbers(file: Path) -> None:
    Group.objects.create(name="before")
    again = backup(file.with_name("again.backup"))
    empty()
    restore(again)
    Group.objects.create(name="after")
    assert set(Group.objects.values_list("name", flat=True)) == {"before", "after"}


def test_a_backup_of_the_other_database(file: Path, tmp_path: Path) -> None:
    """From SQLite into whatever this is: the clean place is backed up in turn."""
    before, other = dump(), tmp_path / "sqlite.backup"
    with proven(file, None, all_secrets=False) as found, standing_in(found.place):
        made = writing.write(other)
    assert made.header.engine == "sqlite"
    empty()
    restore(other)
    assert dump() == before


def test_verify_touches_nothing(file: Path, anchors: Path) -> None:
    anchors.write_text("as it was\n")
    before = dump()
    restore(file, "--verify", "--all-secrets")
    assert dump() == before
    assert anchors.read_text() == "as it was\n"
    assert {each.name for each in anchors.parent.iterdir()} == {"anchors.jsonl", "credhub.backup"}


def test_a_proof_tells_what_it_found(file: Path) -> None:
    found = proof(file)
    assert found.findings == []
    assert found.counts["people"] == User.objects.count()
    assert found.opened == 4  # three credentials and a second factor


def test_nothing_is_restored_over_people(file: Path) -> None:
    before = dump()
    with pytest.raises(CommandError, match=r"This instance is in use.*DATABASE_URL"):
        restore(file)
    assert dump() == before


def test_nothing_is_half_restored(file: Path, anchors: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty()
    call_command("migrate", verbosity=0)  # content types and permissions, which restoring brings too
    before = dump()
    anchors.write_text("as it was\n")
    insert, calls = rows.insert, iter(range(1000))

    def breaks(*arguments: object, **options: object) -> int:
        if next(calls) == 50:  # proving inserts as often as there are tables
            raise BackupError("The disk is full.")
        return insert(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("credhub.backup.rows.insert", breaks)
    with pytest.raises(CommandError, match="The disk is full"):
        restore(file)
    assert next(calls) == 51
    assert dump() == before
    assert anchors.read_text() == "as it was\n"
    assert not [each for each in anchors.parent.iterdir() if each.name.endswith(".part")]


def test_what_was_forged_before_the_backup_is_told(file: Path, cast: Cast) -> None:
    backups.execute("UPDATE organizations_membership SET role = 'OWNER' WHERE role = 'DEVELOPER'")
    forged = backup(file.with_name("forged.backup"))
    empty()
    with pytest.raises(CommandError, match=r"2 findings, listed above.*--accept-findings"):
        restore(forged)
    assert not User.objects.exists()
    restore(forged, "--accept-findings")
    assert User.objects.exists()


def test_a_secret_that_does_not_open_is_told(file: Path) -> None:
    backups.execute("UPDATE credentials_credential SET secret = %s WHERE name = 'Plain'", b"CH1 nonsense")
    findings = proof(backup(file.with_name("broken.backup"))).findings
    assert len(findings) == 2  # it does not open, and the log knows another one
    assert all("Acme, credential “Plain”" in str(each) for each in findings)


def test_a_missing_key_of_the_data_keys_is_named(file: Path, settings: Settings) -> None:
    """The file opens with the new master key; what is inside still hangs on the old one."""
    new = f"m2027:{base64.b64encode(secrets.token_bytes(32)).decode()}"
    settings.CREDHUB_MASTER_KEYS = f"{new},{settings.CREDHUB_MASTER_KEYS}"
    path = backup(file.with_name("half-way.backup"))
    settings.CREDHUB_MASTER_KEYS = new
    empty()
    with pytest.raises(CommandError, match="did not prove itself: 3 findings"):
        restore(path)
    findings = proof(path).findings
    assert len(findings) == 3  # the system key, and the data keys of two organizations
    assert all("Master key “test” is needed" in str(each) for each in findings)
    assert not User.objects.exists()


def test_a_destroyed_data_key_need_not_open(file: Path) -> None:
    backups.execute("UPDATE credentials_credential SET secret = NULL")
    backups.execute("UPDATE credentials_datakey SET master_key_id = '', wrapped = %s", b"")
    found = proof(backup(file.with_name("destroyed.backup")))
    assert not [each for each in found.findings if "ata key" in str(each)]
    assert found.header.master_keys == ["test"]


def test_when_the_last_backup_was_is_on_record(file: Path, settings: Settings) -> None:
    day, where = (Path(settings.DATA_DIR) / "last-backup").read_text().split()
    assert datetime.fromisoformat(day) > datetime.now(UTC) - timedelta(minutes=5)
    assert where == str(file)


def test_a_backup_is_never_written_over(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(CommandError, match="is there already"):
        backup(file)
    assert file.read_bytes() == before
    assert file.stat().st_mode & 0o777 == 0o600
