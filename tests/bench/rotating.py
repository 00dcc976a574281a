"""Rotating keys: how many a second, and what sealing values anew costs over only writing their rows."""

import base64
import secrets
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from credentials import rotation
from credentials.models import Credential, DataKey
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests import factories

ORGANIZATIONS, VALUES = 200, 300


def run(table: Callable[..., Any]) -> None:
    roots = [factories.make_root(f"Rotating {number}") for number in range(ORGANIZATIONS)]
    for root in roots:
        DataKey.make(root.pk, version=1)
    for number in range(VALUES):
        Credential.store(
            SYSTEM, organization=roots[0], kind="test", name=f"Value {number}", identifier=f"{number}",
            secret=secrets.token_bytes(4096), facts={},
        )  # fmt: skip
    values = Credential.objects.filter(organization=roots[0])
    of_values = Organization.objects.filter(pk=roots[0].pk)

    def write_rows() -> None:
        for pk in values.values_list("pk", flat=True):
            values.filter(pk=pk).update(status_note=secrets.token_hex(8))

    table(
        f"Sealing {VALUES} values of 4 KiB under a new data key, each recorded",
        ("only writing as many rows", write_rows),
        {"rotate_keys --data-keys": lambda: rotation.reseal(of_values, _quiet)},
    )
    new = base64.b64encode(secrets.token_bytes(32)).decode()
    settings.CREDHUB_MASTER_KEYS = f"bench:{new},{settings.CREDHUB_MASTER_KEYS}"
    start = time.perf_counter()
    wrapped = rotation.rewrap(None, _quiet).done
    taken = time.perf_counter() - start
    start = time.perf_counter()
    sealed = rotation.reseal(of_values, _quiet).done
    print(f"  {wrapped / taken:>9,.0f}  data keys a second wrapped under a new master key")
    print(f"  {sealed / (time.perf_counter() - start):>9,.0f}  values a second under a new data key")


def _quiet(_line: str) -> None: ...
