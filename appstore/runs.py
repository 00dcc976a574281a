"""What a worker does with a run: claim it, do it, say how it ended."""

import uuid

import structlog
from django.utils import timezone

from appstore import sync
from appstore.client.errors import (
    AgreementRequired,
    AppStoreConnectError,
    MembershipLapsed,
    RateLimited,
    Unauthorized,
    UnexpectedAnswer,
)
from appstore.client.probe import probe
from appstore.clients import client_for
from appstore.models import AppStoreConnectKey, KeyType, LeaseLostError, SyncRun
from credentials.crypto import SealError
from credentials.keys.errors import KeyProviderUnreachableError, MasterKeyError
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
    """Claim the run and do it. Not due, or somebody else's: nothing happens."""
    run = SyncRun.claim(run_id)
    if run is None:
        return
    log.info("run_claimed", run=str(run.pk), kind=run.kind, attempt=run.attempts)
    try:
        try:
            _do(run)
        except LeaseLostError:
            raise
        except Exception:  # a bug of ours: kept in the log, and the run ends as any other that fails
            log.exception("run_broke", run=str(run.pk))
            run.fail("internal", "CredHub failed at this. The log of the worker says how.", transient=True)
    except LeaseLostError:
        log.warning("run_lease_lost", run=str(run.pk))
        return
    log.info("run_ended", run=str(run.pk), state=run.state)


def _do(run: SyncRun) -> None:
    key = _key_for(run)
    if key is None:
        run.fail("no-key", NO_KEY, transient=False)
        return
    try:
        {SyncRun.Kind.CHECK: _check, SyncRun.Kind.SYNC: _sync, SyncRun.Kind.FETCH: _fetch}[
            SyncRun.Kind(run.kind)
        ](run, key)
    except AppStoreConnectError as error:
        outcome = next((outcome for kind, outcome in KEY_OUTCOMES if isinstance(error, kind)), None)
        if outcome:
            with run.commit():
                key.record_outcome(outcome, error.message)
        if isinstance(error, RateLimited) and error.retry_after:
            run.wait(error.retry_after, error.code, error.message, is_attempt=False)
        else:
            # What came in Apple's place (half an answer, a proxy's page) may well be Apple's next time.
            transient = error.transient or isinstance(error, UnexpectedAnswer)
            run.fail(error.code, error.message, transient=transient)
    except sync.KeyWithdrawnError:
        run.fail("no-key", NO_KEY, transient=False)
    except KeyProviderUnreachableError as error:
        run.fail("key-provider", f"The private key cannot be opened now. {error}", transient=True)
    except (SealError, MasterKeyError) as error:
        run.fail("sealed", f"The private key cannot be opened. {error}", transient=False)


def _key_for(run: SyncRun) -> AppStoreConnectKey | None:
    """The key that was asked for, while it can be used for this; a sync takes the team's healthiest instead."""
    live = AppStoreConnectKey.objects.live().select_related("credential__organization")
    chosen = live.filter(pk=run.key_id).first() if run.key_id else None
    if run.kind == SyncRun.Kind.CHECK:
        return chosen
    # The type of a key can change, and its team with it.
    if chosen is not None and chosen.team_id == run.team_id:
        return chosen
    if run.kind == SyncRun.Kind.FETCH or run.team is None:
        return None
    return run.team.usable_keys().select_related("credential__organization").first()


def _check(run: SyncRun, key: AppStoreConnectKey) -> None:
    """Ask Apple what the key is good for. How it ended stands on the key; the run itself succeeds."""
    result = probe(lambda key_type: client_for(key, purpose="check", key_type=key_type), key.key_type)
    run.cursor = {"outcome": result.outcome}
    capabilities = dict(result.capabilities)
    if not key.can_sync:  # Apple keeps Individual keys from all of provisioning; apps is what was asked
        capabilities |= dict.fromkeys(sync.COLLECTIONS, False) | {"apps": result.outcome == "works"}
    with run.commit():
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


def _sync(run: SyncRun, key: AppStoreConnectKey) -> None:
    if not key.can_sync or run.team is None:
        run.fail("individual-key", INDIVIDUAL_KEYS_DO_NOT_SYNC, transient=False)
        return
    client = client_for(key, purpose="sync")
    try:
        result = sync.sync_team(run, client, key)
        with run.commit():
            _record_sync(run, key, result)
        run.succeed()
    finally:
        client.close()


def _record_sync(run: SyncRun, key: AppStoreConnectKey, result: sync.SyncResult) -> None:
    """What a finished sync says of the key, of its team and of the keys beside it."""
    team = run.team
    if team is None:
        return
    capabilities = {name: name not in result.refused for name in sync.COLLECTIONS}
    if result.refused:
        key.record_outcome("role-too-weak", next(iter(result.refused.values())), capabilities)
    else:
        key.record_outcome("works", "", capabilities)
    limit = result.rate_limit
    if limit is not None:
        key.record_rate_limit(limit.hour_limit, limit.hour_remaining)
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


def _fetch(run: SyncRun, key: AppStoreConnectKey) -> None:
    client = client_for(key, purpose="fetch")
    try:
        sync.fetch_one(run, client)
        run.succeed()
    finally:
        client.close()


NO_KEY = "No key of this team can be used. Add one, or check why they are refused."
INDIVIDUAL_KEYS_DO_NOT_SYNC = (
    "Apple does not let Individual keys use certificates, profiles, bundle IDs or devices, so there is nothing to "
    f"sync. Add a {KeyType.TEAM.label} of the same account for that."
)
