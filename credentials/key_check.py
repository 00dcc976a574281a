"""Whether the configured master keys are those of this database. Asked before anything starts; writes nothing.

It also runs before migrations, on the database as an older version left it: it looks at nothing that came later.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator

from django.db import connection

from credentials import crypto, keyring
from credentials.keys.errors import MasterKeyError
from credentials.keys.provider import KeyProvider
from credentials.models.data_key import DataKey, Deployment
from credentials.models.system_key import SystemKey

# A row may be damaged, which says nothing of the key: the key is right if any of these opens.
_TRIED = 5

Sample = tuple[bytes, bytes]  # (wrapped, context)


def prove() -> None:
    """Open something that hangs on each master key that the database names. A new database has nothing yet.

    Raises MasterKeyError, in one line with the ids of the keys; KeyProviderUnreachableError.
    """
    ring = keyring.configured()
    hanging = samples()
    if missing := sorted(hanging.keys() - set(ring.key_ids)):
        raise MasterKeyError(
            f"The database needs {_named(missing)}, and the configuration holds {_named(ring.key_ids)}. "
            "Nothing was changed. Give the missing key back; without it its secrets cannot be opened."
        )
    for key_id, tried in hanging.items():
        if not any(_opens(ring, key_id, *sample) for sample in tried):
            raise MasterKeyError(
                f"Master key “{key_id}” has the right name and the wrong value: it opens nothing of this database. "
                "Nothing was changed."
            )
    if ring.current not in hanging:
        ring.check()


def samples() -> dict[str, list[Sample]]:
    """Master key id → a few of the keys that are wrapped under it."""
    found: dict[str, list[Sample]] = defaultdict(list)
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    if not {SystemKey._meta.db_table, DataKey._meta.db_table} & tables:
        return found
    deployment = Deployment.objects.values_list("pk", flat=True).first() or uuid.UUID(int=0)
    for model in (SystemKey, DataKey):
        if model._meta.db_table in tables:
            for key_id, wrapped, context in _rows(model, deployment):
                found[key_id].append((wrapped, context))
    return {key_id: rows[:_TRIED] for key_id, rows in found.items()}


def _rows(
    model: type[SystemKey] | type[DataKey], deployment: uuid.UUID
) -> Iterator[tuple[str, bytes, bytes]]:
    # A destroyed key hangs on none.
    rows = model._default_manager.exclude(master_key_id="")
    names = ["organization_id", "version"] if model is DataKey else ["version"]
    for key_id in rows.order_by().values_list("master_key_id", flat=True).distinct():
        newest = rows.filter(master_key_id=key_id).order_by("-created_at")
        for row in newest.values("wrapped", *names)[:_TRIED]:
            yield key_id, bytes(row["wrapped"]), model.context(deployment, *(row[name] for name in names))


def _opens(ring: KeyProvider, key_id: str, wrapped: bytes, context: bytes) -> bool:
    try:
        ring.unwrap(key_id, wrapped, context)
    except crypto.SealError:
        return False
    return True


def _named(key_ids: list[str]) -> str:
    noun = "the master key" if len(key_ids) == 1 else "the master keys"
    return f"{noun} {', '.join(f'“{key_id}”' for key_id in key_ids)}"
