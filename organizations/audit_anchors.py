"""Where each chain stood, written outside the database: whoever rewrites the log there cannot rewrite this."""

import json
import os
import uuid
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import structlog
from django.conf import settings
from django.utils import timezone

from organizations.models import AuditHead

log = structlog.get_logger(__name__)
Anchors = dict[uuid.UUID, dict[int, str]]


def path() -> Path:
    return Path(settings.AUDIT_ANCHORS)


def anchor() -> int:
    """Append the end of every chain that moved since the last time; also to the log, which may be shipped elsewhere.

    Returns how many moved.
    """
    known = read()
    moved = [
        head
        for head in AuditHead.objects.all()
        if head.fits and head.sequence and head.sequence not in known.get(head.chain, {})
    ]
    if not moved:
        return 0
    now = timezone.now().isoformat(timespec="seconds")
    lines = [
        {"at": now, "chain": head.chain.hex, "sequence": head.sequence, "digest": head.mac} for head in moved
    ]
    descriptor = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    for line in lines:
        log.info("audit_anchor", chain=line["chain"], sequence=line["sequence"], digest=line["digest"])
    return len(moved)


def read() -> Anchors:
    """Chain → sequence → digest."""
    if not path().exists():
        return {}
    with path().open() as file:
        return parsed(file)


def parsed(lines: Iterable[str]) -> Anchors:
    found: Anchors = defaultdict(dict)
    for text in lines:
        try:
            line = json.loads(text)
            found[uuid.UUID(line["chain"])][int(line["sequence"])] = str(line["digest"])
        except (ValueError, KeyError, TypeError):  # a line that a full disk cut short
            continue
    return found
