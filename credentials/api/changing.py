"""Adding credentials, and everything that their owner changes of them."""

import uuid
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables
from ninja import Schema, Status
from pydantic import Field

from credentials.api import router
from credentials.api.shown import CredentialOut, reached, shown_now
from credentials.api.uploads import FileIn, invalid, require_valid, saved, takes_files, typed, uploaded
from credentials.kinds import KINDS
from credentials.kinds.kind_form import KindForm
from organizations.api import BODY, ONE, answers, needs, token_of
from organizations.api.once import once
from organizations.permissions import Permission
from organizations.problems import ProblemError
from organizations.requests import AppRequest

Name = Annotated[str, Field(min_length=1, max_length=50)]


class Uploaded(Schema):
    fields: dict[Name, str | bool] = Field(
        default_factory=dict,
        description="The fields of the kind's form, as `GET /credential-kinds` tells them.",
        examples=[{"password": "the password of the file"}],
    )
    files: dict[Name, FileIn] = Field(
        default_factory=dict,
        description="Field → file.",
        examples=[{"file": {"name": "Acme.p12", "content": "MIIKsAIBAzCC…"}}],
    )


class CredentialIn(Uploaded):
    kind: str = Field(max_length=40, examples=["apple-certificate"])
    generate: bool = Field(
        False, description="A new one, made by CredHub, for kinds that can be.", examples=[False]
    )


class RenameIn(Schema):
    name: str = Field(min_length=1, max_length=100, examples=["Acme App Store"])


@router.post("", response=answers({201: CredentialOut}, *BODY), operation_id="create_credential")
@takes_files
@needs(Permission.CREDENTIAL_MANAGE)
@once
@sensitive_variables()
def create_credential(request: AppRequest, asked: CredentialIn) -> Any:
    """Add one of any kind but App Store Connect API keys, which have an address of their own."""
    kind = KINDS.get(asked.kind)
    form_class = (kind.generate if asked.generate else kind.form) if kind else None
    if form_class is None:
        raise invalid(
            [("kind", f"There is no such kind to {'generate' if asked.generate else 'upload'} here.")]
        )
    request.actor.require_kind(Permission.CREDENTIAL_MANAGE, asked.kind)
    form = form_class(typed(asked.fields), uploaded(asked.files), organization=token_of(request).organization)
    if not form.is_valid() and form.existing is not None:
        said = f"It is here already, as “{form.existing.name}”."
        raise ProblemError(409, "exists", said)  # a code of its own: who uploads everything again goes on
    return Status(201, shown_now(request, saved(form, request.actor)))


@router.post(
    "/{uuid:pk}/replace",
    response=answers({200: CredentialOut}, *ONE, *BODY),
    operation_id="replace_credential",
)
@takes_files
@needs(Permission.CREDENTIAL_MANAGE)
@once
@sensitive_variables()
def replace_credential(request: AppRequest, pk: uuid.UUID, asked: Uploaded) -> Any:
    """A new secret for the same credential: its id, shares and links stay."""
    credential = reached(request, Permission.CREDENTIAL_MANAGE, pk, live=True)
    kind = KINDS[credential.kind]
    if kind.form is None or not kind.can_replace:
        raise ProblemError(
            409, "not-replaceable", "Its secret is not replaced here. Add the new one beside it."
        )
    form: KindForm = kind.form(
        typed(asked.fields), uploaded(asked.files), organization=credential.organization, replaces=credential
    )
    require_valid(form)
    return shown_now(request, form.save(request.actor))


@router.patch(
    "/{uuid:pk}", response=answers({200: CredentialOut}, *ONE, *BODY), operation_id="rename_credential"
)
@needs(Permission.CREDENTIAL_MANAGE)
@once
def rename_credential(request: AppRequest, pk: uuid.UUID, asked: RenameIn) -> Any:
    """Another name."""
    credential = reached(request, Permission.CREDENTIAL_MANAGE, pk)
    try:
        credential.rename(request.actor, asked.name)
    except ValidationError as error:
        raise invalid([("name", error.messages[0])]) from None
    return shown_now(request, credential)


@router.post(
    "/{uuid:pk}/archive",
    response=answers({200: CredentialOut}, *ONE, 409, 422),
    operation_id="archive_credential",
)
@needs(Permission.CREDENTIAL_MANAGE)
@once
def archive_credential(request: AppRequest, pk: uuid.UUID) -> Any:
    """Out of every list, and unusable until it is restored; nobody it is shared with has it any more."""
    credential = reached(request, Permission.CREDENTIAL_MANAGE, pk)
    if not credential.is_archived:
        credential.archive(request.actor)
    return shown_now(request, credential)


@router.post(
    "/{uuid:pk}/restore",
    response=answers({200: CredentialOut}, *ONE, 409, 422),
    operation_id="restore_credential",
)
@needs(Permission.CREDENTIAL_MANAGE)
@once
def restore_credential(request: AppRequest, pk: uuid.UUID) -> Any:
    """An archived one comes back, with the shares it had."""
    credential = reached(request, Permission.CREDENTIAL_MANAGE, pk)
    try:
        credential.restore(request.actor)
    except ValidationError as error:
        raise ProblemError(409, "not-restorable", error.messages[0]) from None
    return shown_now(request, credential)
