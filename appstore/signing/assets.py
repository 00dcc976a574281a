"""Everything that an app might sign with, as one person sees it in the app's organization: read in a constant number
of queries, whatever there is, and without any ciphertext."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q

from appstore.models import App, AppStoreConnectKey, Assignment, BundleId, Certificate, DeveloperTeam, Profile
from appstore.profile_types import types_of
from appstore.signing.fitting import fitting_identifiers
from appstore.signing.slots import Slot, slots_of
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.kinds.provisioning_profile import PROVISIONING_PROFILE
from credentials.models import Credential
from organizations.actors import Actor
from organizations.permissions import Permission


@dataclass
class Assets:
    """`certificates` and `identities` by the SHA-256 of the certificate: Apple's, and those whose private key is here.
    `holds`: profile → the certificates in it. `pinned` are credentials that assignments name, as far as they are to
    be seen; `pins` by the name of the slot."""

    app: App
    teams: dict[UUID, DeveloperTeam] = field(default_factory=dict)
    credentials: dict[str, list[Credential]] = field(default_factory=dict)  # live ones, by kind
    pinned: dict[UUID, Credential] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    bundle_ids: list[BundleId] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    holds: dict[UUID, set[str]] = field(default_factory=dict)
    keys: list[AppStoreConnectKey] = field(default_factory=list)
    pins: dict[str, list[Assignment]] = field(default_factory=dict)

    @cached_property
    def identities(self) -> dict[str, Credential]:
        found = self.credentials.get(APPLE_CERTIFICATE, [])
        own_last = sorted(found, key=lambda each: each.organization_id == self.app.organization_id)
        return {each.identifier: each for each in own_last}  # its own before what the root shares

    @property
    def team(self) -> DeveloperTeam | None:
        """The Apple account of the app: where its bundle ID is registered, or it has a profile; else the only one."""
        exact = (each.team_id for each in self.bundle_ids if each.identifier == self.app.identifier)
        near = (each.team_id for each in self.profiles)
        for team in (*exact, *near):
            if team in self.teams:
                return self.teams[team]
        return next(iter(self.teams.values())) if len(self.teams) == 1 else None

    def pin_of(self, slot: Slot) -> Assignment | None:
        return next(iter(self.pins.get(slot.name, [])), None)


def assets_of(actor: Actor, app: App, also: Iterable[str] = ()) -> Assets:
    """`also`: bundle IDs that are asked for beside the app's own and those of its extensions."""
    found = Assets(app)
    pins = defaultdict(list)
    for pin in Assignment.objects.filter(app=app):
        pins[pin.slot].append(pin)
    found.pins = dict(pins)
    wanted = [
        each
        for identifier in dict.fromkeys((*app.bundle_ids, *also))
        for each in fitting_identifiers(identifier)
    ]
    _find_credentials(found, actor, wanted)
    if not app.is_android:
        teams = DeveloperTeam.objects.for_actor(actor, Permission.ASSET_VIEW).visible_in(app.organization)
        found.teams = {team.pk: team for team in teams.select_related("organization__parent")}
        _find_mirrors(found, wanted)
        _find_keys(found, actor)
    return found


def _find_credentials(found: Assets, actor: Actor, identifiers: list[str]) -> None:
    app = found.app
    kinds = {slot.kind for slot in slots_of(app.platform).values()}
    pins = [pin.credential_id for pins in found.pins.values() for pin in pins if pin.credential_id]
    # A profile that was uploaded and is for another app is none of these.
    of_this_app = Q(kind__in=kinds - {PROVISIONING_PROFILE}) | Q(
        kind=PROVISIONING_PROFILE, facts__application_identifier__in=identifiers
    )
    wanted = Q(pk__in=pins) | of_this_app & Q(archived_at=None)
    seen = Credential.objects.for_actor(actor, Permission.CREDENTIAL_VIEW, wanted).visible_in(
        app.organization
    )
    for row in seen.select_related("organization").without_secret().order_by("created_at"):
        if row.pk in pins:
            found.pinned[row.pk] = row
        if not row.is_archived and row.kind in kinds:
            found.credentials.setdefault(row.kind, []).append(row)


def _find_mirrors(found: Assets, identifiers: list[str]) -> None:
    types = types_of(found.app.platform).values()
    signing = {name for kind in types for name in kind.certificates}
    held = list(found.identities)
    certificates = Certificate.objects.filter(team__in=found.teams, certificate_type__in=signing)
    for row in certificates.filter(Q(gone_at=None) | Q(sha256__in=held)).defer("certificate_content"):
        # Of one that several teams list, or that came back, the one that is at Apple counts.
        known = found.certificates.get(row.sha256)
        if row.sha256 and (known is None or row.gone_at is None):
            found.certificates[row.sha256] = row
    named = BundleId.objects.filter(team__in=found.teams, identifier__in=identifiers, gone_at=None)
    found.bundle_ids = list(named)
    pins = [pin.profile_id for pins in found.pins.values() for pin in pins if pin.profile_id]
    fits = Q(
        bundle_id__identifier__in=identifiers, profile_type__in=[kind.name for kind in types], gone_at=None
    )
    profiles = Profile.objects.filter(Q(team__in=found.teams) & (Q(pk__in=pins) | fits))
    found.profiles = list(profiles.defer("profile_content", "contents"))
    _name(found.profiles, found.bundle_ids)
    through: Any = Profile.certificates.through
    pairs = through.objects.filter(profile__in=profiles.order_by().values("pk"))
    holds = defaultdict(set)
    for profile, sha256 in pairs.values_list("profile_id", "certificate__sha256"):
        holds[profile].add(sha256)
    found.holds = dict(holds)


def _name(profiles: list[Profile], bundle_ids: list[BundleId]) -> None:
    """Give each its bundle ID. Few bundle IDs have many profiles: a join would make a row of them for each."""
    rows = {each.pk: each for each in bundle_ids}
    rows |= BundleId.objects.in_bulk(
        {each.bundle_id_id for each in profiles if each.bundle_id_id} - rows.keys()
    )
    for each in profiles:
        each.bundle_id = rows.get(each.bundle_id_id) if each.bundle_id_id else None


def _find_keys(found: Assets, actor: Actor) -> None:
    seen = AppStoreConnectKey.objects.for_actor(actor, Permission.CREDENTIAL_VIEW)
    keys = seen.visible_in(found.app.organization).for_app_store().select_related("credential__organization")
    found.keys = list(keys.defer("credential__secret").order_by("key_id"))
