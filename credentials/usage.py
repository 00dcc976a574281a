"""Who pulled which credential, when and from where: read out of the activity log, added up by the database.

A pull stands in the log of the organization where it was made; a root sees those of its sub-organizations, a
sub-organization its own alone. What builds of a sub-organization get of the root's stands in both logs, and counts
once in each. CredHub's own use of a secret is no pull.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from credentials.models import Credential
from organizations.actors import SYSTEM, Actor
from organizations.audit import Action
from organizations.models import AuditEvent, Organization
from organizations.permissions import Permission

# The events by which something of a credential left
PULLS = (str(Action.APPLE_TOKEN_MINTED), str(Action.ASSET_DOWNLOADED), str(Action.CREDENTIAL_REVEALED))
MONTH, QUARTER = timedelta(days=30), timedelta(days=90)
MOST_APPS = 200


@dataclass
class Tally:
    """What there is to say of a credential's pulls. `people` and `addresses` are of the last 90 days, most pulls
    first."""

    last: datetime | None = None
    month: int = 0
    quarter: int = 0
    people: list[tuple[str, int]] = field(default_factory=list)
    addresses: list[tuple[str, int]] = field(default_factory=list)


def pulls(actor: Actor, organization: Organization) -> QuerySet[AuditEvent]:
    """The pulls that this organization's page tells of. Raises nothing: who may not see the log sees none."""
    family = Organization.objects.filter(Q(pk=organization.pk) | Q(parent=organization)).order_by()
    reach = AuditEvent.objects.for_actor(actor, Permission.ACTIVITY_VIEW)
    rows = reach.filter(organization__in=list(family.values_list("pk", flat=True)), action__in=PULLS)
    told_by_its_owner = ~Q(organization=organization) & Q(facts__has_key="shared_by")
    return rows.exclude(actor_label=SYSTEM.label).exclude(
        Q(action=Action.ASSET_DOWNLOADED) & told_by_its_owner
    )


def tallies(events: QuerySet[AuditEvent]) -> dict[str, Tally]:
    """Credential id → when it was pulled last and how often. One query, however many there are."""
    now = timezone.now()
    rows = (
        events.order_by()
        .values("subject_id")
        .annotate(
            last=Max("created_at"),
            month=Count("created_at", filter=Q(created_at__gte=now - MONTH)),
            quarter=Count("created_at", filter=Q(created_at__gte=now - QUARTER)),
        )
    )
    return {row["subject_id"]: Tally(row["last"], row["month"], row["quarter"]) for row in rows}


def tell_who(events: QuerySet[AuditEvent], told: dict[str, Tally]) -> None:
    """Add who pulled these credentials (id → tally), and from where. One query."""
    people: dict[str, Any] = defaultdict(lambda: defaultdict(int))
    addresses: dict[str, Any] = defaultdict(lambda: defaultdict(int))
    lately = events.filter(subject_id__in=list(told), created_at__gte=timezone.now() - QUARTER).order_by()
    for row in lately.values("subject_id", "actor_label", "address").annotate(times=Count("created_at")):
        people[row["subject_id"]][row["actor_label"]] += row["times"]
        if row["address"]:
            addresses[row["subject_id"]][row["address"]] += row["times"]
    for pk, tally in told.items():
        tally.people, tally.addresses = _most_first(people[pk]), _most_first(addresses[pk])


def _most_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def by_app(events: QuerySet[AuditEvent]) -> list[dict[str, Any]]:
    """`bundle_id`, `distribution`, `times`, `last`: what was pulled in the last 90 days for the signing of an app."""
    lately = events.filter(created_at__gte=timezone.now() - QUARTER, facts__has_key="bundle_id").order_by()
    rows = lately.values(bundle_id=KT("facts__bundle_id"), distribution=KT("facts__distribution"))
    counted = rows.annotate(times=Count("created_at"), last=Max("created_at")).order_by("-times")
    return [dict(row) for row in counted[:MOST_APPS]]


def is_unused(credential: Credential, tally: Tally) -> bool:
    """For 90 days nobody pulled it, and no sync used it or another key of its team. One that is newer is not."""
    since = timezone.now() - QUARTER
    uses = (credential.created_at, credential.last_synced_at, tally.last)
    return all(use is None or use < since for use in uses)


def within(events: QuerySet[AuditEvent], first: date, last: date) -> QuerySet[AuditEvent]:
    """Those of these days, both included, the oldest first."""
    begin = timezone.make_aware(datetime.combine(first, time.min))
    end = timezone.make_aware(
        datetime.combine(last, time.max)
    )  # of the day itself: there may be none after it
    return events.filter(created_at__gte=begin, created_at__lte=end).order_by("created_at", "id")
