"""Who else is touched by a plan: other apps that sign with what it makes anew, and sub-organizations that see it."""

from dataclasses import dataclass

from django.db.models import Q

from appstore.models import App, AppStoreConnectKey, Assignment, DeveloperTeam
from appstore.signing.planner import Plan
from credentials.models import Credential
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission


@dataclass(frozen=True)
class Others:
    apps: list[App]
    organizations: list[Organization]

    def __bool__(self) -> bool:
        return bool(self.apps or self.organizations)


def others_of(actor: Actor, app: App, team: DeveloperTeam, plan: Plan) -> Others:
    """As far as this person sees them; nobody, when nothing is made anew."""
    replaced = [step["profile"] for step in plan.steps if step["do"] == "replace-profile"]
    if not replaced:
        return Others([], [])
    pinned = Assignment.objects.filter(profile__team=team, profile__apple_id__in=replaced).values("app")
    same = Q(platform=app.platform, identifier=app.identifier)
    apps = (
        App.objects.for_actor(actor, Permission.ASSET_VIEW).filter(same | Q(pk__in=pinned)).exclude(pk=app.pk)
    )
    near = Q(organization=team.organization_id) | Q(organization__parent=team.organization_id)
    return Others(list(apps.filter(near).select_related("organization")), _sharers(actor, team))


def _sharers(actor: Actor, team: DeveloperTeam) -> list[Organization]:
    """Sub-organizations that a key of the team is shared with: they see and download its profiles."""
    keys = AppStoreConnectKey.objects.filter(team=team).live()
    shared = Credential.objects.filter(app_store_connect_key__in=keys).only("pk", "shared_with_all")
    credentials = list(shared)
    subs = Organization.objects.for_actor(actor, Permission.ORGANIZATION_VIEW).filter(
        parent=team.organization_id, archived_at=None
    )
    if not any(each.shared_with_all for each in credentials):
        subs = subs.filter(shares__credential__in=credentials).distinct()
    return list(subs.order_by("name"))
