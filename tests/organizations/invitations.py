"""Inviting, as the members page does it."""

import re
from typing import Any

from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from organizations.actors import SYSTEM, Actor
from organizations.models import Invitation, Organization
from organizations.permissions import Role
from tests import factories

ACCOUNT = {"name": "New Person", "password": factories.PASSWORD}


def link(
    organization: Organization,
    email: str = "new@example.com",
    role: Role = Role.DEVELOPER,
    actor: Actor = SYSTEM,
) -> str:
    """The path that the invitation's link leads to."""
    return Invitation.send(
        actor, organization, email=email, role=role, link_for=lambda t: reverse("accept-invitation", args=[t])
    )


def post_invite(
    client: Client, organization: Organization, email: str, role: Role = Role.DEVELOPER
) -> HttpResponse:
    data: dict[str, Any] = {"email": email, "role": role.value}
    return client.post(reverse("invite", args=[organization.slug]), data)


def mailed_path() -> str:
    """The path of the link in the last mail."""
    found = re.search(r"http://testserver(/invitations/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]
