"""`verify_audit` finds what a database's superuser did to the log, to what gives access, and to secrets."""

import json
import uuid
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from credentials.models import Credential
from credentials.sharing import share
from organizations import audit, audit_anchors
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import ApiToken, AuditEvent, AuditHead, Membership
from organizations.permissions import Permission, Role
from tests import factories
from tests.conftest import Cast
from tests.credentials.support import store


@pytest.fixture(autouse=True)
def anchors(tmp_path: Path, settings: Settings) -> Path:
    settings.AUDIT_ANCHORS = str(tmp_path / "anchors.jsonl")
    return tmp_path / "anchors.jsonl"


def findings() -> list[dict[str, Any]]:
    out = StringIO()
    try:
        call_command("verify_audit", "--json", stdout=out)
    except CommandError:
        pass
    else:
        assert json.loads(out.getvalue())["findings"] == []
    found: list[dict[str, Any]] = json.loads(out.getvalue())["findings"]
    return found


def sql(statement: str, *values: object) -> None:
    """As the superuser does it, past everything of ours."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def pk(value: Any) -> Any:
    return value if connection.features.has_native_uuid_field else value.hex


@pytest.fixture
def log(cast: Cast) -> Cast:
    """Ten events more in Acme's log."""
    for number in range(10):
        audit.record(SYSTEM, Action.ORGANIZATION_RENAMED, cast.root, organization=cast.root, was=f"{number}")
    return cast


def length(cast: Cast) -> int:
    return AuditHead.objects.get(chain=cast.root.pk).sequence


def test_a_whole_log_is_said_to_be_whole(log: Cast) -> None:
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "The activity log is whole" in out.getvalue()


