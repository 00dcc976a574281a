"""The overview of an organization: what expires next, which keys need attention, the last syncs."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appstore import liveness
from appstore.models import BundleId, Certificate, DeveloperTeam, Device, HeldSweep, Profile, SyncRun
from credentials.models import Credential, Status
from organizations.models import ApiToken, Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest

ATTENTION = [status for status in Status if status.needs_attention]


@require_safe
@organization_page(Permission.ORGANIZATION_VIEW)
def overview(request: AppRequest, organization: Organization) -> HttpResponse:
    see = (request.actor, Permission.ASSET_VIEW)
    # The teams are asked for once and not inside each of the queries below.
    teams = list(DeveloperTeam.objects.for_actor(*see).visible_in(organization).values_list("pk", flat=True))
    certificates = Certificate.objects.for_actor(*see).filter(team__in=teams)
    profiles = Profile.objects.for_actor(*see).filter(team__in=teams)
    bundle_ids = BundleId.objects.for_actor(*see).filter(team__in=teams)
    devices = Device.objects.for_actor(*see).filter(team__in=teams)
    credentials = (
        Credential.objects.for_actor(request.actor, Permission.CREDENTIAL_VIEW)
        .visible_in(organization)
        .live()
        .without_secret()
        .select_related("organization")
    )
    expiring: list[Any] = [
        *certificates.expiring()
        .defer("certificate_content")
        .select_related("team")
        .order_by("expiration_date")[:8],
        *profiles.expiring().defer("profile_content").select_related("team").order_by("expiration_date")[:8],
    ]
    context = {
        "attention": credentials.filter(status__in=ATTENTION).order_by("name")[:10],
        "expiring": sorted(expiring, key=lambda thing: thing.expiration_date)[:8],
        "runs": SyncRun.objects.for_actor(*see)
        .visible_in(organization)
        .select_related("team", "key__credential", "requested_by")
        .order_by("-created_at")[:6],
        "tiles": [
            ("Credentials", credentials.count(), "credentials", ""),
            ("Certificates", certificates.at_apple().count(), "apple-objects", "certificates"),
            ("Profiles", profiles.at_apple().count(), "apple-objects", "profiles"),
            ("Bundle IDs", bundle_ids.at_apple().count(), "apple-objects", "bundle-ids"),
            ("Devices", devices.at_apple().count(), "apple-objects", "devices"),
        ],
        "held_sweeps": HeldSweep.objects.for_actor(*see).filter(team__in=teams).open().exists(),
        "ending_tokens": _ending_tokens(request, organization),
        "worker_is_late": liveness.is_late(),
        "worker_seen_at": liveness.last_done,  # asked for where it is shown
        "expired_certificates": certificates.expired().count(),
        "expired_profiles": profiles.expired().count(),
    }
    context["is_empty"] = context["tiles"][0][1] == 0  # type: ignore[index]
    return render(request, "appstore/overview.html", context)


def _ending_tokens(request: AppRequest, organization: Organization) -> int:
    """How many API tokens end soon: a question for those who can do something about it."""
    if not request.actor.can(Permission.TOKEN_MANAGE, organization):
        return 0
    tokens = ApiToken.objects.for_actor(request.actor, Permission.TOKEN_MANAGE)
    return tokens.filter(organization=organization).ending().count()
