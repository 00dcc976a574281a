"""What a worker does with a run: take it and a key for it, do it, say how it ended."""

import uuid
from dataclasses import replace

import structlog
from django.db import OperationalError
from django.utils import timezone

from appstore import breakers, budget, choice, doorbell, fetching, identities, sync, turns
from appstore.changes.perform import perform as change
from appstore.client.errors import (
    AgreementRequired,
    AppStoreConnectError,
    MembershipLapsed,
    RateLimited,
    ServerError,
    Unauthorized,
    UnexpectedAnswer,
    Unreachable,
)
from appstore.client.probe import probe
from appstore.clients import client_for, host_of
from appstore.collections import COLLECTIONS
from appstore.imports.perform import perform as import_upload
from appstore.models import AppStoreConnectKey, Health, KeyType, LeaseLostError, SyncRun
from appstore.models.run_states import WITHOUT_KEY
from credentials.crypto import SealError
from credentials.keys.errors import KeyProviderUnreachableError, MasterKeyError
from credentials.models import Status
from organizations import audit
from organizations.actors import SYSTEM, Actor

# The errors that say something of the key itself, and not of one request
KEY_OUTCOMES: list[tuple[type[AppStoreConnectError], str]] = [
    (Unauthorized, "refused"),
    (AgreementRequired, "agreement-required"),
    (MembershipLapsed, "membership-lapsed"),
]

log = structlog.get_logger(__name__)


def perform(run_id: uuid.UUID) -> None:
    """A worker is free: do what is due, this run or whatever has its turn before it (see appstore/turns.py)."""
    if not SyncRun.objects.active().filter(pk=run_id).exists():
        return  # it is over, or the message is about nothing
    if perform_next(hint=run_id):
        _ring_next()


def perform_next(hint: uuid.UUID | None = None) -> bool:
    """Do one due run. False when there is none that can be taken."""
    for due in turns.next_runs(hint):
        run = _take(due)
        if run is not None:
            _do_and_tell(run)
            return True
    return False


def _take(run_id: uuid.UUID) -> SyncRun | None:
    """Claim it together with the key that it will use. None: somebody else has it, or no key is free yet."""
    due = SyncRun.objects.due().select_related("team__organization", "organization").filter(pk=run_id).first()
    if due is None:
        return None
    found = choice.Choice() if due.kind in WITHOUT_KEY else choice.choose(due)
    if found.seconds is not None:
        SyncRun.put_off(run_id, found.seconds, found.code, found.message)
        return None
    run = SyncRun.claim(run_id, using=found.key)
    if run is not None:
        run.using = found.key
        turns.served(run.organization_id)
    return run


def _ring_next() -> None:
    """While there is work, whoever has ended a run wakes the next worker: nobody waits for the sweeper."""
    run_id = next(turns.next_runs(), None)
    if run_id is not None:
        doorbell.ring_quietly(run_id)


def _do_and_tell(run: SyncRun) -> None:
    log.info("run_claimed", run=str(run.pk), kind=run.kind, attempt=run.attempts)
    try:
        try:
            _do(run)
        except LeaseLostError:
            raise
        except OperationalError:  # the lease ends by itself, and somebody takes the run up again
            log.exception("run_lost_the_database", run=str(run.pk))
            return
        except Exception:  # a bug of ours: kept in the log, and the run ends as any other that fails
            log.exception("run_broke", run=str(run.pk))
            run.fail("internal", "CredHub failed at this. The log of the worker says how.", transient=True)
    except LeaseLostError:
        log.warning("run_lease_lost", run=str(run.pk))
        return
    log.info("run_ended", run=str(run.pk), state=run.state)


def _do(run: SyncRun) -> None:
    if run.kind in WITHOUT_KEY:
        _do_without_key(run)
        return
    key = run.using
    if key is None:
        run.fail("no-key", NO_KEY, transient=False)
        return
    spent = budget.Budget(key, is_background=run.is_background)
    try:
        WORK[SyncRun.Kind(run.kind)](run, key, spent)
        breakers.worked(host_of(key), key)
        key.unpause()
    except budget.OutOfBudgetError as error:
        run.wait(error.seconds, "out-of-budget", OUT_OF_BUDGET, is_attempt=False)
    except AppStoreConnectError as error:
        _failed(run, key, error)
    except sync.KeyWithdrawnError:
        run.fail("no-key", NO_KEY, transient=False)
    except KeyProviderUnreachableError as error:
        run.fail("key-provider", f"The private key cannot be opened now. {error}", transient=True)
    except (SealError, MasterKeyError) as error:
        run.fail("sealed", f"The private key cannot be opened. {error}", transient=False)
    finally:
        spent.save()


def _do_without_key(run: SyncRun) -> None:
    if run.kind == SyncRun.Kind.CANARY:
        run.succeed()
        return
    try:
        import_upload(run)
    except KeyProviderUnreachableError as error:
        run.fail("key-provider", f"What was uploaded cannot be opened now. {error}", transient=True)
    except (SealError, MasterKeyError) as error:
        run.fail("sealed", f"What was uploaded cannot be opened. {error}", transient=False)


