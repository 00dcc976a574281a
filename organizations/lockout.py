"""Locking people out, and letting them back in: an operator's act, on record; nothing is deleted."""

from django.db import transaction

from organizations import audit, sessions
from organizations.actors import Actor
from organizations.models import User
from organizations.permissions import Role


def set_active(actor: Actor, user: User, *, is_active: bool) -> None:
    """Raises LastOwnerError for the last active owner of a root organization."""
    with transaction.atomic():
        if not is_active:
            for membership in user.memberships.filter(role=Role.OWNER, organization__parent=None):
                membership.require_another_owner()
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        action = audit.Action.USER_UNLOCKED if is_active else audit.Action.USER_LOCKED
        audit.record(actor, action, user, organization=None)
        if not is_active:
            sessions.end(actor, user, reason="locked out")
