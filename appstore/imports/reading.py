"""The first run: read what was uploaded, and say what is in it. What it is killed at, it begins anew."""

import json

from django.views.decorators.debug import sensitive_variables

from appstore.imports.asking import Archive
from appstore.imports.comparing import Compared, Comparing
from appstore.imports.finding import Finding
from appstore.models import ImportItem, ImportUpload, SyncRun
from appstore.models.import_upload import PASSPHRASE_CODES, ImportState
from credentials.kinds import KINDS
from credentials.models import Credential
from credentials.parsing.errors import ParsingError

MOST_PROBLEMS = 300  # that are told one by one
FILES = "files"


@sensitive_variables()
def read(run: SyncRun, upload: ImportUpload) -> None:
    """Raises SealError, MasterKeyError, KeyProviderUnreachableError, LeaseLostError."""
    archive = upload.sealing("content").opened(upload.pk, upload.content)
    passwords = json.loads(upload.sealing("passwords").opened(upload.pk, upload.passwords))

    def told(total: int) -> None:
        run.counts = {FILES: {"seen": 0, "total": total}}
        with run.commit():
            pass

    def step(files: int) -> None:
        run.counts[FILES]["seen"] += files
        with run.commit():  # renews the lease, and shows people that it goes on
            pass

    asked = Archive(archive, upload.organization_id, step, **passwords)
    finding = Finding(asked, upload.organization_id, passwords["password"])
    try:
        finding.read(step, told)
    except ParsingError as error:
        _refused(run, upload, error)
        return
    comparing = Comparing(upload.organization, finding)
    rows = comparing.compared()
    problems = [[each.path, each.message] for each in comparing.problems]
    if more := len(problems) - MOST_PROBLEMS:
        problems = problems[:MOST_PROBLEMS] + ([["", f"And {more} more."]] if more > 0 else [])
    items = _items(upload, rows)
    with run.commit():
        now = upload.locked()
        if now.state == ImportState.READING:  # or it was discarded meanwhile
            now.items.all().delete()
            ImportItem.objects.bulk_create(items, batch_size=100)
            now.state, now.problems = ImportState.READ, problems
            now.content = now.passwords = None
            now.save(update_fields=["state", "problems", "content", "passwords"])
    run.succeed()


def _refused(run: SyncRun, upload: ImportUpload, error: ParsingError) -> None:
    """What cannot be read is not kept; what only waits for its passphrase is."""
    with run.commit():
        if error.code not in PASSPHRASE_CODES:
            now = upload.locked()
            now.content = now.passwords = None
            now.save(update_fields=["content", "passwords"])
    run.fail(error.code, error.message, transient=False)


def _items(upload: ImportUpload, rows: list[Compared]) -> list[ImportItem]:
    items = {
        item.pk: (item, row)
        for item, row in ((_item(upload, number, row), row) for number, row in enumerate(rows, 1))
    }
    wanted = {pk: row.candidate.written() for pk, (item, row) in items.items() if item.can_be_taken}
    for pk, sealed in ImportItem.sealing(upload.organization_id).seal_all(wanted).items():
        items[pk][0].content = sealed
    return [item for item, _row in items.values()]


def _item(upload: ImportUpload, number: int, row: Compared) -> ImportItem:
    candidate, found = row.candidate, row.candidate.found
    shown = Credential(kind=candidate.kind, name=found.name, identifier=found.identifier, facts=found.facts)
    summary = KINDS[candidate.kind].summary(shown) if candidate.kind else found.facts["key_id"]
    return ImportItem(
        upload=upload,
        number=number,
        kind=candidate.kind,
        state=row.state,
        name=found.name[:200],
        summary=summary[:300],
        paths=list(candidate.paths),
        notes=row.notes,
        expires_at=found.expires_at,
        said={"key_id": found.facts["key_id"]} if not candidate.kind else {},
        credential=row.existing,
    )
