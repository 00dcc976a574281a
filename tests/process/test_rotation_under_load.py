"""All keys rotated while secrets are opened, with `rotate_keys` killed ten times: no read fails, nothing is left."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.credentials.support import another_key
from tests.process.house import PATIENCE, ROOT, House, house, keys
from tests.process.rotating import KILLS, ORGANIZATIONS, SECRETS


def run(place: House, what: str, master_keys: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.process.rotating", what],
        cwd=ROOT,
        env=place.environ | {"CREDHUB_MASTER_KEYS": master_keys},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> list[dict[str, object]]:
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, migrated=True, SECRET_KEY=keys()["SECRET_KEY"]) as place:
        yield place


@pytest.mark.thorough
def test_rotation_under_load(place: House) -> None:
    old, new = keys()["CREDHUB_MASTER_KEYS"], another_key("new")
    both, everything = f"{new},{old}", ORGANIZATIONS * SECRETS
    ended(run(place, "seed", old))

    with run(place, "reveal", both) as reader:
        rotated = ended(run(place, "rotate", both))
        (told,) = ended(reader)

    assert [line for line in rotated if "killed" in line] == [{"killed": True}] * (2 * KILLS)
    assert [line for line in rotated if "ended" in line] == [{"ended": 0}] * 2
    assert told["failed"] == []
    assert int(str(told["opened"])) >= everything

    # Nothing is left on old keys of either kind.
    for table in ("credentials_datakey", "credentials_systemkey"):
        assert place.rows(f"SELECT DISTINCT master_key_id FROM {table}") == [("new",)]  # noqa: S608
    versions = place.rows("SELECT substr(secret, 5, 4), count(*) FROM credentials_credential GROUP BY 1")
    assert [(bytes(version), count) for version, count in versions] == [(bytes([0, 0, 0, 2]), everything)]

    # The old data keys go, the old master key goes, and everything still opens.
    (at_last,) = ended(run(place, "retire", new))
    assert at_last == {"opened": everything, "failed": []}
    assert place.rows("SELECT count(*) FROM credentials_datakey WHERE destroyed_at IS NULL") == [
        (ORGANIZATIONS,)
    ]
