"""Rotating keys while CredHub serves. Each step is one row that says itself whether it is done, so a run that was
cut off goes on where it was, and two at once do no harm.

What is open for reading never closes: a data key that is wrapped anew is the same key, and one that was replaced
stays until nothing is sealed under it and `retire` destroys it.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from credentials import crypto, keyring
from credentials.fields import SealedField, sealed_before
from credentials.keys.keyring import Keyring
from credentials.models import Credential
from credentials.models.data_key import DataKey, Deployment
from credentials.models.system_key import SystemKey
from organizations.actors import SYSTEM
from organizations.models import Organization
from organizations.querysets import TenantQuerySet

Say = Callable[[str], None]


@dataclass
class Outcome:
    """`done` rows were changed; `failed` could not be, and say why."""

    done: int = 0
    failed: list[str] = field(default_factory=list)


def rewrap(
    organizations: "QuerySet[Organization] | None", say: Say, *, again: bool = False, batch: int = 200
) -> Outcome:
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
        if number % batch == 0 or number == len(todo):
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
    """Seal the values of these organizations under new data keys.

    Where values are under older keys than there are, a run was cut off: then that one is brought to its end, and no
    newer keys are made.
    """
    outcome = _catch_up(organizations, batch, say)
    if outcome.done:
        return outcome
    _make_data_keys(organizations)
    return _catch_up(organizations, batch, say)


def _newest(organizations: "QuerySet[Organization]") -> list[DataKey]:
    """The newest data key of each organization that has one and was not destroyed."""
    keys = DataKey.objects.filter(organization__in=organizations).order_by("organization__slug", "version")
    newest = {key.organization_id: key for key in keys.select_related("organization")}
    return [key for key in newest.values() if not key.destroyed_at]


def _make_data_keys(organizations: "QuerySet[Organization]") -> None:
    """The next data key of each organization that has secrets: of all or, when it is cut off, of none."""
    with_secrets = set(
        Credential.objects.filter(organization__in=organizations)
        .exclude(secret__isnull=True)
        .values_list("organization_id", flat=True)
    )
    keys = [
        DataKey.new(key.organization_id, key.version + 1)
        for key in _newest(organizations)
        if key.organization_id in with_secrets
    ]
    try:
        with transaction.atomic():
            # Whoever destroys an organization holds the same lock: it gets no key after that.
            list(organizations.select_for_update().order_by("pk").values_list("pk"))
            alive = {key.organization_id for key in _newest(organizations)}
            DataKey.objects.bulk_create(key for key in keys if key.organization_id in alive)
    except IntegrityError:  # another run has made them in this moment: they are as good
        pass


def _catch_up(organizations: "QuerySet[Organization]", batch: int, say: Say) -> Outcome:
    outcome = Outcome()
    for key in _newest(organizations):
        behind = Credential.objects.filter(organization_id=key.organization_id).sealed_before(key.version)
        if total := behind.count():
            done = 0
            for credentials in _batches(behind, batch):
                done += sum(_reseal(credential, outcome) for credential in credentials)
                say(f"{key.organization.slug}: sealed {done} of {total} values under data key {key.version}.")
            outcome.done += done
    return outcome


def _reseal(credential: Credential, outcome: Outcome) -> bool:
    """A transaction for each row: whoever works with the product never waits for a whole batch."""
    try:
        return credential.reseal(SYSTEM)
    except crypto.SealError as error:
        outcome.failed.append(f"{credential.organization.slug}, {credential}: {error}")
        return False


def _batches(rows: "QuerySet[Credential]", size: int) -> Iterator[list[Credential]]:
    """Pages in the order of ids, so that one that fails is not met for ever."""
    rows = rows.order_by("pk").select_related("organization")
    page = list(rows[:size])
    while page:
        yield page
        page = list(rows.filter(pk__gt=page[-1].pk)[:size])


def retire(organizations: "QuerySet[Organization]", grace: dt.timedelta, say: Say) -> Outcome:
    """Destroy data keys that nothing is sealed under any more. What waits to be imported is not sealed anew, and holds
    its key for the day that it is kept.

    Only where the newest key has been there for the grace: whoever had taken the older one to seal with has stored
    the value by then, or given up.
    """
    outcome = Outcome()
    for organization in organizations.order_by("slug"):
        keys = list(DataKey.objects.filter(organization=organization, destroyed_at=None).order_by("version"))
        if len(keys) < 2 or keys[-1].created_at > timezone.now() - grace:
            continue
        for key in keys[:-1]:
            # Oldest first: an older key is unused when nothing is sealed before the next version.
            if users := _sealed_before(organization, key.version + 1):
                say(f"{organization.slug}: data key {key.version} stays, needed by {', '.join(users)}.")
                break
            key.destroy()
            outcome.done += 1
            say(f"{organization.slug}: destroyed data key {key.version}, which nothing is sealed under.")
    return outcome


def _sealed_before(organization: Organization, version: int) -> list[str]:
    """What is sealed under older data keys than this version, in whichever table: the names of their kinds of row."""
    found = []
    for model in apps.get_models():
        columns = [each.name for each in model._meta.fields if isinstance(each, SealedField)]
        rows = model._default_manager.all()
        if columns and isinstance(rows, TenantQuerySet):
            own = rows.filter(**{rows.tenant_path: organization})
            if any(sealed_before(own, column, version).exists() for column in columns):
                found.append(str(model._meta.verbose_name_plural))
    return found
