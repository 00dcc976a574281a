"""The link that sets a forgotten password anew. It goes to the account's own address and to no other."""

from urllib.parse import urljoin
from uuid import UUID, uuid4

import structlog
from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.urls import reverse

from organizations.models import User

log = structlog.get_logger(__name__)


KEPT_SECONDS = 600


def ring(request_id: UUID) -> None:
    """Raises what the broker raises. The message names a request and nothing of it: who writes to the broker can
    neither choose the person nor where the link leads."""
    current_app.send_task("organizations.send_password_link", args=[str(request_id)], retry=False)


def ask_for_link(email: str, site: str) -> None:
    """Have the worker send it, to who is known and not locked out. For anybody else the same happens with nobody's
    id. A broker that is down is on the operator's log and not in the answer."""
    known = User.objects.filter(email__iexact=email, is_active=True).values_list("pk", flat=True).first()
    request_id = uuid4()
    cache.set(_name(request_id), [str(known or uuid4()), site], KEPT_SECONDS)
    try:
        ring(request_id)
    except Exception:
        log.exception("password_link.not_queued")


def send_link(request_id: UUID) -> None:
    asked = cache.get(_name(request_id))
    if asked is None or not cache.delete(_name(request_id)):
        return  # sent already, too old, or never asked for
    user_id, site = asked
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


def _name(request_id: UUID) -> str:
    return f"password-link:{request_id}"
