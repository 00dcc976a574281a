"""The facts that a plan stands on, as the mirror has them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from appstore import identities
from appstore.changes.plans import devices_for
from appstore.models import App, Assignment, BundleId, Certificate, DeveloperTeam, Device, Profile
from appstore.profile_types import ProfileType, types_of
from appstore.signing.fitting import fitting_identifiers
from appstore.signing.plan_facts import CertificateFact, Facts, ProfileFact, Target
from appstore.signing.slots import Purpose, Slot
from organizations.actors import Actor

UPLOADED = (
    "A profile that was uploaded was chosen for it. Take the choice back, so that Apple's can take its place."
)
ELSEWHERE = (
    "What was chosen for it is not at Apple's team, or not shared with the app's organization. Take the choice back, "
    "or choose another."
)


@dataclass(frozen=True)
class Seen:
    """What Apple has just listed: Apple's ids of devices, and the names of all profiles."""

    devices: frozenset[str]
    names: frozenset[str]


def facts_of(
    actor: Actor,
    app: App,
    distribution: str,
    team: DeveloperTeam,
    seen: Seen | None = None,
    bundle_ids: Sequence[str] = (),
) -> Facts:
    """Of the mirror of this team; `seen` where Apple was asked just before; `bundle_ids`: for these of the app's
    alone. A constant number of queries."""
    kind = types_of(app.platform)[distribution]
    wanted = [each for each in app.bundle_ids if not bundle_ids or each in {app.identifier, *bundle_ids}]
    identifiers = [fits for each in wanted for fits in fitting_identifiers(each)]
    certificates = _certificates(actor, app, team, kind)
    profiles = _profiles(team, kind, identifiers)
    devices = (
        devices_for(kind, Device.objects.filter(team=team, status="ENABLED")) if kind.names_devices else ()
    )
    there = BundleId.objects.filter(team=team, gone_at=None, identifier__in=wanted)
    registered = dict(there.values_list("identifier", "apple_id"))
    names = seen.names if seen else _names(team)
    pins = _pins(app, distribution, wanted, team)
    if pins.certificate and not any(
        each.apple_id == pins.certificate and each.has_key for each in certificates
    ):
        pins.trouble = ELSEWHERE
    return Facts(
        kind=kind,
        targets=tuple(
            Target(each, registered.get(each, ""), pins.profiles.get(each, ""), pins.gone.get(each, ""))
            for each in wanted
        ),
        app_name=app.name,
        platform=app.platform,
        certificates=certificates,
        profiles=profiles,
        devices={
            each.apple_id: each.name for each in devices if seen is None or each.apple_id in seen.devices
        },
        names=names,
        pinned_certificate=pins.certificate,
        pins_trouble=pins.trouble,
        owner="" if team.organization_id == app.organization_id else str(team.organization),
    )


def _certificates(
    actor: Actor, app: App, team: DeveloperTeam, kind: ProfileType
) -> tuple[CertificateFact, ...]:
    rows = Certificate.objects.filter(team=team, gone_at=None, certificate_type__in=kind.certificates)
    found = list(rows.defer("certificate_content"))
    held = identities.held(actor, app.organization, [each.sha256 for each in found])
    return tuple(
        CertificateFact(each.apple_id, each.name, each.expiration_date, each.sha256 in held) for each in found
    )


def _profiles(team: DeveloperTeam, kind: ProfileType, identifiers: list[str]) -> tuple[ProfileFact, ...]:
    rows = Profile.objects.filter(
        team=team, gone_at=None, profile_type=kind.name, bundle_id__identifier__in=identifiers
    )
    certificates = _named(Profile.certificates.through, rows, "certificate__apple_id")
    devices = _named(Profile.devices.through, rows, "device__apple_id")
    return tuple(
        ProfileFact(
            each.apple_id,
            each.name,
            each.bundle_id.identifier if each.bundle_id else "",
            each.profile_state,
            each.expiration_date,
            frozenset(certificates[each.pk]),
            frozenset(devices[each.pk]),
        )
        for each in rows.select_related("bundle_id").defer("profile_content", "contents")
    )


def _named(through: Any, profiles: QuerySet[Profile], column: str) -> dict[UUID, set[str]]:
    """Profile → Apple's ids of what it names: ids alone, as there may be thousands."""
    found = defaultdict(set)
    pairs = through.objects.filter(profile__in=profiles.order_by().values("pk"))
    for profile, apple_id in pairs.values_list("profile_id", column):
        found[profile].add(apple_id)
    return found


def _names(team: DeveloperTeam) -> frozenset[str]:
    return frozenset(
        Profile.objects.filter(team=team, gone_at=None).order_by().values_list("name", flat=True)
    )


@dataclass
class _Pins:
    """Apple's ids of what a person chose, the names of profiles that are gone, by bundle ID, and what is wrong with it
    all."""

    certificate: str = ""
    profiles: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    trouble: str = ""


def _pins(app: App, distribution: str, bundle_ids: list[str], team: DeveloperTeam) -> _Pins:
    found = _Pins()
    extensions = ("" if each == app.identifier else each for each in bundle_ids)
    slots = {Slot(Purpose.PROFILE, distribution, each).name: each or app.identifier for each in extensions}
    slots[Slot(Purpose.CERTIFICATE, distribution).name] = ""
    pins = Assignment.objects.filter(app=app, slot__in=slots).select_related("profile", "credential")
    for pin in pins.defer("profile__profile_content", "profile__contents", "credential__secret"):
        if pin.profile and pin.profile.team_id != team.pk:
            found.trouble = ELSEWHERE
        elif pin.profile and pin.profile.gone_at:
            found.gone[slots[pin.slot]] = pin.profile.name
        elif pin.profile:
            found.profiles[slots[pin.slot]] = pin.profile.apple_id
        elif pin.slot.startswith(Purpose.PROFILE):
            found.trouble = UPLOADED
        else:
            sha256 = str(pin.credential.identifier) if pin.credential else ""
            rows = Certificate.objects.filter(team=team, sha256=sha256, gone_at=None)
            found.certificate = rows.values_list("apple_id", flat=True).first() or ""
            found.trouble = found.trouble if found.certificate else ELSEWHERE
    return found
