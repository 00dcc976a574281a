"""Signing out in a real browser: what it kept is cleared, and it complains of nothing."""

from django.urls import reverse

from tests.browser.conftest import Visit
from tests.browser.steps import arrived
from tests.conftest import Cast


def test_signing_out_leaves_nothing_behind(visit: Visit, cast: Cast) -> None:
    page = visit("root_owner")
    page.goto(reverse("credentials", args=[cast.root.slug]))
    page.evaluate("localStorage.setItem('left', 'behind')")
    page.locator(".user-menu > summary").click()
    with page.expect_response(lambda response: "logout" in response.url) as told:
        page.get_by_role("button", name="Sign out").click()
    assert told.value.all_headers()["clear-site-data"] == '"cache", "storage"'
    arrived(page, "Sign in")
    assert page.evaluate("localStorage.length") == 0
    page.go_back()
    arrived(page, "Sign in")
