"""Without a mouse: the way in, the menus, and the navigation of a narrow screen."""

from typing import Any

from django.urls import reverse
from playwright.sync_api import Page, expect

from appstore.models import AppStoreConnectKey
from tests.browser.conftest import PHONE, Visit
from tests.browser.steps import arrived
from tests.conftest import Cast

# How the focused element stands out: its outline, or the shadow that takes an outline's place
RING = """(node) => {
    const style = getComputedStyle(node);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== "none";
}"""


def focused(page: Page) -> Any:
    return page.locator(":focus")


def test_the_first_stop_skips_to_the_content(visit: Visit, cast: Cast, screen: dict[str, int]) -> None:
    page = visit("root_owner", screen=screen)
    page.goto(reverse("credentials", args=[cast.root.slug]))
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_text("Skip to content")
    expect(focused(page)).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_text("Import")


def test_every_stop_is_seen(
    visit: Visit, cast: Cast, root_key: AppStoreConnectKey, screen: dict[str, int]
) -> None:
    page = visit("root_owner", screen=screen)
    for name in ("share-credential", "credential"):
        page.goto(reverse(name, args=[cast.root.slug, root_key.credential_id]))
        stops = []
        while True:
            page.keyboard.press("Tab")
            if focused(page).count() == 0:  # past the last one
                break
            stops.append(focused(page).evaluate("(node) => node.outerHTML.slice(0, 200)"))
            expect(focused(page)).to_be_in_viewport()
            assert focused(page).evaluate(RING), stops[-1]
        assert len(stops) > 15
        assert len(stops) == len(set(stops))


def test_the_organization_switcher_opens_and_closes(visit: Visit, cast: Cast, screen: dict[str, int]) -> None:
    page = visit("root_owner", screen=screen)
    page.goto(reverse("overview", args=[cast.root.slug]))
    switcher = page.locator(".org-switcher")
    items = switcher.get_by_role("link")
    for _ in range(3):  # past the skip link and the brand
        page.keyboard.press("Tab")
    expect(switcher.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(items).to_have_text(["Acme root", "Acme Games", "Acme Travel"])
    expect(items.first).to_be_in_viewport(ratio=1)
    page.keyboard.press("Tab")
    expect(items.first).to_be_focused()
    page.keyboard.press("Escape")
    expect(items.first).to_be_hidden()
    expect(switcher.locator("summary")).to_be_focused()

    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    arrived(page, "Acme Games")
    switcher.locator("summary").click()
    expect(items.first).to_be_visible()
    page.mouse.click(screen["width"] - 5, screen["height"] - 5)  # anywhere else
    expect(items.first).to_be_hidden()


def test_the_switcher_works_without_javascript(visit: Visit, cast: Cast, screen: dict[str, int]) -> None:
    page = visit("root_owner", screen=screen, javascript=False)
    page.goto(reverse("overview", args=[cast.root.slug]))
    page.locator(".org-switcher summary").click()
    page.get_by_role("link", name="Acme Travel").click()
    arrived(page, "Acme Travel")


def test_a_narrow_screen_shows_where_one_is(visit: Visit, cast: Cast) -> None:
    page = visit("root_owner", screen=PHONE)
    for name in ("overview", "syncs", "organization-settings"):
        page.goto(reverse(name, args=[cast.root.slug]))
        here = page.locator(".sidenav [aria-current=page]")
        expect(here).to_have_count(1)
        expect(here).to_be_in_viewport(ratio=1)
