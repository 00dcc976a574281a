"""Asking for a run: one active run for each job, however many ask."""

from typing import Any, Self

from django.db import IntegrityError, models, transaction

from appstore import doorbell
from appstore.models.app_store_connect_key import AppStoreConnectKey
from appstore.models.developer_team import DeveloperTeam
from appstore.models.run_states import ACTIVE, Kind, State, Trigger
from appstore.models.sync_run_rows import owner_of
from organizations import audit
from organizations.actors import SYSTEM, Actor
from organizations.models import Organization

MOST_TRIES = 4  # of two that ask for the same while a worker ends it


class RunRequests(models.Model):
    """What `SyncRun` is in this respect; nothing else derives from it."""

    kind: Any
    trigger: Any
    state: Any
    team: Any
    key: Any
    organization: Any

    class Meta:
        abstract = True

    @classmethod
    def request_check(cls, actor: Actor, key: AppStoreConnectKey, trigger: Trigger) -> Self:
        """Ask Apple whether the key works; a sync of its team follows a check that says so."""
        return cls._request(
            actor, kind=Kind.CHECK, job=f"check:{key.pk}", key=key, team=key.team, trigger=trigger
        )

    @classmethod
    def request_sync(
        cls, actor: Actor, team: DeveloperTeam, trigger: Trigger, key: AppStoreConnectKey | None = None
    ) -> Self:
        """Mirror the team; without a key the worker takes the team's healthiest."""
        return cls._request(actor, kind=Kind.SYNC, job=f"sync:{team.pk}", key=key, team=team, trigger=trigger)

    @classmethod
    def request_fetch(cls, actor: Actor, key: AppStoreConnectKey, target: str) -> Self:
        """A fresh copy of one certificate or profile (`certificates/<row id>`) with a chosen key."""
        return cls._request(
            actor,
            kind=Kind.FETCH,
            job=f"fetch:{target}",
            key=key,
            team=key.team,
            trigger=Trigger.MANUAL,
            target=target,
        )

    @classmethod
    def request_change(
        cls,
        actor: Actor,
        team: DeveloperTeam,
        *,
        job: str,
        order: dict[str, Any],
        key: AppStoreConnectKey | None,
        cursor: dict[str, Any],
    ) -> Self:
        """See appstore/changes/ordering.py. What CredHub itself orders, by a policy, gives way to people."""
        return cls._request(
            actor, kind=Kind.CHANGE, job=job, key=key, team=team, order=order, cursor=cursor,
            trigger=Trigger.SCHEDULE if actor.is_system else Trigger.MANUAL,
            writes=f"{team.program}:{team.issuer_id}",
        )  # fmt: skip

    @classmethod
    def request_import(
        cls, actor: Actor, organization: Organization, *, job: str, order: dict[str, Any]
    ) -> Self:
        """See appstore/imports."""
        return cls._request(
            actor, kind=Kind.IMPORT, job=job, organization=organization, trigger=Trigger.MANUAL, order=order
        )

    @classmethod
    def request_canary(cls) -> Self:
        """A run that does nothing: that it is done shows that workers work (see appstore/liveness.py)."""
        return cls._request(SYSTEM, kind=Kind.CANARY, job="canary", trigger=Trigger.SCHEDULE)

    @classmethod
    def _request(cls, actor: Actor, *, job: str, **fields: Any) -> Self:
        fields.setdefault("organization", owner_of(fields.get("team"), fields.get("key")))
        with transaction.atomic():
            run = cls._made_or_joined(job=job, requested_by=actor.user, **fields)
            is_told = fields["trigger"] == Trigger.MANUAL or fields["kind"] == Kind.CHANGE
            if is_told and (subject := run.team or run.key) is not None:
                is_change = run.kind == Kind.CHANGE
                audit.record(
                    actor,
                    audit.Action.CHANGE_ORDERED if is_change else audit.Action.SYNC_REQUESTED,
                    subject,
                    organization=run.organization,
                    kind=run.kind,
                    trigger=run.trigger,
                    what=str(run) if is_change else "",
                )
        doorbell.ring_after_commit(run.pk)
        return run

    @classmethod
    def _made_or_joined(cls, *, job: str, **fields: Any) -> Self:
        """The one that is in the way may end just before it is joined, and be asked for anew at once."""
        tried = 0
        while True:
            tried += 1
            try:
                with transaction.atomic():
                    run: Self = cls._default_manager.create(job=job, **fields)
                    return run
            except IntegrityError:
                if joined := cls._join(job):
                    return joined
                if tried == MOST_TRIES:
                    raise

    @classmethod
    def _join(cls, job: str) -> Self | None:
        """The active run of the same job; one that is under way already runs once more after it."""
        # Locked: a run that ends in this moment has ended, or sees the request before it ends.
        active = cls._default_manager.filter(job=job, state__in=ACTIVE)
        run = active.select_for_update().first()
        if run is not None and run.state == State.RUNNING and run.kind not in {Kind.CHANGE, Kind.IMPORT}:
            cls._default_manager.filter(pk=run.pk, state=State.RUNNING).update(rerun_requested=True)
        return run
