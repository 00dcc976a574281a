"""Signing in: with an e-mail address and a password, and without telling strangers who has an account."""

import re

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from organizations.models import AuditEvent, User
from tests import factories
from tests.conftest import Cast
from tests.organizations.signing_in import is_signed_in, new_browser, sign_in

KNOWN, UNKNOWN = "root.owner@example.com", "nobody.here@example.com"
WRONG = "The email address and/or password you specified are not correct."
THROTTLED = "Too many failed login attempts. Try again later."


@pytest.fixture
def browser() -> Client:
    """From an address that no other test uses: attempts are counted by address."""
    return new_browser()


def without_what_differs(answer: HttpResponse) -> str:
    """The page without its CSRF token and without the address that was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
    return text.replace(KNOWN, "").replace(UNKNOWN, "")


@pytest.mark.parametrize("email", [KNOWN, "Root.Owner@EXAMPLE.com", f"  {KNOWN} "])
def test_signing_in(cast: Cast, browser: Client, email: str) -> None:
    answer = sign_in(browser, email)
    assert answer["Location"] == reverse("home")
    assert browser.get("/", follow=True).status_code == 200


def test_every_sign_in_is_on_record(cast: Cast, browser: Client) -> None:
    answer = sign_in(browser, KNOWN)
    event = AuditEvent.objects.get(action="session:started")
    assert (event.actor_user, event.subject_label, event.organization) == (cast.root_owner, KNOWN, None)
    assert event.address == browser.defaults["REMOTE_ADDR"]
    assert event.request_id == answer["X-Request-Id"]


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(cast: Cast, browser: Client) -> None:
    wrong, unknown = sign_in(browser, KNOWN, "no idea"), sign_in(browser, UNKNOWN, "no idea")
    assert wrong.status_code == unknown.status_code == 200
    assert WRONG in wrong.content.decode()
    assert without_what_differs(wrong) == without_what_differs(unknown)
    assert not is_signed_in(browser)
    assert not AuditEvent.objects.filter(action="session:started").exists()


@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
def test_guessing_is_throttled(cast: Cast, browser: Client, email: str) -> None:
    """After five attempts also the right password is refused, from anywhere, and the same for who is unknown."""
    for _ in range(5):
        assert WRONG in sign_in(browser, email, "no idea").content.decode()
    elsewhere = Client(REMOTE_ADDR="198.51.100.250")
    for client in (browser, elsewhere):
        answer = sign_in(client, email)
        assert THROTTLED in answer.content.decode()
        assert not is_signed_in(client)


def test_one_person_throttled_is_not_everybody(cast: Cast, browser: Client) -> None:
    for _ in range(6):
        sign_in(browser, KNOWN, "no idea")
    sign_in(browser, "outsider@example.com")
    assert is_signed_in(browser)


def test_trying_many_addresses_is_throttled_too(cast: Cast, browser: Client) -> None:
    answers = [sign_in(browser, f"{number}@example.com", "no idea") for number in range(12)]
    assert THROTTLED in answers[-1].content.decode()
    sign_in(browser, KNOWN)
    assert not is_signed_in(browser)


@pytest.mark.parametrize("password", ["no idea", factories.PASSWORD])
def test_who_is_locked_out_does_not_get_in(cast: Cast, browser: Client, password: str) -> None:
    """A wrong password does not tell that the account is locked."""
    factories.change(User.objects.filter(email=KNOWN), is_active=False)
    answer = sign_in(browser, KNOWN, password)
    assert not is_signed_in(browser)
    if password == "no idea":
        assert WRONG in answer.content.decode()
    else:
        assert answer["Location"] == reverse("account_inactive")


def test_who_is_locked_out_loses_the_session_at_the_next_request(cast: Cast) -> None:
    client = cast.client("root_owner")
    assert client.get(cast.root.overview_path()).status_code == 200
    factories.change(User.objects.filter(email=KNOWN), is_active=False)
    assert client.get(cast.root.overview_path())["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:go()"]
)
def test_signing_in_leads_nowhere_else(cast: Cast, browser: Client, target: str) -> None:
    assert sign_in(browser, KNOWN, next=target)["Location"] == reverse("home")


def test_signing_in_leads_back_to_where_one_was(cast: Cast, browser: Client) -> None:
    page = reverse("members", args=[cast.root.slug])
    asked = browser.get(page)["Location"]
    assert asked == f"{reverse('account_login')}?next={page}"
    assert f'value="{page}"' in browser.get(asked).content.decode()
    assert sign_in(browser, KNOWN, next=page)["Location"] == page


def test_signing_in_makes_a_new_session(cast: Cast, browser: Client) -> None:
    browser.get(reverse("account_login"))
    browser.session.save()
    before = browser.session.session_key
    sign_in(browser, KNOWN)
    assert browser.session.session_key != before


def test_there_is_no_sign_up(cast: Cast, browser: Client) -> None:
    count = User.objects.count()
    data = {"email": "new@example.com", "password1": factories.PASSWORD, "password2": factories.PASSWORD}
    for answer in (browser.get("/accounts/signup/"), browser.post("/accounts/signup/", data)):
        assert answer.status_code == 404
    assert User.objects.count() == count
    assert "sign up" not in browser.get(reverse("account_login")).content.decode().lower()


def test_a_forgotten_password_does_not_tell_who_has_an_account(cast: Cast, browser: Client) -> None:
    known, unknown = (
        browser.post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in (KNOWN, UNKNOWN)
    )
    assert known.redirect_chain == unknown.redirect_chain
    assert without_what_differs(known) == without_what_differs(unknown)
    assert [message.to for message in mail.outbox] == [[KNOWN]]


def test_a_forgotten_password_is_set_anew(cast: Cast, browser: Client) -> None:
    browser.post(reverse("account_reset_password"), {"email": KNOWN})
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[0].body))
    assert found
    form = browser.get(found[1])["Location"]
    weak = browser.post(form, {"password1": "short", "password2": "short"})
    assert weak.context["form"].errors
    browser.post(form, {"password1": "a brand new long one", "password2": "a brand new long one"})
    assert browser.get(found[1]).status_code == 200, "the link has done its work"
    assert WRONG in sign_in(browser, KNOWN).content.decode()
    assert sign_in(browser, KNOWN, "a brand new long one")["Location"] == reverse("home")


def test_signing_out_ends_the_session_and_a_link_alone_does_not(cast: Cast) -> None:
    client = cast.client("root_owner")
    client.get(reverse("account_logout"))
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert client.get(cast.root.overview_path())["Location"].startswith(reverse("account_login"))


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(cast: Cast, browser: Client) -> None:
    cookies = sign_in(browser, KNOWN).cookies
    session = next(cookie for name, cookie in cookies.items() if "sessionid" in name)
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert session["path"] == "/"
