"""The kinds of credential: what each is for, what its form takes, and in which forms its secret is had."""

from typing import Any

from django import forms
from ninja import Router, Schema
from pydantic import Field

from credentials.kinds import KINDS, Kind
from credentials.kinds.kind_form import KindForm, PasswordField
from organizations.api import answers, needs, token_of
from organizations.api.etags import etag
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.requests import AppRequest

router = Router(tags=["Credentials"])


class ChoiceOut(Schema):
    value: str = Field(examples=["both"])
    label: str = Field(examples=["Sandbox and Production"])


class FieldOut(Schema):
    name: str = Field(examples=["file"])
    label: str = Field(examples=["Private key file (.p8)"])
    type: str = Field(
        description="text, secret, boolean, choice or file; a file goes to `files`.", examples=["file"]
    )
    required: bool = Field(examples=[True])
    help: str = Field(examples=[""])
    choices: list[ChoiceOut] = Field(examples=[[]])


class FormOut(Schema):
    form: str = Field(examples=["p8"])
    label: str = Field(examples=["Download the .p8"])
    note: str = Field(examples=["The file as Apple made it, byte for byte."])


class KindOut(Schema):
    kind: str = Field(examples=["apns-key"])
    label: str = Field(examples=["APNs key"])
    platform: str = Field(examples=["Apple"])
    about: str = Field(examples=["Sends notifications to the apps of a team."])
    upload: list[FieldOut] = Field(description="Of `POST /credentials`; empty: it cannot be added there.")
    generate: list[FieldOut] = Field(description="The same with `generate`.", examples=[[]])
    can_replace: bool = Field(examples=[True])
    has_public_file: bool = Field(examples=[False])
    reveal_forms: list[FormOut]


class KindsOut(Schema):
    items: list[KindOut]


@router.get("", response=answers({200: KindsOut}), operation_id="list_credential_kinds")
@etag
@needs(Permission.CREDENTIAL_VIEW)
def list_credential_kinds(request: AppRequest) -> Any:
    """What can be kept here."""
    here = token_of(request).organization
    return {"items": [_kind(kind, here) for kind in KINDS.values()]}


def _kind(kind: Kind, here: Organization) -> dict[str, Any]:
    return {
        "kind": kind.slug,
        "label": kind.label,
        "platform": str(kind.platform),
        "about": kind.about,
        "upload": _fields(kind.form, here),
        "generate": _fields(kind.generate, here),
        "can_replace": kind.can_replace,
        "has_public_file": kind.download is not None,
        "reveal_forms": [
            {"form": each.slug, "label": each.label, "note": each.note} for each in kind.exports
        ],
    }


def _fields(form: type[KindForm] | None, here: Organization) -> list[dict[str, Any]]:
    if form is None:
        return []
    made = form(organization=here)
    return [_field(name, field, made) for name, field in made.fields.items()]


def _field(name: str, field: forms.Field, form: KindForm) -> dict[str, Any]:
    types = ((forms.FileField, "file"), (forms.BooleanField, "boolean"), (forms.ChoiceField, "choice"))
    is_secret = isinstance(field, PasswordField) or name in form.SECRET_FIELDS
    plain = next((word for kind, word in types if isinstance(field, kind)), "text")
    choices: Any = field.choices if isinstance(field, forms.ChoiceField) else []
    return {
        "name": name,
        "label": str(field.label or name),
        "type": "secret" if is_secret else plain,
        "required": field.required,
        "help": str(field.help_text),
        "choices": [{"value": str(value), "label": str(label)} for value, label in choices],
    }
