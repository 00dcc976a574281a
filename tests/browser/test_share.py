"""The root shares a key; a sub-organization's developer, in a browser of their own, sees and uses it until it ends."""

import re
from typing import Any

from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from appstore.models import AppStoreConnectKey, SyncRun
from credentials.models import Credential
from credentials.sharing import share, shared_ids
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests import factories
from tests.browser.conftest import Device, Visit
from tests.browser.page_checks import photograph
from tests.browser.steps import arrived
from tests.conftest import Cast


def open_share_page(page: Page, credential: Credential) -> None:
    page.goto(reverse("share-credential", args=[credential.organization.slug, credential.pk]))
    arrived(page, "Share credentials")


def box(page: Page, organization: Organization) -> Any:
    return page.get_by_role("checkbox", name=organization.name)


def preview(page: Page, *, javascript: bool) -> Any:
    """What Share would change: by itself with JavaScript, by its button without."""
    if not javascript:
        page.get_by_role("button", name="Preview changes").click()
    return page.locator("#share-preview")


def test_a_shared_key_is_used_there_and_changed_here_only(
    visit: Visit,
    cast: Cast,
    synced_key: AppStoreConnectKey,
    device: Device,
) -> None:
    credential = synced_key.credential
    root = visit("root_owner", on=device)
    root.goto(credential.page_path())
    root.get_by_role("link", name="Share…").click()
    box(root, cast.sub_a).check()
    shown = preview(root, javascript=device.javascript)
    expect(shown).to_contain_text("Acme Games gains it")
    expect(shown).not_to_contain_text("Acme Travel")
    assert shared_ids(credential) == set()  # a preview changes nothing
    photograph(root, "share-preview")
    root.get_by_role("button", name="Share", exact=True).click()
    expect(root.locator("ul.messages")).to_contain_text("is shared with 1 sub-organization")
    expect(root.get_by_role("definition").filter(has_text="Acme Games")).to_be_visible()

    developer = visit("sub_a_developer", on=device)
    developer.goto(reverse("credentials", args=[cast.sub_a.slug]))
    row = developer.get_by_role("row").filter(has_text="Acme App Store")
    expect(row.get_by_text("Root", exact=True)).to_be_visible()
    row.get_by_role("link", name="Acme App Store").click()
    arrived(developer, "Acme App Store Root")
    expect(developer.get_by_role("heading", name="Certificates 12")).to_be_visible()
    for action in ("Share…", "Rename", "Replace the private key", "Archive…", "More"):
        expect(developer.get_by_text(action)).to_have_count(0)
    sync_now(developer)

    open_share_page(root, credential)
    box(root, cast.sub_a).uncheck()
    expect(preview(root, javascript=device.javascript)).to_contain_text("Acme Games loses it")
    root.get_by_role("button", name="Share", exact=True).click()
    expect(root.locator("ul.messages")).to_contain_text("is shared with nobody")

    answer = developer.reload()
    assert answer is not None
    assert answer.status == 404
    expect(developer.get_by_role("heading", name="Nothing here")).to_be_visible()


def sync_now(page: Page) -> None:
    """Ends on the key's page, which shows the sync that this person asked for."""
    before = SyncRun.objects.count()
    page.get_by_role("button", name="Sync now").click()
    runs = page.locator("section", has=page.get_by_role("heading", name="Syncs and checks"))
    mine = runs.get_by_role("row").filter(has_text="sub.a.developer")
    expect(mine).to_contain_text("Done")
    assert SyncRun.objects.count() == before + 1


CHANGES = {"share-credential": {"name": "Mine", "apply": "1"}, "rename-credential": {"name": "Mine"},
           "replace-credential": {"key_type": "TEAM"}, "archive-credential": {}, "restore-credential": {}}  # fmt: skip


