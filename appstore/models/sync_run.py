"""The job row: what is to be done at Apple, by whom it is being done, and how far it is.

A run belongs to whoever claimed it last (`fence`), for as
long as its lease lasts by the database's clock; only that owner's page commits count.
"""

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from appstore import announcing, doorbell
from appstore.models.app_store_connect_key import AppStoreConnectKey
from appstore.models.developer_team import DeveloperTeam
from appstore.models.run_requests import RunRequests
from appstore.models.run_states import ACTIVE, Kind, State, Trigger, after
from appstore.models.sync_run_rows import SyncRunQuerySet
from organizations.models import Organization

MAX_ATTEMPTS = 8


class LeaseLostError(Exception):
    """Another worker owns the run by now: stop without writing."""


class SyncRun(RunRequests):
    State: TypeAlias = State

    Kind: TypeAlias = Kind
    Trigger: TypeAlias = Trigger

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    # What the run is about; at most one active run per value, so that triggers coalesce
    job = models.CharField(max_length=120)
    team = models.ForeignKey(DeveloperTeam, null=True, on_delete=models.CASCADE, related_name="sync_runs")
    key = models.ForeignKey(AppStoreConnectKey, null=True, on_delete=models.CASCADE, related_name="sync_runs")
    # Whose it is, for turns; and the key that it works with while it runs
    organization = models.ForeignKey(Organization, null=True, on_delete=models.CASCADE, related_name="+")
    using = models.ForeignKey(AppStoreConnectKey, null=True, on_delete=models.SET_NULL, related_name="+")
    requests = models.PositiveIntegerField(default=0)  # to Apple
    target = models.CharField(max_length=120, blank=True)  # FETCH: `certificates/<row id>`
    # CHANGE: what is to be done at Apple (appstore/changes), and the account there, which has one writer at a time
    order = models.JSONField(default=dict)
    writes = models.CharField(max_length=80, blank=True)
    trigger = models.CharField(max_length=10, choices=Trigger)
    requested_by = models.ForeignKey(
        "organizations.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    rerun_requested = models.BooleanField(default=False)
    generation = models.PositiveBigIntegerField(default=0)
    fence = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    next_run_at = models.DateTimeField(db_default=Now())
    doorbell_at = models.DateTimeField(null=True)
    cursor = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = SyncRunQuerySet["SyncRun"].as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["job"],
                condition=Q(state__in=[str(state) for state in ACTIVE]),
                name="one_active_run_per_job",
            ),
            models.UniqueConstraint(
                # But for fresh copies, which somebody waits for, and which are one request
                fields=["using"],
                condition=Q(state=str(State.RUNNING)) & ~Q(kind="FETCH"),
                name="one_running_run_per_key",
            ),
            models.UniqueConstraint(
                fields=["writes"],
                condition=Q(state=str(State.RUNNING)) & ~Q(writes=""),
                name="one_writer_per_apple_account",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "next_run_at"], name="sync_run_due"),
            models.Index(fields=["team", "-created_at"], name="sync_run_by_team"),
            models.Index(fields=["key", "-created_at"], name="sync_run_by_key"),
            models.Index(fields=["organization", "state"], name="sync_run_by_organization"),
        ]

    def __str__(self) -> str:
        return str(self.order.get("title") or f"{self.get_kind_display()} of {self.subject}")

    @property
    def what(self) -> str:
        """Its kind, for people; an order that works out its own steps is told from those whose steps people chose."""
        steps = self.order.get("steps") or [{}]
        return "Ensure" if steps[0].get("do") == "ensure-signing" else self.get_kind_display()

    @property
    def subject(self) -> str:
        """What it is about, for people: a check is about the key, anything else about the team."""
        if self.kind == self.Kind.CHECK and self.key is not None:
            return self.key.credential.name
        return str(self.team or self.key)

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_background(self) -> bool:
        return self.trigger == self.Trigger.SCHEDULE

    @property
    def can_be_retried(self) -> bool:
        return self.state in {State.FAILED, State.DEAD} and self.kind not in {Kind.FETCH, Kind.IMPORT}

    @property
    def mirrored_team(self) -> DeveloperTeam:
        if self.team is None:
            raise ValueError("A sync has a team.")
        return self.team

    # Doing it

    @classmethod
    def claim(cls, run_id: uuid.UUID, using: AppStoreConnectKey | None = None) -> "SyncRun | None":
        """Take the run, and the key that it will use: one conditional UPDATE. None: not due, or somebody else has
        the run or the key."""
        due = cls.objects.due().filter(pk=run_id)
        rows = cls.objects.select_related("team__organization", "key__credential__organization")
        try:
            with transaction.atomic():  # so that the fence that is read is the one that was set
                taken = due.update(
                    state=State.RUNNING,
                    using=using,
                    fence=F("fence") + 1,
                    attempts=F("attempts") + 1,
                    lease_owner=f"{socket.gethostname()}:{os.getpid()}"[:120],
                    lease_until=after(settings.SYNC_LEASE_SECONDS),
                    started_at=Coalesce("started_at", Now()),
                )
                return rows.get(pk=run_id) if taken else None
        except IntegrityError:  # the key runs something else
            return None

    @classmethod
    def put_off(cls, run_id: uuid.UUID, seconds: float, code: str, message: str) -> None:
        """Nothing that could do it now is free: it waits, without having been tried."""
        cls.objects.due().filter(pk=run_id).update(
            state=State.WAITING,
            fence=F("fence") + 1,
            next_run_at=after(seconds),
            error_code=code,
            error_message=message[:500],
        )

    def _held(self) -> SyncRunQuerySet["SyncRun"]:
        return SyncRun.objects.filter(
            pk=self.pk, fence=self.fence, state=State.RUNNING, lease_until__gt=Now()
        )

    @contextmanager
    def commit(self) -> Iterator[None]:
        """A transaction that counts only while this worker owns the run; saves cursor and counts, renews the
        lease. Raises LeaseLostError before anything is written. No HTTP call belongs inside."""
        with transaction.atomic():
            if self._held().select_for_update().first() is None:
                raise LeaseLostError
            yield
            SyncRun.objects.filter(pk=self.pk).update(  # ours: the row has been locked since
                cursor=self.cursor,
                counts=self.counts,
                requests=self.requests,
                generation=self.generation,
                lease_until=after(settings.SYNC_LEASE_SECONDS),
            )

    def succeed(self) -> None:
        """Raises LeaseLostError."""
        self._end(State.SUCCEEDED, code="", message="")

    def fail(self, code: str, message: str, *, transient: bool) -> None:
        """Transient: another try later, until MAX_ATTEMPTS. Raises LeaseLostError."""
        if not transient:
            self._end(State.FAILED, code=code, message=message)
        elif self.attempts >= MAX_ATTEMPTS:
            self._end(State.DEAD, code=code, message=message)
        else:
            self.wait(min(15 * 2**self.attempts, 900), code, message)

    def wait(self, seconds: float, code: str, message: str, *, is_attempt: bool = True) -> None:
        """Give the run back until later. A wait that Apple asks for is no failed attempt. Raises LeaseLostError."""
        changed = self._held().update(
            state=State.WAITING,
            requests=self.requests,
            next_run_at=after(seconds),
            attempts=F("attempts") - (0 if is_attempt else 1),
            error_code=code,
            error_message=message[:500],
        )
        if not changed:
            raise LeaseLostError
        self.state = State.WAITING

    def _end(self, state: State, *, code: str, message: str) -> None:
        with transaction.atomic():
            ended = self._held().select_for_update().first()
            if ended is None:
                raise LeaseLostError
            SyncRun.objects.filter(pk=self.pk).update(
                state=state,
                finished_at=Now(),
                requests=self.requests,
                error_code=code,
                error_message=message[:500],
            )
            self.pages.all().delete()
            self.state = state
            announcing.run_ended(self, state, code, message)
            if ended.rerun_requested:
                again = SyncRun.objects.create(
                    kind=self.kind, job=self.job, team=self.team, key=self.key, target=self.target,
                    trigger=self.trigger, requested_by=self.requested_by, organization=self.organization,
                )  # fmt: skip
                doorbell.ring_after_commit(again.pk)
