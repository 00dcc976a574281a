"""What the tests of the upload page share: posting a key as a browser does, and reading what the page says."""

import html
import re
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from appstore.models import AppStoreConnectKey
from organizations.models import AuditEvent, AuditHead, Organization

ISSUER = "57246542-96fe-1a63-e053-0824d011072a"
KEY_ID = "2X9R4HXF34"
FILE_NAME = f"AuthKey_{KEY_ID}.p8"

_ERROR = re.compile(r'<ul class="errors"[^>]*>(.*?)</ul>', re.DOTALL)
_ITEM = re.compile(r"<li>(.*?)</li>", re.DOTALL)


def address(organization: Organization) -> str:
    return reverse("add-app-store-connect-key", args=[organization.slug])


def upload(
    client: Client,
    organization: Organization,
    file: bytes | None = None,
    *,
    file_name: str = FILE_NAME,
    to: str = "",
    **fields: Any,
) -> Any:
    """Post the form: a Team key with an Issuer ID, unless `fields` say otherwise (None leaves a field out)."""
    data = {"key_type": "TEAM", "key_id": "", "issuer_id": ISSUER, "name": "", "text": "", **fields}
    data = {name: value for name, value in data.items() if value is not None}
    if file is not None:
        data["file"] = SimpleUploadedFile(file_name, file, "application/octet-stream")
    return client.post(to or address(organization), data)


def stored(answer: Any) -> AppStoreConnectKey:
    """The key that an accepted upload stored: where it leads to."""
    assert answer.status_code == 302, errors_of(answer)
    return AppStoreConnectKey.objects.get(credential=answer["Location"].rstrip("/").rpartition("/")[2])


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def errors_of(answer: Any) -> list[str]:
    """What the page says under its fields."""
    found = [item for errors in _ERROR.findall(answer.content.decode()) for item in _ITEM.findall(errors)]
    return [html.unescape(error) for error in found]


def counts() -> dict[str, int]:
    """How many rows of everything there are, but for what the log says of refusals. Sessions come and go with
    signing in."""
    found = {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.app_label in {"organizations", "credentials", "appstore"} and model is not AuditHead
    }
    return found | {"organizations.AuditEvent": AuditEvent.objects.exclude(action="access:denied").count()}
