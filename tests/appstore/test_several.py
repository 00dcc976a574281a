"""Several profiles or devices at once: a preview of what each touches, one order, and one file of many."""

import io
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appstore.models import AppStoreConnectKey, Device, Profile, SyncRun
from organizations.models import AuditEvent
from tests import factories
from tests.appstore.apple import Apple, work
from tests.appstore.changing import NEW_DEVICE, address, said, sent, text
from tests.conftest import Cast

PROFILES, DEVICES, DOWNLOAD = (
    address(route) for route in ("change-profiles", "change-devices", "download-profiles")
)


@pytest.fixture
def key(cast: Cast) -> AppStoreConnectKey:
    return factories.make_key(cast.root)


def ids(rows: Any) -> list[str]:
    return [str(each.pk) for each in rows]


def test_profiles_are_made_anew_and_deleted_in_one_order_each(
    owner: Client, cast: Cast, apple: Apple
) -> None:
    key = apple.upload(cast.root)
    apple.add_profile("IOS_APP_ADHOC", name="Third")
    work()
    new = sent(owner, address("register-devices"), key, devices=f"{NEW_DEVICE}, Ada", platform="IOS")
    assert new.state == "SUCCEEDED"
    picks = ids(Profile.objects.all())
    preview = text(owner.post(PROFILES, {"pick": picks, "do": "regenerate"}))
    assert "Still lacks: Ada" in preview
    assert "Goes out" in preview  # the certificate for development
    assert SyncRun.objects.filter(kind="CHANGE").count() == 1
    run = sent(owner, PROFILES, key, pick=picks, do="regenerate", all_devices="on", confirm="1")
    assert run.state == "SUCCEEDED", run.error_message
    assert len(said(run)) == len(picks)
    made = Profile.objects.filter(gone_at=None)
    assert made.count() == len(picks)
    assert all(each.devices.filter(name="Ada").exists() for each in made)
    run = sent(owner, PROFILES, key, pick=ids(made), do="delete", confirm="1")
    assert [run.state, str(run)] == ["SUCCEEDED", f"{len(picks)} profiles deleted"]
    assert apple.ids("profiles") == []


def test_devices_are_disabled_together_and_those_that_are_stay(
    owner: Client, cast: Cast, apple: Apple
) -> None:
    key = apple.upload(cast.root)
    work()
    first, second, third = Device.objects.filter(status="ENABLED")[:3]
    Device.objects.filter(pk=third.pk).update(status="PROCESSING")
    chosen = {"pick": ids([first, second, third]), "do": "disable"}
    shown = text(owner.post(DEVICES, chosen))
    assert f"In {Profile.objects.order_by('name')[0]}" in shown
    assert "Apple is still looking at it" in shown
    run = sent(owner, DEVICES, key, **chosen, confirm="1")
    assert sorted(said(run)) == sorted(f"Disabled the device “{each}”." for each in (first, second))
    assert third in Device.objects.filter(status="ENABLED")  # as the sync that followed told
    assert "It is disabled already" in text(owner.post(DEVICES, chosen))


def test_what_cannot_be_changed_says_why(owner: Client, cast: Cast, key: AppStoreConnectKey) -> None:
    others = factories.make_key(cast.root, issuer_id="another-account")
    mine, gone, bare, odd = factories.mirror(key.team, 4)["profiles"]  # type: ignore[arg-type]
    (theirs,) = factories.mirror(others.team, 1)["profiles"]  # type: ignore[arg-type]
    Profile.objects.filter(pk=gone.pk).update(gone_at=timezone.now())
    Profile.objects.filter(pk=odd.pk).update(profile_type="NEW_TO_US")
    bare.devices.update(status="DISABLED")
    uploaded = factories.make_uploaded_profile(cast.root, "From a file")
    answer = owner.post(
        PROFILES, {"pick": ids([mine, gone, bare, odd, theirs, uploaded]), "do": "regenerate"}
    )
    assert ids(part.thing for part in answer.context["parts"]) == [str(mine.pk)]
    why = {part.thing.pk: part.why_not for part in answer.context["left_out"]}
    assert "gone at Apple" in why[gone.pk]
    assert "None of its devices" in why[bare.pk]
    assert "does not know" in why[odd.pk]
    assert "an order is for one team" in why[theirs.pk]
    assert "uploaded here" in why[uploaded.pk]
    # and where nothing is left, nothing is ordered
    answer = owner.post(
        PROFILES, {"pick": ids([uploaded, odd]), "do": "regenerate", "confirm": "1", "key": key.pk}
    )
    assert answer.status_code == 400
    assert "None of these can be changed so" in text(answer)
    assert not SyncRun.objects.filter(kind="CHANGE").exists()


@pytest.mark.parametrize(
    ("picks", "told"),
    [
        ([], "Mark at least one first."),
        (["nothing"], "Mark at least one first."),
        ([f"00000000-0000-4000-8000-{number:012}" for number in range(201)], "Mark at most 200 at once."),
    ],
    ids=["none", "no id", "201"],
)
def test_too_few_and_too_many_are_told(owner: Client, picks: list[str], told: str) -> None:
    for page in (PROFILES, DEVICES, DOWNLOAD):
        answer = owner.post(page, {"pick": picks}, follow=True)
        assert [str(each) for each in answer.context["messages"]] == [told]


def test_two_hundred_need_no_more_queries_than_two(owner: Client, key: AppStoreConnectKey) -> None:
    owner.get(address("overview"))  # the first page of a session begins its record
    counts: dict[str, list[int]] = {}
    for count in (2, 198):
        factories.mirror(key.team, count)  # type: ignore[arg-type]
        for page, rows, do in ((PROFILES, Profile, "regenerate"), (DEVICES, Device, "disable")):
            picks = ids(rows.objects.all())  # type: ignore[attr-defined]
            with CaptureQueriesContext(connection) as captured:
                assert len(owner.post(page, {"pick": picks, "do": do}).context["parts"]) == len(picks)
            counts.setdefault(page, []).append(len(captured))
    assert all(few == many for few, many in counts.values())


def test_a_zip_holds_each_under_a_name_of_its_own(owner: Client, cast: Cast, key: AppStoreConnectKey) -> None:
    first, second, without = factories.mirror(key.team, 3)["profiles"]  # type: ignore[arg-type]
    Profile.objects.update(name="Store")
    Profile.objects.filter(pk=without.pk).update(name="Invalid one", profile_content=None)
    uploaded = factories.make_uploaded_profile(cast.root, "From a file")
    answer = owner.post(DOWNLOAD, {"pick": ids([first, second, without, uploaded])})
    assert answer["Content-Disposition"] == 'attachment; filename="profiles.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == {
        "store.mobileprovision": b"\x30\x00",
        "store-2.mobileprovision": b"\x30\x00",
        "from-a-file.mobileprovision": b"The file of From a file",
        "without-a-file.txt": b"Invalid one\n",
    }
    events = AuditEvent.objects.filter(action="asset:downloaded").values_list("subject_id", flat=True)
    assert set(events) == set(ids([first, second, uploaded]))


def test_the_buttons_are_for_those_who_may(cast: Cast, key: AppStoreConnectKey) -> None:
    factories.mirror(key.team, 1)  # type: ignore[arg-type]
    profiles, devices = (address("apple-objects", each) for each in ("profiles", "devices"))
    assert PROFILES in text(cast.client("root_owner").get(profiles))
    assert 'value="disable"' in text(cast.client("root_owner").get(devices))
    for page in (profiles, devices):
        assert 'name="pick"' not in text(cast.client("root_viewer").get(page))
