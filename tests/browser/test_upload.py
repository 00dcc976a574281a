"""A .p8 goes in, and its certificates come up on the key's page without anybody reloading it."""

from pathlib import Path

from django.urls import reverse
from playwright.sync_api import Page, expect

from appstore.models import AppStoreConnectKey, KeyType
from appstore.sandbox.model import IssuedKey, Kind
from tests import leaks
from tests.browser.apple import HeldSandbox
from tests.browser.conftest import Device, Visit
from tests.browser.page_checks import photograph
from tests.browser.steps import arrived, choose_file, download, open_add_page, sign_in
from tests.browser.worker import Worker
from tests.conftest import Cast


def expect_synced(page: Page) -> None:
    """What the key page shows in the end: all that the sandbox team has."""
    expect(page.get_by_role("heading", name="Certificates 12")).to_be_visible()
    expect(page.get_by_role("heading", name="Profiles 28")).to_be_visible()
    expect(page.locator(".pill", has_text="Works").first).to_be_visible()
    expect(page.locator("#progress")).to_have_count(0)


def test_sign_in_upload_and_watch_the_certificates_come(
    visit: Visit,
    cast: Cast,
    apple: HeldSandbox,
    issued: IssuedKey,
    worker: Worker,
    tmp_path: Path,
    device: Device,
) -> None:
    page = visit("anonymous", on=device)
    sign_in(page, cast.root_owner)
    arrived(page, "Acme")
    page.get_by_role("link", name="Add App Store Connect API key").click()

    choose_file(page, download(issued, tmp_path))
    expect(page.get_by_label("Key ID", exact=True)).to_have_value(issued.key_id if device.javascript else "")
    page.get_by_label("Issuer ID", exact=True).fill(issued.issuer_id)
    page.get_by_label("Name", exact=True).fill("Acme App Store")
    worker.pause()
    with apple.holding("/v1/profiles"):
        page.get_by_role("button", name="Save").click()

        progress = page.locator("#progress")
        arrived(page, "Acme App Store")
        expect(progress).to_contain_text("Waiting for a worker")
        expect(progress).to_contain_text("Asking Apple whether the key works")
        worker.resume()
        expect(progress.locator("li.is-done", has_text="Certificates")).to_contain_text("12")
        expect(progress.locator("li.is-now, li.is-todo")).to_have_count(
            1
        )  # the profiles that Apple holds back
        expect(progress).to_contain_text("Running")
        expect(progress.get_by_role("progressbar")).to_have_attribute("value", "0.75")  # three lists of four
        photograph(page, "progress")
    expect_synced(page)
    expect(page.get_by_role("row").filter(has_text="Not here")).to_have_count(10)
    assert leaks.find_in(page.content().encode(), leaks.forms_of(issued.p8)) == []


def test_the_name_of_a_dropped_file_fills_in_its_key_id(
    visit: Visit, cast: Cast, issued: IssuedKey, tmp_path: Path
) -> None:
    page = visit("root_owner")
    open_add_page(page, cast.root)
    drop(page, download(issued, tmp_path, f"AuthKey_{issued.key_id}.p8"))
    expect(page.locator(".dropzone-name")).to_have_text(f"AuthKey_{issued.key_id}.p8")
    expect(page.get_by_label("Key ID", exact=True)).to_have_value(issued.key_id)
    expect(page.get_by_role("radio", name="Team key")).to_be_checked()
    page.get_by_label("Issuer ID", exact=True).fill(issued.issuer_id)
    page.get_by_role("button", name="Save").click()
    expect_synced(page)


def test_a_dropped_individual_key_is_recognized(
    visit: Visit, cast: Cast, apple: HeldSandbox, issued: IssuedKey, tmp_path: Path
) -> None:
    individual = apple.add_key(issued.team_id, kind=Kind.INDIVIDUAL)
    page = visit("root_owner")
    open_add_page(page, cast.root)
    drop(page, download(individual, tmp_path, f"ApiKey_{individual.key_id}.p8"))
    expect(page.get_by_role("radio", name="Individual key")).to_be_checked()
    expect(page.get_by_label("Key ID", exact=True)).to_have_value(individual.key_id)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".pill", has_text="Works").first).to_be_visible()
    expect(page.get_by_text("there is nothing to sync").first).to_be_visible()
    assert AppStoreConnectKey.objects.get().key_type == KeyType.INDIVIDUAL


def test_a_typed_key_id_is_not_overwritten_by_a_file(
    visit: Visit, cast: Cast, issued: IssuedKey, tmp_path: Path
) -> None:
    page = visit("root_owner")
    open_add_page(page, cast.root)
    page.get_by_label("Key ID", exact=True).fill("TYPED12345")
    choose_file(page, download(issued, tmp_path))
    expect(page.locator(".dropzone-name")).to_have_text(issued.file_name)
    expect(page.get_by_label("Key ID", exact=True)).to_have_value("TYPED12345")


def test_pasted_text_is_taken_too(visit: Visit, cast: Cast, issued: IssuedKey, device: Device) -> None:
    page = visit("root_owner", on=device)
    open_add_page(page, cast.root)
    page.get_by_text("Paste the key as text instead").click()
    page.get_by_label("Or paste its text").fill(issued.p8.decode())
    page.get_by_label("Key ID", exact=True).fill(issued.key_id.lower())
    page.get_by_label("Issuer ID", exact=True).fill(issued.issuer_id)
    page.get_by_role("button", name="Save").click()
    expect_synced(page)
    key = AppStoreConnectKey.objects.get()
    assert (key.key_id, key.credential.name) == (issued.key_id, f"Team key {issued.key_id}")
    assert page.url.endswith(reverse("credential", args=[cast.root.slug, key.credential_id]))


def drop(page: Page, path: Path) -> None:
    """Drag a file from outside the browser onto the drop zone: the browser's own events, file and all."""
    box = page.locator(".dropzone").bounding_box()
    assert box is not None
    where = {"x": box["x"] + 20, "y": box["y"] + 20}  # beside the file input, which would take it by itself
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for step in ("dragEnter", "dragOver"):
        session.send("Input.dispatchDragEvent", {"type": step, **where, "data": data})
    expect(page.locator(".dropzone.is-over")).to_be_visible()
    session.send("Input.dispatchDragEvent", {"type": "drop", **where, "data": data})
    session.detach()
    expect(page.locator(".dropzone.is-over")).to_have_count(0)
