"""What every kind of credential does: it is added, shown, found again, replaced, shared and taken out alike."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from credentials.kinds import KINDS
from credentials.models import Credential
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import AuditEvent
from tests.conftest import Cast
from tests.credentials.kind_uploads import UPLOADS, Upload, request_key
from tests.credentials.revealing import REASON, fresh_client, page_of, ticket_on
from tests.credentials.support import store

pytestmark = pytest.mark.django_db
KIND_SLUGS = sorted(slug for slug, kind in KINDS.items() if kind.form)


def test_every_kind_with_a_form_is_tried_here() -> None:
    assert sorted(UPLOADS) == KIND_SLUGS


@pytest.fixture(autouse=True)
def foreseen_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind whose key is made here makes one that these tests can look for."""
    monkeypatch.setattr("credentials.making.signing_request.new_key", request_key)


@pytest.fixture(params=KIND_SLUGS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def uploads(kind: str) -> tuple[Upload, Upload | None]:
    return UPLOADS[kind]()


@pytest.fixture
def upload(uploads: tuple[Upload, Upload | None]) -> Upload:
    return uploads[0]


def add(cast: Cast, kind: str, data: dict[str, Any], client: Client | None = None) -> HttpResponse:
    return (client or cast.client("root_owner")).post(reverse("add-credential", args=["acme", kind]), data)


@pytest.fixture
def stored(cast: Cast, kind: str, upload: Upload) -> Credential:
    answer = add(cast, kind, upload.data(name="The one"))
    assert answer.status_code == 302, answer.context["form"].errors
    return Credential.objects.get()


def test_it_is_added_from_the_page_on_which_one_chooses(cast: Cast, kind: str) -> None:
    client = cast.client("root_owner")
    chosen = client.get(reverse("choose-kind", args=["acme"])).content.decode()
    address = reverse("add-credential", args=["acme", kind])
    assert address in chosen
    assert KINDS[kind].about in client.get(address).content.decode().replace("&#x27;", "'")


def test_what_is_stored(stored: Credential, kind: str, upload: Upload) -> None:
    assert (stored.kind, stored.name, stored.organization.slug) == (kind, "The one", "acme")
    assert upload.secret in stored.reveal(SYSTEM, purpose="test")
    event = AuditEvent.objects.get(action=Action.CREDENTIAL_CREATED)
    assert event.facts["kind"] == kind
    assert upload.secret not in str(event.facts).encode() + str(stored.facts).encode()


def test_it_names_itself_after_what_is_in_it(cast: Cast, kind: str, upload: Upload) -> None:
    assert add(cast, kind, upload.data()).status_code == 302
    first = Credential.objects.get()
    assert first.name
    first.archive(SYSTEM)
    assert add(cast, kind, upload.data()).status_code == 302  # what is archived is in nobody's way
    assert Credential.objects.live().get().name == first.name


def test_its_page_and_the_list_show_what_is_public(cast: Cast, stored: Credential, upload: Upload) -> None:
    client = cast.client("root_viewer")
    page = client.get(stored.page_path())
    listed = client.get(reverse("credentials", args=["acme"]))
    rows = KINDS[stored.kind].rows(stored)
    assert rows
    text = page.content.decode()
    assert all(row.label in text for row in rows if row.value)
    assert stored.summary
    assert stored.summary in listed.content.decode()
    for answer in (page, listed):
        assert answer.status_code == 200
        assert upload.secret not in answer.content


def test_the_same_again_is_told_and_may_replace(
    cast: Cast, stored: Credential, uploads: tuple[Upload, Upload | None]
) -> None:
    again, renewed = uploads
    answer = add(cast, stored.kind, again.data())
    assert answer.status_code == 400
    assert "“The one”" in answer.content.decode()
    assert again.secret not in answer.content
    if renewed is not None:
        assert add(cast, stored.kind, renewed.data(replace_existing="on")).status_code == 302
        (only,) = Credential.objects.all()
        assert only.pk == stored.pk
        assert renewed.secret in only.reveal(SYSTEM, purpose="test")


def test_its_secret_is_replaced_on_its_page(
    cast: Cast, stored: Credential, uploads: tuple[Upload, Upload | None]
) -> None:
    page = reverse("replace-credential", args=["acme", stored.pk])
    client, renewed = cast.client("root_owner"), uploads[1]
    if renewed is None:
        assert not KINDS[stored.kind].can_replace
        assert client.get(page).status_code == 404
        return
    assert client.get(page).status_code == 200
    assert client.post(page, renewed.data()).status_code == 302
    stored.refresh_from_db()
    assert renewed.secret in stored.reveal(SYSTEM, purpose="test")
    assert AuditEvent.objects.filter(action=Action.CREDENTIAL_REPLACED).count() == 1


def test_nothing_is_stored_without_what_it_needs(cast: Cast, kind: str) -> None:
    answer = add(cast, kind, {"name": "Empty"})
    assert answer.status_code == 400
    assert answer.context["form"].errors
    assert not Credential.objects.exists()


def test_a_taken_name_is_told(cast: Cast, kind: str, upload: Upload) -> None:
    store(cast.root, name="Taken")
    answer = add(cast, kind, upload.data(name="taken"))
    assert answer.status_code == 400
    assert "Choose another." in str(answer.context["form"].errors["name"])


def test_a_sub_organization_sees_it_as_roots_and_changes_nothing(cast: Cast, stored: Credential) -> None:
    share(SYSTEM, stored, with_all=False, chosen=[cast.sub_a])
    admin = cast.client("sub_a_admin")
    page = admin.get(stored.page_path(cast.sub_a))
    assert page.status_code == 200
    assert '<span class="tag is-root">Root</span>' in page.content.decode()
    for name in ("replace-credential", "archive-credential", "rename-credential", "reveal-credential"):
        assert reverse(name, args=["acme-games", stored.pk]) not in page.content.decode()
        assert admin.get(reverse(name, args=["acme-games", stored.pk])).status_code == 403
    assert cast.client("sub_b_developer").get(stored.page_path(cast.sub_b)).status_code == 404


def test_every_form_of_its_secret_is_handed_out_once(cast: Cast, stored: Credential) -> None:
    client, page = fresh_client(cast.root_owner), page_of(stored)
    forms = ["reveal", *(export.slug for export in KINDS[stored.kind].exports)]
    assert len(forms) > 1
    for what in forms:
        sent = {"ticket": ticket_on(client, page), "reason": REASON, "what": what}
        answer = client.post(page, sent)
        assert answer.status_code == 200, what
        assert answer.content
        assert "no-store" in answer["Cache-Control"]
        assert ("attachment" in answer.get("Content-Disposition", "")) is (what != "reveal")
    assert AuditEvent.objects.filter(action=Action.CREDENTIAL_REVEALED).count() == len(forms)


def test_it_tells_what_to_do_in_trouble(kind: str) -> None:
    trouble = KINDS[kind].trouble
    assert len(trouble.lost) > 40
    assert len(trouble.compromised) >= 3


def test_a_kind_that_is_none_is_not_found(cast: Cast) -> None:
    assert add(cast, "no-such-kind", {}).status_code == 404
