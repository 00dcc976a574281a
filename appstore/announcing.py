"""Tells webhooks what Apple's side brings: how runs ended, keys that are refused, what expires."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from appstore.models.run_states import Kind, State
from credentials.models import Credential
from organizations.models import Organization
from organizations.webhooks import outbox
from organizations.webhooks.events import Event
from organizations.webhooks.outbox import Happening

if TYPE_CHECKING:
    from appstore.models import AppStoreConnectKey, SyncRun

# Days before the end. Each stage is shorter than deliveries are kept, so that none is told of twice.
STAGES = (1, 7, 30)
EXPIRED_LATELY = timedelta(days=7)  # a webhook that is new is not told of what ended long ago
_OF_RUNS = {
    (Kind.SYNC, True): Event.SYNC_SUCCEEDED,
    (Kind.SYNC, False): Event.SYNC_FAILED,
    (Kind.CHANGE, True): Event.CHANGE_DONE,
    (Kind.CHANGE, False): Event.CHANGE_FAILED,
}


def run_ended(run: "SyncRun", state: str, code: str, message: str) -> None:
    """In the transaction that ends it. Checks and fresh copies are somebody's question, and no event."""
    event = _OF_RUNS.get((Kind(run.kind), state == State.SUCCEEDED))
    if event is None or run.team is None:
        return
    facts = {"run": str(run.pk), "trigger": str(run.trigger), "code": code, "message": message}
    facts |= {"title": str(run)} if run.kind == Kind.CHANGE else {"counts": run.counts}
    team = run.team
    outbox.tell(Happening(event, team.organization, ("team", str(team.pk), str(team)), facts))


def key_refused(key: "AppStoreConnectKey") -> None:
    """In the transaction that writes it down."""
    credential = key.credential
    facts = {"key_id": key.key_id, "issuer_id": key.issuer_id, "message": credential.status_note}
    subject = ("credential", str(credential.pk), credential.name)
    outbox.tell(Happening(Event.KEY_REFUSED, credential.organization, subject, facts))


def expiry() -> None:
    """What expires soon, and what did lately: once for each stage, however often this is called."""
    if outbox.anybody_listens():
        outbox.deliver([*_of_mirrors(), *_of_credentials()])


def _of_mirrors() -> Iterator[Happening]:
    from appstore.models import Certificate, Profile

    window = _window("expiration_date")
    with_owner = "team__organization"
    certificates = Certificate.objects.at_apple().filter(**window).select_related(with_owner)
    for each in certificates.defer("certificate_content"):
        facts = {"kind": each.certificate_type, "serial_number": each.serial_number}
        yield from _stage("certificate", each.team.organization, each, each.expiration_date, facts)
    profiles = Profile.objects.at_apple().filter(**window).select_related(with_owner)
    for profile in profiles.defer("profile_content"):
        facts = {"kind": profile.profile_type, "uuid": profile.uuid}
        yield from _stage("profile", profile.team.organization, profile, profile.expiration_date, facts)


def _of_credentials() -> Iterator[Happening]:
    rows = Credential.objects.live().without_secret().filter(**_window("expires_at"))
    for credential in rows.select_related("organization"):
        facts = {"kind": credential.kind}
        yield from _stage("credential", credential.organization, credential, credential.expires_at, facts)


def _window(column: str) -> dict[str, datetime]:
    now = timezone.now()
    return {f"{column}__gt": now - EXPIRED_LATELY, f"{column}__lte": now + timedelta(days=STAGES[-1])}


def _stage(
    of_type: str, organization: Organization, row: Any, ends: datetime | None, facts: dict[str, Any]
) -> Iterator[Happening]:
    if ends is None:
        return
    left = ends - timezone.now()
    name = "expired" if left <= timedelta(0) else "expiring"
    stage = 0 if name == "expired" else next(days for days in STAGES if left <= timedelta(days=days))
    # A renewed one (another end) is told of anew.
    key = f"{of_type}:{row.pk.hex}:{ends:%Y%m%d%H%M}:{stage}"
    facts = facts | {"expires_at": ends.isoformat()} | ({"days_left": stage} if stage else {})
    subject = (of_type, str(row.pk), getattr(row, "name", "") or str(row))
    yield Happening(f"{of_type}.{name}", organization, subject, facts, key=key)
