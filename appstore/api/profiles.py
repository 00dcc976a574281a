"""Provisioning profiles at Apple: read; made, made anew and deleted there."""

import uuid
from datetime import datetime
from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from appstore.api.mirrors import AppleObjectOut, MirrorFilters, file_of, mirrored, one, reached, shown
from appstore.api.ordering import OrderIn, form_of, ordered, owned
from appstore.api.syncs import SyncOut
from appstore.change_forms import IngredientsForm, KeyForm, NewProfileForm, ProfileKindForm
from appstore.changes.plans import certificates_for, devices_for, lacking
from appstore.models import Profile
from appstore.profile_types import PROFILE_TYPES
from credentials.api.uploads import require_valid
from organizations.api import BODY, LIST, ONE, Word, answers, needs, token_of
from organizations.api.etags import etag
from organizations.api.once import once
from organizations.api.paging import Page, page_of
from organizations.models import ApiToken
from organizations.permissions import Permission
from organizations.problems import ProblemError
from organizations.requests import AppRequest

router = Router(tags=["Profiles"])
Ids = list[uuid.UUID]
_ID = "c4b5a697-8d7e-4f60-9152-33445566770a"


class AppIdOut(Schema):
    id: uuid.UUID = Field(examples=[_ID])
    identifier: str = Field(examples=["com.example.app"])


class ProfileOut(AppleObjectOut):
    profile_type: str = Field(examples=["IOS_APP_STORE"])
    profile_state: str = Field(examples=["ACTIVE"])
    uuid: str = Field(examples=["4d0a1b2c-3d4e-4f50-8a6b-7c8d9e0f1a2b"])
    expiration_date: datetime | None = Field(examples=["2027-11-01T09:00:00Z"])
    bundle_id: AppIdOut | None
    flaws: list[str] = Field(description="What is wrong with it, in short words.", examples=[[]])


class WholeProfileOut(ProfileOut):
    certificates: Ids = Field(examples=[[_ID]])
    devices: Ids = Field(examples=[[]])


class ProfileFilters(MirrorFilters):
    profile_type: Word = Field("", description="Such as IOS_APP_STORE.")
    profile_state: Word = Field("", description="ACTIVE or INVALID.")
    uuid: Word = ""
    bundle_id: Word = Field("", description="The identifier, such as com.example.app.")


class Ingredients(OrderIn):
    certificates: Ids | None = Field(None, max_length=100, description="Their ids.", examples=[[_ID]])
    devices: Ids | None = Field(
        None, max_length=1000, description="Of types that name devices.", examples=[[]]
    )


class ProfileIn(Ingredients):
    profile_type: str = Field(
        max_length=60, description=f"One of {', '.join(PROFILE_TYPES)}.", examples=["IOS_APP_STORE"]
    )
    bundle_id: uuid.UUID = Field(description="The id of the bundle ID.", examples=[_ID])
    name: str = Field(
        "", max_length=100, description="Empty: after the App ID and the type.", examples=["Acme"]
    )


class RegenerateIn(Ingredients):
    all_devices: bool = Field(
        False, description="Add every enabled device of the team that it lacks.", examples=[False]
    )


def _shown(token: ApiToken, row: Profile) -> dict[str, Any]:
    return shown(token, row, ProfileOut.model_fields)


@router.get("", response=answers({200: Page[ProfileOut]}, *LIST), operation_id="list_profiles")
@etag
@needs(Permission.ASSET_VIEW)
def list_profiles(request: AppRequest, filters: Query[ProfileFilters]) -> Any:
    """The profiles at Apple of every team whose keys the organization has or is given."""
    token = token_of(request)
    rows = reached(request, Profile, Permission.ASSET_VIEW).select_related("bundle_id")
    rows = mirrored(
        rows.defer("profile_content", "contents"), filters, "profile_type", "profile_state", "uuid"
    )
    if filters.bundle_id:
        rows = rows.filter(bundle_id__identifier=filters.bundle_id)
    return page_of(rows, filters, lambda row: _shown(token, row))


