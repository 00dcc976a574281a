"""What is in the file, and what a stranger sees of it."""

import base64
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connection
from pytest_django import Settings

from appstore.models import Device
from credhub.backup import loading, reading, schema, writing
from credhub.backup.clean_place import clean_place, standing_in
from credhub.backup.proving import proven
from organizations.models import Organization, User
from tests import factories
from tests.conftest import Cast
from tests.credhub import backups
from tests.credhub.backups import SECRET, SEED, backup, dump, empty, restore
from tests.leaks import find

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 10_000

OLDER = {
    "organizations": "0005_reveal_needs_approval",
    "credentials": "0005_reveal",
    "appstore": "0001_initial",
}


@pytest.fixture(autouse=True)
def anchors(tmp_path: Path, settings: Settings) -> None:
    settings.AUDIT_ANCHORS = str(tmp_path / "anchors.jsonl")


def test_a_stranger_reads_neither_secrets_nor_names(cast: Cast, tmp_path: Path) -> None:
    p8 = factories.make_p8()
    factories.make_key(cast.root, name="A telling name of a key", p8=p8)
    backups.furnish(cast)
    Organization.objects.filter(pk=cast.other.pk).update(slug="a-telling-slug")
    secrets = {
        "key": p8,
        "secret": SECRET,
        "TOTP seed": SEED.encode(),
        "SECRET_KEY": configured.SECRET_KEY.encode(),
        "master key": base64.b64decode(configured.CREDHUB_MASTER_KEYS.partition(":")[2]),
    }
    names = {
        "name": b"A telling name of a key",
        "slug": b"a-telling-slug",
        "address": cast.root_owner.email.encode(),
        "password": cast.root_owner.password.encode(),
    }
    file = backup(tmp_path / "credhub.backup")
    assert find(secrets | names, [file]) == []
    # Who holds the master key reads names, and still no secret.
    inside = "\n".join(json.dumps(each) for each in reading.contents(file)).encode()
    assert find(secrets, [("inside", inside)]) == []
    assert {found.form.split(",")[0] for found in find(names, [("inside", inside)])} == names.keys()


def test_the_start_of_the_file_says_what_it_takes(cast: Cast, tmp_path: Path) -> None:
    backups.furnish(cast)
    data = backup(tmp_path / "credhub.backup").read_bytes()
    assert data[:4] == b"CHB1"
    head = json.loads(data[8 : 8 + int.from_bytes(data[4:8], "big")])
    assert head["format"] == 1
    assert head["engine"] == connection.vendor
    assert head["master_keys"] == ["test"]
    assert head["key"]["id"] == "test"
    assert head["migrations"]["organizations"] == schema.latest()["organizations"]


def test_a_passphrase_in_place_of_the_master_key(cast: Cast, tmp_path: Path) -> None:
    phrase = tmp_path / "phrase"
    phrase.write_text("six words that nobody else has\n")
    file = backup(tmp_path / "escrow.backup", "--passphrase-file", str(phrase))
    before = dump()
    empty()
    restore(file, "--passphrase-file", str(phrase))
    assert dump() == before


def at_most(megabytes: int, work: Callable[[], object]) -> None:
    tracemalloc.start()
    try:
        work()
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < megabytes * 2**20, f"{peak / 2**20:.1f} MiB"


def test_memory_stays_flat(cast: Cast, tmp_path: Path) -> None:
    """Ten thousand devices are some 20 MiB as Python's objects."""
    team = factories.make_key(cast.root).team
    for start in range(0, ROWS, 1000):
        Device.objects.bulk_create(
            Device(
                team=team, apple_id=f"D{i}", name=f"Phone {i}", udid=f"{i:0>40}", udid_key=f"{i:0>40}",
                status="ENABLED",
            )
            for i in range(start, start + 1000)
        )  # fmt: skip
    file = tmp_path / "credhub.backup"
    at_most(12, lambda: writing.write(file))
    with clean_place() as place, standing_in(place):
        at = schema.migrate(schema.latest())
        at_most(12, lambda: loading.load(reading.contents(file), at))
        assert Device.objects.count() == ROWS


@pytest.mark.thorough
def test_a_backup_of_an_older_version_is_brought_to_this_one(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = {**schema.latest(), **OLDER}
    file, old = backup(tmp_path / "now.backup"), tmp_path / "old.backup"
    before = dump()
    with proven(file, None, all_secrets=False) as found, standing_in(found.place):
        at = schema.migrate(older)
        with monkeypatch.context() as past:
            past.setattr(schema, "require_latest", lambda: older)
            past.setattr(schema, "state", lambda: at)
            assert writing.write(old).header.migrations == older
    empty()
    restore(old)
    assert dump() == before
    assert User.objects.count() == len(cast.MEMBERS)


def test_a_database_that_is_behind_is_not_backed_up(cast: Cast, tmp_path: Path) -> None:
    with clean_place() as place, standing_in(place):
        schema.migrate({**schema.latest(), **OLDER})
        with pytest.raises(writing.BackupError, match=r"manage\.py migrate"):
            writing.write(tmp_path / "a.backup")
    assert not any(each.suffix == ".backup" for each in tmp_path.iterdir())
