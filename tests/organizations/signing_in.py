"""Signing in, with and without a second factor, as a browser does it."""

import itertools
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from organizations.models import User
from tests import factories

RECORDS, WHOSE = "account_authentication_methods", "account_authentication_methods_user"
_hosts = itertools.count(1)


def new_browser() -> Client:
    """From an address that no other test uses: attempts are counted by address."""
    number = next(_hosts)
    return Client(REMOTE_ADDR=f"10.9.{number // 250}.{number % 250 + 1}")


def sign_in(client: Client, email: str, password: str = factories.PASSWORD, **extra: str) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": email, "password": password, **extra})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def add_totp(user: User) -> str:
    """The person sets up an authenticator app, and gets recovery codes with it. Returns its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def recovery_codes(user: User) -> list[str]:
    codes: list[str] = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    return codes


def code_of(secret: str, *, seconds: int = 0) -> str:
    """What the authenticator app shows now, or in `seconds`."""
    return format_hotp_value(hotp_value(secret, int(time.time() + seconds) // 30))


def request_of(client: Client, path: str = "/", method: str = "get") -> Any:
    """A request of this browser, as a view gets it."""
    request = getattr(RequestFactory(), method)(path)
    request.session = client.session
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    request._messages = []
    return request


def authenticated(client: Client, *records: dict[str, Any], ago: float = 0) -> None:
    """As if this session had authenticated like that."""
    session = client.session
    session[RECORDS] = [{"at": time.time() - ago, **each} for each in records]
    session[WHOSE] = session["_auth_user_id"]
    session.save()
