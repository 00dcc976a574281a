"""What a build is signed with, in one request: for Apple's platforms, and for Android."""

import base64
import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import Http404, HttpResponse
from django.views.decorators.debug import sensitive_variables
from ninja import Query, Router, Schema, Status
from pydantic import Field

from appstore.api.syncs import SyncOut, sync_shown
from appstore.changes.refusals import RefusedError
from appstore.models import App, AppPlatform
from appstore.profile_types import types_of
from appstore.signing.bundle import Bundle, NothingToSignWithError, ProfileFile, bundle_for, keystore_for
from appstore.signing.ensure import ensure_by_policy
from credentials.api.uploads import invalid
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.kinds.keystore_found import ANDROID_KEYSTORE
from organizations.api import LIST, ONE, Purpose, answers, needs, token_for_apps
from organizations.permissions import Permission
from organizations.problems import ProblemError
from organizations.requests import AppRequest

router = Router(tags=["Signing assets"])
Distribution = Literal["app-store", "ad-hoc", "development", "in-house", "developer-id"]
Identifier = Annotated[str, Field(min_length=1, max_length=155, pattern=r"^[A-Za-z0-9._-]+$")]
_RULE = "It is for exactly this bundle ID, and of those that fit it ends last."


class IdentityOut(Schema):
    credential_id: uuid.UUID = Field(examples=["2f0d5c0e-8f0a-4a86-9a53-9d6d3f2f0c05"])
    name: str = Field(examples=["Apple Distribution: Acme GmbH (8Q5F6R2K9D)"])
    certificate_type: str = Field(examples=["DISTRIBUTION"])
    serial_number: str = Field(examples=["3F2A9C41D0B7E655"])
    sha1: str = Field(examples=["9c1185a5c5e9fc54612808977ee8f548b2258d31"])
    sha256: str = Field(examples=["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"])
    expiration_date: datetime | None = Field(examples=["2027-11-01T09:00:00Z"])
    p12: str = Field(description="In base64.", examples=["MIIK…"])
    p12_password: str = Field(description="New each time.", examples=["k3Jq9sT0vXw2LmZ8aRfB5cDe"])
    rule: str = Field(
        description="Why this one.", examples=["It is in the profile, its private key is here…"]
    )


class ProfileFileOut(Schema):
    bundle_id: str = Field(examples=["com.example.app"])
    name: str = Field(examples=["Acme App Store"])
    uuid: str = Field(examples=["4d0a1b2c-3d4e-4f50-8a6b-7c8d9e0f1a2b"])
    profile_type: str = Field(examples=["IOS_APP_STORE"])
    expiration_date: datetime | None = Field(examples=["2027-11-01T09:00:00Z"])
    file_name: str = Field(examples=["4d0a1b2c-3d4e-4f50-8a6b-7c8d9e0f1a2b.mobileprovision"])
    content: str = Field(description="In base64.", examples=["MIIv…"])
    rule: str = Field(description="Why this one.", examples=[_RULE])


class SigningAssetsOut(Schema):
    distribution: str = Field(examples=["app-store"])
    platform: str = Field(examples=["IOS"])
    team_id: str = Field(examples=["8Q5F6R2K9D"])
    team_name: str = Field(examples=["Acme GmbH"])
    identity: IdentityOut
    profiles: list[ProfileFileOut]
    export_options: str = Field(description="ExportOptions.plist.", examples=['<?xml version="1.0"…'])
    problems: list[str] = Field(description="What is no reason not to sign, in sentences.", examples=[[]])


class EnsuringOut(Schema):
    sync: SyncOut
    plan: list[str] = Field(
        examples=[["Made: Profile of the type iOS App Store. There is none for com.acme."]]
    )


class KeystoreOut(Schema):
    credential_id: uuid.UUID = Field(examples=["2f0d5c0e-8f0a-4a86-9a53-9d6d3f2f0c05"])
    name: str = Field(examples=["Upload key"])
    type: str = Field(description="PKCS12 or JKS.", examples=["PKCS12"])
    content: str = Field(description="In base64.", examples=["MIIK…"])
    file_name: str = Field(examples=["release.p12"])
    password: str = Field(examples=["k3Jq9sT0vXw2LmZ8aRfB5cDe"])
    alias: str = Field(examples=["upload"])
    key_password: str = Field(examples=["k3Jq9sT0vXw2LmZ8aRfB5cDe"])
    sha1: str = Field(examples=["9C:11:85:A5:C5:E9:FC:54:61:28:08:97:7E:E8:F5:48:B2:25:8D:31"])
    sha256: str = Field(examples=["E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C"])
    rule: str = Field(description="Why this one.", examples=["Chosen for this app."])


class AndroidAssetsOut(Schema):
    application_id: str = Field(examples=["com.example.app"])
    keystore: KeystoreOut


class Asked(Schema):
    bundle_id: list[Identifier] = Field(
        min_length=1, max_length=50, description="The app's first, then those of its extensions."
    )
    distribution: Distribution = "app-store"
    platform: Literal["IOS", "MAC_OS", "TV_OS"] = "IOS"
    ensure: bool = Field(
        False, description="See to it first that there is all, as far as the app's policy goes."
    )
    encryption: Literal["3des", "aes"] = Field("3des", description="Of the .p12. macOS reads no aes.")
    purpose: Purpose = "Signing of a build"


