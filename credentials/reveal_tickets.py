"""One-time tickets of the reveal page, so that Reload and Back open nothing a second time."""

import secrets
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

_NAME, _KEPT = "reveal_tickets", 5


def issue(session: SessionBase, pk: Any) -> str:
    """A ticket for one credential. A session holds a few, for people with several tabs."""
    ticket = secrets.token_urlsafe(18)
    session[_NAME] = [*session.get(_NAME, []), [str(pk), ticket]][-_KEPT:]
    return ticket


def take(session: SessionBase, pk: Any, ticket: str) -> bool:
    """Whether it was issued here for this credential and not taken yet. It is gone from the store when this returns,
    whatever becomes of the answer."""
    held = session.get(_NAME, [])
    if not ticket or [str(pk), ticket] not in held:
        return False
    session[_NAME] = [each for each in held if each != [str(pk), ticket]]
    session.save()
    return True
