"""What a profile links to: its bundle ID, certificates and devices, among the rows of its team.

The profile's own file names all of its certificates and devices. Apple's `include` cuts at 50, and is what there is
for a profile without a file.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db import models

from appstore import many_rows
from appstore.client import resources
from appstore.models import BundleId, Certificate, DeveloperTeam, Device, Profile

Key = tuple[str, str]
Named = dict[Any, list[str]]
AT_ONCE = 500


def link_again(team: DeveloperTeam) -> None:
    """All that came with a file, because something that they may name is here only now."""
    linker = Linker(team)
    rows = list(linker.stored().filter(gone_at=None).exclude(contents={}))
    for start in range(0, len(rows), AT_ONCE):
        linker.link(rows[start : start + AT_ONCE])


class Linker:
    """Links profiles to what their team has. A team may have a hundred thousand pairs of a profile and a device: the
    database finds them."""

    def __init__(self, team: DeveloperTeam) -> None:
        self._team = team

    def link_found(self, found: Iterable[resources.Profile], new: Iterable[Profile] = ()) -> None:
        """Profiles that came with their relationships. `new`: the rows of those that were not there before."""
        by_id = {profile.id: profile for profile in found}
        created = [row for row in new if row.apple_id in by_id]
        if created:
            self.link(created, by_id, are_new=True)
        others = by_id.keys() - {row.apple_id for row in created}
        if others:
            self.link(list(self.stored().filter(apple_id__in=list(others))), by_id)

    def stored(self) -> models.QuerySet[Profile]:
        """With the columns that linking reads."""
        rows = Profile.objects.filter(team=self._team)
        return rows.only("pk", "apple_id", "contents", "bundle_id_id", "team_id")

    def link(
        self, rows: list[Profile], found: dict[str, resources.Profile] | None = None, *, are_new: bool = False
    ) -> None:
        bundles: list[tuple[Any, Any]] = []
        with_file: tuple[Named, Named] = {}, {}
        without: tuple[Named, Named] = {}, {}
        for profile in rows:
            told, contents = (found or {}).get(profile.apple_id), profile.contents
            bundle = self.bundle_of(told, contents)
            if bundle and profile.bundle_id_id != bundle:
                bundles.append((_prepared(bundle), _prepared(profile.pk)))
            if contents:
                with_file[0][profile.pk] = [sha256 for sha256, _end in contents["certificates"]]
                with_file[1][profile.pk] = contents["udids"]
            elif told:
                without[0][profile.pk] = list(told.certificate_ids)
                without[1][profile.pk] = list(told.device_ids)
        many_rows.set_column(Profile, "bundle_id", bundles)
        self._join((Certificate, Device), ("sha256", "udid_key"), with_file, are_new=are_new)
        self._join((Certificate, Device), ("apple_id", "apple_id"), without, are_new=are_new)

    def bundle_of(self, told: resources.Profile | None, contents: dict[str, Any]) -> Any:
        """The key of a profile's bundle ID, None where it is not here."""
        by_apple = self._bundle_ids.get(("apple", told.bundle_id)) if told and told.bundle_id else None
        own = f"{contents.get('prefix')}.{contents.get('identifier')}"
        return by_apple or self._bundle_ids.get(("own", own))

    def _join(
        self, models: tuple[Any, Any], keys: tuple[str, str], named: tuple[Named, Named], *, are_new: bool
    ) -> None:
        for model, key, wanted in zip(models, keys, named, strict=True):
            if wanted:
                many_rows.join(Profile, model, key, wanted, team=self._team.pk, are_new=are_new)

    @cached_property
    def _bundle_ids(self) -> dict[Key, Any]:
        index: dict[Key, Any] = {}
        rows = BundleId.objects.filter(team=self._team).order_by()
        for pk, apple_id, prefix, identifier in rows.values_list("pk", "apple_id", "seed_id", "identifier"):
            index["apple", apple_id] = index["own", f"{prefix}.{identifier}"] = pk
        return index


def _prepared(pk: Any) -> Any:
    return many_rows.prepared(Profile._meta.pk, pk)
