"""App Store Connect API keys: read, added, replaced; and tokens of Apple's for whoever never sees the key."""

import re
import uuid
from datetime import datetime
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.views.decorators.debug import sensitive_variables
from ninja import Query, Router, Schema, Status
from pydantic import Field

from appstore.api.mirrors import TeamOut
from appstore.clients import scoped_token
from appstore.forms import AppStoreConnectKeyForm, ReplacePrivateKeyForm
from appstore.models import APP_STORE_CONNECT_KEY, AppStoreConnectKey, KeyType
from credentials.api.shown import CredentialOut
from credentials.api.shown import shown as credential_shown
from credentials.api.uploads import FileIn, invalid, require_valid, saved, takes_files, uploaded
from organizations.api import BODY, LIST, ONE, Purpose, Word, answers, needs, token_of
from organizations.api.etags import etag
from organizations.api.once import once
from organizations.api.paging import Page, Paging, narrowed, page_of
from organizations.models import ApiToken
from organizations.permissions import Permission
from organizations.requests import AppRequest

router = Router(tags=["App Store Connect API keys"])
_SCOPE = re.compile(r"GET /v[1-9][0-9]?/[!-~]{1,300}")


class KeyOut(CredentialOut):
    key_id: str = Field(examples=["2X9R4HXF34"])
    issuer_id: str = Field(
        description="Individual keys have none.", examples=["57246542-96fe-1a63-e053-0824d011072a"]
    )
    key_type: str = Field(description="TEAM, INDIVIDUAL or ENTERPRISE.", examples=["TEAM"])
    health: str = Field(description="UNCHECKED, HEALTHY, SUSPECT or REJECTED.", examples=["HEALTHY"])
    capabilities: dict[str, bool] = Field(
        description="Apple's endpoint → whether Apple lets the key use it, as far as it was tried.",
        examples=[{"certificates": True, "profiles": True}],
    )
    team: TeamOut | None = Field(description="Null: an Individual key.")


class KeyFilters(Paging):
    key_id: Word = ""
    issuer_id: Word = ""
    key_type: Word = Field("", description="TEAM, INDIVIDUAL or ENTERPRISE.")
    health: Word = Field("", description="Such as HEALTHY.")
    archived: bool = Field(False, description="Only those that are archived.")


class PrivateKeyIn(Schema):
    file: FileIn | None = Field(None, description="The .p8; its name may tell the Key ID.")
    text: str = Field("", max_length=20_000, description="Or the text of it.", examples=[""])
    key_type: str = Field("", max_length=12, description="TEAM, INDIVIDUAL or ENTERPRISE.", examples=["TEAM"])


class KeyIn(PrivateKeyIn):
    key_id: str = Field(
        "", max_length=40, description="Empty: from the file's name.", examples=["2X9R4HXF34"]
    )
    issuer_id: str = Field("", max_length=80, examples=["57246542-96fe-1a63-e053-0824d011072a"])
    name: str = Field("", max_length=100, description="Empty: type and ID.", examples=["Acme App Store"])
    replace_existing: bool = Field(False, description="Where the key is here already.", examples=[False])


class AppleTokenIn(Schema):
    scope: list[Annotated[str, Field(max_length=320)]] = Field(
        min_length=1,
        max_length=50,
        description="The requests that it is good for, in the words of Apple's `scope` claim. GET alone.",
        examples=[["GET /v1/apps", "GET /v1/builds?filter[app]=1234567890"]],
    )
    seconds: int = Field(1200, ge=60, le=1200, examples=[600])
    purpose: Purpose


class AppleTokenOut(Schema):
    token: str = Field(
        description="Send it to Apple as `Authorization: Bearer …`.", examples=["eyJhbGciOiJFUzI1NiIs…"]
    )
    expires_at: datetime = Field(examples=["2026-11-20T06:32:44Z"])
    scope: list[str] = Field(examples=[["GET /v1/apps"]])


def _shown(token: ApiToken, key: AppStoreConnectKey) -> dict[str, Any]:
    names = ("key_id", "issuer_id", "key_type", "health", "capabilities", "team")
    return credential_shown(token, key.credential) | {name: getattr(key, name) for name in names}


def _keys(request: AppRequest, permission: Permission) -> Any:
    keys = AppStoreConnectKey.objects.for_actor(request.actor, permission)
    return keys.select_related("team", "credential__organization__parent")


