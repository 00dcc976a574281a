"""What the tests of signing share: rows of a team as a sync leaves them, and identities for its certificates."""

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from appstore.models import App, BundleId, Certificate, DeveloperTeam, Device, Profile
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.models import Credential
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests import factories

_numbers = itertools.count(1)
IDENTIFIER = "com.acme.app"


def in_days(days: int) -> Any:
    return timezone.now() + timedelta(days=days)


def make_team(organization: Organization) -> DeveloperTeam:
    """With one key."""
    team = factories.make_key(organization).team
    assert team is not None
    return team


def make_app(organization: Organization, **values: Any) -> App:
    app = App(
        organization=organization, **{"platform": "IOS", "identifier": IDENTIFIER, "name": "Acme", **values}
    )
    app.add(SYSTEM)
    return app


def make_certificate(
    team: DeveloperTeam, days: int = 200, kind: str = "DISTRIBUTION", *, held: bool = True, **values: Any
) -> Certificate:
    """`held`: its private key is in the team's organization."""
    number = next(_numbers)
    row = Certificate.objects.create(
        team=team, apple_id=f"C{number}", name=f"Certificate {number}", certificate_type=kind,
        serial_number=str(number), expiration_date=in_days(days), certificate_content=b"\x30\x00",
        sha256=f"{number:064x}", **values,
    )  # fmt: skip
    if held:
        make_identity(team.organization, row)
    return row


def make_identity(organization: Organization, row: Certificate) -> Credential:
    facts = {
        "apple_type": row.certificate_type,
        "team_id": row.team.team_id,
        "serial_number": row.serial_number,
    }
    return Credential.store(
        SYSTEM, organization=organization, kind=APPLE_CERTIFICATE, name=f"Identity {row.serial_number}",
        identifier=row.sha256, secret=b"key", facts=facts, expires_at=row.expiration_date,
    )  # fmt: skip


def identity_of(row: Certificate) -> Credential:
    return Credential.objects.get(kind=APPLE_CERTIFICATE, identifier=row.sha256)


def make_bundle_id(team: DeveloperTeam, identifier: str = IDENTIFIER) -> BundleId:
    made, _ = BundleId.objects.get_or_create(
        team=team, identifier=identifier, defaults={"apple_id": f"B{next(_numbers)}", "platform": "IOS"}
    )
    return made


def make_device(team: DeveloperTeam, name: str = "Phone") -> Device:
    number = next(_numbers)
    return Device.objects.create(
        team=team, apple_id=f"D{number}", name=name, udid=f"{number:040}", udid_key=f"{number:040}",
        status="ENABLED", device_class="IPHONE",
    )  # fmt: skip


def make_profile(
    team: DeveloperTeam, *certificates: Certificate, days: int = 100, identifier: str = IDENTIFIER,
    kind: str = "IOS_APP_STORE", **values: Any,
) -> Profile:  # fmt: skip
    number = next(_numbers)
    made = Profile.objects.create(
        **{
            "team": team, "apple_id": f"P{number}", "name": f"Profile {number}", "profile_type": kind,
            "profile_state": "ACTIVE", "uuid": f"uuid-{number}", "expiration_date": in_days(days),
            "bundle_id": make_bundle_id(team, identifier), **values,
        }
    )  # fmt: skip
    made.certificates.set(certificates)
    return made
