"""What the tests of reveal share: a second owner, fresh sessions, and what never may be in an answer."""

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from appstore.models import AppStoreConnectKey
from credentials.models import Credential
from organizations.audit import Action
from organizations.models import AuditEvent, User
from organizations.permissions import Role
from tests import factories
from tests.conftest import Cast
from tests.organizations.signing_in import authenticated

REASON = "New build machine"


def events(action: Action) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def second_owner(cast: Cast) -> User:
    user = factories.make_user("second.owner@example.com")
    factories.join(user, cast.root, Role.OWNER)
    return user


def require_approval(cast: Cast) -> None:
    cast.root.reveal_needs_approval = True
    cast.root.save(update_fields=["reveal_needs_approval"])


def fresh_client(user: User) -> Client:
    """This person's browser, a moment after they showed who they are."""
    client = Client()
    client.force_login(user, backend="organizations.sign_in_backend.SignInBackend")
    authenticated(client, {"method": "password"})
    return client


def page_of(credential: Credential) -> str:
    return reverse("reveal-credential", args=[credential.organization.slug, credential.pk])


def ticket_on(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200, answer
    ticket: str = answer.context["ticket"]
    return ticket


def send(client: Client, key: AppStoreConnectKey, what: str = "reveal", **extra: str) -> HttpResponse:
    """What somebody sends who opens the page and fills it in."""
    page = page_of(key.credential)
    return client.post(page, {"ticket": ticket_on(client, page), "reason": REASON, "what": what, **extra})
