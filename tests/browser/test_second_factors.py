"""Second factors in a real browser: an authenticator app, a passkey, fresh authentication, sessions."""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from organizations.models import User
from tests import factories
from tests.browser import page_checks
from tests.browser.conftest import Visit
from tests.browser.steps import arrived, sign_in
from tests.conftest import Cast
from tests.organizations.signing_in import add_totp, code_of


def look(page: Page, name: str) -> None:
    assert page_checks.look(page, f"account-{name}") == []


@contextmanager
def authenticator(page: Page) -> Iterator[None]:
    """A device with a fingerprint reader, which says yes."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    try:
        yield
    finally:
        device.send("WebAuthn.disable")
        device.detach()


def confirm_with_password(page: Page) -> None:
    arrived(page, "Confirm that it is you")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_out(page: Page) -> None:
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    arrived(page, "Sign in")


def code_after(used: str, secret: str) -> str:
    """A code that was not used yet: the next one is taken a little early."""
    now = code_of(secret)
    return now if now != used else code_of(secret, seconds=30)


def test_authenticator_app(visit: Visit, cast: Cast) -> None:
    page = visit("root_owner")
    page.goto("/")
    page.locator(".user-menu summary").click()
    page.get_by_role("link", name="Account and security").click()
    arrived(page, "Account and security")
    look(page, "security-bare")
    page.get_by_role("link", name="Set up an app").click()
    arrived(page, "Confirm that it is you")
    look(page, "confirm-password")
    confirm_with_password(page)

    arrived(page, "Set up an authenticator app")
    secret = page.locator("#authenticator-secret").inner_text()
    look(page, "totp-set-up")
    page.get_by_label("Six digits").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    assert page.locator("#authenticator-secret").inner_text() == secret
    page.get_by_label("Six digits").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()

    arrived(page, "Recovery codes")
    codes = page.locator("#recovery-codes").inner_text().split()
    assert len(codes) == 10
    look(page, "recovery-codes")
    page.get_by_role("link", name="I have kept them").click()
    arrived(page, "Account and security")
    look(page, "security-totp")

    sign_out(page)
    look(page, "sign-in")
    sign_in(page, cast.root_owner)
    arrived(page, "One more step")
    look(page, "second-factor")
    page.get_by_label("Code").fill("123 456")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    used = code_of(secret)
    page.get_by_label("Code").fill(used)
    page.get_by_role("button", name="Sign in").click()
    arrived(page, "Acme")

    sign_out(page)
    sign_in(page, cast.root_owner)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    arrived(page, "Acme")

    page.goto(reverse("mfa_deactivate_totp"))
    arrived(page, "Confirm that it is you")
    look(page, "confirm-code")
    page.get_by_label("Code").fill(code_after(used, secret))
    page.get_by_role("button", name="Confirm").click()
    arrived(page, "Remove the authenticator app")
    look(page, "totp-remove")
    page.get_by_role("button", name="Remove the app").click()
    arrived(page, "Account and security")
    assert not Authenticator.objects.filter(user=cast.root_owner).exists()


def test_passkey(visit: Visit, cast: Cast) -> None:
    page = visit("root_owner")
    with authenticator(page):
        page.goto(reverse("mfa_add_webauthn"))
        confirm_with_password(page)
        arrived(page, "Add a passkey")
        look(page, "passkey-add")
        page.get_by_label("Name").fill("Work laptop")
        page.get_by_role("button", name="Add a passkey").click()
        arrived(page, "Recovery codes")
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_text("Work laptop").first).to_be_visible()
        look(page, "security-passkey")

        page.get_by_role("link", name="Rename Work laptop").click()
        page.get_by_label("Name").fill("Home laptop")
        page.get_by_role("button", name="Rename").click()
        expect(page.get_by_text("Home laptop").first).to_be_visible()

        sign_out(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        arrived(page, "Acme")

        sign_out(page)
        sign_in(page, cast.root_owner)
        arrived(page, "One more step")
        look(page, "second-factor-passkey")
        page.get_by_role("button", name="Use a passkey").click()
        arrived(page, "Acme")

        page.goto(reverse("mfa_index"))
        page.get_by_role("link", name="Remove Home laptop").click()
        arrived(page, "Confirm that it is you")
        look(page, "confirm-passkey")
        page.get_by_role("button", name="Use a passkey").click()
        arrived(page, "Remove the passkey Home laptop")
        look(page, "passkey-remove")
        page.get_by_role("button", name="Remove the passkey").click()
        arrived(page, "Account and security")
    assert not Authenticator.objects.filter(user=cast.root_owner).exists()


def test_a_passkey_that_is_not_used_is_told(visit: Visit, cast: Cast) -> None:
    page = visit("anonymous")
    page.goto(reverse("account_login"))
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")  # and no authenticator is there
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError')); }"
    )
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used. Try again when you are ready.")).to_be_visible()
    device.send("WebAuthn.disable")
    device.detach()


def test_sessions(visit: Visit, cast: Cast) -> None:
    elsewhere, page = visit("anonymous"), visit("anonymous")
    for each in (elsewhere, page):
        sign_in(each, cast.root_owner)
        arrived(each, "Acme")
    page.goto(reverse("sessions"))
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody tr").first).to_contain_text("This one")
    look(page, "sessions")
    page.locator("tbody").get_by_role("button", name="End").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_text("1 session ended.")).to_be_visible()
    elsewhere.reload()
    arrived(elsewhere, "Sign in")
    page.reload()
    arrived(page, "Sessions")


def test_without_javascript_a_code_works(visit: Visit, cast: Cast) -> None:
    secret = add_totp(User.objects.get(pk=cast.root_owner.pk))
    cache.clear()
    page = visit("anonymous", javascript=False)
    sign_in(page, cast.root_owner)
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in").click()
    arrived(page, "Acme")


def test_an_organization_that_requires_one(visit: Visit, cast: Cast) -> None:
    secret = add_totp(cast.root_owner)
    page = visit("anonymous")
    sign_in(page, cast.root_owner)
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in").click()
    arrived(page, "Acme")
    page.goto(reverse("organization-settings", args=[cast.root.slug]))
    look(page, "settings")
    page.get_by_role("button", name="Require a second factor").click()
    expect(page.get_by_text("A second factor is required from now on.")).to_be_visible()

    other = visit("sub_a_developer")
    other.goto(reverse("credentials", args=[cast.sub_a.slug]))
    arrived(other, "Acme Games asks for a second factor")
    look(other, "required")
    other.get_by_role("link", name="Set up an authenticator app").click()
    confirm_with_password(other)
    other.get_by_label("Six digits").fill(code_of(other.locator("#authenticator-secret").inner_text()))
    other.get_by_role("button", name="Turn on").click()
    arrived(other, "Recovery codes")
    other.goto(reverse("credentials", args=[cast.sub_a.slug]))
    arrived(other, "Credentials")
