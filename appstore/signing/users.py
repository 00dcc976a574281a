"""The apps that may use something: whoever is about to take it away is told which."""

from collections.abc import Iterable

from django.db.models import Q

from appstore.models import App, AppPlatform, Assignment, Profile
from appstore.models.app import may_be_of
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.models import Credential
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission


def apps_with(
    actor: Actor,
    owner: Organization,
    used_by: Iterable[Organization],
    profiles: Iterable[Profile] = (),
    credentials: Iterable[Credential] = (),
) -> list[App]:
    """Of the owner and the sub-organizations that use it, as far as this person sees them: those for which any of
    these was chosen, and those of the profiles' bundle IDs, their own or an extension's. A signing identity is in its
    profiles."""
    touched, given = list(profiles), list(credentials)
    if identities := [each.identifier for each in given if each.kind == APPLE_CERTIFICATE]:
        held = Profile.objects.filter(
            team__organization=owner, certificates__sha256__in=identities, gone_at=None
        ).distinct()
        touched += held.select_related("bundle_id").only("bundle_id__identifier")
    chosen = Q(profile__in=touched) | Q(credential__in=given)
    identifiers = {each.bundle_id.identifier for each in touched if each.bundle_id}
    of_them = may_be_of(identifiers) & ~Q(platform=AppPlatform.ANDROID)
    near = Q(organization=owner) | Q(organization__in=used_by)
    apps = App.objects.for_actor(actor, Permission.ASSET_VIEW).filter(near)
    pinned = set(Assignment.objects.filter(chosen).values_list("app", flat=True))
    found = apps.filter(of_them | Q(pk__in=pinned)).select_related("organization").order_by("name", "pk")
    return [each for each in found if each.pk in pinned or identifiers & set(each.bundle_ids)]
