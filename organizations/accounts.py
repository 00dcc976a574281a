"""How people sign in (django-allauth), bent to CredHub: no open sign-up, no way past an altered second factor, and
everything on record."""

import ipaddress
import smtplib
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from organizations import audit, guesses, second_factors
from organizations.middleware import actor_in, client_address
from organizations.models import User

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Accounts come from invitations, from the first start, or from an operator."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same address as in the activity log; a socket has none."""
        try:
            return str(ipaddress.ip_address(client_address(request)))
        except ValueError:
            return "0.0.0.0"  # noqa: S104 - nobody binds to it

    # Signing in

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if response is None:
            try:
                second_factors.require_authentic(user)
            except second_factors.AlteredSecondFactorError:
                clear_login(request)
                guesses.failed(request, user.email, method="altered second factor")
                raise
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        UserSession.objects.create_from_request(request)
        records = get_authentication_records(request, user)
        methods = ", ".join(dict.fromkeys(str(each.get("type") or each["method"]) for each in records))
        audit.record(
            actor_in(request, user), audit.Action.SESSION_STARTED, user, organization=None, method=methods
        )

    # Guesses

    def _get_login_attempts_cache_key(self, _request: HttpRequest, **credentials: Any) -> str:
        return f"sign-in:{guesses.one_name(credentials.get('email', ''))}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            guesses.blocked(request, credentials.get("email", ""), method="password")
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        guesses.failed(request, credentials.get("email", ""), method="password")

    def reauthenticate(self, user: User, password: str) -> bool:
        """By the account's own address: allauth would ask its records of addresses, which are not used here."""
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """With a second factor, that is what counts, and the password is not asked. The first is offered first."""
        has_app = any(row.type == second_factors.TOTP for row in second_factors.rows_of(user))
        words = {
            "reauthenticate": "Use the password",
            "mfa_reauthenticate": "Use your authenticator app" if has_app else "Use a recovery code",
            "mfa_reauthenticate:webauthn": "Use a passkey",
        }
        ways = [
            {**way, "description": words[way["id"]]} for way in super().get_reauthentication_methods(user)
        ]
        by_factor = [way for way in ways if way["id"] != "reauthenticate"]
        return (by_factor if has_app else by_factor[::-1]) or ways

    # Mail

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """What happened to the account, to its own address. A mail server's fault undoes nothing."""
        try:
            super().send_notification_mail(template_prefix, user, context, email=user.email)
        except (OSError, smtplib.SMTPException):
            log.exception("account.notice_not_sent", about=template_prefix)