def test_no_address_changes_what_is_shared(visit: Visit, cast: Cast) -> None:
    """With a developer's session, and the token of a form that they were given."""
    credential = factories.make_key(cast.root, name="Acme App Store").credential
    share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    page = visit("sub_a_developer")
    page.goto(credential.page_path(cast.sub_a))
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    for name, fields in CHANGES.items():
        here, there = (reverse(name, args=[each.slug, credential.pk]) for each in (cast.sub_a, cast.root))
        if name != "restore-credential":  # which has no page of its own
            assert (name, page.request.get(here).status) == (name, 403)
        form = {**fields, "csrfmiddlewaretoken": token}
        refused = page.request.post(here, form=form, max_redirects=0)
        assert (name, refused.status) == (name, 403)
        assert "it can be used here, and changed only there" in refused.text()  # and the token was good
        assert (name, page.request.post(there, form=form, max_redirects=0).status) == (name, 404)
    stored = Credential.objects.get()
    assert (stored.name, stored.archived_at) == ("Acme App Store", None)
    assert stored.secret_changed_at == credential.secret_changed_at
    assert shared_ids(stored) == {cast.sub_a.pk}


def test_the_toggle_shares_with_everybody_and_takes_the_boxes_out_of_play(
    visit: Visit, cast: Cast, root_key: AppStoreConnectKey, device: Device
) -> None:
    credential = root_key.credential
    page = visit("root_owner", on=device)
    open_share_page(page, credential)
    toggle = page.get_by_role("checkbox", name="Share with all sub-organizations")
    page.get_by_text("(present and future)").click()  # the words are the label
    expect(toggle).to_be_checked()
    for sub in (cast.sub_a, cast.sub_b):
        expect(box(page, sub)).to_be_disabled() if device.javascript else expect(
            box(page, sub)
        ).to_be_enabled()
    shown = preview(page, javascript=device.javascript)
    for gain in ("Acme Games gains it", "Acme Travel gains it", "Sub-organizations created later gain it"):
        expect(shown).to_contain_text(gain)
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.locator("ul.messages")).to_contain_text(
        "shared with all sub-organizations, present and future"
    )

    open_share_page(page, credential)
    expect(page.get_by_text("has it now")).to_have_count(2)
    page.get_by_text("(present and future)").click()
    expect(box(page, cast.sub_b)).to_be_enabled()
    box(page, cast.sub_b).check()
    shown = preview(page, javascript=device.javascript)
    expect(shown.get_by_role("listitem")).to_have_text(
        [
            "Acme Games loses it, with its next request",
            "Sub-organizations created later do not get it by themselves",
            "Acme Travel keeps it",
        ]
    )
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.locator("ul.messages")).to_contain_text(re.compile("shared with 1 sub-organization"))
    assert shared_ids(credential) == {cast.sub_b.pk}


def test_the_last_choice_has_the_last_word_in_the_preview(
    visit: Visit, cast: Cast, root_key: AppStoreConnectKey
) -> None:
    """Otherwise an answer that comes late would say what an older choice changes."""
    page = visit("root_owner")
    open_share_page(page, root_key.credential)
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/share/", hold_the_first)
    with page.expect_request("**/share/"):
        box(page, cast.sub_a).check()
    box(page, cast.sub_b).check()
    held[0].continue_()
    expect(page.locator("#share-preview").get_by_role("listitem")).to_have_text(
        ["Acme Games gains it", "Acme Travel gains it"]
    )
    page.unroute_all()


def test_the_settings_name_is_changed_with_the_share(
    visit: Visit, cast: Cast, root_key: AppStoreConnectKey
) -> None:
    page = visit("root_owner")
    open_share_page(page, root_key.credential)
    page.get_by_label("Settings name").fill("For the games")
    box(page, cast.sub_a).check()
    page.get_by_role("button", name="Share", exact=True).click()
    arrived(page, "For the games")
    developer = visit("sub_a_developer")
    developer.goto(reverse("credentials", args=[cast.sub_a.slug]))
    expect(developer.get_by_role("link", name="For the games")).to_be_visible()
