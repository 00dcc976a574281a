"""What the tests of imports share: archives, the upload, and a worker that does what is due."""

from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from appstore import runs
from appstore.models import ImportUpload, SyncRun
from credentials.making.match_encryption import encrypt_for_match
from credentials.making.zip_file import zip_of
from organizations.models import Organization
from tests.credentials.signing_material import PASSPHRASE, bare_key, certificate, profile


@cache
def match_files() -> dict[str, bytes]:
    """One identity and one profile that it signs, as they stand in a repository before match encrypts them."""
    return {
        "certs/distribution/ABCDE12345.cer": certificate(),
        "certs/distribution/ABCDE12345.p12": bare_key(),
        "profiles/appstore/AppStore_com.example.app.mobileprovision": profile(),
    }


def match_zip(version: int = 2) -> bytes:
    sealed = {
        path: encrypt_for_match(content, PASSPHRASE, version=version)
        for path, content in match_files().items()
    }
    return zip_of({**sealed, "README.md": b"match", "match_version.txt": b"2.220.0"})


def post(
    client: Client, organization: Organization, *files: tuple[str, bytes], **fields: str
) -> HttpResponse:
    uploads = [SimpleUploadedFile(*each) for each in files]
    return client.post(reverse("imports", args=[organization.slug]), {"file": uploads, **fields})


def work() -> None:
    """A worker does what is due of imports."""
    while (
        run := SyncRun.objects.active().filter(kind=SyncRun.Kind.IMPORT, state=SyncRun.State.QUEUED).first()
    ):
        runs.perform(run.pk)


def uploaded(
    client: Client, organization: Organization, *files: tuple[str, bytes], **fields: str
) -> ImportUpload:
    """Uploaded through the page, and read."""
    answer = post(client, organization, *files, **fields)
    assert answer.status_code == 302, answer.content.decode()
    work()
    return ImportUpload.objects.select_related("run", "organization__parent").latest("created_at")


def press(client: Client, upload: ImportUpload, do: str, **fields: Any) -> HttpResponse:
    return client.post(upload.page_path(), {"do": do, **fields})


def store_all(client: Client, upload: ImportUpload) -> ImportUpload:
    """Everything that is new, through the page."""
    items = [str(pk) for pk in upload.items.filter(state="NEW").values_list("pk", flat=True)]
    assert press(client, upload, "store", item=items).status_code == 302
    work()
    return ImportUpload.objects.select_related("run", "organization__parent").get(pk=upload.pk)
