"""Backups without the wait: a proof starts from a copy of one migrated database, not from fifty migrations."""

import shutil
from functools import cache
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.state import ProjectState

from credhub.backup import schema
from credhub.backup.clean_place import clean_place, standing_in

migrate, state = schema.migrate, cache(schema.state)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database as the migrations leave it."""
    path = tmp_path_factory.mktemp("migrated") / "empty.sqlite3"
    with clean_place() as place, standing_in(place):
        migrate(schema.latest())
        place.close()
        shutil.copy(str(place.settings_dict["NAME"]), path)
    return path


@pytest.fixture(autouse=True)
def quick_proofs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the tests that are marked `slow_proofs`, which go through the migrations."""

    def quickly(migrations: schema.Migrations) -> ProjectState:
        if (
            connection.vendor != "sqlite"
            or connection.introspection.table_names()
            or migrations != schema.latest()
        ):
            return migrate(migrations)
        connection.close()
        shutil.copy(request.getfixturevalue("migrated"), str(connection.settings_dict["NAME"]))
        return state()

    if not request.node.get_closest_marker("slow_proofs"):
        monkeypatch.setattr(schema, "migrate", quickly)
        monkeypatch.setattr(schema, "state", state)
