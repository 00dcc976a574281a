"""Fresh authentication: who opens a secret has just shown that it is them, and not somebody at their open browser.

Fresh is a sign-in or a confirmation at most FRESH_AUTHENTICATION_SECONDS old. It counts when it was made with the
strongest thing the account has: an authenticator app or a passkey where there is one, the password otherwise. A
recovery code lets people in and lets them set up a new factor; it never opens a secret. Where an organization
requires a second factor, a password alone is never fresh.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from organizations import second_factors
from organizations.models import Organization

BY_ONE_FACTOR = {"password"}


def is_fresh(request: HttpRequest, organization: Organization | None = None) -> bool:
    """Whether this session authenticated just now, strongly enough for `organization`.

    Raises AlteredSecondFactorError when a second factor of the account was tampered with.
    """
    if not request.user.is_authenticated:
        return False
    strong = {
        row.pk for row in second_factors.require_authentic(request.user) if row.type in second_factors.STRONG
    }
    for record in _recent(request):
        if record.get("method") == "mfa" and record.get("id") in strong:
            return True
        if not strong and record.get("method") in BY_ONE_FACTOR:
            return not (organization and organization.second_factor_is_required)
    return False


def _recent(request: HttpRequest) -> list[dict[str, Any]]:
    """What this session authenticated with lately, newest first."""
    now, limit = time.time(), settings.FRESH_AUTHENTICATION_SECONDS
    records = get_authentication_records(request, request.user)
    return [each for each in reversed(records) if 0 <= now - each.get("at", 0) <= limit]


def fresh_authentication_required(
    request: HttpRequest, organization: Organization | None = None, *, back_to: str = ""
) -> HttpResponseRedirect | None:
    """None when the session is fresh; otherwise the way to the page that confirms who it is, and from there to
    `back_to` (the page that is asked for, when that is a GET).

        if answer := fresh_authentication_required(request, organization, back_to=page):
            return answer
    """
    if is_fresh(request, organization):
        return None
    user = request.user
    if (
        user.is_authenticated
        and not second_factors.has_second_factor(user)
        and (not user.has_usable_password() or (organization and organization.second_factor_is_required))
    ):
        messages.warning(request, "Set up a second factor first: an authenticator app or a passkey.")
        return HttpResponseRedirect(reverse("mfa_index"))
    if any(each.get("type") == second_factors.RECOVERY_CODES for each in _recent(request)):
        messages.warning(
            request, "A recovery code does not open secrets. Use your authenticator app or passkey."
        )
    return confirm(request, back_to)


def confirm(request: HttpRequest, back_to: str = "") -> HttpResponseRedirect:
    """To the page that asks for the strongest thing the account has, and from there to `back_to`."""
    address = _safe(request, back_to)
    if not request.user.is_authenticated:
        return redirect_to_login(address)
    kinds = {row.type for row in second_factors.rows_of(request.user)}
    return HttpResponseRedirect(f"{_page_for(kinds)}?{urlencode({'next': address})}")


def signed_in_lately(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Of who has neither password nor factor here (the identity provider lets them in), allauth asks nothing before
    a first factor is set up. The session has to be minutes old, so that a browser left open is no way in."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        can_confirm = not user.is_authenticated or user.has_usable_password() or second_factors.rows_of(user)
        if can_confirm or _recent(request):
            return view(request, *args, **kwargs)
        logout(request)
        messages.warning(request, "Sign in again before you set up a second factor.")
        return redirect_to_login(_safe(request, ""))

    return checked


def _page_for(kinds: set[str]) -> str:
    if second_factors.TOTP in kinds:
        return reverse("mfa_reauthenticate")
    if second_factors.PASSKEY in kinds:
        return reverse("mfa_reauthenticate_webauthn")
    return reverse("account_reauthenticate")


def _safe(request: HttpRequest, address: str) -> str:
    """A page of ours to come back to, by GET."""
    if not address and request.method in {"GET", "HEAD"}:
        address = request.get_full_path()
    hosts = {request.get_host()}
    if address and url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure()):
        return address
    return reverse("home")
