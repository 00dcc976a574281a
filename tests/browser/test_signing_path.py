"""From an empty organization with one Admin key to a profile with a new device, all of it on the pages."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from appstore.models import AppStoreConnectKey, Certificate, DeveloperTeam, Profile
from credentials.parsing.profile import parse_profile
from tests import factories
from tests.browser.apple import HeldSandbox
from tests.browser.conftest import Device, Visit
from tests.browser.page_checks import ALL, look
from tests.browser.steps import arrived
from tests.browser.worker import Worker
from tests.conftest import Cast

UDID = "00008101-000A11223344001E"


@pytest.fixture
def team(cast: Cast, apple: HeldSandbox, worker: Worker) -> DeveloperTeam:
    """Of a root with one Admin key: Apple has an App ID and thirty devices, and nothing to sign with."""
    account = apple.add_team("Acme Inc.", certificates=0, profiles=0, bundle_ids=1, devices=30)
    issued = apple.add_key(account)
    key = factories.make_key(
        cast.root, name="Acme Admin", p8=issued.p8, key_id=issued.key_id, issuer_id=issued.issuer_id
    )
    worker.wait_until_idle()
    key.refresh_from_db()
    assert key.team is not None
    return key.team


def test_from_one_key_to_a_profile_made_anew(
    visit: Visit, cast: Cast, team: DeveloperTeam, worker: Worker, device: Device
) -> None:
    page, found = visit("root_owner", on=device), list[str]()

    def press(button: str, report: str) -> None:
        page.get_by_role("button", name=button, exact=True).click()
        worker.wait_until_idle()
        page.goto(page.url)
        expect(page.get_by_text(report)).to_be_visible()

    def open_list(words: str, link: str, state: str = "") -> None:
        page.goto(reverse("apple-objects", args=["acme", words]) + "?state=" + state)
        listed = page.url
        page.get_by_role("link", name=link, exact=True).first.click()
        expect(page).not_to_have_url(listed)

    open_list("certificates", "Create a certificate")
    found += look(page, "create-certificate", ALL)
    press("Create the certificate", "Made the certificate “")
    found += look(page, "change-report", ALL)
    certificate = Certificate.objects.get(team=team)

    for kind, name in (("iOS App Store", "profile-of-store"), ("iOS Ad Hoc", "profile-ad-hoc")):
        open_list("profiles", "Create a profile")
        found += look(page, "create-profile", ALL)
        page.get_by_label(kind, exact=True).check()
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("checkbox", name=certificate.name).check()
        boxes = page.get_by_role("group", name="Devices").get_by_role("checkbox")
        for box in boxes.all():
            box.check()
        page.get_by_label("Name", exact=True).fill(f"Acme {kind}")
        found += look(page, f"create-{name}", ALL)
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_role("heading", name="It will be")).to_be_visible()
        found += look(page, f"preview-{name}", ALL)
        press("Create it at Apple", f"Made the profile “Acme {kind}”.")

    open_list("devices", "Register devices")
    page.get_by_label("Devices").fill(f"{UDID}, Ada's iPhone")
    found += look(page, "register-devices", ALL)
    press("Register at Apple", "Registered the device “Ada's iPhone”.")

    open_list("profiles", "Acme iOS Ad Hoc")
    expect(page.get_by_text("1 enabled device is not in it")).to_be_visible()
    found += look(page, "profile-lacking", ALL)
    page.get_by_role("link", name="Make it anew with all that are enabled").click()
    expect(page.get_by_role("heading", name="Make it anew")).to_be_visible()
    found += look(page, "regenerate-profile", ALL)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".diff")).to_contain_text("Ada's iPhone")
    found += look(page, "preview-regeneration", ALL)
    press("Make it anew at Apple", "Made the profile “Acme iOS Ad Hoc”.")

    open_list("profiles", "Acme iOS Ad Hoc", "valid")  # the old one is gone, and listed as such
    expect(page.get_by_text("not in it")).to_have_count(0)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").first.click()
    facts = parse_profile(Path(waiting.value.path()).read_bytes())
    assert UDID in facts.udids

    page.goto(reverse("activity", args=["acme"]))
    log = page.get_by_role("main").inner_text()
    for what in (
        "created at Apple the certificate",
        "created at Apple the profile",
        "registered at Apple the device",
        "deleted at Apple the profile",
        "downloaded",
    ):
        assert what in log
    found += look(page, "activity-of-changes", ALL)
    assert found == []


def test_the_other_pages_that_order_changes_with_long_names(
    visit: Visit, cast: Cast, apple: HeldSandbox, synced_key: AppStoreConnectKey, worker: Worker
) -> None:
    """Two teams, a key each, and names as long as Apple allows."""
    issued = apple.add_key(apple.add_team("Other Inc.", certificates=3, profiles=3, bundle_ids=2, devices=4))
    factories.make_key(
        cast.root, name="Other key", p8=issued.p8, key_id=issued.key_id, issuer_id=issued.issuer_id
    )
    worker.wait_until_idle()
    profile = Profile.objects.filter(profile_type="IOS_APP_ADHOC", gone_at=None)[0]
    certificate, device = profile.certificates.all()[0], profile.devices.all()[0]
    for model in (Profile, Certificate):
        model._default_manager.update(name="Extraordinarilylongnamewithoutanyspace" + " of somebody" * 3)
    page, found = visit("root_owner"), list[str]()
    for route, pk in (
        ("renew-certificate", certificate.pk),
        ("revoke-certificate", certificate.pk),
        ("regenerate-profile", profile.pk),
        ("delete-profile", profile.pk),
        ("change-device", device.pk),
        ("change-bundle-id", profile.bundle_id_id),
        ("delete-bundle-id", profile.bundle_id_id),
    ):
        page.goto(reverse(route, args=["acme", pk]))
        found += look(page, f"order-{route}", ALL)
    for route in ("create-certificate", "create-profile", "register-devices", "register-bundle-id"):
        page.goto(reverse(route, args=["acme"]))
        expect(page.get_by_label("API key")).to_be_visible()
        found += look(page, f"order-{route}", ALL)
    assert found == []


def test_one_click_on_ensure(
    visit: Visit, cast: Cast, team: DeveloperTeam, apple: HeldSandbox, worker: Worker, device: Device
) -> None:
    page, found = visit("root_owner", on=device), list[str]()
    identifier = f"com.acme.shop{device.screen['width']}"  # all tests share one Apple
    page.goto(reverse("apps", args=["acme"]))
    page.get_by_role("link", name="Add an app").first.click()
    arrived(page, "Add an app")
    page.get_by_label("Bundle ID or application ID").fill(identifier)
    page.get_by_label("Name", exact=True).fill("Shop")
    page.get_by_label("Certificates too").first.check()  # the others are for several at once
    page.get_by_role("button", name="Add the app").click()
    arrived(page, "Shop")
    app_page, store = page.url, page.locator("#app-store")
    expect(store.get_by_text("Missing", exact=True)).to_have_count(2)

    def ensure(button: str, report: str) -> None:
        store.get_by_role("link", name="Ensure").click()
        arrived(page, "Ensure its signing")
        found.extend(look(page, f"ensure-{button}"))
        page.get_by_role("button", name=button, exact=True).click()
        arrived(page, "Signing of Shop for App Store")
        worker.wait_until_idle()
        page.goto(page.url)
        expect(page.get_by_text(report)).to_be_visible()
        found.extend(look(page, f"ensured-{button}"))
        page.goto(app_page)
        arrived(page, "Shop")
        expect(store.get_by_text("Suggested", exact=True)).to_have_count(2)

    def written() -> list[tuple[str, str]]:
        return [(each.method, each.path) for each in list(apple.requests)[before:] if each.method != "GET"]

    before = len(apple.requests)
    ensure("Do it", f"Made the profile “{identifier} iOS App Store”.")
    wanted = [("POST", "/v1/bundleIds"), ("POST", "/v1/certificates"), ("POST", "/v1/profiles")]
    assert written() == wanted
    certificate, profile = Certificate.objects.get(team=team), Profile.objects.get(team=team)
    assert list(profile.certificates.all()) == [certificate]
    expect(store.get_by_role("link", name=profile.name)).to_be_visible()
    found += look(page, "app-ensured", ALL)

    ensure("Look at Apple", "everything is there")
    assert written() == wanted
    assert (Certificate.objects.get(team=team), Profile.objects.get(team=team)) == (certificate, profile)

    page.goto(reverse("activity", args=["acme"]))
    log = page.get_by_role("table").inner_text()
    for what, times in (
        ("added the app", 1),
        ("ordered a change at Apple of", 2),
        ("registered at Apple the bundle ID", 1),
        ("created at Apple the certificate", 1),
        ("created at Apple the profile", 1),
    ):
        assert log.count(what) == times, what
    assert found == []
