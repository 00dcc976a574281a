"""What a machine needs to sign one build: the identity as .p12, the profiles, ExportOptions. On record before any of it
leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from appstore.models import App, Profile
from appstore.signing.assets import assets_of
from appstore.signing.key_rules import keys_of
from appstore.signing.resolve import Signing, resolve_signing
from appstore.signing.resolved import Resolved
from appstore.signing.slots import Purpose, Slot
from credentials.kinds.apple_certificate import certificate_of
from credentials.kinds.keystore_found import KeystoreSecret
from credentials.kinds.provisioning_profile import KIND as PROFILES
from credentials.making.export_options import export_options
from credentials.making.p12 import encode_p12, new_password
from credentials.models import Credential
from organizations import audit
from organizations.actors import SYSTEM, Actor
from organizations.permissions import Permission

WHAT = "signing-assets"


class NothingToSignWithError(Exception):
    """In sentences: what is missing, and what to do."""

    def __init__(self, app: App, problems: Sequence[str]) -> None:
        root = app.organization.parent
        to_ask = f", or ask an owner of {root} to share what is missing" if root else ""
        super().__init__(f"{' '.join(problems)} Look at the app's page{to_ask}.")


@dataclass(frozen=True)
class ProfileFile:
    bundle_id: str
    chosen: Resolved
    content: bytes = field(repr=False)

    @property
    def uuid(self) -> str:
        """Apple's, after which Xcode names the file."""
        mirror, upload = self.chosen.profile, self.chosen.credential
        return mirror.uuid if mirror else str(upload.facts["uuid"]) if upload else ""


@dataclass(frozen=True)
class Bundle:
    signing: Signing
    identity: Credential
    p12: bytes = field(repr=False)
    password: str = field(repr=False)
    profiles: list[ProfileFile]
    team_id: str  # Apple's
    team_name: str

    @property
    def export_options(self) -> bytes:
        """For exactly these profiles and this certificate."""
        return export_options(
            self.signing.distribution,
            team_id=self.team_id,
            profiles={each.bundle_id: each.uuid for each in self.profiles},
            certificate=str(self.identity.facts["sha1"]).upper(),
        )

    @property
    def warnings(self) -> list[str]:
        return [said for part in self.signing.parts for said in part.warnings]


@sensitive_variables()
def bundle_for(
    actor: Actor,
    app: App,
    distribution: str,
    bundle_ids: Sequence[str],
    purpose: str,
    *,
    modern: bool = False,
) -> Bundle:
    """`bundle_ids`: the app's and its extensions'. What there is, is found as CredHub sees it in the app's
    organization; opening it needs the permission to reveal there, for each of the bundle IDs. Nothing is opened before
    all is found.

    Raises NothingToSignWithError, KeyError for a distribution that the platform does not have, and what `release` does.
    """  # fmt: skip
    signing = resolve_signing(
        SYSTEM, app, distribution, bundle_ids, assets=assets_of(SYSTEM, app, bundle_ids)
    )
    identity = signing.identity
    if signing.problems or identity is None:
        raise NothingToSignWithError(app, signing.problems)
    mirrored = _contents(signing)
    for bundle_id in signing.profiles:
        actor.require(Permission.CREDENTIAL_REVEAL, app.organization, app=bundle_id)
    about = {"bundle_id": app.identifier, "distribution": distribution}
    key = identity.release(actor, app.organization, app.identifier, purpose, what=WHAT, facts=about)
    profiles = _profiles(
        actor, signing, mirrored, {"purpose": purpose, "what": WHAT, "distribution": distribution}
    )
    password = new_password()
    facts, team = identity.facts, signing.team
    p12 = encode_p12(key, certificate_of(identity), password, name=str(facts["common_name"]), modern=modern)
    team_id = (team.team_id if team else "") or str(facts["team_id"])
    team_name = (team.name if team else "") or str(facts["organization"])
    return Bundle(signing, identity, p12, password, profiles, team_id, team_name)


def _contents(signing: Signing) -> dict[UUID, bytes]:
    """Of Apple's profiles. One query."""
    wanted = {each.profile.pk: each.profile for each in signing.profiles.values() if each.profile}
    rows = Profile.objects.filter(pk__in=wanted).values_list("pk", "profile_content")
    found = {pk: bytes(content) for pk, content in rows if content}
    if lost := [str(wanted[pk]) for pk in wanted if pk not in found]:
        raise NothingToSignWithError(
            signing.app,
            [f"Apple gave no file for the profile “{name}”. Sync the team." for name in sorted(lost)],
        )
    return found


def _profiles(
    actor: Actor, signing: Signing, mirrored: dict[UUID, bytes], facts: dict[str, Any]
) -> list[ProfileFile]:
    """They are no secret: CredHub opens what was uploaded, and that they were given away is on record."""
    with transaction.atomic():
        for bundle_id, chosen in signing.profiles.items():
            row = chosen.profile or chosen.credential
            if row is not None:
                kind = row.kind if isinstance(row, Credential) else "profile"
                audit.record(
                    actor, audit.Action.ASSET_DOWNLOADED, row, organization=signing.app.organization,
                    kind=kind, bundle_id=bundle_id, **facts,
                )  # fmt: skip
    return [
        ProfileFile(bundle_id, chosen, mirrored[chosen.profile.pk] if chosen.profile else _uploaded(chosen))
        for bundle_id, chosen in signing.profiles.items()
    ]


def _uploaded(chosen: Resolved) -> bytes:
    if chosen.credential is None or PROFILES.download is None:
        raise ValueError("A profile is Apple's, or was uploaded.")
    return PROFILES.download.make(chosen.credential).content


@sensitive_variables()
def keystore_for(actor: Actor, app: App, purpose: str) -> tuple[Resolved, Credential, KeystoreSecret]:
    """The keystore that builds of an Android app use: the default one. Raises as `bundle_for`."""
    chosen = keys_of(assets_of(SYSTEM, app), Slot(Purpose.KEYSTORE))[0]
    credential = chosen.credential
    if not chosen.is_usable or credential is None:
        raise NothingToSignWithError(app, [chosen.why])
    about = {"bundle_id": app.identifier}
    secret = credential.release(actor, app.organization, app.identifier, purpose, what=WHAT, facts=about)
    return chosen, credential, KeystoreSecret.opened(secret)
