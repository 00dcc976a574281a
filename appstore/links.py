"""What a profile links to: its bundle ID, certificates and devices, among the rows of its team.

The profile's own file names all of its certificates and devices. Apple's `include` cuts at 50, and is what there is
for a profile without a file.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection, models

from appstore.client import resources
from appstore.models import BundleId, Certificate, DeveloperTeam, Device, Profile

Key = tuple[str, str]
AT_ONCE = 500


def link_found(team: DeveloperTeam, found: Iterable[resources.Profile]) -> None:
    """Profiles that came with their relationships."""
    by_id = {profile.id: profile for profile in found}
    stored = list(_rows(team).filter(apple_id__in=list(by_id)))
    _link(team, stored, by_id)


def link_again(team: DeveloperTeam) -> None:
    """All that came with a file, because something that they may name is here only now."""
    rows = list(_rows(team).filter(gone_at=None).exclude(contents={}))
    for start in range(0, len(rows), AT_ONCE):
        _link(team, rows[start : start + AT_ONCE], {})


def _rows(team: DeveloperTeam) -> models.QuerySet[Profile]:
    return Profile.objects.filter(team=team).only("pk", "apple_id", "contents", "bundle_id_id", "team_id")


def _link(team: DeveloperTeam, stored: list[Profile], found: dict[str, resources.Profile]) -> None:
    bundle_ids = _bundle_ids(team)
    moved = []
    certificates: dict[Any, set[Key]] = {}
    devices: dict[Any, set[Key]] = {}
    for profile in stored:
        told = found.get(profile.apple_id)
        bundle = bundle_ids.get(("apple", told.bundle_id)) if told and told.bundle_id else None
        named = f"{profile.contents.get('prefix')}.{profile.contents.get('identifier')}"
        bundle = bundle or bundle_ids.get(("own", named))
        if bundle and profile.bundle_id_id != bundle:
            profile.bundle_id_id = bundle
            moved.append(profile)
        if profile.contents:
            certificates[profile.pk] = {("own", sha256) for sha256, _end in profile.contents["certificates"]}
            devices[profile.pk] = {("own", udid) for udid in profile.contents["udids"]}
        elif told:
            certificates[profile.pk] = {("apple", each) for each in told.certificate_ids}
            devices[profile.pk] = {("apple", each) for each in told.device_ids}
    if moved:
        Profile.objects.bulk_update(moved, ["bundle_id"], batch_size=100)
    _join(Profile.certificates.through, "certificate_id", certificates, _index(Certificate, team, "sha256"))
    _join(Profile.devices.through, "device_id", devices, _index(Device, team, "udid_key"))


def _bundle_ids(team: DeveloperTeam) -> dict[Key, Any]:
    index: dict[Key, Any] = {}
    rows = BundleId.objects.filter(team=team).order_by()
    for pk, apple_id, prefix, identifier in rows.values_list("pk", "apple_id", "seed_id", "identifier"):
        index["apple", apple_id] = index["own", f"{prefix}.{identifier}"] = pk
    return index


def _index(model: type[Any], team: DeveloperTeam, own_field: str) -> dict[Key, Any]:
    index: dict[Key, Any] = {}
    for pk, apple_id, own in (
        model.objects.filter(team=team).order_by().values_list("pk", "apple_id", own_field)
    ):
        index["apple", apple_id] = pk
        if own:
            index["own", own] = pk
    return index


def _join(through: Any, column: str, wanted: dict[Any, set[Key]], index: dict[Key, Any]) -> None:
    """Make the join table say exactly what is wanted, for these profiles."""
    pairs = {(profile, index[key]) for profile, keys in wanted.items() for key in keys if key in index}
    rows = through.objects.filter(profile_id__in=list(wanted))
    have = {(profile, other): pk for pk, profile, other in rows.values_list("pk", "profile_id", column)}
    extra = [pk for pair, pk in have.items() if pair not in pairs]
    for start in range(0, len(extra), AT_ONCE):
        through.objects.filter(pk__in=extra[start : start + AT_ONCE]).delete()
    _insert(through, column, pairs - have.keys())


def _insert(through: Any, column: str, pairs: set[tuple[Any, Any]]) -> None:
    """Past the ORM: a team may have a hundred thousand of these pairs, and a model instance of each costs more than the
    rest of a sync."""
    fields = [through._meta.get_field(name) for name in ("profile_id", column)]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(through._meta.db_table)
    prepared: dict[Any, Any] = {}

    def value(pk: Any) -> Any:
        if pk not in prepared:
            prepared[pk] = fields[0].get_db_prep_save(pk, connection)
        return prepared[pk]

    rows = [(value(profile), value(other)) for profile, other in pairs]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES (%s, %s) ON CONFLICT DO NOTHING", rows)  # noqa: S608
