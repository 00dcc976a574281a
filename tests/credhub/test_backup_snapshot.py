"""A backup of a running instance: one moment of it, with nobody waiting."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from credentials.models import Credential
from credhub.backup import writing
from organizations import audit, audit_anchors
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import AuditEvent
from tests.conftest import Cast
from tests.credentials.support import store
from tests.credhub.backups import backup, proof

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def anchors(tmp_path: Path, settings: Settings) -> None:
    settings.AUDIT_ANCHORS = str(tmp_path / "anchors.jsonl")


def in_a_thread(work: Callable[[], Any]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_what_is_written_in_the_middle_is_not_in_it(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each table somebody stores a secret and anchors the log. They are not kept waiting."""
    store(cast.root, name="Before")
    events, write_table, tables = AuditEvent.objects.count(), writing._write_table, []

    def interrupted(*arguments: Any) -> int:
        count = write_table(*arguments)
        tables.append(arguments[1])
        thread = in_a_thread(lambda: (store(cast.root), audit_anchors.anchor()))
        thread.join(timeout=15)
        assert not thread.is_alive(), "a writer waited for the backup"
        return count

    monkeypatch.setattr(writing, "_write_table", interrupted)
    found = proof(backup(tmp_path / "credhub.backup"))
    assert found.findings == []
    assert (found.counts["credentials"], found.counts["events in the activity log"]) == (1, events)
    assert Credential.objects.count() == 1 + len(tables) > 30


def test_backups_under_load_are_whole(cast: Cast, tmp_path: Path) -> None:
    """Four people at work, each backup another moment."""
    done = threading.Event()

    def work(organization: Any) -> None:
        while not done.is_set():
            store(organization)
            audit.record(
                SYSTEM, Action.ORGANIZATION_RENAMED, organization, organization=organization, was="x"
            )

    threads = [
        in_a_thread(lambda organization=organization: work(organization))  # type: ignore[misc]
        for organization in (cast.root, cast.root, cast.sub_a, cast.other)
    ]
    try:
        paths = [backup(tmp_path / f"{number}.backup") for number in range(3)]
    finally:
        done.set()
        for thread in threads:
            thread.join(timeout=30)
    found = [proof(path) for path in paths]
    assert [each.findings for each in found] == [[], [], []]
    counts = [each.counts["credentials"] for each in found]
    assert 0 <= counts[0] < counts[1] < counts[2] <= Credential.objects.count()
    assert [each.opened for each in found] == counts
