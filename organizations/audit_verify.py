"""Reads the whole activity log and says where it is not what CredHub wrote."""

import hmac
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from organizations import audit_anchors, audit_chain, integrity
from organizations.models import AuditEvent, AuditHead, Organization

AT_ONCE = 2000


@dataclass(frozen=True)
class Finding:
    """What is wrong, where. `sequence` is the first bad place in the chain, None for what is not a place in it."""

    organization: str
    sequence: int | None
    problem: str

    def __str__(self) -> str:
        place = f"event {self.sequence}: " if self.sequence is not None else ""
        return f"{self.organization}: {place}{self.problem}"


@dataclass
class Known:
    """What the events say of the rows now: row name → its guard (None: gone), credential id → its secret's digest."""

    rows: dict[str, str | None] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    events: int = 0


Watch = Callable[[uuid.UUID, int], None]


def verify_chains(
    known: Known, progress: Watch | None = None, anchors: audit_anchors.Anchors | None = None
) -> Iterator[Finding]:
    """Check every chain from its first event to its head and to the anchors outside the database; fill `known`.

    `anchors` are this instance's own, when none are given.
    """
    heads = {head.chain: head for head in AuditHead.objects.all()}
    anchors = audit_anchors.read() if anchors is None else anchors
    chains = set(AuditEvent.objects.order_by().values_list("chain", flat=True).distinct())
    names = dict(Organization.objects.values_list("pk", "name"))
    for chain in sorted(chains | set(heads) | set(anchors)):
        name = names.get(chain, "CredHub itself" if chain == audit_chain.DEPLOYMENT else str(chain))
        finding = _verify(chain, name, heads.get(chain), anchors.get(chain, {}), known)
        if finding:
            yield finding
        if progress:
            progress(chain, known.events)


def _verify(
    chain: uuid.UUID, name: str, head: AuditHead | None, anchors: dict[int, str], known: Known
) -> Finding | None:
    """The first thing that is wrong with one chain."""
    before, place = "", 0
    for values, mac in _events(AuditEvent.objects.filter(chain=chain)):
        place += 1
        if values["sequence"] != place:
            return Finding(name, place, "it is missing: it was deleted, or others were moved.")
        if not _fits(before, values, mac):
            return Finding(name, place, "it was changed, inserted or moved.")
        if place in anchors and anchors[place] != mac:
            return Finding(
                name, place, "the log was rewritten: outside the database another event is on record here."
            )
        before = mac
        known.events += 1
        known.rows.update(values["rows"])
        if values["secret_digest"]:
            known.secrets[values["subject_id"]] = values["secret_digest"]
    if head is None:
        return (
            Finding(name, place + 1, "the record of where this log ends is gone.")
            if place or anchors
            else None
        )
    if not head.fits:
        return Finding(name, place + 1, "the record of where this log ends was changed.")
    if head.sequence != place or head.mac != before:
        return Finding(name, place + 1, f"the end of the log was cut off: it had {head.sequence} events.")
    beyond = [sequence for sequence in anchors if sequence > place]
    if beyond:
        return Finding(
            name, place + 1, f"the end of the log was cut off: it had at least {max(beyond)} events."
        )
    return None


def _events(events: QuerySet[AuditEvent]) -> Iterator[tuple[dict[str, Any], str]]:
    rows = events.order_by("sequence").values_list(*audit_chain.COLUMNS, "mac")
    for *row, mac in rows.iterator(chunk_size=AT_ONCE):
        yield dict(zip(audit_chain.COLUMNS, row, strict=True)), mac


def _fits(before: str, values: dict[str, Any], mac: str) -> bool:
    version = mac.partition(":")[0]
    if not version.isdecimal() or len(version) > 9:
        return False
    try:
        return hmac.compare_digest(mac, audit_chain.event_mac(before, values, int(version)))
    except integrity.IntegrityError:  # a key version that never was
        return False


def verify_rows(known: Known) -> Iterator[Finding]:
    """Check the rows that give access: forged ones, and old ones in the place of what was written last."""
    for model in guarded_models():
        seen = set()
        for values in model.objects.order_by().values(*model.guarded_columns()).iterator(chunk_size=AT_ONCE):
            name = f"{model._meta.label}:{values['id'].hex}"
            seen.add(name)
            what = f"{model._meta.verbose_name} {values['id']}"
            if not model.is_genuine_row(values):
                yield Finding(what, None, "CredHub did not write this row. It counts for nothing.")
            elif name in known.rows and known.rows[name] != values["guard"]:
                yield Finding(
                    what, None, "this row is an older one, put back in the place of what was written last."
                )
        for name, guard in known.rows.items():
            if guard is not None and name.startswith(f"{model._meta.label}:") and name not in seen:
                yield Finding(
                    f"{model._meta.verbose_name} {name.partition(':')[2]}", None, "this row was deleted."
                )


def guarded_models() -> list[Any]:
    from django.apps import apps

    from organizations.guarded import GuardedModel

    return [model for model in apps.get_models() if issubclass(model, GuardedModel)]
