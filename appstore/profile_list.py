"""Apple's profiles and uploaded ones in one list: narrowed, sorted and cut as one, in a constant number of queries.

An uploaded profile whose UUID is in the mirror is the same profile: it is listed once, as both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateTimeField,
    F,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Lower
from django.utils import timezone

from appstore import identities
from appstore.models import Certificate, DeveloperTeam, Profile
from appstore.models.apple_objects import IS_GONE
from appstore.profile_types import PROFILE_TYPES
from credentials.kinds.provisioning_profile import PROVISIONING_PROFILE
from credentials.models import Credential
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission

_PLATFORMS = {
    "IOS": "iOS",
    "TVOS": "tvOS",
    "MAC": "OSX",
}  # how Apple's types begin → what a profile's file says
_COLUMNS = ("pk", "is_gone", "name_key", "profile_type", "expiration_date")
SOURCES = [("apple", "Apple"), ("uploaded", "Uploaded"), ("both", "Apple and uploaded")]


@dataclass(frozen=True)
class PrivateKeys:
    """Of the certificates that a profile names: how many there are, and whose private key is here."""

    total: int
    identities: list[Credential]
    usable: int  # of those here: not expired

    def __str__(self) -> str:
        here = len(self.identities)
        if not self.total:
            return "—"
        if not here:
            return "Not here"
        words = "Here" if here == self.total == 1 else f"{here} of {self.total} here"
        return words if self.usable else f"{words}, expired"


@dataclass(frozen=True)
class Row:
    """One profile: Apple's, an uploaded one, or both."""

    profile: Profile | None
    uploaded: Credential | None
    private_keys: PrivateKeys


class BothSources:
    """Two querysets that `organizations.listing` treats as one. Both have the columns that are looked for, narrowed
    and sorted by, under the same names."""

    def __init__(
        self, mirrored: "QuerySet[Profile]", uploaded: "QuerySet[Credential]", order: Sequence[Any] = ("pk",)
    ) -> None:
        self.mirrored, self.uploaded, self._order = mirrored, uploaded, order

    def filter(self, *conditions: Q, **values: Any) -> "BothSources":
        return BothSources(
            self.mirrored.filter(*conditions, **values), self.uploaded.filter(*conditions, **values)
        )

    def exclude(self, **values: Any) -> "BothSources":
        return BothSources(self.mirrored.exclude(**values), self.uploaded.exclude(**values))

    def of_team(self, team: DeveloperTeam) -> "BothSources":
        return BothSources(
            self.mirrored.filter(team=team),
            self.uploaded.filter(facts__team_id=team.team_id) if team.team_id else self.uploaded.none(),
        )

    def order_by(self, *order: Any) -> "BothSources":
        return BothSources(self.mirrored, self.uploaded, order)

    def types(self) -> list[str]:
        each = (rows.order_by().values_list("profile_type", flat=True) for rows in self._parts())
        return sorted(found for found in next(each).union(next(each)) if found)

    def count(self) -> int:
        return sum(rows.count() for rows in self._parts())

    def __getitem__(self, wanted: slice) -> list[Any]:
        """The ids, in order."""
        mirrored, uploaded = (rows.order_by().values_list(*_COLUMNS) for rows in self._parts())
        return [row[0] for row in mirrored.union(uploaded, all=True).order_by(*self._order)[wanted]]

    def _parts(self) -> tuple["QuerySet[Any]", "QuerySet[Any]"]:
        return self.mirrored, self.uploaded


def both_sources(mirrored: "QuerySet[Profile]", uploaded: "QuerySet[Credential]") -> BothSources:
    """`mirrored`: what the reader may see of the mirror, `uploaded`: as `uploaded_profiles` gives them."""
    known = mirrored.order_by().values(low=Lower("uuid"))
    return BothSources(
        mirrored.annotate(is_gone=IS_GONE, name_key=Lower("name"), app=F("bundle_id__identifier")),
        uploaded.exclude(identifier__in=known).annotate(
            is_gone=Value(False, BooleanField()),
            name_key=Lower("name"),
            app=KT("facts__application_identifier"),
            uuid=F("identifier"),
            profile_type=_type_of_file(),
            expiration_date=F("expires_at"),
            gone_at=Value(None, DateTimeField()),
            profile_state=Value("ACTIVE"),
        ),
    )


