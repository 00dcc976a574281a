"""Fills an organization and its sub-organization with many rows of everything, in a few statements."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from appstore.models import App, AppStoreConnectKey, Certificate, DeveloperTeam, KeyType, Profile, SyncRun
from appstore.models.app_store_connect_key import APP_STORE_CONNECT_KEY
from appstore.models.developer_team import Program
from credentials.models import Credential, RevealRequest, Share, Status
from organizations.models import AuditEvent, Invitation, Membership, Organization, User
from organizations.permissions import Role
from tests import factories

_numbers = itertools.count(1)


def refresh_statistics() -> None:
    """What the database does by itself between transactions: without it PostgreSQL plans for empty tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@dataclass
class Crowd:
    """`things` are the objects whose pages are linked to everything else: collection → the first of it."""

    root: Organization
    sub: Organization
    key: AppStoreConnectKey  # shared with the sub-organization and all that come after it
    own_key: AppStoreConnectKey  # the sub-organization's own
    things: dict[str, Any] = field(default_factory=dict)
    run: SyncRun | None = None

    def grow(self, count: int) -> None:
        """That many more of everything."""
        numbers = [next(_numbers) for _ in range(count)]
        for organization, key in ((self.root, self.key), (self.sub, self.own_key)):
            _people(organization, numbers)
            _log(organization, numbers)
            _credentials(organization, key, numbers, shared_with=self.sub)
            self._syncs(key, numbers)
            App.objects.bulk_create(
                App(
                    organization=organization,
                    platform="IOS",
                    identifier=f"com.crowd.app{number}",
                    name=f"App {number}",
                )
                for number in numbers
            )
        _sub_organizations(self.root, self.key, numbers)
        self._mirror(count)
        refresh_statistics()

    def _syncs(self, key: AppStoreConnectKey, numbers: list[int]) -> None:
        people = dict(User.objects.values_list("email", "pk"))
        counts = {"seen": 9, "total": 9, "created": 0, "changed": 0, "gone": 0}
        runs = SyncRun.objects.bulk_create(
            SyncRun(
                kind=SyncRun.Kind.SYNC, job=f"sync:{number}", team=key.team, key=key, trigger="MANUAL",
                state=SyncRun.State.FAILED if number % 2 else SyncRun.State.SUCCEEDED, counts={"profiles": counts},
                requested_by_id=people[f"person{number}@example.com"],
            )
            for number in numbers
        )  # fmt: skip
        self.run = self.run or runs[0]

    def _mirror(self, count: int) -> None:
        """Behind the shared key; every new object is linked to the first ones, too."""
        if self.key.team is None:
            raise ValueError("A Team key has a team.")
        rows = factories.mirror(self.key.team, count)
        self.things = self.things or {name: found[0] for name, found in rows.items()}
        first = self.things
        profiles, links = rows["profiles"], (Profile.certificates.through, Profile.devices.through)
        for through, column, name in zip(
            links, ("certificate_id", "device_id"), ("certificates", "devices"), strict=True
        ):
            pairs = {(profile.pk, first[name].pk) for profile in profiles}
            pairs |= {(first["profiles"].pk, row.pk) for row in rows[name]}
            through.objects.bulk_create(
                (through(profile_id=profile, **{column: other}) for profile, other in pairs),
                ignore_conflicts=True,
            )
        Profile.objects.filter(pk__in=[row.pk for row in profiles]).update(bundle_id=first["bundle-ids"])
        now = timezone.now()
        for model, name in ((Certificate, "certificates"), (Profile, "profiles")):
            some = [row.pk for row in rows[name]]
            model.objects.filter(pk__in=some[::3]).update(expiration_date=now + timedelta(days=9))
            model.objects.filter(pk__in=some[1::3]).update(expiration_date=now - timedelta(days=9))


def _people(organization: Organization, numbers: list[int]) -> None:
    have = set(User.objects.filter(email__startswith="person").values_list("email", flat=True))
    emails = [f"person{number}@example.com" for number in numbers]
    User.objects.bulk_create(User(email=email, password="!") for email in emails if email not in have)
    people = User.objects.filter(email__in=emails)
    Membership.objects.bulk_create(
        Membership(user=person, organization=organization, role=Role.VIEWER) for person in people
    )
    Invitation.objects.bulk_create(
        Invitation(
            organization=organization, email=f"invited{number}@example.com", role=Role.VIEWER, invited_by=person,
            token_hash=f"{organization.pk.hex[:8]}-{number}", expires_at=timezone.now() + timedelta(days=1),
        )
        for number, person in zip(numbers, people, strict=True)
    )  # fmt: skip


def _log(organization: Organization, numbers: list[int]) -> None:
    AuditEvent.objects.bulk_create(
        AuditEvent(
            organization=organization, actor_label=f"person{number}@example.com", action="credential:renamed",
            subject_type="credential", subject_id=str(number), subject_label=f"Key {number}", facts={"now": "x"},
            chain=organization.pk, sequence=1_000_000 + number,  # past the end of the real chain
        )
        for number in numbers
    )  # fmt: skip


def _credentials(
    organization: Organization, like: AppStoreConnectKey, numbers: list[int], *, shared_with: Organization
) -> None:
    """Live ones and archived ones, each with an Apple account of its own; every second is shared with all."""

    def make(number: int, archived_at: datetime | None) -> Credential:
        word = "archived" if archived_at else "live"
        return Credential(
            organization=organization, kind=APP_STORE_CONNECT_KEY, name=f"Key {number} {word}",
            identifier=f"{word}{number}:{number}", secret=like.credential.secret, archived_at=archived_at,
            facts={"key_id": f"K{number}", "key_type": "TEAM"}, shared_with_all=number % 2 == 0,
            status=Status.REFUSED if number % 3 else Status.WORKS,
        )  # fmt: skip

    credentials = Credential.objects.bulk_create(
        make(number, archived_at) for number in numbers for archived_at in (None, timezone.now())
    )
    teams = DeveloperTeam.objects.bulk_create(
        DeveloperTeam(organization=organization, issuer_id=f"issuer-{number}", program=Program.APP_STORE)
        for number in numbers
    )
    AppStoreConnectKey.objects.bulk_create(
        AppStoreConnectKey(
            credential=credential, team=teams[place // 2], key_id=f"K{place}", issuer_id=teams[place // 2].issuer_id,
            key_type=KeyType.TEAM,
        )
        for place, credential in enumerate(credentials)
    )  # fmt: skip
    person = User.objects.get(email=f"person{numbers[0]}@example.com")
    tomorrow = timezone.now() + timedelta(days=1)
    RevealRequest.objects.bulk_create(
        RevealRequest(credential=each, requested_by=person, what="p8", reason="CI", expires_at=tomorrow)
        for each in credentials
    )
    if organization.is_root:
        odd = [credential for credential in credentials if not credential.shared_with_all]
        Share.objects.bulk_create(Share(credential=each, organization=shared_with) for each in odd)


def _sub_organizations(root: Organization, key: AppStoreConnectKey, numbers: list[int]) -> None:
    subs = Organization.objects.bulk_create(
        Organization(
            name=f"Team {number}", slug=f"team-{number}", parent=root,
            archived_at=timezone.now() if number % 5 == 0 else None,
        )
        for number in numbers
    )  # fmt: skip
    Share.objects.bulk_create(Share(credential=key.credential, organization=sub) for sub in subs)
