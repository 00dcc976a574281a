"""Several certificates, profiles or devices at once: what each touches, one order, and one file of many."""

import io
import zipfile
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appstore.models import AppStoreConnectKey, Assignment, Certificate, Device, Profile, SyncRun
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests import factories
from tests.appstore.apple import Apple, work
from tests.appstore.changing import NEW_DEVICE, address, said, sent, text
from tests.appstore.signing import make_app, make_identity
from tests.conftest import Cast

PROFILES, DEVICES, CERTIFICATES, DOWNLOAD = (
    address(route)
    for route in ("change-profiles", "change-devices", "change-certificates", "download-profiles")
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


def test_certificates_are_revoked_together_after_what_that_breaks_is_shown(
    owner: Client, cast: Cast, apple: Apple
) -> None:
    key = apple.upload(cast.root)
    work()
    picks = ids(Certificate.objects.all())
    held = Profile.objects.filter(certificates__isnull=False).distinct().order_by("name")
    assert (len(picks), len(held)) == (2, 2)
    identity = make_identity(cast.root, Certificate.objects.order_by("name")[0])
    app = make_app(cast.root, identifier=str(held.values_list("bundle_id__identifier", flat=True)[0]))
    theirs = make_app(cast.sub_a, name="Their app")
    Assignment.pin(SYSTEM, theirs, "certificate:app-store", credential=identity)
    share(SYSTEM, identity, with_all=False, chosen=[cast.sub_a])
    shown = text(owner.post(CERTIFICATES, {"pick": picks, "do": "revoke"}))
    assert all(f"{each} ({each.bundle_id.identifier})" in shown for each in held if each.bundle_id)
    assert (address("app", app.pk) in shown, "Their app" in shown, "Acme Games" in shown) == (True,) * 3
    app.freeze(SYSTEM, "In review.")
    assert "In review." not in shown
    Assignment.pin(SYSTEM, app, "certificate:app-store", credential=identity)
    left = owner.post(CERTIFICATES, {"pick": picks, "do": "revoke"})
    assert [part.thing.sha256 for part in left.context["left_out"]] == [identity.identifier]
    assert "In review." in text(left)
    app.unfreeze(SYSTEM)
    form = {"pick": picks, "do": "revoke", "confirm": "1", "key": str(key.pk), "ticket": str(uuid4())}
    first = owner.post(CERTIFICATES, form)
    work()
    again = owner.post(CERTIFICATES, form)
    run = SyncRun.objects.get(kind="CHANGE")
    assert first["Location"] == again["Location"] == address("sync", run.pk)
    assert (run.state, str(run), len(said(run))) == ("SUCCEEDED", "2 certificates revoked", 2)
    assert apple.ids("certificates") == []
    assert AuditEvent.objects.filter(action="certificate:revoked").count() == 2
    assert set(Profile.objects.values_list("profile_state", flat=True)) == {"INVALID"}


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
    for page in (PROFILES, DEVICES, CERTIFICATES, DOWNLOAD):
        answer = owner.post(page, {"pick": picks}, follow=True)
        assert [str(each) for each in answer.context["messages"]] == [told]


def test_two_hundred_need_no_more_queries_than_two(owner: Client, key: AppStoreConnectKey) -> None:
    owner.get(address("overview"))  # the first page of a session begins its record
    counts: dict[str, list[int]] = {}
    for count in (2, 198):
        factories.mirror(key.team, count)  # type: ignore[arg-type]
        for page, rows, do in (
            (PROFILES, Profile, "regenerate"),
            (DEVICES, Device, "disable"),
            (CERTIFICATES, Certificate, "revoke"),
        ):
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
    profiles, devices, certificates = (
        address("apple-objects", each) for each in ("profiles", "devices", "certificates")
    )
    assert PROFILES in text(cast.client("root_owner").get(profiles))
    assert 'value="disable"' in text(cast.client("root_owner").get(devices))
    assert CERTIFICATES in text(cast.client("root_owner").get(certificates))
    for page in (profiles, devices, certificates):
        assert 'name="pick"' not in text(cast.client("root_viewer").get(page))
