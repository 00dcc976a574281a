"""Reveal, download and approval in a real browser: nothing of the secret is left on Back, Reload or a closed page."""

from django.urls import reverse
from playwright.sync_api import Page, expect

from appstore.models import AppStoreConnectKey
from credentials.models import RevealRequest
from organizations.audit import Action
from organizations.models import AuditEvent, User
from organizations.permissions import Role
from tests import factories
from tests.browser import page_checks
from tests.browser.conftest import Visit
from tests.browser.steps import arrived
from tests.browser.tabs import Tabs
from tests.browser.worker import Worker
from tests.conftest import Cast
from tests.credentials.revealing import REASON, page_of, require_approval
from tests.leaks import find_in, forms_of
from tests.organizations.signing_in import add_totp, code_of


def look(page: Page, name: str) -> None:
    assert page_checks.look(page, f"reveal-{name}") == []


def confirm(page: Page, secret: str) -> None:
    arrived(page, "Confirm that it is you")
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Confirm").click()


def ask(page: Page, label: str, button: str = "Reveal or download") -> None:
    page.get_by_label("Reason").fill(REASON)
    page.get_by_text(label).click()
    page.get_by_role("button", name=button).click()


def opened() -> int:
    """By people: CredHub itself checks each key at Apple."""
    return AuditEvent.objects.filter(action=Action.CREDENTIAL_REVEALED).exclude(actor_user=None).count()


def holds_nothing(page: Page, p8: bytes) -> bool:
    return find_in(page.content().encode(), forms_of(p8)) == []


def test_shown_once_and_downloaded(visit: Visit, tabs: Tabs, worker: Worker, cast: Cast) -> None:
    p8 = factories.make_p8()
    key = factories.make_key(cast.root, name="Acme App Store", p8=p8, key_id="REVEAL1234")
    worker.wait_until_idle()  # the check of a new key shows its progress, which never stands still
    secret = add_totp(User.objects.get(pk=cast.root_owner.pk))
    page = visit("root_owner")
    page.goto(key.credential.page_path())
    look(page, "key")
    page.get_by_role("link", name="Reveal or download…").click()
    confirm(page, secret)
    arrived(page, "Reveal or download")
    look(page, "form")

    ask(page, "Show it on this screen")
    arrived(page, "Shown this once")
    expect(page.locator("#secret")).to_have_text(p8.decode().strip())
    assert opened() == 1
    look(page, "shown")

    page.go_back()
    arrived(page, "Reveal or download")
    assert holds_nothing(page, p8)
    # Forward would have to send the form again: Chromium has kept nothing, and says so.
    with page.expect_event("requestfailed") as missed:
        page.evaluate("() => setTimeout(() => history.forward(), 0)")
    assert missed.value.failure == "net::ERR_CACHE_MISS"
    expect(page.get_by_role("heading", name="Reveal or download", level=1)).to_have_count(0)
    tabs.watch.problems.clear()
    assert holds_nothing(page, p8)
    assert opened() == 1

    page.goto(page_of(key.credential))
    for what, label in (("p8", "Download the .p8"), ("env", "Download environment lines")):
        page.reload()
        page.get_by_label("Reason").fill(REASON)
        page.get_by_text(label).first.click()
        with page.expect_download() as found:
            page.get_by_role("button", name="Reveal or download").click()
        content = found.value.path().read_bytes()
        if what == "p8":
            assert found.value.suggested_filename == "AuthKey_REVEAL1234.p8"
            assert content == p8
        else:
            assert found.value.suggested_filename == "REVEAL1234.env"
    assert opened() == 3
    # The page is still there after a download: what it would send again opens nothing.
    page.get_by_role("button", name="Reveal or download").click()
    expect(page.get_by_text("nothing was opened again")).to_be_visible()
    assert opened() == 3


def test_reload_of_what_was_shown_opens_nothing(
    visit: Visit, cast: Cast, root_key: AppStoreConnectKey
) -> None:
    secret = add_totp(User.objects.get(pk=cast.root_owner.pk))
    page = visit("root_owner")
    page.goto(page_of(root_key.credential))
    confirm(page, secret)
    ask(page, "Show it on this screen")
    arrived(page, "Shown this once")
    page.reload()  # sends the form again, with the ticket that was taken
    expect(page.get_by_text("nothing was opened again")).to_be_visible()
    assert page.locator("#secret").count() == 0
    assert opened() == 1


def test_without_javascript(visit: Visit, cast: Cast, root_key: AppStoreConnectKey) -> None:
    secret = add_totp(User.objects.get(pk=cast.root_owner.pk))
    page = visit("root_owner", javascript=False)
    page.goto(page_of(root_key.credential))
    confirm(page, secret)
    ask(page, "Show it on this screen")
    arrived(page, "Shown this once")


def test_two_people(visit: Visit, cast: Cast, root_key: AppStoreConnectKey) -> None:
    require_approval(cast)
    factories.join(cast.sub_a_developer, cast.root, Role.OWNER)
    secrets: dict[str, str] = {}
    pages: dict[str, Page] = {}
    for name in ("root_owner", "sub_a_developer"):
        secrets[name] = add_totp(getattr(cast, name))
        pages[name] = visit(name)
    asks, approves = pages["root_owner"], pages["sub_a_developer"]

    asks.goto(page_of(root_key.credential))
    confirm(asks, secrets["root_owner"])
    ask(asks, "Show it on this screen", "Ask for approval")
    expect(asks.get_by_text("Waiting", exact=True)).to_be_visible()
    look(asks, "waiting")

    approves.goto(reverse("approvals", args=["acme"]))
    look(approves, "approvals")
    approves.get_by_role("button", name="Approve").click()
    confirm(approves, secrets["sub_a_developer"])
    arrived(approves, "Approvals")
    assert RevealRequest.objects.get().approved_at is None
    approves.get_by_role("button", name="Approve").click()
    expect(approves.get_by_text("Approved. It can be used once")).to_be_visible()

    asks.reload()
    expect(asks.get_by_text("Approved", exact=True).first).to_be_visible()
    look(asks, "approved")
    asks.get_by_role("button", name="Open it now").click()
    arrived(asks, "Shown this once")
    assert opened() == 1
    asks.goto(page_of(root_key.credential))
    expect(asks.get_by_text("Used", exact=True)).to_be_visible()
    asks.goto(reverse("organization-settings", args=["acme"]))
    look(asks, "settings")
