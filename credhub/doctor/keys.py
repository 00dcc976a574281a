"""The keys: whether the configured ones are the right ones, and what still hangs on old ones."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Max
from django.utils import timezone

from credentials import crypto, key_check, keyring
from credentials.keys.errors import KeyProviderUnreachableError, MasterKeyError
from credentials.models import Credential, DataKey, SystemKey
from credhub.doctor.finding import Finding, fail, ok, warn

YEAR = dt.timedelta(days=365)


def configuration() -> Iterator[Finding]:
    try:
        ring = keyring.configured()
    except MasterKeyError as error:
        yield fail("master keys", str(error))
        return
    try:
        ring.check()
    except (MasterKeyError, KeyProviderUnreachableError, crypto.SealError) as error:
        yield fail("master keys", str(error))
    else:
        yield ok("master keys", f"“{ring.current}” wraps and opens.")


def of_this_database() -> Iterator[Finding]:
    try:
        key_check.prove()
    except (MasterKeyError, KeyProviderUnreachableError) as error:
        yield fail("master keys", str(error))
    else:
        yield ok("master keys", "Every master key that this database needs is there, and is the right one.")


def master_keys_in_use() -> Iterator[Finding]:
    try:
        ring = keyring.configured()
    except MasterKeyError:
        return  # told above
    used: Counter[str] = Counter()
    for model in (DataKey, SystemKey):
        rows = model._default_manager.exclude(master_key_id="").order_by()
        used.update(dict(rows.values_list("master_key_id").annotate(Count("pk"))))
    for key_id in ring.key_ids:
        if key_id == ring.current:
            yield ok("master keys", f"“{key_id}” is the current one (keys that hang on it: {used[key_id]}).")
        elif used[key_id]:
            yield warn(
                "master keys",
                f"Keys that still hang on “{key_id}”: {used[key_id]}. Run: manage.py rotate_keys",
            )
        else:
            yield warn("master keys", f"Nothing hangs on “{key_id}”: it may go, once no backup needs it.")


def system_key() -> Iterator[Finding]:
    newest = SystemKey.objects.order_by("-version").first()
    if newest is None:
        yield fail("system key", "There is none. Run: manage.py migrate")
    elif newest.created_at < timezone.now() - YEAR:
        yield warn("system key", "It is older than a year. Run: manage.py rotate_keys --system-key")
    else:
        yield ok("system key", f"Version {newest.version} is there.")


def data_keys() -> Iterator[Finding]:
    alive = DataKey.objects.filter(destroyed_at=None).order_by()
    newest = dict(alive.values_list("organization_id").annotate(Max("version")))
    dates = dict(alive.values_list("organization_id").annotate(Max("created_at")))
    behind = sum(
        Credential.objects.filter(organization_id=pk).sealed_before(version).count()
        for pk, version in newest.items()
        if version > 1
    )
    old = sum(date < timezone.now() - YEAR for date in dates.values())
    needless = 0 if behind else alive.count() - len(newest)
    if behind:
        yield warn(
            "data keys", f"Values under older data keys: {behind}. Run: manage.py rotate_keys --data-keys"
        )
    if old:
        yield warn(
            "data keys",
            f"Organizations with one older than a year: {old}. Run: manage.py rotate_keys --data-keys",
        )
    if needless:
        yield warn(
            "data keys", f"Older ones that nothing needs: {needless}. Run: manage.py rotate_keys --retire"
        )
    if not (behind or old or needless):
        yield ok("data keys", f"Organizations with one: {len(newest)}; nothing is sealed under an older one.")
