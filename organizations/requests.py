"""The request as our views get it, for type checkers: Django's plus what the middleware set."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from organizations.actors import Actor
from organizations.models import Organization
from organizations.rates import Rate


class AppRequest(HttpRequest):
    actor: Actor
    htmx: HtmxDetails
    request_id: str
    organization: Organization
    rate: Rate  # of a token's requests
