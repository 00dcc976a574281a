"""Certificates at Apple: read; made, renewed and revoked there."""

import uuid
from datetime import datetime
from typing import Any

from ninja import Query, Router
from pydantic import Field

from appstore.api.mirrors import AppleObjectOut, MirrorFilters, file_of, mirrored, one, reached, shown
from appstore.api.ordering import OrderIn, form_of, ordered, owned
from appstore.api.syncs import SyncOut
from appstore.change_forms import CERTIFICATE_TYPES, CreateCertificateForm, KeyForm
from appstore.changes.plans import followers, holders, renewal
from appstore.models import Certificate
from appstore.words import apple_words
from organizations.api import BODY, LIST, ONE, Word, answers, needs, token_of
from organizations.api.etags import etag
from organizations.api.once import once
from organizations.api.paging import Page, page_of
from organizations.models import ApiToken
from organizations.permissions import Permission
from organizations.problems import ProblemError
from organizations.requests import AppRequest

router = Router(tags=["Certificates"])


class CertificateOut(AppleObjectOut):
    display_name: str = Field(examples=["Acme GmbH"])
    certificate_type: str = Field(examples=["DISTRIBUTION"])
    serial_number: str = Field(examples=["1A2B3C4D5E6F7081"])
    expiration_date: datetime | None = Field(examples=["2027-11-01T09:00:00Z"])
    sha1: str = Field(examples=["da39a3ee5e6b4b0d3255bfef95601890afd80709"])
    sha256: str = Field(examples=["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"])


class CertificateFilters(MirrorFilters):
    certificate_type: Word = Field("", description="Such as DISTRIBUTION.")
    serial_number: Word = ""
    sha256: Word = ""


class CertificateIn(OrderIn):
    certificate_type: str = Field(
        max_length=60, description=f"One of {', '.join(CERTIFICATE_TYPES)}.", examples=["DISTRIBUTION"]
    )


class RenewIn(OrderIn):
    revoke: bool = Field(False, description="The old one, when everything else is done.", examples=[False])


def _shown(token: ApiToken, row: Certificate) -> dict[str, Any]:
    return shown(token, row, CertificateOut.model_fields)


@router.get("", response=answers({200: Page[CertificateOut]}, *LIST), operation_id="list_certificates")
@etag
@needs(Permission.ASSET_VIEW)
def list_certificates(request: AppRequest, filters: Query[CertificateFilters]) -> Any:
    """The certificates at Apple of every team whose keys the organization has or is given."""
    token = token_of(request)
    rows = reached(request, Certificate, Permission.ASSET_VIEW).defer("certificate_content")
    rows = mirrored(rows, filters, "certificate_type", "serial_number", "sha256")
    return page_of(rows, filters, lambda row: _shown(token, row))


@router.get("/{uuid:pk}", response=answers({200: CertificateOut}, *ONE), operation_id="get_certificate")
@etag
@needs(Permission.ASSET_VIEW)
def get_certificate(request: AppRequest, pk: uuid.UUID) -> Any:
    """One of them."""
    return _shown(token_of(request), one(request, Certificate, Permission.ASSET_VIEW, pk))


@router.get("/{uuid:pk}/file", response=answers({200: bytes}, *ONE, 409), operation_id="download_certificate")
@needs(Permission.ASSET_DOWNLOAD)
def download_certificate(request: AppRequest, pk: uuid.UUID) -> Any:
    """The .cer as Apple made it, without a private key. On record before it leaves."""
    thing = one(request, Certificate, Permission.ASSET_DOWNLOAD, pk)
    return file_of(request, thing, thing.certificate_content, "certificate", "cer")


@router.post("", response=answers({202: SyncOut}, *BODY), operation_id="create_certificate")
@needs(Permission.ASSET_MANAGE)
@once
def create_certificate(request: AppRequest, asked: CertificateIn) -> Any:
    """Ask Apple for a certificate of a type. Its private key is made here, and it becomes a signing identity."""
    form = form_of(request, asked, CreateCertificateForm, {"certificate_type": asked.certificate_type})
    return ordered(request, form, f"New certificate, {apple_words(asked.certificate_type)}", form.steps())


@router.post(
    "/{uuid:pk}/renew", response=answers({202: SyncOut}, *ONE, *BODY), operation_id="renew_certificate"
)
@needs(Permission.ASSET_MANAGE)
@once
def renew_certificate(request: AppRequest, pk: uuid.UUID, asked: RenewIn) -> Any:
    """A new one of its type, and every profile that holds it made anew with the new one."""
    thing = owned(request, Certificate, pk)
    if thing.certificate_type not in CERTIFICATE_TYPES:
        raise ProblemError(409, "not-makeable", "CredHub cannot make certificates of this type.")
    form = form_of(request, asked, KeyForm, {}, team=thing.team)
    steps = renewal(thing, followers(holders(thing))[0], revoke=asked.revoke)
    return ordered(request, form, f"Renewal of {thing}", steps)


@router.delete("/{uuid:pk}", response=answers({202: SyncOut}, *ONE, *BODY), operation_id="revoke_certificate")
@needs(Permission.ASSET_MANAGE)
@once
def revoke_certificate(request: AppRequest, pk: uuid.UUID, asked: Query[OrderIn]) -> Any:
    """Revoke it at Apple: the profiles that hold it become invalid."""
    thing = owned(request, Certificate, pk)
    form = form_of(request, asked, KeyForm, {}, team=thing.team)
    steps = [{"do": "revoke-certificate", "certificate": thing.apple_id, "name": thing.name}]
    return ordered(request, form, f"Revocation of {thing}", steps)
