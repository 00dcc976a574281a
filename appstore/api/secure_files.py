"""GitLab's API of secure files, read only: fastlane match reads it without a plugin.

A project is an organization's slug; with `/` and a bundle ID behind it, what that app and its extensions sign with.
"""

import math
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from appstore.secure_files.choosing import SecureFile, files_of
from appstore.secure_files.opening import checksums, content_of
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from organizations.api import TokenAuth, token_of
from organizations.downloads import attachment
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.problems import ProblemError
from organizations.requests import AppRequest

router = Router()
MOST = 100
HEADERS = ("JOB-TOKEN", "PRIVATE-TOKEN")  # match sends the first of them that it has
READ_ONLY = "These files are read here. Add and change them in CredHub, and run match with --readonly."


class GitLabAuth(TokenAuth):
    """Our token in the headers that GitLab's clients send, or as Bearer; never in the address."""

    def __call__(self, request: HttpRequest) -> Any:
        for name in HEADERS:
            if text := request.headers.get(name):
                return self.authenticate(request, text)
        return super().__call__(request)


class FileOut(Schema):
    id: int
    name: str
    checksum: str
    checksum_algorithm: str
    created_at: datetime
    expires_at: datetime | None
    metadata: None = None
    metadata_parsed_at: None = None
    file_extension: str


class Paging(Schema):
    page: int = 1
    per_page: int = 20


def _project(request: AppRequest, project: str) -> tuple[Organization, str]:
    """(organization, bundle ID or ""). Raises PermissionDenied, and 404 for every other project."""
    token, actor = token_of(request), request.actor
    allowed = token.bundle_ids
    actor.require(Permission.CREDENTIAL_REVEAL, token.organization, app=allowed[0] if allowed else "")
    actor.require_kind(Permission.CREDENTIAL_REVEAL, APPLE_CERTIFICATE)
    slug, _, bundle_id = project.partition("/")
    if slug != token.organization.slug:
        raise Http404
    return token.organization, bundle_id


def _one(request: AppRequest, project: str, file_id: int) -> tuple[Organization, SecureFile]:
    organization, bundle_id = _project(request, project)
    for file in files_of(request.actor, organization, bundle_id):
        if file.id == file_id:
            return organization, file
    raise Http404


def _shown(file: SecureFile, checksum: str) -> dict[str, Any]:
    plain = {name: getattr(file, name) for name in ("id", "name", "created_at", "expires_at")}
    return plain | {
        "checksum": checksum,
        "checksum_algorithm": "sha256",
        "file_extension": file.name.rpartition(".")[2],
    }


@router.get("/projects/{path:project}/secure_files", response=list[FileOut], url_name="files")
def list_files(request: AppRequest, response: HttpResponse, project: str, paging: Query[Paging]) -> Any:
    """A page of them, with the headers that GitLab's clients page by."""
    files = files_of(request.actor, *_project(request, project))
    size, page = max(1, min(paging.per_page, MOST)), max(1, paging.page)
    pages = max(1, math.ceil(len(files) / size))
    _tell_pages(request, response, page, pages, size, len(files))
    shown = files[(page - 1) * size : page * size]
    digests = checksums(shown)
    return [_shown(each, digests[each.id]) for each in shown]


def _tell_pages(
    request: HttpRequest, response: HttpResponse, page: int, pages: int, size: int, total: int
) -> None:
    before, after = page - 1 if 1 < page <= pages + 1 else None, page + 1 if page < pages else None
    numbers = {"X-Page": page, "X-Per-Page": size, "X-Total": total, "X-Total-Pages": pages}
    for name, number in {**numbers, "X-Prev-Page": before, "X-Next-Page": after}.items():
        response[name] = "" if number is None else str(number)
    address = request.build_absolute_uri(request.path)
    to = {"prev": before, "next": after, "first": 1, "last": pages}
    response["Link"] = ", ".join(
        f'<{address}?page={number}&per_page={size}>; rel="{word}"' for word, number in to.items() if number
    )


@router.get("/projects/{path:project}/secure_files/{int:file_id}", response=FileOut, url_name="file")
def get_file(request: AppRequest, project: str, file_id: int) -> Any:
    _organization, file = _one(request, project, file_id)
    return _shown(file, checksums([file])[file.id])


@router.get("/projects/{path:project}/secure_files/{int:file_id}/download", url_name="download")
def download(request: AppRequest, project: str, file_id: int) -> HttpResponse:
    organization, file = _one(request, project, file_id)
    content = content_of(request.actor, organization, file)
    name = file.name.rpartition("/")[2]
    return attachment(content, name=name, content_type="application/octet-stream")


@router.post("/projects/{path:project}/secure_files", url_name="files")
def add_file(request: AppRequest, project: str) -> Any:
    _project(request, project)
    raise ProblemError(403, "read-only", READ_ONLY)


@router.delete("/projects/{path:project}/secure_files/{int:file_id}", url_name="file")
def delete_file(request: AppRequest, project: str, file_id: int) -> Any:
    _one(request, project, file_id)
    raise ProblemError(403, "read-only", READ_ONLY)