def _one(
    request: AppRequest, permission: Permission, pk: uuid.UUID, *, live: bool = False
) -> AppStoreConnectKey:
    rows = _keys(request, permission)
    found: AppStoreConnectKey | None = (rows.live() if live else rows).filter(credential=pk).first()
    if found is None:
        raise Http404
    return found


@router.get("", response=answers({200: Page[KeyOut]}, *LIST), operation_id="list_app_store_connect_keys")
@etag
@needs(Permission.CREDENTIAL_VIEW)
def list_app_store_connect_keys(request: AppRequest, filters: Query[KeyFilters]) -> Any:
    """Those among the credentials, with what Apple says of them."""
    token = token_of(request)
    rows = _keys(request, Permission.CREDENTIAL_VIEW).defer("credential__secret")
    rows = rows.filter(credential__archived_at__isnull=not filters.archived)
    rows = narrowed(rows, filters, "key_id", "issuer_id", "key_type", "health")
    return page_of(rows, filters, lambda key: _shown(token, key))


@router.get("/{uuid:pk}", response=answers({200: KeyOut}, *ONE), operation_id="get_app_store_connect_key")
@etag
@needs(Permission.CREDENTIAL_VIEW)
def get_app_store_connect_key(request: AppRequest, pk: uuid.UUID) -> Any:
    """One of them, by the id that it has as a credential."""
    return _shown(token_of(request), _one(request, Permission.CREDENTIAL_VIEW, pk))


@router.post("", response=answers({201: KeyOut}, *BODY), operation_id="create_app_store_connect_key")
@takes_files
@needs(Permission.CREDENTIAL_MANAGE)
@once
@sensitive_variables()
def create_app_store_connect_key(request: AppRequest, asked: KeyIn) -> Any:
    """Add a key. Apple is asked at once whether it works, and then it is synced."""
    token = token_of(request)
    request.actor.require_kind(Permission.CREDENTIAL_MANAGE, APP_STORE_CONNECT_KEY)
    data = {name: getattr(asked, name) for name in ("text", "key_type", "key_id", "issuer_id", "name")}
    form = AppStoreConnectKeyForm(
        data | ({"replace_existing": "on"} if asked.replace_existing else {}),
        _files(asked),
        organization=token.organization,
    )
    return Status(201, _shown(token, saved(form, request.actor)))


@router.put(
    "/{uuid:pk}/private-key",
    response=answers({200: KeyOut}, *ONE, *BODY),
    operation_id="replace_app_store_connect_key",
)
@takes_files
@needs(Permission.CREDENTIAL_MANAGE)
@once
@sensitive_variables()
def replace_app_store_connect_key(request: AppRequest, pk: uuid.UUID, asked: PrivateKeyIn) -> Any:
    """The private key of the same Key ID: shares and links stay. Apple is asked at once whether it works."""
    key = _one(request, Permission.CREDENTIAL_MANAGE, pk, live=True)
    data = {"text": asked.text, "key_type": asked.key_type or key.key_type}
    form = ReplacePrivateKeyForm(data, _files(asked), key=key)
    require_valid(form)
    key_type = KeyType(form.cleaned_data["key_type"])
    key.replace_private_key(request.actor, key_type=key_type, p8=form.cleaned_data["p8"])
    return _shown(token_of(request), key)


def _files(asked: PrivateKeyIn) -> dict[str, Any]:
    return uploaded({"file": asked.file} if asked.file else {})


@router.post(
    "/{uuid:pk}/token", response=answers({200: AppleTokenOut}, *ONE, *BODY), operation_id="mint_apple_token"
)
@needs(Permission.CREDENTIAL_USE)
@sensitive_variables()
def mint_apple_token(request: AppRequest, response: HttpResponse, pk: uuid.UUID, asked: AppleTokenIn) -> Any:
    """A token of Apple's for 20 minutes at most and for these requests alone, so that the key itself never leaves."""
    if token_of(request).bundle_ids:
        raise PermissionDenied("A token for some bundle IDs gets none of a whole team.")
    key = _one(request, Permission.CREDENTIAL_USE, pk, live=True)
    if wrong := next((each for each in asked.scope if not _SCOPE.fullmatch(each)), None):
        raise invalid(
            [("scope", f"“{wrong[:80]}” is not like “GET /v1/apps”. Apple takes GET requests here.")]
        )
    text, ends = scoped_token(
        request.actor, key, purpose=asked.purpose, scope=asked.scope, seconds=asked.seconds
    )
    response["Cache-Control"] = "no-store"
    return {"token": text, "expires_at": ends, "scope": asked.scope}
