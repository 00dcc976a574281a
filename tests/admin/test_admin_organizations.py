"""Organizations in the admin: renamed by who manages them, added by operators."""

from organizations.audit import Action
from organizations.models import AuditEvent, Organization
from tests.admin.furniture import address
from tests.conftest import Cast


def test_a_rename_records_both_names(cast: Cast) -> None:
    answer = cast.client("root_owner").post(
        address(Organization, "change", cast.sub_a.pk), {"name": "Acme Play"}
    )
    assert answer.status_code == 302
    event = AuditEvent.objects.get(action=Action.ORGANIZATION_RENAMED)
    assert event.facts == {"was": "Acme Games", "now": "Acme Play"}


def test_a_taken_name_is_refused_in_the_form(cast: Cast) -> None:
    answer = cast.client("root_owner").post(
        address(Organization, "change", cast.sub_a.pk), {"name": "acme TRAVEL"}
    )
    assert answer.status_code == 200
    assert "There is a sub-organization with this name already." in answer.content.decode()
    cast.sub_a.refresh_from_db()
    assert cast.sub_a.name == "Acme Games"


def test_saving_without_a_change_records_nothing(cast: Cast) -> None:
    cast.client("root_owner").post(address(Organization, "change", cast.sub_a.pk), {"name": "Acme Games"})
    assert not AuditEvent.objects.filter(action=Action.ORGANIZATION_RENAMED).exists()


def test_operators_add_roots_and_own_them(cast: Cast) -> None:
    sneaky = {"name": "Initech", "parent": str(cast.other.pk), "slug": "globex"}
    cast.client("operator").post(address(Organization, "add"), sneaky)
    made = Organization.objects.get(name="Initech")
    assert made.is_root
    assert made.slug == "initech"
    assert made.memberships.get().user == cast.operator


def test_owners_add_none(cast: Cast) -> None:
    answer = cast.client("root_owner").post(address(Organization, "add"), {"name": "Initech"})
    assert answer.status_code == 403
    assert not Organization.objects.filter(name="Initech").exists()
