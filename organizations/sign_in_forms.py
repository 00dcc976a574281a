"""django-allauth's forms, bent where they would say, keep or allow too much (settings.MFA_FORMS, ACCOUNT_FORMS)."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from organizations import guesses, passwords, second_factors


def _digits(label: str, help_text: str = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 20})
    return forms.CharField(label=label, help_text=help_text, max_length=20, widget=widget)


class SetUpAuthenticatorForm(ActivateTOTPForm):  # type: ignore[misc]
    """Keeps the new secret sealed while it waits in the session, which is a row of the database."""

    code = _digits("Six digits")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        forms.Form.__init__(self, *args, **kwargs)
        waiting = context.request.session.get(totp.SECRET_SESSION_KEY) if self.is_bound else None
        self.secret = self._open(waiting) if waiting else self._new()

    def _new(self) -> str:
        secret: str = totp.generate_totp_secret()
        context.request.session[totp.SECRET_SESSION_KEY] = second_factors.seal(secret, *self._bound_to)
        return secret

    def _open(self, waiting: str) -> str:
        try:
            return second_factors.opened(waiting, *self._bound_to)
        except second_factors.AlteredSecondFactorError:  # of somebody who was signed in here before
            return self._new()

    @property
    def _bound_to(self) -> tuple[str, str]:
        return ("waiting", str(self.user.pk))


class _CodeForm:
    """A code works once, for as long as it would be taken; who tries too often is on record."""

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError as error:
            if error.code == "too_many_login_attempts":
                guesses.blocked(context.request, self.user.email, method="code")  # type: ignore[attr-defined]
            raise
        if self.authenticator.type == second_factors.TOTP:  # type: ignore[attr-defined]
            seconds = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
            used = f"totp-used:{self.authenticator.pk}:{normalize_user_code(code)}"  # type: ignore[attr-defined]
            if not cache.add(used, True, timeout=seconds):
                raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(_CodeForm, AuthenticateForm):  # type: ignore[misc]
    code = _digits("Code", "The six digits of your authenticator app, or one of your recovery codes.")


class ConfirmForm(_CodeForm, ReauthenticateForm):  # type: ignore[misc]
    code = _digits(
        "Code", "The six digits of your authenticator app. A recovery code works too, but opens no secret."
    )


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(
        label="Name",
        required=False,
        max_length=60,
        help_text="What you call the device, such as “Work laptop”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    passwordless = forms.BooleanField(
        label="Sign in with it alone, without the password",
        required=False,
        initial=True,
        help_text="Untick for a small security key that keeps no accounts: it is asked for after the password then.",
    )


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """Asks for the link and knows nothing: the address is looked up later, by the worker, so that the answer and the
    time that it takes are the same whoever is asked for."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip()

    def save(self, request: HttpRequest, **_kwargs: Any) -> str:
        email = str(self.cleaned_data["email"])
        passwords.ask_for_link(email, request.build_absolute_uri("/"))
        return email