def _failed(run: SyncRun, key: AppStoreConnectKey, error: AppStoreConnectError) -> None:
    """What Apple's refusal, or its silence, means for the key and for the run."""
    outcome = next((outcome for kind, outcome in KEY_OUTCOMES if isinstance(error, kind)), None)
    if outcome:
        with run.commit():
            key.record_outcome(outcome, error.message)
    if isinstance(error, ServerError | Unreachable):
        breakers.failed(host_of(key), key)
    if isinstance(error, RateLimited):
        # The key waits, and with it whatever would use it; another key of the team may go on with this.
        with run.commit():
            wait = key.pause(error.retry_after)
        run.wait(0 if run.kind == SyncRun.Kind.SYNC else wait, error.code, error.message, is_attempt=False)
    elif isinstance(error, Unauthorized) and run.kind == SyncRun.Kind.SYNC and _may_be_tried_again(run):
        run.wait(0, error.code, error.message, is_attempt=False)
    else:
        # What came in Apple's place (half an answer, a proxy's page) may well be Apple's next time.
        transient = error.transient or isinstance(error, UnexpectedAnswer)
        run.fail(error.code, error.message, transient=transient)


def _may_be_tried_again(run: SyncRun) -> bool:
    """With another key, or with this one once more when the doubt is to be looked at."""
    return run.team is not None and run.team.usable_keys().exists()


def _check(run: SyncRun, key: AppStoreConnectKey, spent: budget.Budget) -> None:
    """Ask Apple what the key is good for. How it ended stands on the key; the run itself succeeds."""
    is_new = key.health == Health.UNCHECKED
    result = probe(
        lambda key_type: client_for(key, purpose="check", key_type=key_type, gate=spent),
        key.key_type,
        other_types=is_new,
    )
    if result.outcome == "refused" and not is_new and key.credential.status == Status.REFUSED:
        # What the first check found out stands: as which type Apple would take the key.
        result = replace(result, message=key.credential.status_note)
    run.cursor = {"outcome": result.outcome}
    run.requests = spent.requests
    key.probed_at = timezone.now()
    capabilities = dict(result.capabilities)
    with run.commit():
        key.save(update_fields=["probed_at"])
        key.record_outcome(result.outcome, result.message, capabilities)
        if run.requested_by_id:
            audit.record(
                Actor(user=run.requested_by),
                audit.Action.CREDENTIAL_CHECKED,
                key.credential,
                organization=key.credential.organization,
                outcome=result.outcome,
            )
        if key.can_sync and key.team and result.outcome in {"works", "role-too-weak"}:
            SyncRun.request_sync(
                Actor(user=run.requested_by), key.team, trigger=SyncRun.Trigger.UPLOAD, key=key
            )
    run.succeed()


def _sync(run: SyncRun, key: AppStoreConnectKey, spent: budget.Budget) -> None:
    if not key.can_sync or run.team is None:
        run.fail("individual-key", INDIVIDUAL_KEYS_DO_NOT_SYNC, transient=False)
        return
    before = run.requests
    try:
        result = sync.sync_team(run, lambda: client_for(key, purpose="sync", gate=spent), key)
    finally:
        run.requests = before + spent.requests
    with run.commit():
        _record_sync(run, key, result)
    identities.adopt(run.mirrored_team)
    run.succeed()


def _record_sync(run: SyncRun, key: AppStoreConnectKey, result: sync.SyncResult) -> None:
    """What a finished sync says of the key, of its team and of the keys beside it."""
    team = run.team
    if team is None:
        return
    capabilities = {name: name not in result.refused for name in COLLECTIONS}
    if result.refused:
        key.record_outcome("role-too-weak", result.note[:500], capabilities)
    else:
        key.record_outcome("works", "", capabilities)
    now = timezone.now()
    team.last_synced_at = now
    team.save(update_fields=["last_synced_at"])
    credentials = type(key.credential).objects.filter(app_store_connect_key__team=team)
    credentials.update(last_synced_at=now)
    audit.record(
        Actor(user=run.requested_by) if run.requested_by_id else SYSTEM,
        audit.Action.SYNC_FINISHED,
        team,
        organization=team.organization,
        counts=run.counts,
        trigger=run.trigger,
        with_key=key.key_id,
    )


def _fetch(run: SyncRun, key: AppStoreConnectKey, spent: budget.Budget) -> None:
    with client_for(key, purpose="fetch", gate=spent) as client:
        fetching.fetch_one(run, client)
    run.requests = spent.requests
    run.succeed()


WORK = {
    SyncRun.Kind.CHECK: _check,
    SyncRun.Kind.SYNC: _sync,
    SyncRun.Kind.FETCH: _fetch,
    SyncRun.Kind.CHANGE: change,
}
OUT_OF_BUDGET = "The hour's requests of this key are used up but for a reserve. The sync goes on by itself."
NO_KEY = "No key of this team can be used. Add one, or check why they are refused."
INDIVIDUAL_KEYS_DO_NOT_SYNC = (
    "Apple does not let Individual keys use certificates, profiles, bundle IDs or devices, so there is nothing to "
    f"sync. Add a {KeyType.TEAM.label} of the same account for that."
)
