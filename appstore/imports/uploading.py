"""The door: what people upload is sealed before anything else happens, and a run is asked for that reads it."""

import json
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from appstore.models import ImportUpload, SyncRun
from appstore.models.import_upload import KEPT, ImportState, new_upload
from credentials.making.zip_file import zip_of
from credentials.parsing import limits
from organizations import audit
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.words import clean

AT_ONCE = 5  # of one organization, not ended: each holds up to limits.ARCHIVE
_ZIP = b"PK\x03\x04"


class TooManyImportsError(Exception):
    def __init__(self) -> None:
        super().__init__(
            f"{AT_ONCE} imports are waiting here already. Store or discard one of them, and upload this again."
        )


@sensitive_variables()
def archive_of(files: "Sequence[UploadedFile[bytes]]") -> tuple[str, bytes]:
    """(name, zip) of what was uploaded: a zip is taken as it is, other files are put into one."""
    names = [clean(file.name, limit=80) or "file" for file in files]
    if len(files) == 1:
        content = files[0].read()
        if content.startswith(_ZIP):
            return names[0], content
        return names[0], zip_of({names[0]: content})
    packed: dict[str, bytes] = {}
    for name, file in zip(names, files, strict=True):
        number, path = 2, name
        while path in packed:
            path, number = f"{number}/{name}", number + 1
        packed[path] = file.read()
    return f"{len(names)} files", zip_of(packed)


@sensitive_variables()
def begin(
    actor: Actor, organization: Organization, name: str, archive: bytes, *, passphrase: str, password: str
) -> ImportUpload:
    """Seal it, and ask for the run that reads it. Raises PermissionDenied, TooManyImportsError.

    `archive` is no longer than limits.ARCHIVE; `passphrase` is match's, `password` that of .p12 files and keystores.
    """
    actor.require(Permission.CREDENTIAL_MANAGE, organization)
    if len(archive) > limits.ARCHIVE:
        raise ValueError("An archive is no larger than limits.ARCHIVE.")
    if ImportUpload.objects.open().filter(organization=organization).count() >= AT_ONCE:
        raise TooManyImportsError
    upload = new_upload(organization, uploaded_by=actor.user, name=name[:100])
    upload.content = upload.sealing("content").seal(upload.pk, archive)
    _keep_passwords(upload, passphrase, password)
    with transaction.atomic():
        upload.save(force_insert=True)
        _ask(actor, upload, "read")
        audit.record(
            actor,
            audit.Action.IMPORT_UPLOADED,
            upload,
            organization=organization,
            what=f"{len(archive)} bytes",
        )
    return upload


@sensitive_variables()
def read_again(actor: Actor, upload: ImportUpload, *, passphrase: str, password: str) -> None:
    """With another passphrase, where the first was wrong."""
    actor.require(Permission.CREDENTIAL_MANAGE, upload.organization)
    _keep_passwords(upload, passphrase, password)
    with transaction.atomic():
        if not upload.locked().wants_passphrase:
            return
        upload.expires_at = timezone.now() + KEPT
        upload.save(update_fields=["passwords", "expires_at"])
        _ask(actor, upload, "read")


def store(actor: Actor, upload: ImportUpload) -> None:
    """Ask for the run that stores what is chosen. Nothing where somebody else has decided already."""
    actor.require(Permission.CREDENTIAL_MANAGE, upload.organization)
    with transaction.atomic():
        upload = upload.locked()
        failed = upload.state == ImportState.STORING and upload.has_failed
        if upload.state != ImportState.READ and not failed:
            return
        upload.state, upload.expires_at = ImportState.STORING, timezone.now() + KEPT
        upload.save(update_fields=["state", "expires_at"])
        _ask(actor, upload, "store")


def discard(actor: Actor, upload: ImportUpload) -> None:
    """Nothing of it is stored, and all of it is deleted. Not while a worker stores it."""
    actor.require(Permission.CREDENTIAL_MANAGE, upload.organization)
    with transaction.atomic():
        upload = upload.locked()
        if upload.state == ImportState.STORING or not upload.is_open:
            return
        upload.forget(ImportState.DISCARDED)
        audit.record(actor, audit.Action.IMPORT_DISCARDED, upload, organization=upload.organization)


@sensitive_variables()
def _keep_passwords(upload: ImportUpload, passphrase: str, password: str) -> None:
    written = json.dumps({"passphrase": passphrase, "password": password}).encode()
    upload.passwords = upload.sealing("passwords").seal(upload.pk, written)


def _ask(actor: Actor, upload: ImportUpload, phase: str) -> None:
    upload.run = SyncRun.request_import(
        actor,
        upload.organization,
        job=f"import:{upload.pk}:{phase}",
        order={
            "title": f"Import of {upload.name}",
            "upload": str(upload.pk),
            "phase": phase,
            "by_token": actor.token.pk.hex if actor.token else "",
        },
    )
    upload.save(update_fields=["run"])