@router.get("/{uuid:pk}", response=answers({200: WholeProfileOut}, *ONE), operation_id="get_profile")
@etag
@needs(Permission.ASSET_VIEW)
def get_profile(request: AppRequest, pk: uuid.UUID) -> Any:
    """One of them, with the certificates and devices in it."""
    row = one(request, Profile, Permission.ASSET_VIEW, pk)
    # Sorted, so that the same answer has the same tag
    certificates = sorted(each.pk for each in row.certificates.only("pk"))
    devices = sorted(each.pk for each in row.devices.only("pk"))
    return _shown(token_of(request), row) | {"certificates": certificates, "devices": devices}


@router.get("/{uuid:pk}/file", response=answers({200: bytes}, *ONE, 409), operation_id="download_profile")
@needs(Permission.ASSET_DOWNLOAD)
def download_profile(request: AppRequest, pk: uuid.UUID) -> Any:
    """The file as Apple signed it. On record before it leaves."""
    thing = one(request, Profile, Permission.ASSET_DOWNLOAD, pk)
    return file_of(request, thing, thing.profile_content, "profile", thing.file_extension)


@router.post("", response=answers({202: SyncOut}, *BODY), operation_id="create_profile")
@needs(Permission.ASSET_MANAGE)
@once
def create_profile(request: AppRequest, asked: ProfileIn) -> Any:
    """Make a profile at Apple, of rows of one team."""
    kind = form_of(request, asked, ProfileKindForm, {"profile_type": asked.profile_type})
    data = {"name": asked.name, "bundle_id": str(asked.bundle_id), **_chosen(asked)}
    form = NewProfileForm(data, kind=PROFILE_TYPES[asked.profile_type], team=kind.team)
    require_valid(form)
    made = form.profile()
    return ordered(request, kind, f"New profile {made.name}", [made.step()])


@router.post(
    "/{uuid:pk}/regenerate", response=answers({202: SyncOut}, *ONE, *BODY), operation_id="regenerate_profile"
)
@needs(Permission.ASSET_MANAGE)
@once
def regenerate_profile(request: AppRequest, pk: uuid.UUID, asked: RegenerateIn) -> Any:
    """Make it anew under its name: of what it has and what still may be in it, or of what is named here."""
    old = owned(request, Profile, pk)
    kind = PROFILE_TYPES.get(old.profile_type)
    if kind is None or old.bundle_id is None:
        raise ProblemError(409, "not-makeable", "CredHub cannot make profiles of this type.")
    keys = form_of(request, asked, KeyForm, {}, team=old.team)
    has = {
        "certificates": [str(each.pk) for each in certificates_for(kind, old.certificates.all())],
        "devices": [str(each.pk) for each in devices_for(kind, old.devices.all())],
    }
    data = has | _chosen(asked)
    if asked.all_devices:
        data["devices"] += [str(each.pk) for each in lacking(old)]
    form = IngredientsForm(data, kind=kind, team=old.team)
    require_valid(form)
    made = form.made_of(old.name, old.bundle_id)
    return ordered(request, keys, f"{old.name} made anew", [made.in_place_of(old)])


def _chosen(asked: Ingredients) -> dict[str, list[str]]:
    chosen = {"certificates": asked.certificates, "devices": asked.devices}
    return {name: [str(each) for each in ids] for name, ids in chosen.items() if ids is not None}


@router.delete("/{uuid:pk}", response=answers({202: SyncOut}, *ONE, *BODY), operation_id="delete_profile")
@needs(Permission.ASSET_MANAGE)
@once
def delete_profile(request: AppRequest, pk: uuid.UUID, asked: Query[OrderIn]) -> Any:
    """Delete it at Apple."""
    thing = owned(request, Profile, pk)
    form = form_of(request, asked, KeyForm, {}, team=thing.team)
    steps = [{"do": "delete-profile", "profile": thing.apple_id, "name": thing.name}]
    return ordered(request, form, f"Deletion of {thing}", steps)