class AndroidAsked(Schema):
    application_id: Identifier
    purpose: Purpose = "Signing of a build"


@router.get(
    "",
    response=answers({200: SigningAssetsOut, 202: EnsuringOut}, *LIST, *ONE, 409),
    operation_id="get_signing_assets",
)
@needs(Permission.CREDENTIAL_REVEAL, for_apps=True)
@sensitive_variables()
def get_signing_assets(request: AppRequest, response: HttpResponse, asked: Query[Asked]) -> Any:
    """Identity, profiles and ExportOptions for an app and its extensions, each on record before it leaves. With
    `ensure`, 202 and a run while something has to be made at Apple first: ask again when that has ended."""
    app = _app(request, asked.platform, asked.bundle_id, APPLE_CERTIFICATE)
    if asked.distribution not in types_of(app.platform):
        said = f"There is no distribution “{asked.distribution}” for {app.get_platform_display()}."
        raise invalid([("distribution", said)])
    response["Cache-Control"] = "no-store"
    if asked.ensure:
        try:
            run, plan = ensure_by_policy(request.actor, app, asked.distribution, asked.bundle_id)
        except RefusedError as error:
            raise ProblemError(409, error.code, str(error)) from None
        if run is not None:
            response["Location"], response["Retry-After"] = f"/api/v1/syncs/{run.pk}", "3"
            return Status(202, {"sync": sync_shown(run), "plan": plan.sentences})
    try:
        made = bundle_for(
            request.actor,
            app,
            asked.distribution,
            asked.bundle_id,
            asked.purpose,
            modern=asked.encryption == "aes",
        )
    except NothingToSignWithError as error:
        raise ProblemError(409, "no-signing-assets", str(error)) from None
    return _shown(made)


@router.get(
    "/android",
    response=answers({200: AndroidAssetsOut}, *LIST, *ONE, 409),
    operation_id="get_android_signing_assets",
)
@needs(Permission.CREDENTIAL_REVEAL, for_apps=True)
@sensitive_variables()
def get_android_signing_assets(
    request: AppRequest, response: HttpResponse, asked: Query[AndroidAsked]
) -> Any:
    """The keystore of an Android app with its passwords, on record before it leaves."""
    app = _app(request, AppPlatform.ANDROID, [asked.application_id], ANDROID_KEYSTORE)
    try:
        chosen, credential, opened = keystore_for(request.actor, app, asked.purpose)
    except NothingToSignWithError as error:
        raise ProblemError(409, "no-signing-assets", str(error)) from None
    alias, key_password = next(iter(opened.key_passwords.items()))
    facts = next(each for each in credential.facts["aliases"] if each["alias"] == alias)
    kind = str(credential.facts["type"])
    response["Cache-Control"] = "no-store"
    keystore = {
        "credential_id": credential.pk, "name": credential.name, "type": kind,
        "file_name": "release.jks" if kind == "JKS" else "release.p12", "content": _text(opened.file),
        "password": opened.password, "alias": alias, "key_password": key_password,
        "sha1": facts["sha1"], "sha256": facts["sha256"], "rule": chosen.why,
    }  # fmt: skip
    return {"application_id": app.identifier, "keystore": keystore}


def _app(request: AppRequest, platform: str, identifiers: list[str], kind: str) -> App:
    """The first of these bundle IDs that is an app of the token's organization. The token has to be for credentials
    of this kind, too."""
    token = token_for_apps(request, Permission.CREDENTIAL_REVEAL, identifiers)
    request.actor.require_kind(Permission.CREDENTIAL_REVEAL, kind)
    apps = App.objects.for_actor(request.actor, Permission.ORGANIZATION_VIEW)
    found = {each.identifier: each for each in apps.filter(platform=platform, identifier__in=identifiers)}
    for identifier in identifiers:
        if app := found.get(identifier):
            app.organization = token.organization  # which knows its root, and what that shares with it
            return app
    raise Http404


@sensitive_variables()
def _shown(made: Bundle) -> dict[str, Any]:
    signing, identity, facts = made.signing, made.identity, made.identity.facts
    return {
        "distribution": signing.distribution,
        "platform": signing.app.platform,
        "team_id": made.team_id,
        "team_name": made.team_name,
        "identity": {
            "credential_id": identity.pk,
            "name": facts["common_name"],
            "certificate_type": facts["apple_type"],
            **{name: facts[name] for name in ("serial_number", "sha1", "sha256")},
            "expiration_date": identity.expires_at,
            "p12": _text(made.p12),
            "p12_password": made.password,
            "rule": signing.certificate.why,
        },
        "profiles": [_profile(signing.app, signing.distribution, each) for each in made.profiles],
        "export_options": made.export_options.decode(),
        "problems": made.warnings,
    }


def _profile(app: App, distribution: str, file: ProfileFile) -> dict[str, Any]:
    mirror, upload = file.chosen.profile, file.chosen.credential
    ending = "provisionprofile" if app.platform == AppPlatform.MAC_OS else "mobileprovision"
    ends = mirror.expiration_date if mirror else upload.expires_at if upload else None
    return {
        "bundle_id": file.bundle_id,
        "name": file.chosen.name,
        "uuid": file.uuid,
        "profile_type": mirror.profile_type if mirror else types_of(app.platform)[distribution].name,
        "expiration_date": ends,
        "file_name": f"{file.uuid}.{ending}",
        "content": _text(file.content),
        "rule": file.chosen.why,
    }


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