EDITS = {
    "actor": "UPDATE organizations_auditevent SET actor_label = 'x'",
    "facts": "UPDATE organizations_auditevent SET facts = '{\"was\": 1}'",
    "time": "UPDATE organizations_auditevent SET created_at = '2020-01-01 00:00:00'",
    "digest": "UPDATE organizations_auditevent SET mac = '1:00'",
    "whose log": "UPDATE organizations_auditevent SET organization_id = NULL",
    "deletion": "DELETE FROM organizations_auditevent",
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_the_first_bad_event_is_named(log: Cast, edit: str, place: str) -> None:
    last = length(log)
    at = {"first": 1, "middle": last // 2, "last": last}[place]
    sql(f"{EDITS[edit]} WHERE chain = %s AND sequence = %s", pk(log.root.pk), at)
    found = findings()
    assert [(each["organization"], each["sequence"]) for each in found] == [("Acme", at)]


def test_an_inserted_event_is_found(log: Cast) -> None:
    last = length(log)
    event = AuditEvent.objects.get(chain=log.root.pk, sequence=last)
    event.pk, event.sequence, event._state.adding = uuid.uuid4(), last + 1, True
    event.save(force_insert=True)
    assert [each["sequence"] for each in findings()] == [last + 1]


def test_two_events_that_changed_places_are_found(log: Cast) -> None:
    for was, now in ((4, 1000), (7, 4), (1000, 7)):
        sql(
            "UPDATE organizations_auditevent SET sequence = %s WHERE chain = %s AND sequence = %s",
            now, pk(log.root.pk), was,
        )  # fmt: skip
    assert [each["sequence"] for each in findings()] == [4]


@pytest.mark.parametrize("head", ["as it was", "set back", "gone"])
def test_a_cut_tail_is_found(log: Cast, head: str) -> None:
    last = length(log)
    audit_anchors.anchor()
    sql("DELETE FROM organizations_auditevent WHERE chain = %s AND sequence > %s", pk(log.root.pk), last - 3)
    if head == "set back":
        mac = AuditEvent.objects.get(chain=log.root.pk, sequence=last - 3).mac
        sql(
            "UPDATE organizations_audithead SET sequence = %s, mac = %s WHERE chain = %s",
            last - 3, mac, pk(log.root.pk),
        )  # fmt: skip
    elif head == "gone":
        sql("DELETE FROM organizations_audithead WHERE chain = %s", pk(log.root.pk))
    assert [(each["organization"], each["sequence"]) for each in findings()] == [("Acme", last - 2)]


def test_a_tail_that_was_cut_with_a_head_of_that_time_is_found_by_the_anchor(log: Cast) -> None:
    """The superuser kept yesterday's row of the head, digest and all."""
    old = AuditHead.objects.values_list("sequence", "mac", "guard").get(chain=log.root.pk)
    audit.record(SYSTEM, Action.ORGANIZATION_RENAMED, log.root, organization=log.root, was="later")
    audit_anchors.anchor()
    sql("DELETE FROM organizations_auditevent WHERE chain = %s AND sequence > %s", pk(log.root.pk), old[0])
    sql(
        "UPDATE organizations_audithead SET sequence = %s, mac = %s, guard = %s WHERE chain = %s",
        *old, pk(log.root.pk),
    )  # fmt: skip
    assert [each["sequence"] for each in findings()] == [old[0] + 1]


def test_a_log_that_went_on_after_the_cut_is_found_by_the_anchor(log: Cast) -> None:
    old = AuditHead.objects.values_list("sequence", "mac", "guard").get(chain=log.root.pk)
    audit.record(SYSTEM, Action.ORGANIZATION_RENAMED, log.root, organization=log.root, was="later")
    audit_anchors.anchor()
    sql("DELETE FROM organizations_auditevent WHERE chain = %s AND sequence > %s", pk(log.root.pk), old[0])
    sql(
        "UPDATE organizations_audithead SET sequence = %s, mac = %s, guard = %s WHERE chain = %s",
        *old, pk(log.root.pk),
    )  # fmt: skip
    for _ in range(3):
        audit.record(SYSTEM, Action.ORGANIZATION_RENAMED, log.root, organization=log.root, was="instead")
    found = findings()
    assert [each["sequence"] for each in found] == [old[0] + 1]
    assert "rewritten" in found[0]["problem"]


def test_nothing_is_written_on_a_head_that_somebody_else_wrote(log: Cast) -> None:
    sql("UPDATE organizations_audithead SET sequence = 3 WHERE chain = %s", pk(log.root.pk))
    with pytest.raises(audit.AuditUnavailableError):
        audit.record(SYSTEM, Action.ORGANIZATION_RENAMED, log.root, organization=log.root)


# Rows that give access


def test_a_membership_that_was_taken_away_and_put_back_is_found(cast: Cast) -> None:
    membership = factories.join(factories.make_user("new@example.com"), cast.sub_a, Role.ADMIN)
    membership.change_role(SYSTEM, Role.DEVELOPER)
    columns = [field.column for field in Membership._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM organizations_membership WHERE id = %s",  # noqa: S608
            [pk(membership.pk)],
        )
        row = cursor.fetchone()
    membership.remove(SYSTEM)
    assert findings() == []
    places = ", ".join(["%s"] * len(columns))
    sql(f"INSERT INTO organizations_membership ({', '.join(columns)}) VALUES ({places})", *row)  # noqa: S608
    assert ["older" in each["problem"] for each in findings()] == [True]


def test_a_role_that_was_raised_is_found_and_counts_for_nothing(cast: Cast) -> None:
    sql("UPDATE organizations_membership SET role = 'OWNER' WHERE user_id = %s", pk(cast.sub_a_developer.pk))
    assert ["did not write" in each["problem"] for each in findings()] == [True]
    assert not cast.actor("sub_a_developer").roles_in(cast.sub_a)


def test_a_token_that_was_forged_or_brought_back_is_found(cast: Cast) -> None:
    owner = cast.actor("root_owner")
    token, text = ApiToken.issue(owner, cast.root, name="CI", scopes=[Permission.CREDENTIAL_VIEW])
    guard = token.guard
    sql("UPDATE organizations_apitoken SET scope_words = 'credential:reveal' WHERE id = %s", pk(token.pk))
    assert ["did not write" in each["problem"] for each in findings()] == [True]
    assert ApiToken.of_text(text, "") is None
    sql("UPDATE organizations_apitoken SET scope_words = 'credential:view' WHERE id = %s", pk(token.pk))
    ApiToken.objects.get().revoke(owner)
    assert findings() == []
    sql("UPDATE organizations_apitoken SET revoked_at = NULL, guard = %s WHERE id = %s", guard, pk(token.pk))
    assert ["older" in each["problem"] for each in findings()] == [True]


def test_yesterdays_share_is_found(cast: Cast) -> None:
    credential = store(cast.root)
    share(SYSTEM, credential, with_all=True, chosen=[])
    guard = Credential.objects.get(pk=credential.pk).guard
    share(SYSTEM, Credential.objects.get(pk=credential.pk), with_all=False, chosen=[])
    assert findings() == []
    sql(
        "UPDATE credentials_credential SET shared_with_all = %s, guard = %s WHERE id = %s",
        True, guard, pk(credential.pk),
    )  # fmt: skip
    assert ["older" in each["problem"] for each in findings()] == [True]


def test_yesterdays_secret_is_found_and_does_not_open(cast: Cast) -> None:
    credential = store(cast.root)
    old = credential.ciphertext
    credential.replace_secret(SYSTEM, b"another", {})
    assert findings() == []
    sql("UPDATE credentials_credential SET secret = %s WHERE id = %s", old, pk(credential.pk))
    assert ["not the secret that was stored last" in each["problem"] for each in findings()] == [True]
