"""The list of credentials as somebody would write it without an API: one query, no token, no schema. For the bench."""

from django.http import HttpRequest, JsonResponse
from django.urls import path

import credhub.urls
from credentials.models import Credential

NAMES = (
    "id", "name", "kind", "identifier", "facts", "status", "status_note", "checked_at", "last_synced_at", "expires_at",
    "created_at", "archived_at",
)  # fmt: skip


def bare_list(_request: HttpRequest) -> JsonResponse:
    rows = Credential.objects.filter(archived_at=None).select_related("organization").defer("secret")
    items = [
        {name: getattr(row, name) for name in NAMES}
        | {"organization": {"slug": row.organization.slug, "name": row.organization.name}, "root": False}
        for row in rows.order_by("pk")[:51]
    ]
    return JsonResponse({"items": items[:50], "next_cursor": None})


urlpatterns = [path("bare", bare_list), *credhub.urls.urlpatterns]
