"""What an app signs with: what a person chose, else what fits best. By rules alone, from what `assets_of` has read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from appstore.models import App, Certificate, DeveloperTeam, Profile
from appstore.profile_types import types_of
from appstore.signing.assets import Assets, assets_of
from appstore.signing.candidates import certificates_for
from appstore.signing.certificate_rules import best_certificate, pinned_certificate
from appstore.signing.profile_rules import holding, profile_for, with_warnings
from appstore.signing.resolved import Resolved
from appstore.signing.slots import Purpose, Slot
from credentials.models import Credential
from organizations.actors import Actor


@dataclass(frozen=True)
class Signing:
    """What builds of an app are signed with: the identity, and a profile for each bundle ID. `problems` are sentences;
    there are none when it is complete."""

    app: App
    distribution: str
    team: DeveloperTeam | None
    certificate: Resolved
    profiles: dict[str, Resolved]

    @property
    def identity(self) -> Credential | None:
        """The certificate with its private key."""
        return self.certificate.credential if self.certificate.is_usable else None

    @property
    def parts(self) -> list[Resolved]:
        return [self.certificate, *self.profiles.values()]

    @property
    def profile(self) -> Resolved:
        """The one of the app itself."""
        return self.profiles[self.app.identifier]

    @property
    def problems(self) -> list[str]:
        return [each.why for each in self.parts if not each.is_usable]

    @property
    def is_complete(self) -> bool:
        return not self.problems

    @property
    def ends(self) -> datetime | None:
        """When the first of them does."""
        credentials = [each.credential for each in self.parts if each.credential]
        mirrors = [mirror for each in self.parts for mirror in (each.certificate, each.profile) if mirror]
        moments = [each.expires_at for each in credentials] + [each.expiration_date for each in mirrors]
        return min((each for each in moments if each), default=None)


def resolve_signing(
    actor: Actor, app: App, distribution: str, bundle_ids: Sequence[str] = (), *, assets: Assets | None = None
) -> Signing:
    """`bundle_ids`: what is to be signed beside the app itself (`app.bundle_ids` for all that it has); all of it
    with one certificate. `assets` where they have been read before. Raises KeyError for a distribution that the
    platform does not have."""
    kind = types_of(app.platform)[distribution]
    assets = assets or assets_of(actor, app, bundle_ids)
    certificates = certificates_for(assets, kind)
    pinned = pinned_certificate(assets, Slot(Purpose.CERTIFICATE, distribution), kind)
    wanted = pinned.credential.identifier if pinned and pinned.credential and pinned.is_usable else ""
    profile = profile_for(assets, kind, app.identifier, certificates, wanted)
    others = [each for each in dict.fromkeys(bundle_ids) if each != app.identifier]
    certificate = pinned or best_certificate(assets, kind, certificates, profile, others)
    used = certificate.credential.identifier if certificate.credential and certificate.is_usable else ""
    profiles = {app.identifier: profile}
    profiles |= {each: profile_for(assets, kind, each, certificates, used) for each in others}
    held = {identifier: holding(each, assets, used) for identifier, each in profiles.items()}
    team = _team(assets, profile.profile, certificate.certificate)
    return Signing(app, distribution, team, certificate, with_warnings(held))


def _team(assets: Assets, profile: Profile | None, certificate: Certificate | None) -> DeveloperTeam | None:
    thing = profile or certificate
    return assets.teams.get(thing.team_id) if thing else None
