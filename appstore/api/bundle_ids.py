"""Bundle IDs at Apple: read; registered, named, given capabilities and deleted there."""

import uuid
from typing import Any

from ninja import Query, Router
from pydantic import Field

from appstore.api.mirrors import AppleObjectOut, MirrorFilters, mirrored, one, reached, shown
from appstore.api.ordering import OrderIn, form_of, ordered, owned, with_changes
from appstore.api.syncs import SyncOut
from appstore.change_forms import KeyForm, RegisterBundleIdForm
from appstore.models import BundleId
from appstore.views.changing.bundle_ids import ChangeBundleIdForm
from organizations.api import BODY, LIST, ONE, Word, answers, needs, token_of
from organizations.api.etags import etag
from organizations.api.once import once
from organizations.api.paging import Page, page_of
from organizations.models import ApiToken
from organizations.permissions import Permission
from organizations.requests import AppRequest

router = Router(tags=["Bundle IDs"])


class BundleIdOut(AppleObjectOut):
    identifier: str = Field(examples=["com.example.app"])
    seed_id: str = Field(examples=["8Q5F6R2K9D"])
    capabilities: list[str] = Field(examples=[["PUSH_NOTIFICATIONS"]])


class BundleIdFilters(MirrorFilters):
    identifier: Word = Field("", description="Such as com.example.app.")


class BundleIdIn(OrderIn):
    identifier: str = Field(max_length=155, examples=["com.example.app"])
    name: str = Field(max_length=50, description="Letters, digits and spaces.", examples=["Acme"])
    platform: str = Field("IOS", max_length=20, description="IOS, MAC_OS or UNIVERSAL.", examples=["IOS"])


class BundleIdChange(OrderIn):
    name: str | None = Field(None, min_length=1, max_length=50, examples=["Acme"])
    capabilities: list[str] | None = Field(
        None, max_length=100, description="All that it is to have.", examples=[["PUSH_NOTIFICATIONS"]]
    )


def _shown(token: ApiToken, row: BundleId) -> dict[str, Any]:
    return shown(token, row, BundleIdOut.model_fields)


@router.get("", response=answers({200: Page[BundleIdOut]}, *LIST), operation_id="list_bundle_ids")
@etag
@needs(Permission.ASSET_VIEW)
def list_bundle_ids(request: AppRequest, filters: Query[BundleIdFilters]) -> Any:
    """The bundle IDs at Apple of every team whose keys the organization has or is given."""
    token = token_of(request)
    rows = mirrored(reached(request, BundleId, Permission.ASSET_VIEW), filters, "identifier")
    return page_of(rows, filters, lambda row: _shown(token, row))


@router.get("/{uuid:pk}", response=answers({200: BundleIdOut}, *ONE), operation_id="get_bundle_id")
@etag
@needs(Permission.ASSET_VIEW)
def get_bundle_id(request: AppRequest, pk: uuid.UUID) -> Any:
    """One of them."""
    return _shown(token_of(request), one(request, BundleId, Permission.ASSET_VIEW, pk))


@router.post("", response=answers({202: SyncOut}, *BODY), operation_id="register_bundle_id")
@needs(Permission.ASSET_MANAGE)
@once
def register_bundle_id(request: AppRequest, asked: BundleIdIn) -> Any:
    """Register one at Apple."""
    data = {"identifier": asked.identifier, "name": asked.name, "platform": asked.platform}
    form = form_of(request, asked, RegisterBundleIdForm, data)
    return ordered(request, form, f"Registration of {form.cleaned_data['identifier']}", form.steps())


@router.patch("/{uuid:pk}", response=answers({202: SyncOut}, *ONE, *BODY), operation_id="change_bundle_id")
@needs(Permission.ASSET_MANAGE)
@once
def change_bundle_id(request: AppRequest, pk: uuid.UUID, asked: BundleIdChange) -> Any:
    """Its name at Apple and its capabilities. What is not named stays."""
    thing = owned(request, BundleId, pk)
    wanted = with_changes({"name": thing.name, "capabilities": thing.capabilities}, asked)
    form = form_of(request, asked, ChangeBundleIdForm, wanted, team=thing.team, bundle_id=thing)
    return ordered(request, form, f"Change of {thing.identifier}", form.steps())


@router.delete("/{uuid:pk}", response=answers({202: SyncOut}, *ONE, *BODY), operation_id="delete_bundle_id")
@needs(Permission.ASSET_MANAGE)
@once
def delete_bundle_id(request: AppRequest, pk: uuid.UUID, asked: Query[OrderIn]) -> Any:
    """Delete it at Apple."""
    thing = owned(request, BundleId, pk)
    form = form_of(request, asked, KeyForm, {}, team=thing.team)
    steps = [{"do": "delete-bundle-id", "bundle_id": thing.apple_id, "identifier": thing.identifier}]
    return ordered(request, form, f"Deletion of {thing.identifier}", steps)
