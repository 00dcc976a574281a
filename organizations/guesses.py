"""Guesses at passwords and codes: one counter for all spellings of a name, and a record of what failed.

django-allauth counts (settings.ACCOUNT_RATE_LIMITS), in the cache, which is a table of the database.
"""

import hashlib
import unicodedata

from django.core.cache import cache
from django.http import HttpRequest

from organizations import audit
from organizations.middleware import actor_in
from organizations.models import User

TOLD_EVERY = 300  # seconds: a blocked account is one event, and not one for each attempt at it


def one_name(name: str) -> str:
    """`Ann@Example.com`, ` ann@example.com` and its full-width form are one account and one counter. Dots and plus
    signs stay: they are other people's addresses at many providers."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _subject(name: str) -> User:
    """Who it was about. What was typed for an account that is not there is not kept: it may be a password."""
    return User.objects.filter(email__iexact=one_name(name)).first() or User(email="an unknown account")


def failed(request: HttpRequest, name: str, *, method: str) -> None:
    subject = _subject(name)
    audit.record(actor_in(request), audit.Action.SIGN_IN_FAILED, subject, organization=None, method=method)


def blocked(request: HttpRequest, name: str, *, method: str) -> None:
    """Too many of them: further ones are not even looked at for a while."""
    key = hashlib.sha256(f"{method}:{one_name(name)}".encode()).hexdigest()
    if cache.add(f"sign-in-blocked:{key}", True, timeout=TOLD_EVERY):
        subject = _subject(name)
        audit.record(
            actor_in(request), audit.Action.SIGN_IN_BLOCKED, subject, organization=None, method=method
        )
