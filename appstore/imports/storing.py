"""The second run: what people chose becomes credentials, some at a time. Killed, it goes on with what is left."""

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from appstore.changes.doing import ordered_by
from appstore.imports.candidates import candidate_of
from appstore.imports.keys import store_key
from appstore.imports.reading import FILES
from appstore.models import ImportItem, ImportUpload, ItemState, SyncRun
from appstore.models.import_upload import ImportState
from credentials.crypto import SealError
from credentials.kinds.storing import store_found
from credentials.models import DuplicateCredentialError
from organizations import audit
from organizations.actors import Actor
from organizations.permissions import Permission

TOGETHER = 20  # items in a commit
NOT_ALLOWED = "Who chose this may not add credentials here any more. Somebody who may can store the rest."


def store(run: SyncRun, upload: ImportUpload) -> None:
    """Raises MasterKeyError, KeyProviderUnreachableError, LeaseLostError."""
    actor = ordered_by(run)
    wanted = ImportItem.objects.filter(
        upload=upload, chosen=True, state__in=[ItemState.NEW, ItemState.KEY]
    ).order_by("number")
    total = upload.items.filter(chosen=True).count()
    while page := list(wanted[:TOGETHER]):
        if not actor.can(Permission.CREDENTIAL_MANAGE, upload.organization):
            run.fail("not-allowed", NOT_ALLOWED, transient=False)
            return
        with run.commit():
            for item in page:
                _store(actor, upload, item)
            run.counts = {FILES: {"seen": total - wanted.count(), "total": total}}
    with run.commit():
        now = upload.locked()
        now.items.filter(state__in=[ItemState.NEW, ItemState.KEY]).update(state=ItemState.LEFT)
        now.end(ImportState.DONE)
        audit.record(
            actor,
            audit.Action.IMPORT_FINISHED,
            now,
            organization=now.organization,
            counts={state.lower(): now.items.filter(state=state).count() for state in ENDS},
        )
    run.succeed()


ENDS = (ItemState.STORED, ItemState.DUPLICATE, ItemState.FAILED, ItemState.LEFT)


@sensitive_variables()
def _store(actor: Actor, upload: ImportUpload, item: ImportItem) -> None:
    """In the run's transaction; what cannot be stored undoes only itself."""
    try:
        kind, found = candidate_of(ImportItem.sealing(upload.organization_id).opened(item.pk, item.content))
        with transaction.atomic():
            if kind:
                item.credential = store_found(actor, upload.organization, kind, found)
            else:
                item.credential = store_key(actor, upload.organization, found, item.said)
        item.state = ItemState.STORED
    except DuplicateCredentialError as error:
        item.state, item.outcome, item.credential = ItemState.DUPLICATE, str(error), error.existing
    except SealError as error:
        item.state, item.outcome = ItemState.FAILED, str(error)
    item.content = None
    item.save(update_fields=["credential", "state", "outcome", "content"])
