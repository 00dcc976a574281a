"""Several profiles as one file."""

from collections.abc import Container
from itertools import chain, count

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from appstore.models import Profile
from appstore.profile_list import uploaded_profiles
from appstore.views.picking import cannot_begin, picked
from credentials.crypto import SealError
from credentials.kinds.exports import ExportedFile
from credentials.kinds.provisioning_profile import KIND
from credentials.making.zip_file import zip_of
from credentials.models import Credential
from organizations import audit
from organizations.downloads import attachment
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@require_POST
@organization_page(Permission.ASSET_DOWNLOAD)
def download_profiles(request: AppRequest, organization: Organization) -> HttpResponse:
    """A zip of the profiles that were marked, Apple's and uploaded ones; those without a file are named in it."""
    picks = picked(request)
    if trouble := cannot_begin(request, picks):
        messages.error(request, trouble)
        return redirect("apple-objects", slug=organization.slug, collection="profiles")
    seen = Profile.objects.for_actor(request.actor, Permission.ASSET_DOWNLOAD).visible_in(organization)
    profiles = list(seen.filter(pk__in=picks).order_by("name"))
    files_here = uploaded_profiles(request.actor, organization, Permission.ASSET_DOWNLOAD).defer(None)
    uploaded = list(files_here.filter(pk__in=picks).select_related("organization__parent").order_by("name"))
    if not profiles and not uploaded:
        raise Http404
    files: dict[str, bytes] = {}
    missing = []
    things: list[Profile | Credential] = [*profiles, *uploaded]
    for each in things:
        found = _file(each)
        if found is None:
            missing.append(str(each))
            continue
        audit.record(
            request.actor, audit.Action.ASSET_DOWNLOADED, each, organization=organization, kind="profile"
        )
        files[_free_name(found.name, files)] = found.content
    if not files:
        messages.error(request, "None of these has a file: Apple gives none for an invalid profile.")
        return redirect("apple-objects", slug=organization.slug, collection="profiles")
    if missing:
        files["without-a-file.txt"] = "\n".join([*missing, ""]).encode()
    return attachment(zip_of(files), name="profiles.zip", content_type="application/zip")


def _file(thing: Profile | Credential) -> ExportedFile | None:
    if isinstance(thing, Profile):
        name = f"{slugify(thing.name) or thing.apple_id}.{thing.file_extension}"
        return ExportedFile(name, bytes(thing.profile_content)) if thing.profile_content else None
    try:
        return KIND.download.make(thing) if KIND.download else None
    except SealError:
        return None


def _free_name(wanted: str, taken: Container[str]) -> str:
    """Many profiles have the same name."""
    stem, _dot, extension = wanted.rpartition(".")
    numbered = (f"{stem}-{number}.{extension}" for number in count(2))
    return next(name for name in chain([wanted], numbered) if name not in taken)
