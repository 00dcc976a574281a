"""The link that sets a forgotten password anew. It goes to the account's own address and to no other."""

from urllib.parse import urljoin
from uuid import UUID, uuid4

import structlog
from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from celery import current_app
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from organizations.models import User

log = structlog.get_logger(__name__)


def ring(user_id: UUID, site: str) -> None:
    """Raises what the broker raises. The message names a person, or nobody: it looks the same."""
    current_app.send_task("organizations.send_password_link", args=[str(user_id), site], retry=False)


def ask_for_link(email: str, site: str) -> None:
    """Have the worker send it, to who is known and not locked out. For anybody else the same happens with the id of
    nobody. A broker that is down is on the operator's log and not in the answer."""
    known = User.objects.filter(email__iexact=email, is_active=True).values_list("pk", flat=True).first()
    try:
        ring(known or uuid4(), site)
    except Exception:
        log.exception("password_link.not_queued")


def send_link(user_id: UUID, site: str) -> None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), token])
    send_mail(
        subject="Your password on CredHub",
        message=(
            f"Somebody, probably you, asked for a new password for {user.email} on CredHub.\n\n"
            f"Choose one here: {urljoin(site, path)}\n\n"
            f"The link works once, for {settings.PASSWORD_RESET_TIMEOUT // 60} minutes. A second factor is asked for "
            "as before. If it was not you, ignore this message: nothing has changed."
        ),
        from_email=None,
        recipient_list=[user.email],
    )
