"""Locking people out, and letting them back in: an operator's act, on record."""

from django.db import transaction

from organizations import audit, second_factors, sessions
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
        audit.record(actor, action, user, organization=None, rows=[user])
        if not is_active:
            sessions.end(actor, user, reason="locked out")


def remove_second_factors(actor: Actor, user: User) -> int:
    """For who lost phone and recovery codes, or whose factors were tampered with: the password signs in again.
    Returns how many there were. Who asked for it is checked by other means first."""
    with transaction.atomic():
        rows = second_factors.rows_of(user)
        for row in rows:
            audit.record(
                actor,
                audit.Action.SECOND_FACTOR_REMOVED,
                user,
                organization=None,
                method=row.type,
                reason="by an operator",
            )
            row.delete()
        sessions.end(actor, user, reason="second factors removed")
    return len(rows)
