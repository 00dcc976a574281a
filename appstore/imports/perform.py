"""What a worker does with an import's run."""

from appstore.imports import reading, storing
from appstore.models import ImportState, ImportUpload, SyncRun

GONE = "What was uploaded is not here any more. Upload it again."
PHASES = {"read": (ImportState.READING, reading.read), "store": (ImportState.STORING, storing.store)}


def perform(run: SyncRun) -> None:
    """Raises SealError, MasterKeyError, KeyProviderUnreachableError, LeaseLostError."""
    upload = (
        ImportUpload.objects.filter(pk=run.order["upload"]).select_related("organization__parent").first()
    )
    if upload is None:
        run.fail("gone", GONE, transient=False)
        return
    state, work = PHASES[run.order["phase"]]
    if upload.state != state:  # done before the worker ended, or discarded meanwhile
        run.succeed()
        return
    work(run, upload)
