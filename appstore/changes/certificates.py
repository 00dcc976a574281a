"""Certificates at Apple."""

from contextlib import suppress
from typing import Any

from appstore import identities
from appstore.changes.doing import MADE, Doing
from appstore.client import reconcile
from appstore.client.errors import Forbidden, InvalidRequest, NotFound, Unauthorized
from credentials.kinds.signing_request import SIGNING_REQUEST, new_request
from credentials.kinds.storing import store_found
from credentials.models import Credential
from organizations.audit import Action


def create_certificate(doing: Doing, step: dict[str, Any]) -> None:
    """`certificate_type`: Apple's. The private key is made and sealed before Apple is asked, and noted: whoever takes
    over asks for a certificate of the same key, and finds the one that an earlier worker was given."""
    request = _request(doing, step)
    csr = str(request.facts["csr"])
    made, was_sent = None, doing.memory.get("sent")
    if was_sent:
        made = reconcile.certificate_for(doing.client, reconcile.public_key_of(csr), step["certificate_type"])
    if made is None and request.archived_at is not None:
        raise InvalidRequest("Its signing request was archived meanwhile, so no certificate was made for it.")
    if not was_sent:
        doing.note(sent=True)
    try:
        made = made or doing.client.create_certificate(csr, step["certificate_type"])
    except (InvalidRequest, Forbidden, Unauthorized):
        if not was_sent:  # or Apple may have made one that it does not list yet, which a sync finds
            request.archive(doing.actor)
        raise
    with doing.done(f"Made the certificate “{made.name}”."):
        row = doing.mirror("certificates", made)
        doing.run.cursor[MADE] = row.apple_id
        doing.record(Action.CERTIFICATE_CREATED, row, serial_number=row.serial_number)
    identities.adopt(doing.team, doing.actor)


def _request(doing: Doing, step: dict[str, Any]) -> Credential:
    organization = doing.team.organization
    if known := doing.memory.get("request"):
        return organization.credentials.select_related("organization__parent").get(pk=known)
    name = organization.name.encode()[:60].decode(errors="ignore")  # a subject has room for 64 bytes
    found = new_request(name, "", "")
    with doing.run.commit():
        request = store_found(doing.actor, organization, SIGNING_REQUEST, found)
        doing.memory["request"] = str(request.pk)
    return request


def revoke_certificate(doing: Doing, step: dict[str, Any]) -> None:
    """`certificate`: Apple's id; `name` for the report. For good; its profiles become invalid."""
    with suppress(NotFound):
        doing.client.revoke_certificate(step["certificate"])
    with doing.done(f"Revoked the certificate “{step['name']}”."):
        row = doing.forget("certificates", step["certificate"])
        doing.record(Action.CERTIFICATE_REVOKED, row, serial_number=getattr(row, "serial_number", ""))
