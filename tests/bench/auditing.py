"""The activity log: revealing on record, verifying, and listing without opening."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from credentials.models import Credential
from organizations import audit, audit_chain
from organizations.actors import SYSTEM
from organizations.audit_verify import Known, verify_chains, verify_rows
from organizations.models import AuditEvent, AuditHead, Organization
from tests import factories

EVENTS, CREDENTIALS = 20_000, 1_000


def run(table: Callable[..., Any]) -> None:
    root = factories.make_root("Log")
    credentials = [
        Credential.store(
            SYSTEM, organization=root, kind="bench", name=f"Secret {n}", identifier=str(n),
            secret=b"x" * 4096, facts={"key_id": "ABCDEF1234"},
        )
        for n in range(CREDENTIALS)
    ]  # fmt: skip
    lists = Credential.objects.filter(organization=root)
    table(
        f"Listing {CREDENTIALS:,} credentials",
        ("without the sealed column", lambda: list(lists.defer("secret").all())),
        {"with it, sealed": lambda: list(lists.all())},
    )
    one = credentials[0]
    table(
        "One secret",
        (
            "an event alone",
            lambda: audit.record(SYSTEM, audit.Action.CREDENTIAL_CHECKED, one, organization=root),
        ),
        {"revealed on record": lambda: Credential.objects.get(pk=one.pk).reveal(SYSTEM, purpose="bench")},
    )
    lengthen(root)
    start = time.perf_counter()
    known = Known()
    if list(verify_chains(known)) or list(verify_rows(known)):
        raise ValueError("The log of the bench is damaged.")
    seconds = time.perf_counter() - start
    print(f"\nverify_audit: {known.events / seconds:,.0f} events a second ({known.events:,} events)")


def lengthen(root: Organization) -> None:
    """Many events at once, as the writer would have written them."""
    head = AuditHead.lock(root.pk)
    events, before = [], head.mac
    for sequence in range(head.sequence + 1, head.sequence + 1 + EVENTS):
        values = {
            "chain": root.pk, "sequence": sequence, "id": uuid.uuid4(), "organization_id": root.pk,
            "created_at": timezone.now(), "actor_user_id": None, "actor_label": "somebody@example.com",
            "action": "credential:revealed", "subject_type": "credential", "subject_id": str(uuid.uuid4()),
            "subject_label": "Acme App Store", "facts": {"purpose": "bench", "kind": "app-store-connect-key"},
            "address": "192.0.2.1", "request_id": str(uuid.uuid4()), "secret_digest": "", "rows": {},
        }  # fmt: skip
        before = audit_chain.event_mac(before, values)
        events.append(AuditEvent(**values, mac=before))
    AuditEvent.objects.bulk_create(events, batch_size=500)
    head.sequence += EVENTS - 1
    head.advance(before)
