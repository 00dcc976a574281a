"""Seeing to it that an app can be signed: what is valid is used again, what is missing is made as its policy allows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from appstore.changes.ordering import order
from appstore.changes.refusals import NotEnsuredError
from appstore.models import App, AppStoreConnectKey, DeveloperTeam, Policy, SyncRun
from appstore.profile_types import types_of
from appstore.signing.assets import assets_of
from appstore.signing.facts import facts_of
from appstore.signing.freeze import refuse_frozen_app
from appstore.signing.planner import Plan, plan
from appstore.signing.slots import DISTRIBUTIONS
from organizations.actors import SYSTEM, Actor


def ensure_signing(
    actor: Actor,
    app: App,
    distribution: str,
    *,
    key: AppStoreConnectKey | None = None,
    lasts: timedelta = timedelta(),
) -> SyncRun:
    """The run that looks at Apple, plans and does it; two that ask for the same get the same run. SYSTEM asks by the
    app's policy. Raises PermissionDenied, NotEnsuredError, FrozenError, and KeyError for a distribution that the
    platform does not have."""
    types_of(app.platform)[distribution]
    refuse_frozen_app(app)
    refuse_by_policy(app)
    team = team_of(actor, app)
    if team.organization_id != app.organization_id:
        raise NotEnsuredError(
            f"The app's Apple team belongs to {team.organization}, where alone it is changed. Ask there."
        )
    step = {
        "do": "ensure-signing",
        "app": str(app.pk),
        "name": app.name,
        "distribution": distribution,
        "allowed": app.policy,
        "days": lasts.days,
    }
    by = f", by its policy “{app.policy_choice.short}”" if actor.is_system else ""
    title = f"Signing of {app.name} for {DISTRIBUTIONS[distribution]}{by}"
    return order(actor, team, title, [step], key=key)


def ensure_by_policy(
    actor: Actor, app: App, distribution: str, bundle_ids: Sequence[str] = ()
) -> tuple[SyncRun | None, Plan]:
    """For a build that asks for these: no run where all is there by the mirror, whatever the policy and frozen or not.
    Else
    CredHub does what whoever set the policy allowed it to do by itself; `actor` is who made it look. Raises
    NotEnsuredError, FrozenError, and KeyError for a distribution that the platform does not have."""
    found = _plan(SYSTEM, app, distribution, bundle_ids=bundle_ids or [app.identifier])
    if found.is_done:
        return None, found
    refuse_frozen_app(app)
    refuse_by_policy(app)
    found = _plan(SYSTEM, app, distribution)
    if found.problems:
        raise NotEnsuredError(" ".join(found.problems))
    credhub = replace(SYSTEM, address=actor.address, request_id=actor.request_id)
    return ensure_signing(credhub, app, distribution), found


def plan_for(actor: Actor, app: App, distribution: str, lasts: timedelta = timedelta()) -> Plan:
    """What would be done, by the mirror: nothing is asked of Apple, and nothing is done. With a policy that only
    suggests, what one that allows everything would do. Raises as `ensure_signing`, but for who may change what."""
    if app.policy_choice == Policy.OFF:
        refuse_by_policy(app)
    return _plan(actor, app, distribution, lasts)


def _plan(
    actor: Actor,
    app: App,
    distribution: str,
    lasts: timedelta = timedelta(),
    bundle_ids: Sequence[str] = (),
) -> Plan:
    types_of(app.platform)[distribution]
    team = team_of(actor, app)
    allowed = app.policy_choice if app.policy_choice.writes else Policy.CERTIFICATES
    return plan(
        facts_of(actor, app, distribution, team, bundle_ids=bundle_ids), allowed, timezone.now(), lasts
    )


def refuse_by_policy(app: App) -> None:
    if not app.policy_choice.writes:
        raise NotEnsuredError(
            f"The policy of {app.name} is “{app.policy_choice.short}”: nothing is changed at Apple for it. Its "
            "settings allow more."
        )


def team_of(actor: Actor, app: App) -> DeveloperTeam:
    """Raises NotEnsuredError."""
    assets = assets_of(actor, app)
    if assets.team is not None:
        return assets.team
    if assets.teams:
        raise NotEnsuredError(
            f"None of the organization's Apple teams has the bundle ID {app.identifier}. Register it in the app's "
            "team first."
        )
    raise NotEnsuredError("No Apple team is here. Add an App Store Connect API key of the app's team first.")
