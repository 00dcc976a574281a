"""What is public of a credential, as a file: a certificate, a request, a profile. None holds a private key."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from credentials.crypto import SealError
from credentials.kinds import KINDS
from credentials.models import Credential
from organizations import audit
from organizations.downloads import attachment
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@require_safe
@organization_page(Permission.ASSET_DOWNLOAD)
def download(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """On record before it leaves. 404 for what is archived, and for kinds that are all secret."""
    reachable = Credential.objects.for_actor(request.actor, Permission.ASSET_DOWNLOAD, Q(pk=pk))
    rows = reachable.visible_in(organization).live().select_related("organization__parent")
    credential = get_object_or_404(rows)
    kind = KINDS.get(credential.kind)
    if kind is None or kind.download is None:
        raise Http404
    audit.record(
        request.actor,
        audit.Action.ASSET_DOWNLOADED,
        credential,
        organization=organization,
        kind=credential.kind,
    )
    try:
        made = kind.download.make(credential)
    except SealError as error:
        messages.error(request, str(error))
        return redirect(credential.page_path(organization))
    return attachment(made.content, name=made.name, content_type=made.content_type)
