"""Writing one page of Apple's objects: only rows that are new or changed, in a constant number of queries."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import models
from django.utils import timezone

from appstore.client import resources
from appstore.models import BundleId, Certificate, DeveloperTeam, Device, Profile
from appstore.models.apple_objects import AppleObject
from credentials.parsing.certificate import parse_certificate
from credentials.parsing.errors import ParsingError
from credentials.parsing.profile import ProfileFacts, parse_profile
from credentials.parsing.udid import normalise_udid


@dataclass
class PageCounts:
    """How a collection went so far; `total` is Apple's own figure, where it gives one."""

    seen: int = 0
    created: int = 0
    changed: int = 0
    gone: int = 0
    total: int | None = None

    def __iadd__(self, other: "PageCounts") -> "PageCounts":
        self.seen += other.seen
        self.created += other.created
        self.changed += other.changed
        return self

    def as_dict(self) -> dict[str, int | None]:
        return asdict(self)


def write_page(
    model: type[AppleObject], team: DeveloperTeam, rows: list[dict[str, Any]], generation: int
) -> tuple[PageCounts, set[str]]:
    """Insert what is new, update what differs, and mark all of it as seen in this generation.

    Returns the counts, and Apple's ids of the rows that are new or changed.
    """
    limits = {field.name: field.max_length for field in model._meta.fields if field.max_length}
    by_id = {row["apple_id"]: _cut(row, limits) for row in rows}
    manager = model._default_manager
    stored = {row.apple_id: row for row in manager.filter(team=team, apple_id__in=by_id)}
    now = timezone.now()
    new = [
        model(team=team, seen_generation=generation, changed_at=now, **row)
        for apple_id, row in by_id.items()
        if apple_id not in stored
    ]
    changed = [row for apple_id, row in stored.items() if _apply(row, by_id[apple_id])]
    for row in changed:
        row.changed_at = now
    if new:
        manager.bulk_create(new)
    if changed:
        fields = {name for apple_id in stored for name in by_id[apple_id]} - {"apple_id"}
        manager.bulk_update(changed, [*sorted(fields), "changed_at"], batch_size=100)
    manager.filter(team=team, apple_id__in=list(stored)).update(seen_generation=generation, gone_at=None)
    _learn_team(team, model, rows)
    touched = {row.apple_id for row in [*new, *changed]}
    return PageCounts(seen=len(by_id), created=len(new), changed=len(changed)), touched


def _cut(row: dict[str, Any], limits: dict[str, int]) -> dict[str, Any]:
    """Texts no longer than their columns: PostgreSQL would refuse the whole page."""
    return {name: value[: limits[name]] if isinstance(value, str) else value for name, value in row.items()}


def _apply(stored: models.Model, row: dict[str, Any]) -> bool:
    """Set what differs. Returns whether anything did."""
    differs = False
    for name, value in row.items():
        have = getattr(stored, name)
        if (bytes(have) if isinstance(have, memoryview) else have) != value:
            setattr(stored, name, value)
            differs = True
    return differs


def _learn_team(team: DeveloperTeam, model: type[AppleObject], rows: list[dict[str, Any]]) -> None:
    """Apple tells a team's id and name only inside its certificates."""
    if team.team_id or model is not Certificate:
        return
    for row in rows:
        try:
            facts = parse_certificate(row["certificate_content"] or b"")
        except ParsingError:
            continue
        if facts.team_id:
            team.learn(facts.team_id, facts.organization)
            return


def link_profiles(team: DeveloperTeam, found: list[resources.Profile]) -> None:
    """Link a page of profiles to their bundle ID, certificates and devices.

    The profile's own content names all of its certificates and devices; Apple's `include` cuts at 50, and is what
    there is for a profile without content.
    """
    stored = {
        row.apple_id: row
        for row in Profile.objects.filter(team=team, apple_id__in=[one.id for one in found]).defer(
            "profile_content"
        )
    }
    facts = {profile.id: _facts(profile) for profile in found}
    certificates = {
        profile.id: _wanted(profile.certificate_ids, known.certificate_sha256s if known else None)
        for profile in found
        for known in [facts[profile.id]]
    }
    devices = {
        profile.id: _wanted(profile.device_ids, map(normalise_udid, known.udids) if known else None)
        for profile in found
        for known in [facts[profile.id]]
    }
    _link_bundle_ids(team, stored, found)
    own_certificates = _index(Certificate.objects.filter(team=team), "sha256")
    own_devices = _index(Device.objects.filter(team=team), "udid_key")
    _link_many(Profile.certificates.through, "certificate_id", stored, certificates, own_certificates)
    _link_many(Profile.devices.through, "device_id", stored, devices, own_devices)


def _facts(profile: resources.Profile) -> ProfileFacts | None:
    if not profile.profile_content:
        return None
    try:
        return parse_profile(profile.profile_content)
    except ParsingError:
        return None


def _wanted(apple_ids: Iterable[str], own: Iterable[str] | None) -> set[tuple[str, str]]:
    """Keys into `_index`: what the content names, or else what the relationship names."""
    if own is not None:
        return {("own", value) for value in own}
    return {("apple", value) for value in apple_ids}


def _index(queryset: models.QuerySet[Any], own_field: str) -> dict[tuple[str, str], Any]:
    index: dict[tuple[str, str], Any] = {}
    for pk, apple_id, own in queryset.values_list("pk", "apple_id", own_field):
        index["apple", apple_id] = pk
        if own:
            index["own", own] = pk
    return index


def _link_bundle_ids(team: DeveloperTeam, stored: dict[str, Profile], found: list[resources.Profile]) -> None:
    wanted = {profile.id: profile.bundle_id for profile in found if profile.bundle_id}
    rows = BundleId.objects.filter(team=team, apple_id__in=set(wanted.values()))
    pks = dict(rows.values_list("apple_id", "pk"))
    changed = []
    for apple_id, bundle in wanted.items():
        profile = stored[apple_id]
        if bundle in pks and profile.bundle_id_id != pks[bundle]:
            profile.bundle_id_id = pks[bundle]
            changed.append(profile)
    if changed:
        Profile.objects.bulk_update(changed, ["bundle_id"], batch_size=100)


def _link_many(
    through: Any,
    column: str,
    stored: dict[str, Profile],
    wanted: dict[str, set[tuple[str, str]]],
    index: dict[tuple[str, str], Any],
) -> None:
    """Make the join table say exactly what is wanted, for these profiles."""
    pairs = {
        (stored[apple_id].pk, index[key]) for apple_id, keys in wanted.items() for key in keys if key in index
    }
    rows = through.objects.filter(profile_id__in=[profile.pk for profile in stored.values()])
    have = {(profile_id, other): pk for pk, profile_id, other in rows.values_list("pk", "profile_id", column)}
    extra = [pk for pair, pk in have.items() if pair not in pairs]
    for start in range(0, len(extra), 500):
        through.objects.filter(pk__in=extra[start : start + 500]).delete()
    through.objects.bulk_create(
        [through(profile_id=profile_id, **{column: other}) for profile_id, other in pairs - have.keys()],
        batch_size=500,
        ignore_conflicts=True,
    )