def uploaded_profiles(
    actor: Actor, organization: Organization, permission: Permission = Permission.CREDENTIAL_VIEW
) -> "QuerySet[Credential]":
    """The organization's own, and those that its root shares with it."""
    seen = Credential.objects.for_actor(actor, permission, Q(kind=PROVISIONING_PROFILE))
    return seen.visible_in(organization).live().without_secret()


def from_source(both: BothSources, uploaded: "QuerySet[Credential]", source: str) -> BothSources:
    """`source`: one of SOURCES. What is both is Apple's and uploaded, too."""
    known = uploaded.order_by().values("identifier")
    in_both = both.mirrored.annotate(low=Lower("uuid")).filter(low__in=known)
    return {
        "apple": lambda: BothSources(both.mirrored, both.uploaded.none()),
        "uploaded": lambda: BothSources(in_both, both.uploaded),
        "both": lambda: BothSources(in_both, both.uploaded.none()),
    }[source]()


def rows_of(
    ids: Sequence[Any],
    both: BothSources,
    uploaded: "QuerySet[Credential]",
    actor: Actor,
    organization: Organization,
) -> list[Row]:
    """What a page shows of these. Four queries."""
    profiles = {row.pk: row for row in both.mirrored.filter(pk__in=ids).prefetch_related(_without_files())}
    uuids = [row.uuid.lower() for row in profiles.values()]
    files = list(
        uploaded.filter(Q(pk__in=ids) | Q(identifier__in=uuids))
        .annotate(profile_type=_type_of_file())
        .select_related("organization")
    )
    by_id, by_uuid = {row.pk: row for row in files}, {row.identifier: row for row in files}
    found = []
    for pk in ids:
        profile = profiles.get(pk)
        found.append((profile, by_uuid.get(profile.uuid.lower()) if profile else by_id.get(pk)))
    named = [_certificates(*each) for each in found]
    held = identities.held(actor, organization, [sha256 for each in named for sha256, _end in each])
    return [
        Row(*each, _private_keys(certificates, held)) for each, certificates in zip(found, named, strict=True)
    ]


def _type_of_file() -> Case:
    """Apple's word for the type, by what the file tells: Mac Catalyst cannot be told from macOS."""
    known = [
        When(
            facts__distribution=kind.distribution,
            facts__platforms__0=_PLATFORMS[kind.name.partition("_")[0]],
            then=Value(kind.name),
        )
        for kind in PROFILE_TYPES.values()
        if "CATALYST" not in kind.name
    ]
    return Case(*known, default=Value(""), output_field=CharField())


def _without_files() -> Any:
    return Prefetch("certificates", Certificate.objects.only("sha256", "expiration_date"))


def _certificates(profile: Profile | None, uploaded: Credential | None) -> list[tuple[str, datetime | None]]:
    """All that the profile names: as its file tells, or as Apple's list does where there is no file."""
    if profile is not None and profile.contents:
        return [(sha256, _moment(end)) for sha256, end in profile.contents["certificates"]]
    if uploaded is not None:
        ends = {each["sha256"]: _moment(each["not_after"]) for each in uploaded.facts["certificates"]}
        return [(sha256, ends.get(sha256)) for sha256 in uploaded.facts["certificate_sha256s"]]
    return [(each.sha256, each.expiration_date) for each in profile.certificates.all()] if profile else []


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _private_keys(
    certificates: list[tuple[str, datetime | None]], held: dict[str, Credential]
) -> PrivateKeys:
    now = timezone.now()
    here = [(held[sha256], end) for sha256, end in certificates if sha256 in held]
    usable = sum(1 for _identity, end in here if end is None or end > now)
    return PrivateKeys(len(certificates), [identity for identity, _end in here], usable)
