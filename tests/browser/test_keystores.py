"""Android keystores in the browser: one made here, one brought along, and what a mistake in typing looks like."""

from pathlib import Path

from django.urls import reverse
from playwright.sync_api import expect

from credentials.parsing.keystore import parse_keystore
from tests.browser.conftest import Device, Visit
from tests.browser.page_checks import look
from tests.browser.steps import arrived
from tests.conftest import Cast
from tests.credentials.keystores import jks, self_signed


def test_one_is_made_and_one_is_brought_along(
    visit: Visit, device: Device, cast: Cast, tmp_path: Path
) -> None:
    file = tmp_path / "release.jks"
    file.write_bytes(jks("changeit", (self_signed("release"), "changeit"), (self_signed("ü"), "of the key")))
    page = visit("root_owner", on=device)
    page.goto(reverse("choose-kind", args=[cast.root.slug]))
    page.get_by_role("link", name="Android keystore").click()
    expect(page.get_by_role("heading", name="Add Android keystore")).to_be_visible()
    problems = look(page, "add-android-keystore")

    page.get_by_role("link", name="Generate one instead").click()
    expect(page.get_by_role("heading", name="Generate")).to_be_visible()
    problems += look(page, "generate-android-keystore")
    page.get_by_label("Name", exact=True).fill("Made here")
    page.get_by_role("button", name="Generate").click()
    arrived(page, "Made here")

    page.goto(reverse("add-credential", args=[cast.root.slug, "android-keystore"]))
    page.get_by_label("Keystore (.jks, .keystore or .p12)").set_input_files(file)
    page.get_by_label("Keystore password").fill("changeit")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("does not open the key of the alias “ü”")).to_be_visible()
    problems += look(page, "android-keystore-refused")

    page.get_by_label("Keystore (.jks, .keystore or .p12)").set_input_files(file)
    page.get_by_label("Keystore password").fill("changeit")
    page.get_by_label("Key password").fill("of the key")
    page.get_by_role("button", name="Save").click()
    arrived(page, "release, ü")
    for entry in parse_keystore(file.read_bytes(), "changeit", key_password="of the key").entries:
        expect(page.get_by_text(entry.sha256)).to_be_visible()
    problems += look(page, "android-keystore")
    assert problems == []


def test_the_form_of_apns_keys(visit: Visit, cast: Cast) -> None:
    page = visit("root_owner")
    page.goto(reverse("add-credential", args=[cast.root.slug, "apns-key"]))
    assert look(page, "add-apns-key") == []
