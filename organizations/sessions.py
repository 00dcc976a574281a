"""Sessions: how long one lasts, where somebody is signed in, and ending what should not go on.

The rows are django-allauth's `UserSession`; ending one deletes the session itself too.
"""

from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from organizations import audit
from organizations.actors import Actor
from organizations.models import User

SEEN_EVERY = timedelta(minutes=1)  # how exactly "last used" is kept: not every page is a write
BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


def idle_limit() -> timedelta:
    return timedelta(minutes=settings.SESSION_IDLE_MINUTES)


def absolute_limit() -> timedelta:
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)


def is_over(request: HttpRequest) -> bool:
    """Whether this session was idle for too long, or is too old. Otherwise it counts as used now, but for what a page
    asks by itself (progress, every other second)."""
    now = timezone.now()
    row = UserSession.objects.filter(session_key=request.session.session_key).first()
    if row is None:  # begun before sessions were counted
        UserSession.objects.create_from_request(request)
        return False
    if now - row.last_seen_at > idle_limit() or now - row.created_at > absolute_limit():
        row.end()
        return True
    asks_by_itself = request.headers.get("HX-Request") == "true" and request.method == "GET"
    if now - row.last_seen_at > SEEN_EVERY and not asks_by_itself:
        UserSession.objects.filter(pk=row.pk).update(last_seen_at=now)
    return False


def listed(request: HttpRequest) -> list[dict[str, Any]]:
    """The live sessions of who asks, the current one first."""
    rows = [
        {
            "pk": row.pk,
            "browser": browser_of(row.user_agent),
            "ip": row.ip,
            "created_at": row.created_at,
            "last_seen_at": row.last_seen_at,
            "is_current": row.session_key == request.session.session_key,
        }
        for row in UserSession.objects.purge_and_list(request.user)
        if timezone.now() - row.last_seen_at <= idle_limit()
    ]
    return sorted(rows, key=lambda row: (row["is_current"], row["last_seen_at"]), reverse=True)


def browser_of(user_agent: str) -> str:
    """`Firefox on Linux`: enough to recognise one's own."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "A program")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


def end(actor: Actor, user: User, *, reason: str, but: str | None = None, only: int | None = None) -> int:
    """End the user's sessions: all, all `but` the one with this key, or `only` one row. Returns how many."""
    rows = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    ended = 0
    for row in rows.filter(pk=only) if only is not None else rows:
        ended += row.exists()
        row.end()
    if ended:
        audit.record(
            actor,
            audit.Action.SESSIONS_ENDED,
            user,
            organization=None,
            reason=reason,
            counts={"sessions": ended},
        )
    return ended
