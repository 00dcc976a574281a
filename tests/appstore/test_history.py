"""What a sync changed is told, object by object; a second sync of the same writes nothing and downloads no file."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appstore.models import AppStoreConnectKey, Device, ObjectChange, SyncRun
from tests import factories
from tests.appstore.apple import Apple, sync
from tests.appstore.apple import work as do_all
from tests.conftest import Cast

MIRRORS = ("appstore_certificate", "appstore_bundleid", "appstore_device", "appstore_profile")


@pytest.fixture
def key(cast: Cast, apple: Apple) -> AppStoreConnectKey:
    key = apple.upload(cast.root)
    do_all()
    return key


def test_the_first_sync_has_no_history(key: AppStoreConnectKey) -> None:
    assert not ObjectChange.objects.exists()


def test_an_unchanged_sync_writes_no_row_of_the_mirror_and_asks_for_no_file(
    apple: Apple, key: AppStoreConnectKey
) -> None:
    before = len(apple.requests(key))
    with CaptureQueriesContext(connection) as captured:
        run = sync(key.team)
    writes = [each["sql"] for each in captured if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql for sql in writes if any(f'"{table}' in sql.split("WHERE")[0] for table in MIRRORS)] == []
    asked = apple.requests(key)[before:]
    assert len(asked) == run.requests == 4
    assert "certificateContent" not in asked[1].query["fields[certificates]"]
    assert "profileContent" not in asked[3].query["fields[profiles]"]
    assert "include" not in asked[3].query


def test_only_the_files_of_what_is_new_are_fetched(apple: Apple, key: AppStoreConnectKey) -> None:
    made = [apple.add_profile()["id"] for _ in range(3)]
    before = len(apple.requests(key))
    run = sync(key.team)
    asked = apple.requests(key)[before:]
    assert [each.path for each in asked] == [
        "/v1/bundleIds",
        "/v1/certificates",
        "/v1/devices",
        "/v1/profiles",
        "/v1/profiles",
    ]
    assert set(asked[-1].query["filter[id]"].split(",")) == set(made)
    assert run.counts["profiles"] == {"seen": 5, "created": 3, "changed": 0, "gone": 0, "held": 0, "total": 5}
    assert key.team is not None
    for profile in key.team.profile_set.filter(apple_id__in=made):
        assert profile.profile_content
        assert profile.certificates.count() == 2


def test_what_changed_is_told_on_the_pages(cast: Cast, apple: Apple, key: AppStoreConnectKey) -> None:
    chosen = apple.ids("devices")[0]
    was = Device.objects.get(apple_id=chosen).name
    apple.sandbox.update(apple.team, "devices", chosen, name="Renamed <b>", status="DISABLED")
    apple.sandbox.add_device(apple.team)
    run = sync(key.team)
    told = ObjectChange.objects.filter(run=run).order_by("what")
    assert [(change.what, change.collection) for change in told] == [
        ("CHANGED", "devices"),
        ("NEW", "devices"),
    ]
    assert told[0].fields == {"name": [was, "Renamed <b>"], "status": ["ENABLED", "DISABLED"]}
    client = cast.client("root_viewer")
    for address in (
        reverse("sync", args=[cast.root.slug, run.pk]),
        reverse("apple-object", args=[cast.root.slug, "devices", told[0].object_id]),
    ):
        page = client.get(address).content.decode()
        assert "Status: ENABLED → DISABLED" in page
        assert "Renamed &lt;b&gt;" in page
    assert (
        "Requests to Apple</dt><dd>4</dd>"
        in client.get(reverse("sync", args=[cast.root.slug, run.pk])).content.decode()
    )


def test_the_report_of_a_run_leads_only_to_what_has_a_page(cast: Cast) -> None:
    key = factories.make_key(cast.root)
    assert key.team is not None
    here, gone_since = factories.mirror(key.team, 2)["devices"]
    run = SyncRun.objects.filter(key=key).latest("created_at")
    ObjectChange.objects.filter(
        pk__in=[factories.make_change(each).pk for each in (here, gone_since)]
    ).update(run=run)
    gone_since.profiles.clear()
    Device.objects.filter(pk=gone_since.pk).delete()
    page = cast.client("root_owner").get(reverse("sync", args=["acme", run.pk])).content.decode()
    assert reverse("apple-object", args=["acme", "devices", here.pk]) in page
    assert str(gone_since.pk) not in page
    assert str(gone_since) in page
