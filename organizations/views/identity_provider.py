"""To the identity provider and back. There is nothing here until one is configured."""

from typing import Any

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from organizations.identity_provider import Conversation, is_configured
from organizations.requests import AppRequest
from organizations.views.errors import too_many_requests


@require_safe
def start(request: AppRequest) -> HttpResponse:
    """A link and no form: a browser would not let a form's redirect leave this site (form-action 'self')."""
    if not is_configured():
        raise Http404
    if not ratelimit.consume(request, app="allauth.account", action="login", limit_get=True):
        return too_many_requests(request)  # each of these asks the provider something
    provider = Conversation(request).get_provider()
    try:
        return _as_response(provider.redirect_from_request(request))
    except (OAuth2Error, requests.RequestException) as error:
        try:
            get_adapter().on_authentication_error(request, provider, exception=error)
        except ImmediateHttpResponse as answer:
            return _as_response(answer.response)
        raise


@require_safe
def callback(request: AppRequest) -> HttpResponse:
    if not is_configured():
        raise Http404
    return _as_response(OAuth2CallbackView.adapter_view(Conversation(request))(request))


def _as_response(answer: Any) -> HttpResponse:
    found: HttpResponse = answer
    return found
