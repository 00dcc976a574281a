"""kill -9 of the worker in the middle of a sync: another one finishes it, and nothing is lost or doubled."""

import os
import signal
from typing import Any

from appstore.sandbox.server import Sandbox
from tests.process.conftest import Place
from tests.process.house import House, wait_for

TABLES = {
    "bundleIds": "appstore_bundleid",
    "certificates": "appstore_certificate",
    "devices": "appstore_device",
    "profiles": "appstore_profile",
}


def last_sync(running: House) -> tuple[Any, ...]:
    runs = running.rows(
        "SELECT state, attempts, fence FROM appstore_syncrun WHERE kind = 'SYNC' ORDER BY created_at DESC"
    )
    return runs[0] if runs else ("", 0, 0)


def mirrored(running: House, team_id: str, table: str) -> list[str]:
    """Apple's ids, each as often as it is there."""
    query = (
        f"SELECT apple_id FROM {table} JOIN appstore_developerteam AS team ON team.id = {table}.team_id "  # noqa: S608
        f"WHERE team.team_id = '{team_id}' AND gone_at IS NULL"
    )
    return sorted(row[0] for row in running.rows(query))


def hold_the_second_page_of_profiles(apple: Sandbox) -> None:
    apple.inject("/v1/profiles", delay=0.001, times=2)  # the check and the first page come
    apple.inject("/v1/profiles", kind="hang")  # the second never does


def test_a_sync_survives_the_kill_of_its_worker(place: Place) -> None:
    running, apple = place.house, place.apple
    team = apple.add_team("Killed", certificates=3, profiles=230, bundle_ids=6, devices=12)
    key = apple.add_key(team)
    hold_the_second_page_of_profiles(apple)
    page = place.browser.upload(
        place.slug, file_name=key.file_name, p8=key.p8, issuer_id=key.issuer_id, name="Survivor"
    )

    def asked() -> list[str]:
        return [each.path for each in apple.requests if each.key_id == key.key_id]

    # In the middle: one page of profiles is committed, the worker waits for the other.
    wait_for(lambda: asked().count("/v1/profiles") == 3, "the second page", running.log)
    assert last_sync(running)[:2] == ("RUNNING", 1)
    wait_for(
        lambda: len(mirrored(running, team.team_id, TABLES["profiles"])) == 200, "the first page", running.log
    )

    worker = running.child("-A credhub worker")
    assert worker is not None
    os.kill(worker, signal.SIGKILL)

    wait_for(lambda: last_sync(running)[0] == "SUCCEEDED", "the end of the sync", running.log)
    assert last_sync(running)[1] == 2  # the second attempt of the same run
    for collection, table in TABLES.items():
        served = sorted(each["id"] for each in apple.objects(team, collection))
        assert mirrored(running, team.team_id, table) == served
    # Once each in the check; and what was committed before the kill was not asked for again.
    assert [asked().count(path) for path in ("/v1/bundleIds", "/v1/devices", "/v1/profiles")] == [2, 2, 4]

    shown = place.browser.get(page)
    assert '<span class="muted">230</span>' in shown
    for each in apple.objects(team, "certificates"):
        assert each["attributes"]["name"] in shown
