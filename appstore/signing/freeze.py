"""Frozen apps: nothing that they sign with is changed at Apple from here, whoever asks."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from appstore.changes.refusals import FrozenError
from appstore.models import App, AppPlatform, BundleId, DeveloperTeam, Profile
from appstore.signing.assets import assets_of
from appstore.signing.fitting import fitting_identifiers
from appstore.signing.overview import shown_distributions
from appstore.signing.resolve import resolve_signing
from organizations.actors import SYSTEM

Step = dict[str, Any]
Used = tuple[set[str], set[str]]  # Apple's ids of the certificates and of the profiles in an app's slots


def refuse_frozen(team: DeveloperTeam, steps: Iterable[Step]) -> None:
    """Raises FrozenError for the first step that touches what a frozen app signs with: its bundle IDs,
    profiles for them, and certificates and profiles in its slots. One query where no app of the team is frozen."""
    for reason in why_frozen(team, steps):
        if reason:
            raise FrozenError(reason)


def why_frozen(team: DeveloperTeam, steps: Iterable[Step]) -> list[str]:
    """For each step the sentence that refuses it, "" for one that touches nothing of a frozen app."""
    asked, owner = list(steps), team.organization_id
    apps = App.objects.filter(Q(organization=owner) | Q(organization__parent=owner), frozen_at__isnull=False)
    frozen = list(apps.exclude(platform=AppPlatform.ANDROID).select_related("organization__parent"))
    known: dict[App, Used] = {}
    return [next((_refusal(app) for app in frozen if _touches(team, step, app, known)), "") for step in asked]


def refuse_frozen_app(app: App) -> None:
    if app.is_frozen:
        raise FrozenError(_refusal(app))


def _refusal(app: App) -> str:
    return (
        f"{app.name} ({app.identifier}) is frozen: {app.frozen_because} What it signs with is not changed until "
        "somebody unfreezes it."
    )


def _touches(team: DeveloperTeam, step: Step, app: App, known: dict[App, Used]) -> bool:
    what = step["do"]
    if what == "ensure-signing":
        return str(step["app"]) == str(app.pk)
    if what == "revoke-certificate":
        return step["certificate"] in _used(team, app, known)[0]
    identifier = _identifier(team, step)
    if identifier in app.bundle_ids:
        return True
    # A wildcard serves many apps: it counts where this one signs with a profile for it.
    if what == "create-profile" or not any(
        identifier in fitting_identifiers(each) for each in app.bundle_ids
    ):
        return False
    used = Profile.objects.filter(
        team=team, apple_id__in=_used(team, app, known)[1], bundle_id__identifier=identifier
    )
    return used.filter(apple_id=step["profile"]).exists() if "profile" in step else used.exists()


def _identifier(team: DeveloperTeam, step: Step) -> str:
    """The bundle ID that a step is about; "" where it is about none."""
    if step["do"] == "register-bundle-id":
        return str(step["identifier"])
    if bundle_id := step.get("bundle_id"):
        bundles = BundleId.objects.filter(team=team, apple_id=bundle_id)
        return bundles.values_list("identifier", flat=True).first() or ""
    profiles = Profile.objects.filter(team=team, apple_id=step.get("profile", ""))
    return profiles.values_list("bundle_id__identifier", flat=True).first() or ""


def _used(team: DeveloperTeam, app: App, known: dict[App, Used]) -> Used:
    """Looked up once for an app."""
    if app in known:
        return known[app]
    assets = assets_of(SYSTEM, app)
    certificates: set[str] = set()
    profiles: set[str] = set()
    for distribution in shown_distributions(assets):
        signing = resolve_signing(SYSTEM, app, distribution, app.bundle_ids, assets=assets)
        for part in signing.parts:
            if part.certificate and part.certificate.team_id == team.pk:
                certificates.add(part.certificate.apple_id)
            if part.profile and part.profile.team_id == team.pk:
                profiles.add(part.profile.apple_id)
    known[app] = certificates, profiles
    return known[app]
