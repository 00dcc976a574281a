"""What the tests of builds share: an app that can be signed, with a real key, certificate and profile."""

from dataclasses import dataclass
from typing import Any

from appstore.models import App, Certificate, DeveloperTeam, Policy, Profile
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE, found_of
from credentials.kinds.keystore_found import ANDROID_KEYSTORE, found_in
from credentials.kinds.storing import store_found
from credentials.models import Credential
from credentials.parsing.certificate import parse_certificate
from credentials.parsing.keystore import parse_keystore
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import AuditEvent, Organization
from tests.appstore.signing import IDENTIFIER, in_days, make_app, make_profile, make_team
from tests.credentials import keystores
from tests.credentials.kind_uploads import RSA_KEY
from tests.credentials.signing_material import certificate, pkcs8, profile

SIGNING_ASSETS = f"/signing-assets?bundle_id={IDENTIFIER}"


@dataclass
class Buildable:
    app: App
    team: DeveloperTeam
    identity: Credential
    certificate: Certificate
    profile: Profile


def buildable(organization: Organization, number: int = 0, identifier: str = IDENTIFIER) -> Buildable:
    """For the App Store, by policy “profiles”."""
    team = make_team(organization)
    team.learn("TEAM567890", "Acme")
    identity, row = make_identity(team, number)
    app = make_app(organization, identifier=identifier, policy=Policy.PROFILES)
    return Buildable(app, team, identity, row, make_file(team, row, number, identifier))


def buildable_below(root: Organization, sub: Organization) -> Buildable:
    """The root's, whose identity and team key this sub-organization is given; it has an app of that bundle ID."""
    held = buildable(root)
    make_app(sub, policy=Policy.CERTIFICATES)
    for credential in (held.identity, held.team.keys.get().credential):
        share(SYSTEM, credential, with_all=False, chosen=[sub])
    return held


def on_record(organization: Organization, *actions: Action, of: Credential | None = None) -> list[AuditEvent]:
    """In the organization's own log, without what CredHub itself did."""
    rows = AuditEvent.objects.filter(organization=organization, action__in=actions)
    if of is not None:
        rows = rows.filter(subject_id=str(of.pk))
    return list(rows.exclude(actor_label=SYSTEM.label).order_by("sequence"))


def nothing_left(*organizations: Organization) -> bool:
    """Neither opened nor given away, by any of their logs."""
    pulls = (Action.CREDENTIAL_REVEALED, Action.ASSET_DOWNLOADED)
    return not any(on_record(each, *pulls) for each in organizations)


def make_identity(
    team: DeveloperTeam, number: int, kind: str = "DISTRIBUTION"
) -> tuple[Credential, Certificate]:
    """With a private key that signs, at Apple and here."""
    der = certificate(number)
    facts = parse_certificate(der)
    identity = store_found(SYSTEM, team.organization, APPLE_CERTIFICATE, found_of(facts, der, pkcs8(number)))
    row = Certificate.objects.create(
        team=team, apple_id=f"CERT{number}", name=facts.common_name, certificate_type=kind,
        serial_number=facts.serial_number, expiration_date=in_days(200), certificate_content=der,
        sha1=facts.sha1, sha256=facts.sha256,
    )  # fmt: skip
    return identity, row


def make_file(team: DeveloperTeam, held: Certificate, number: int, identifier: str, **values: Any) -> Profile:
    """A profile with the file that Apple made."""
    content = profile(identifier, number=number)
    return make_profile(team, held, identifier=identifier, profile_content=content, **values)


def make_keystore(organization: Organization, alias: str = "upload") -> Credential:
    file = keystores.jks("store word", (keystores.self_signed(alias, RSA_KEY), "key word"))
    read = parse_keystore(file, "store word", alias, "key word")
    found = found_in(read, file, "store word", file_name="upload.jks")
    return store_found(SYSTEM, organization, ANDROID_KEYSTORE, found)
