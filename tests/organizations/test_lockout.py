"""An operator locks people out in the admin: on record, and never the last owner of a root."""

from allauth.mfa.models import Authenticator
from django.urls import reverse

from organizations.models import AuditEvent, User
from organizations.permissions import Role
from tests import factories
from tests.conftest import Cast
from tests.organizations.signing_in import add_totp, new_browser, sign_in


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


def run(cast: Cast, member: str, action: str) -> None:
    data = {"action": action, "_selected_action": str(cast.root_owner.pk)}
    cast.client(member).post(reverse("admin:organizations_user_changelist"), data)


def test_an_operator_helps_who_lost_everything(cast: Cast) -> None:
    """Also where a factor was tampered with, and so lets nobody in."""
    add_totp(cast.root_owner)
    Authenticator.objects.filter(user=cast.root_owner, type="totp").update(data={"secret": "x"})
    assert sign_in(new_browser(), cast.root_owner.email).status_code == 403
    run(cast, "operator", "remove_factors")
    client = new_browser()
    assert sign_in(client, cast.root_owner.email)["Location"] == reverse("home")
    events = AuditEvent.objects.filter(action="second-factor:removed", actor_user=cast.operator)
    assert {event.facts["method"] for event in events} == {"totp", "recovery_codes"}

    run(cast, "operator", "end_sessions")
    assert client.get(reverse("mfa_index")).status_code == 302
    assert AuditEvent.objects.get(action="session:ended").actor_user == cast.operator


def test_owners_do_neither(cast: Cast) -> None:
    add_totp(cast.root_owner)
    client = cast.client("root_owner")
    client.get(reverse("mfa_index"))
    for action in ("remove_factors", "end_sessions"):
        run(cast, "root_owner", action)
    assert Authenticator.objects.filter(user=cast.root_owner).count() == 2
    assert client.get(reverse("mfa_index")).status_code == 200
