"""Adding a key in the admin: the dashboard's own form, for an organization of one's own."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from appstore.models import AppStoreConnectKey, SyncRun
from tests import factories
from tests.access.answers import database
from tests.admin.furniture import address
from tests.conftest import Cast
from tests.leaks import find_in, forms_of
from tests.thoroughness import first_of

ADD = address(AppStoreConnectKey, "add")


def body(p8: bytes, organization: Any, **changes: Any) -> dict[str, Any]:
    return {
        "organization": str(getattr(organization, "pk", organization)), "text": p8.decode(), "key_id": "NEWKEY1234",
        "issuer_id": "some-issuer", "key_type": "TEAM", **changes,
    }  # fmt: skip


def test_the_key_is_stored_sealed_and_checked(cast: Cast) -> None:
    p8 = factories.make_p8()
    client = cast.client("sub_a_admin")
    answer = client.post(ADD, body(p8, cast.sub_a))
    key = AppStoreConnectKey.objects.get()
    assert answer["Location"] == address(AppStoreConnectKey, "change", key.pk)
    assert key.credential.organization == cast.sub_a
    assert key.credential.created_by == cast.sub_a_admin
    assert key.sync_runs.get().kind == SyncRun.Kind.CHECK
    assert find_in(client.get(answer["Location"]).content, forms_of(p8)) == []


def test_a_file_does_as_well(cast: Cast) -> None:
    p8 = factories.make_p8()
    file = SimpleUploadedFile("AuthKey_FILEKEY123.p8", p8)
    cast.client("root_owner").post(ADD, body(p8, cast.root, text="", key_id="", file=file))
    assert AppStoreConnectKey.objects.get().key_id == "FILEKEY123"


@pytest.mark.parametrize("member", first_of(["root_owner", "sub_a_admin", "outsider"], count=2))
def test_a_foreign_organization_is_refused(cast: Cast, member: str) -> None:
    foreign = {
        "root_owner": [cast.other],
        "sub_a_admin": [cast.root, cast.sub_b, cast.other],
        "outsider": [cast.root],
    }
    p8, before = factories.make_p8(), database()
    for organization in [*foreign[member], "", "x", "\x00"]:
        answer = cast.client(member).post(ADD, body(p8, organization))
        assert answer.status_code == 200
        assert "Choose the organization that owns the key." in answer.content.decode()
        assert find_in(answer.content, forms_of(p8)) == []
    assert database() == before


def test_the_choices_are_the_organizations_where_one_may(cast: Cast) -> None:
    offered = {
        member: [each.name for each in cast.client(member).get(ADD).context["organizations"]]
        for member in ("root_owner", "sub_a_admin", "outsider")
    }
    assert offered == {
        "root_owner": ["Acme", "Acme Games", "Acme Travel"], "sub_a_admin": ["Acme Games"], "outsider": ["Globex"]
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{"issuer_id": ""}, {"key_id": "?"}, {"key_type": "NONE"}, {"name": "x" * 200}, {"file": "both"}]
)
def test_a_refused_form_echoes_no_key(cast: Cast, wrong: dict[str, Any]) -> None:
    p8, before = factories.make_p8(), database()
    if "file" in wrong:
        wrong = {"file": SimpleUploadedFile("AuthKey_FILEKEY123.p8", p8)}
    answer = cast.client("root_owner").post(ADD, body(p8, cast.root, **wrong))
    assert answer.status_code == 400
    assert find_in(answer.content, forms_of(p8)) == []
    assert b"BEGIN" not in answer.content
    assert database() == before


def test_another_tenants_key_is_not_known_to_be_there(cast: Cast) -> None:
    """The same Key ID and Issuer ID in two organizations are two keys, and one does not tell of the other."""
    theirs = factories.make_key(
        cast.other, key_id="NEWKEY1234", issuer_id="some-issuer", name="Globex secret name"
    )
    sealed = theirs.credential.secret
    answer = cast.client("root_owner").post(
        ADD, body(factories.make_p8(), cast.root, replace_existing="on"), follow=True
    )
    assert b"Globex" not in answer.content
    assert AppStoreConnectKey.objects.count() == 2
    theirs.credential.refresh_from_db()
    assert theirs.credential.secret == sealed


def test_the_same_key_twice_offers_to_replace_it(cast: Cast) -> None:
    client, p8 = cast.client("root_owner"), factories.make_p8()
    client.post(ADD, body(factories.make_p8(), cast.root))
    key = AppStoreConnectKey.objects.get()
    sealed = key.credential.secret
    assert client.post(ADD, body(p8, cast.root)).status_code == 400
    assert client.post(ADD, body(p8, cast.root, replace_existing="on")).status_code == 302
    key.credential.refresh_from_db()
    assert key.credential.secret != sealed


def test_who_manages_nothing_adds_nothing(cast: Cast) -> None:
    before = database()
    for member in ("root_viewer", "sub_a_developer", "sub_b_developer"):
        answer = cast.client(member).post(ADD, body(factories.make_p8(), cast.root), follow=True)
        assert answer.status_code == 403
    assert database() == before
