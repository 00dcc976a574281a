"""How people sign in (django-allauth), bent to CredHub: no open sign-up, and every sign-in on record."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from organizations import audit
from organizations.actors import Actor
from organizations.middleware import client_address
from organizations.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Accounts come from invitations, from the first start, or from an operator."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        actor = Actor(user=user, address=client_address(request), request_id=request.request_id)  # type: ignore[attr-defined]
        audit.record(actor, audit.Action.SESSION_STARTED, user, organization=None)
