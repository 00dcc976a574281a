"""Certificates at Apple."""

from contextlib import suppress
from typing import Any

from appstore.changes.doing import Doing
from appstore.client.errors import NotFound
from organizations.audit import Action


def revoke_certificate(doing: Doing, step: dict[str, Any]) -> None:
    """`certificate`: Apple's id; `name` for the report. For good; its profiles become invalid."""
    with suppress(NotFound):
        doing.client.revoke_certificate(step["certificate"])
    with doing.done(f"Revoked the certificate “{step['name']}”."):
        row = doing.forget("certificates", step["certificate"])
        doing.record(Action.CERTIFICATE_REVOKED, row, serial_number=getattr(row, "serial_number", ""))
