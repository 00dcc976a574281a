"""Looking at Apple for what a plan stands on. What is seen goes into the mirror, from which the plan is worked out."""

from collections.abc import Callable
from typing import Any

from appstore import identities
from appstore.changes.doing import Doing
from appstore.client.errors import NotFound
from appstore.models import App, Assignment, BundleId, Certificate, Profile
from appstore.profile_types import ProfileType
from appstore.signing.facts import Seen
from appstore.signing.fitting import fitting_identifiers


def look(doing: Doing, app: App, kind: ProfileType) -> Seen:
    """Certificates that may sign, devices that may be named, the bundle IDs, and the profiles for them. What one list
    does not have is asked for by its id before it counts as gone: Apple's lists may be some seconds behind."""
    _look_for_bundle_ids(doing, app)
    _look_for_certificates(doing, kind)
    devices = _look_for_devices(doing) if kind.names_devices else frozenset()
    names = _look_for_profiles(doing, app, kind)
    identities.adopt(doing.team, doing.actor)  # what an earlier run was given, and had no time to keep
    return Seen(devices, names)


def _look_for_bundle_ids(doing: Doing, app: App) -> None:
    """Each by its id; the list is asked for, once, where one is not known or not there any more."""
    rows = BundleId.objects.filter(team=doing.team, identifier__in=app.bundle_ids, gone_at=None)
    known = dict(rows.values_list("identifier", "apple_id"))
    gone = [
        identifier for identifier, apple_id in known.items() if _is_gone(doing.client.bundle_id, apple_id)
    ]
    wanted = {each for each in app.bundle_ids if each not in known or each in gone}
    if not wanted:
        return
    listed = [each for page in doing.client.bundle_ids() for each in page.items if each.identifier in wanted]
    _write(doing, "bundleIds", listed, [known[each] for each in gone])


def _look_for_certificates(doing: Doing, kind: ProfileType) -> None:
    known = Certificate.objects.filter(team=doing.team, certificate_type__in=kind.certificates)
    there = {row.apple_id: row for row in known.defer("certificate_content")}
    listed = {
        each.id: each
        for page in doing.client.certificates(files=False)
        for each in page.items
        if each.certificate_type in kind.certificates
    }
    new = [each for each in listed if each not in there or not there[each].sha256]
    whole = [each for page in doing.client.certificates_of(new) for each in page.items]
    unlisted = [row.apple_id for row in there.values() if row.gone_at is None and row.apple_id not in listed]
    gone = [each for each in unlisted if _is_gone(doing.client.certificate, each)]
    unchanged = [each for apple_id, each in listed.items() if apple_id not in new]
    _write(doing, "certificates", unchanged, [])
    _write(doing, "certificates", whole, gone)


def _look_for_devices(doing: Doing) -> frozenset[str]:
    listed = [each for page in doing.client.devices() for each in page.items]
    _write(doing, "devices", listed, [])
    return frozenset(each.id for each in listed)


def _look_for_profiles(doing: Doing, app: App, kind: ProfileType) -> frozenset[str]:
    """The names of all. Of those that may be for the app the whole is asked for where something may have changed."""
    known = Profile.objects.filter(team=doing.team, profile_type=kind.name).select_related("bundle_id")
    there = {row.apple_id: row for row in known.defer("profile_content", "contents")}
    fitting = {fits for each in app.bundle_ids for fits in fitting_identifiers(each)}
    ours = {
        each for each, row in there.items() if row.bundle_id is None or row.bundle_id.identifier in fitting
    }
    listed = [each for page in doing.client.profiles(files=False) for each in page.items]
    new = []
    for each in listed:
        row = there.get(each.id)
        if each.profile_type == kind.name and (
            row is None or (each.id in ours and (_is_missing(row) or _version(row) != _version(each)))
        ):
            new.append(each.id)
    whole = [each for page in doing.client.profiles_of(new) for each in page.items]
    ids = {each.id for each in listed}
    unlisted = [each for each in ours if there[each].gone_at is None and each not in ids]
    gone = [each for each in unlisted if _is_gone(doing.client.profile, each)]
    _write(doing, "profiles", whole, gone)
    for profile in Profile.objects.filter(team=doing.team, apple_id__in=[each.id for each in whole]):
        Assignment.follow(profile)  # what an earlier run made in the place of another, and had no time to say
    return frozenset(each.name for each in listed)


def _write(doing: Doing, collection: str, found: list[Any], gone: list[str]) -> None:
    with doing.run.commit():
        doing.mirror_all(collection, found)
        for apple_id in gone:
            doing.forget(collection, apple_id)


def _is_gone(ask: Callable[[str], object], apple_id: str) -> bool:
    try:
        ask(apple_id)
    except NotFound:
        return True
    return False


def _is_missing(row: Any) -> bool:
    return row.gone_at is not None or row.missing_generation is not None


def _version(profile: Any) -> tuple[Any, ...]:
    return profile.name, profile.profile_state, profile.uuid, profile.expiration_date
