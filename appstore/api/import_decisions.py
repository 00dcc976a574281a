"""What is decided about an import: read again, stored, or discarded."""

import uuid
from typing import Any

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from ninja import Schema, Status
from pydantic import Field

from appstore.api.imports import (
    PasswordsIn,
    WholeImportOut,
    import_of,
    items_of,
    router,
    whole_import,
)
from appstore.import_forms import KeyPurposeForm
from appstore.imports import uploading
from appstore.imports.choosing import choose, is_over
from appstore.models import ImportState, ImportUpload, ItemState
from credentials.api.uploads import invalid, require_valid
from organizations.api import BODY, ONE, answers, needs
from organizations.api.once import once
from organizations.permissions import Permission
from organizations.problems import ProblemError
from organizations.requests import AppRequest

MOST = 5000


class ImportedKeyIn(Schema):
    item: uuid.UUID = Field(
        description="Of the state KEY.", examples=["1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9"]
    )
    purpose: str = Field(
        max_length=20, description="TEAM, INDIVIDUAL, ENTERPRISE or APNS.", examples=["TEAM"]
    )
    key_id: str = Field(max_length=40, examples=["2X9R4HXF34"])
    owner: str = Field(
        "",
        max_length=80,
        description="The Issuer ID of a Team or Enterprise key, the Team ID of an APNs key.",
        examples=["57246542-96fe-1a63-e053-0824d011072a"],
    )


class ApplyIn(Schema):
    items: list[uuid.UUID] | None = Field(
        None,
        max_length=MOST,
        description="Of the state NEW. Null: all of them that have not expired.",
        examples=[["1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9"]],
    )
    keys: list[ImportedKeyIn] = Field(
        default_factory=list, max_length=100, description="What .p8 files are for."
    )


@router.post(
    "/{uuid:pk}/read-again",
    response=answers({202: WholeImportOut}, *ONE, *BODY),
    operation_id="read_again_import",
)
@needs(Permission.CREDENTIAL_MANAGE)
@once
@sensitive_variables()
def read_again_import(request: AppRequest, pk: uuid.UUID, asked: PasswordsIn) -> Any:
    """With another passphrase, where the first one was wrong: without uploading it again."""
    upload = import_of(request, pk)
    if not upload.wants_passphrase:
        raise _not_now(upload)
    uploading.read_again(request.actor, upload, **asked.model_dump())
    return Status(202, whole_import(request, pk))


@router.post(
    "/{uuid:pk}/apply", response=answers({202: WholeImportOut}, *ONE, *BODY), operation_id="apply_import"
)
@needs(Permission.CREDENTIAL_MANAGE)
@once
def apply_import(request: AppRequest, pk: uuid.UUID, asked: ApplyIn) -> Any:
    """Store what was found and is new, or a choice of it; the rest is deleted. Where storing has failed half-way, it
    goes on with what was chosen first."""
    upload = import_of(request, pk)
    if upload.state == ImportState.READ:
        _choose(request, upload, asked)
    elif not (upload.state == ImportState.STORING and upload.has_failed):
        raise _not_now(upload)
    uploading.store(request.actor, upload)
    return Status(202, whole_import(request, pk))


@router.delete(
    "/{uuid:pk}", response=answers({200: WholeImportOut}, *ONE, 409, 422), operation_id="discard_import"
)
@needs(Permission.CREDENTIAL_MANAGE)
@once
def discard_import(request: AppRequest, pk: uuid.UUID) -> Any:
    """Nothing of it is stored, and all of it is deleted."""
    upload = import_of(request, pk)
    if upload.state == ImportState.STORING or not upload.is_open:
        raise _not_now(upload)
    uploading.discard(request.actor, upload)
    return whole_import(request, pk)


def _choose(request: AppRequest, upload: ImportUpload, asked: ApplyIn) -> None:
    """Raises ProblemError, and then nothing is chosen."""
    rows = items_of(request, upload)
    new = {each.pk: each for each in rows.filter(state=ItemState.NEW)}
    now = timezone.now()
    wanted = (
        asked.items if asked.items is not None else [pk for pk, each in new.items() if not is_over(each, now)]
    )
    if set(wanted) - new.keys():
        raise invalid([("items", "Not all of these are new in this import. Nothing was stored.")])
    keys = set(rows.filter(state=ItemState.KEY).values_list("pk", flat=True))
    if {each.item for each in asked.keys} - keys:
        raise invalid([("keys", "Not all of these are .p8 files of this import. Nothing was stored.")])
    said = {each.item: _said(each) for each in asked.keys}
    if not choose(upload, map(str, wanted), said, rest=False, shown=None):
        raise ProblemError(409, "nothing-to-store", "Nothing in it is new, or nothing was chosen.")


def _said(key: ImportedKeyIn) -> dict[str, Any]:
    form = KeyPurposeForm(key.model_dump())
    require_valid(form, {name: f"keys.{name}" for name in ("purpose", "key_id", "owner")})
    return form.cleaned_data


def _not_now(upload: ImportUpload) -> ProblemError:
    said = f"This import is “{upload.get_state_display().lower()}”"
    said += " and a worker is at it: ask again when that has ended." if upload.is_under_way else "."
    return ProblemError(409, "not-in-this-state", said)
