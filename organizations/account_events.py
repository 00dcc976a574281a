"""The one place that listens to signals, all of them django-allauth's or of its models: it offers no other door for
what happens to passwords and second factors. Connected when the app starts."""

from typing import Any

from allauth.account import signals as passwords
from allauth.mfa import signals as factors
from allauth.mfa.models import Authenticator
from django.db.models.signals import pre_save
from django.http import HttpRequest

from organizations import audit, guesses, second_factors, sessions
from organizations.middleware import actor_in
from organizations.models import User


def listen() -> None:
    pre_save.connect(second_factors.write_mac, sender=Authenticator)
    for signal in (passwords.password_changed, passwords.password_set):
        signal.connect(password_changed)
    passwords.password_reset.connect(password_reset)
    factors.authenticator_added.connect(factor_added)
    factors.authenticator_reset.connect(factor_added)
    factors.authenticator_removed.connect(factor_removed)
    factors.authentication_failed.connect(code_failed)


def password_changed(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    audit.record(actor_in(request, user), audit.Action.PASSWORD_CHANGED, user, organization=None, rows=[user])
    _end_others(request, user, "password changed")


def password_reset(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    audit.record(actor_in(request, user), audit.Action.PASSWORD_RESET, user, organization=None, rows=[user])
    sessions.end(actor_in(request, user), user, reason="password reset")


def factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    _record_factor(request, user, authenticator, audit.Action.SECOND_FACTOR_ADDED)


def factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    _record_factor(request, user, authenticator, audit.Action.SECOND_FACTOR_REMOVED)


def _record_factor(
    request: HttpRequest, user: User, authenticator: Authenticator, action: audit.Action
) -> None:
    audit.record(actor_in(request, user), action, user, organization=None, method=authenticator.type)
    _end_others(request, user, "second factor changed")


def code_failed(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    guesses.failed(request, user.email, method=authenticator.type)


def _end_others(request: HttpRequest, user: User, reason: str) -> None:
    """Whoever else is in with the old password or factor is out."""
    sessions.end(actor_in(request, user), user, reason=reason, but=request.session.session_key)
