"""The lists of Apple's objects: certificates, profiles, bundle IDs, devices. One view, four declarations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from appstore import invited_devices
from appstore.models import BundleId, Certificate, DeveloperTeam, Device, Profile
from appstore.models.apple_objects import EXPIRING_WITHIN, IS_GONE
from appstore.profile_list import SOURCES, BothSources, both_sources, from_source, rows_of, uploaded_profiles
from appstore.successors import successors
from appstore.words import apple_words
from organizations.listing import Filter, Spec, listing
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@dataclass(frozen=True)
class Collection:
    """One list page. `slug` is its address and the name of its templates."""

    slug: str
    title: str
    singular: str
    model: Any  # one of AppleObject
    search: Sequence[str]
    sorts: dict[str, Any]
    type_field: str
    prepare: Callable[[QuerySet[Any]], QuerySet[Any]]
    changes: Sequence[tuple[str, str]] = ()  # of one object at Apple: words, and the name of the page


def _count(through: Any, column: str) -> Any:
    """How many rows of a join table point at the outer row, without multiplying it."""
    counted = (
        through.objects.filter(**{column: OuterRef("pk")}).order_by().values(column).annotate(n=Count("pk"))
    )
    return Coalesce(Subquery(counted.values("n")), 0)


COLLECTIONS = {
    each.slug: each
    for each in (
        Collection(
            "certificates", "Certificates", "Certificate", Certificate,
            ["name", "display_name", "serial_number", "certificate_type"],
            {"name": Lower("name"), "type": "certificate_type", "expires": "expiration_date"},
            "certificate_type",
            lambda rows: rows.defer("certificate_content"),
            [("Renew…", "renew-certificate"), ("Revoke…", "revoke-certificate")],
        ),
        Collection(
            "profiles", "Profiles", "Profile", Profile,
            ["name", "uuid", "app"],
            {"name": "name_key", "type": "profile_type", "expires": "expiration_date"},
            "profile_type",
            lambda rows: rows.defer("profile_content").select_related("bundle_id").annotate(
                device_count=_count(Profile.devices.through, "profile_id"),
            ),
            [("Make anew…", "regenerate-profile"), ("Delete…", "delete-profile")],
        ),
        Collection(
            "bundle-ids", "Bundle IDs", "Bundle ID", BundleId,
            ["identifier", "name"],
            {"identifier": Lower("identifier"), "name": Lower("name"), "type": "platform"},
            "platform",
            lambda rows: rows.annotate(profile_count=_count(Profile, "bundle_id")),
            [("Change…", "change-bundle-id"), ("Delete…", "delete-bundle-id")],
        ),
        Collection(
            "devices", "Devices", "Device", Device,
            ["name", "udid", "model"],
            {"name": Lower("name"), "type": "device_class", "added": "added_date"},
            "device_class",
            lambda rows: rows.annotate(profile_count=_count(Profile.devices.through, "device_id")),
            [("Change…", "change-device")],
        ),
    )
}  # fmt: skip


def _by_state(rows: Any, value: str) -> Any:
    now = timezone.now()
    return {
        "gone": lambda: rows.exclude(gone_at=None),
        "expired": lambda: rows.filter(gone_at=None, expiration_date__lte=now),
        "expiring": lambda: rows.filter(
            gone_at=None, expiration_date__gt=now, expiration_date__lte=now + EXPIRING_WITHIN
        ),
        "invalid": lambda: rows.filter(gone_at=None, profile_state="INVALID"),
        "valid": lambda: rows.filter(gone_at=None, expiration_date__gt=now + timedelta(0)),
        "enabled": lambda: rows.filter(gone_at=None, status="ENABLED"),
        "disabled": lambda: rows.filter(gone_at=None, status="DISABLED"),
        "processing": lambda: rows.filter(gone_at=None, status="PROCESSING"),
    }[value]()


STATES: dict[str, list[tuple[str, str]]] = {
    "certificates": [("valid", "Valid"), ("expiring", "Expiring within 30 days"), ("expired", "Expired")],
    "profiles": [
        ("valid", "Not expired"), ("expiring", "Expiring within 30 days"), ("expired", "Expired"),
        ("invalid", "Invalid"),
    ],
    "bundle-ids": [],
    "devices": [("enabled", "Enabled"), ("disabled", "Disabled"), ("processing", "Processing")],
}  # fmt: skip


def _of_team(rows: Any, team: DeveloperTeam) -> Any:
    return rows.of_team(team) if isinstance(rows, BothSources) else rows.filter(team=team)


def _spec(
    collection: Collection, types: Sequence[str], teams: Sequence[DeveloperTeam], *more: Filter
) -> Spec:
    by_id = {str(team.pk): team for team in teams}
    return Spec(
        search=collection.search,
        sorts=collection.sorts,
        default_sort=next(iter(collection.sorts)),
        first=["is_gone"],
        filters=[
            Filter(
                "type", "Type",
                [(value, apple_words(value)) for value in types],
                lambda found, value: found.filter(**{collection.type_field: value}),
            ),
            Filter("state", "State", [*STATES[collection.slug], ("gone", "Gone at Apple")], _by_state),
            Filter(
                "team", "Team",
                [(str(team.pk), str(team)) for team in teams],
                lambda found, value: _of_team(found, by_id[value]),
            ),
            *more,
        ],
    )  # fmt: skip


@require_safe
@organization_page(Permission.ASSET_VIEW)
def collection_page(request: AppRequest, organization: Organization, collection: str) -> HttpResponse:
    spec = COLLECTIONS[collection]
    teams = list(
        DeveloperTeam.objects.for_actor(request.actor, Permission.ASSET_VIEW)
        .visible_in(organization)
        .select_related("organization")
    )
    reachable = spec.model.objects.for_actor(request.actor, Permission.ASSET_VIEW)
    visible = reachable.filter(team__in=[team.pk for team in teams])
    rows = spec.prepare(visible).select_related("team", "team__organization")
    context = {"collection": spec, "has_teams": bool(teams), "many_teams": len(teams) > 1}
    context["has_own_teams"] = any(team.organization_id == organization.pk for team in teams)
    if spec.model is Profile:
        context |= _profiles(request, organization, rows, teams)
    else:
        types = visible.order_by().values_list(spec.type_field, flat=True).distinct()
        found = _spec(spec, sorted(filter(None, types)), teams)
        context["listing"] = listing(request, rows.annotate(is_gone=IS_GONE), found)
    if spec.model is Device:
        context["processing"] = visible.filter(gone_at=None, status="PROCESSING").count()
        context["waiting"] = len(invited_devices.waiting(request.actor, organization))
    return render(request, f"appstore/{collection}.html", context)


def _profiles(
    request: AppRequest, organization: Organization, rows: QuerySet[Profile], teams: Sequence[DeveloperTeam]
) -> dict[str, Any]:
    """Apple's and uploaded ones."""
    uploaded = uploaded_profiles(request.actor, organization)
    both = both_sources(rows, uploaded)
    source = Filter("source", "From", SOURCES, lambda found, value: from_source(found, uploaded, value))
    found = listing(request, both, _spec(COLLECTIONS["profiles"], both.types(), teams, source))
    shown = rows_of(list(found.page), both, uploaded, request.actor, organization)
    replaced = successors(row.profile for row in shown if row.profile)
    return {"listing": found, "rows": shown, "replaced": replaced}
