"""An operator locks people out in the admin: on record, and never the last owner of a root."""

from django.urls import reverse

from organizations.models import AuditEvent, User
from organizations.permissions import Role
from tests import factories
from tests.conftest import Cast


def set_active(cast: Cast, user: User, *, is_active: bool) -> None:
    address = reverse("admin:organizations_user_change", args=[user.pk])
    data = {"name": user.name} | ({"is_active": "on"} if is_active else {})
    assert cast.client("operator").post(address, data).status_code == 302
    user.refresh_from_db()


def test_a_lockout_ends_access_and_is_recorded(cast: Cast) -> None:
    client = cast.client("sub_a_admin")
    set_active(cast, cast.sub_a_admin, is_active=False)

    assert not cast.sub_a_admin.is_active
    assert client.get(reverse("overview", args=[cast.sub_a.slug])).status_code == 302
    set_active(cast, cast.sub_a_admin, is_active=True)
    actions = AuditEvent.objects.filter(subject_id=str(cast.sub_a_admin.pk)).order_by("created_at")
    assert list(actions.values_list("action", "actor_user")) == [
        ("user:locked", cast.operator.pk),
        ("user:unlocked", cast.operator.pk),
    ]


def test_the_last_owner_is_not_locked_out(cast: Cast) -> None:
    set_active(cast, cast.root_owner, is_active=False)
    assert cast.root_owner.is_active

    factories.join(cast.root_viewer, cast.other, Role.OWNER)
    set_active(cast, cast.outsider, is_active=False)
    assert not cast.outsider.is_active
