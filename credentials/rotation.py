"""Rotating keys while CredHub serves. Each step is one row that says itself whether it is done, so a run that was
cut off goes on where it was, and two at once do no harm.

What is open for reading never closes: a data key that is wrapped anew is the same key, and one that was replaced
stays until nothing is sealed under it and `retire` destroys it.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db.models import Max, QuerySet
from django.utils import timezone

from credentials import crypto, keyring
from credentials.keys.keyring import Keyring
from credentials.models import Credential
from credentials.models.data_key import DataKey, Deployment
from credentials.models.system_key import SystemKey
from organizations.actors import SYSTEM
from organizations.models import Organization

Say = Callable[[str], None]


@dataclass
class Outcome:
    """`done` rows were changed; `failed` could not be, and say why."""

    done: int = 0
    failed: list[str] = field(default_factory=list)


def rewrap(organizations: "QuerySet[Organization] | None", say: Say, *, again: bool = False) -> Outcome:
    """Wrap keys under the current master key: all of them, or the data keys of these organizations.

    `again` also wraps those anew that are under it already, for a provider that has rotated the key behind its id.
    """
    data_keys = DataKey.objects.filter(destroyed_at=None)
    rows: list[SystemKey | DataKey] = []
    if organizations is None:
        rows += SystemKey.objects.order_by("version")
    else:
        data_keys = data_keys.filter(organization__in=organizations)
    rows += data_keys.order_by("organization_id", "version").select_related("organization")
    ring, outcome = keyring.configured(), Outcome()
    todo = [row for row in rows if again or row.master_key_id != ring.current]
    for number, row in enumerate(todo, 1):
        try:
            outcome.done += _rewrap(ring, row)
        except crypto.SealError as error:
            outcome.failed.append(f"{row}: {error}")
        if number % 100 == 0 or number == len(todo):
            say(f"Wrapped {number} of {len(todo)} keys under “{ring.current}”.")
    return outcome


def _rewrap(ring: Keyring, row: SystemKey | DataKey) -> int:
    deployment = Deployment.current().pk
    if isinstance(row, SystemKey):
        context = SystemKey.context(deployment, row.version)
    else:
        context = DataKey.context(deployment, row.organization_id, row.version)
    key_id, wrapped = ring.wrap(ring.unwrap(row.master_key_id, bytes(row.wrapped), context), context)
    # Conditional: a key that was destroyed or wrapped by another run in this moment stays as it is.
    same = type(row)._default_manager.filter(pk=row.pk, wrapped=bytes(row.wrapped))
    return same.update(master_key_id=key_id, wrapped=wrapped)


def new_system_key() -> SystemKey:
    """Guards what is written from now on. The older ones stay, to tell what was written before."""
    newest = SystemKey.objects.aggregate(newest=Max("version"))["newest"] or 0
    return SystemKey.make(newest + 1)


def reseal(organizations: "QuerySet[Organization]", say: Say, *, batch: int = 200) -> Outcome:
    """Seal the values of these organizations under a new data key each. A run that was cut off is gone on with:
    while values are under older keys, no newer one is made."""
    outcome = Outcome()
    for organization in organizations.order_by("slug"):
        newest = DataKey.objects.filter(organization=organization).order_by("-version").first()
        if newest is None or newest.destroyed_at:
            continue
        sealed = Credential.objects.filter(organization=organization)
        if not sealed.sealed_before(newest.version).exists():
            if not sealed.exclude(secret__isnull=True).exists():
                continue
            newest = DataKey.make(organization.pk, newest.version + 1)
        _reseal(organization, newest.version, batch, outcome, say)
    return outcome


def _reseal(organization: Organization, version: int, batch: int, outcome: Outcome, say: Say) -> None:
    behind = Credential.objects.filter(organization=organization).sealed_before(version)
    total, done = behind.count(), 0
    for credentials in _batches(behind, batch):
        for credential in credentials:
            # A transaction for each row: whoever works with the product never waits for a whole batch.
            try:
                done += credential.reseal(SYSTEM)
            except crypto.SealError as error:
                outcome.failed.append(f"{organization.slug}, {credential}: {error}")
        say(f"{organization.slug}: sealed {done} of {total} values under data key {version}.")
    outcome.done += done


def _batches(rows: "QuerySet[Credential]", size: int) -> Iterator[list[Credential]]:
    """Pages in the order of ids, so that one that fails is not met for ever."""
    rows = rows.order_by("pk").select_related("organization")
    page = list(rows[:size])
    while page:
        yield page
        page = list(rows.filter(pk__gt=page[-1].pk)[:size])


def retire(organizations: "QuerySet[Organization]", grace: dt.timedelta, say: Say) -> Outcome:
    """Destroy data keys that nothing is sealed under any more.

    Only where the newest key has been there for the grace: whoever had taken the older one to seal with has stored
    the value by then, or given up.
    """
    outcome = Outcome()
    for organization in organizations.order_by("slug"):
        keys = list(DataKey.objects.filter(organization=organization, destroyed_at=None).order_by("version"))
        if len(keys) < 2 or keys[-1].created_at > timezone.now() - grace:
            continue
        sealed = Credential.objects.filter(organization=organization)
        for key in keys[:-1]:
            # Oldest first: an older key is unused when nothing is sealed before the next version.
            if sealed.sealed_before(key.version + 1).exists():
                break
            key.destroy()
            outcome.done += 1
            say(f"{organization.slug}: destroyed data key {key.version}, which nothing is sealed under.")
    return outcome
