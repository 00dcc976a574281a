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
AT_ONCE = 500


def link_again(team: DeveloperTeam) -> None:
    """All that came with a file, because something that they may name is here only now."""
    linker = Linker(team)
    rows = list(linker.stored().filter(gone_at=None).exclude(contents={}))
    for start in range(0, len(rows), AT_ONCE):
        linker.link(rows[start : start + AT_ONCE])


class Linker:
    """Links profiles to what their team had when the first of them was linked. A team may have a hundred thousand pairs
    of a profile and a device."""

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
        certificates: dict[Any, list[Any]] = {}
        devices: dict[Any, list[Any]] = {}
        for profile in rows:
            told, contents, pk = (found or {}).get(profile.apple_id), profile.contents, _prepared(profile.pk)
            bundle = self._bundle_ids.get(("apple", told.bundle_id)) if told and told.bundle_id else None
            named = f"{contents.get('prefix')}.{contents.get('identifier')}"
            bundle = bundle or self._bundle_ids.get(("own", named))
            if bundle and _prepared(profile.bundle_id_id) != bundle:
                bundles.append((bundle, pk))
            if contents:
                certificates[pk] = _of(
                    self._certificates, (("own", sha256) for sha256, _end in contents["certificates"])
                )
                devices[pk] = _of(self._devices, (("own", udid) for udid in contents["udids"]))
            elif told:
                certificates[pk] = _of(self._certificates, (("apple", each) for each in told.certificate_ids))
                devices[pk] = _of(self._devices, (("apple", each) for each in told.device_ids))
        many_rows.set_column(Profile, "bundle_id", bundles)
        _join(Profile.certificates.through, "certificate", certificates, are_new=are_new)
        _join(Profile.devices.through, "device", devices, are_new=are_new)

    @cached_property
    def _bundle_ids(self) -> dict[Key, Any]:
        index: dict[Key, Any] = {}
        rows = BundleId.objects.filter(team=self._team).order_by()
        for pk, apple_id, prefix, identifier in rows.values_list("pk", "apple_id", "seed_id", "identifier"):
            index["apple", apple_id] = index["own", f"{prefix}.{identifier}"] = _prepared(pk)
        return index

    @cached_property
    def _certificates(self) -> dict[Key, Any]:
        return self._index(Certificate, "sha256")

    @cached_property
    def _devices(self) -> dict[Key, Any]:
        return self._index(Device, "udid_key")

    def _index(self, model: type[Any], own_field: str) -> dict[Key, Any]:
        index: dict[Key, Any] = {}
        rows = model.objects.filter(team=self._team).order_by()
        for pk, apple_id, own in rows.values_list("pk", "apple_id", own_field):
            index["apple", apple_id] = _prepared(pk)
            if own:
                index["own", own] = index["apple", apple_id]
        return index


def _prepared(pk: Any) -> Any:
    return many_rows.prepared(Profile._meta.pk, pk)


def _of(index: dict[Key, Any], keys: Iterable[Key]) -> list[Any]:
    return [index[key] for key in dict.fromkeys(keys) if key in index]


def _join(through: Any, other: str, wanted: dict[Any, list[Any]], *, are_new: bool) -> None:
    """Make the join table say exactly what is wanted, for these profiles."""
    have: dict[tuple[Any, Any], Any] = {}
    if not are_new:
        rows = through.objects.filter(profile_id__in=list(wanted)).values_list(
            "pk", "profile_id", f"{other}_id"
        )
        have = {(_prepared(profile), _prepared(one)): pk for pk, profile, one in rows}
    pairs = [(profile, one) for profile, others in wanted.items() for one in others]
    extra = [have[pair] for pair in have.keys() - set(pairs)] if have else []
    for start in range(0, len(extra), AT_ONCE):
        through.objects.filter(pk__in=extra[start : start + AT_ONCE]).delete()
    missing = [pair for pair in pairs if pair not in have] if have else pairs
    many_rows.link(through, ("profile", other), missing)
