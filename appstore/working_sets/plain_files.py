"""A working set as plain files: each in the form that its own tools read, and ExportOptions.plist for xcodebuild."""

from collections.abc import Iterator

from django.utils.text import slugify
from django.views.decorators.debug import sensitive_variables

from appstore.working_sets.opening import Opened
from credentials.kinds import KINDS
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE, certificate_of
from credentials.kinds.exports import ExportedFile
from credentials.making.export_options import export_options
from credentials.making.p12 import encode_p12, new_password
from credentials.models import Credential
from credentials.parsing.profile import ProfileFacts, parse_profile

# Of each kind, the forms that go along and the folder that they are in. Of others: the first form that they have
_FORMS = {
    "android-keystore": ("keystores", ("keystore", "properties", "pkcs12")),
    "app-store-connect-api-key": ("keys", ("p8", "fastlane")),
}


@sensitive_variables()
def plain_files(opened: Opened, password: str, *, modern: bool) -> dict[str, bytes]:
    """Path → content. The .p12 files have this password; without one, each has a new one, and passwords.txt says
    which."""
    files: dict[str, bytes] = {}
    made: list[str] = []
    for row, secret in opened.secrets:
        if row.kind == APPLE_CERTIFICATE:
            own = password or new_password()
            name = str(row.facts["common_name"])
            p12 = encode_p12(secret, certificate_of(row), own, name=name, modern=modern)
            path = _put(files, f"certificates/{slugify(row.name) or row.facts['serial_number']}.p12", p12)
            if not password:
                made.append(f"{path}: {own}\n")
        else:
            folder, exported = _exported(row, secret)
            for file in exported:
                _put(files, f"{folder}/{file.name}", file.content)
    found = []
    for name, content in opened.profiles:
        facts = parse_profile(content)
        found.append(facts)
        ending = "provisionprofile" if "OSX" in facts.platforms else "mobileprovision"
        _put(files, f"profiles/{slugify(name) or facts.uuid}.{ending}", content)
    files |= dict(_export_options(found))
    if made:
        files["passwords.txt"] = "".join(made).encode()
    return files


def _exported(row: Credential, secret: bytes) -> tuple[str, list[ExportedFile]]:
    exports = {each.slug: each for each in KINDS[row.kind].exports}
    folder, slugs = _FORMS.get(row.kind, ("keys", tuple(exports)[:1]))
    if row.facts.get("type") == "PKCS12":  # it is one already
        slugs = tuple(each for each in slugs if each != "pkcs12")
    return folder, [exports[slug].make(row, secret) for slug in slugs]


def _export_options(profiles: list[ProfileFacts]) -> Iterator[tuple[str, bytes]]:
    """One for each distribution and team, with every profile by its bundle ID."""
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for each in profiles:
        groups.setdefault((each.distribution, each.team_id), {})[each.application_identifier] = each.uuid
    several = len({team for _distribution, team in groups}) > 1
    for (distribution, team), by_bundle in groups.items():
        words = f"{distribution}-{slugify(team)}" if several else distribution
        yield f"ExportOptions-{words}.plist", export_options(distribution, team_id=team, profiles=by_bundle)


def _put(files: dict[str, bytes], path: str, content: bytes) -> str:
    """At this path, or with a number in it: Macs do not tell “App” from “app”."""
    taken, (stem, dot, ending), number = {each.lower() for each in files}, path.rpartition("."), 1
    while path.lower() in taken:
        number += 1
        path = f"{stem}-{number}{dot}{ending}"
    files[path] = content
    return path
