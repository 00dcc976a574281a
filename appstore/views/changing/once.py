"""Forms that order changes at Apple, each once: Back and Submit, after the order has ended, lead to what it made."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from appstore.models import SyncRun
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest

P = ParamSpec("P")
View = Callable[Concatenate[AppRequest, Organization, P], HttpResponseBase]


def ordering_page(*methods: str) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """A page of ASSET_MANAGE on which changes are ordered. A form that comes again is answered with its run before the
    view looks at it: what it names may have changed by what it ordered."""

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        @require_http_methods(list(methods or ("GET", "POST")))
        @organization_page(Permission.ASSET_MANAGE)
        @wraps(view)
        def page(
            request: AppRequest, organization: Organization, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if ticket := ticket_of(request):
                runs = SyncRun.objects.for_actor(request.actor, Permission.ASSET_MANAGE)
                if run := runs.filter(organization=organization, kind="CHANGE", order__ticket=ticket).first():
                    messages.info(request, "This form was sent before. Here is what came of it.")
                    return redirect("sync", slug=organization.slug, pk=run.pk)
            return view(request, organization, *args, **kwargs)

        return page

    return decorate


def ticket_of(request: AppRequest) -> str:
    """Of what was sent: another choice on the same form is another order. "" for a form without `{% order_ticket %}`,
    which nothing can be told of."""
    try:
        UUID(request.POST.get("ticket", ""))
    except ValueError:
        return ""
    sent: list[Any] = [request.get_full_path()]
    sent += sorted(each for each in request.POST.lists() if each[0] != "csrfmiddlewaretoken")
    return hashlib.sha256(json.dumps(sent).encode()).hexdigest()
