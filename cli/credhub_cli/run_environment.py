"""The environment of a command that `credhub run` starts."""

from collections.abc import Mapping
from pathlib import Path

from credhub_cli.signing import Assets
from credhub_cli.signing_files import EXPORT_OPTIONS, GRADLE, P12, PASSWORD

# The command gets what it signs with, and not what opens more.
KEPT_BACK = ("CREDHUB_TOKEN", "IDENTITY_TOKEN", "BITRISE_IDENTITY_TOKEN")


def environment(environ: Mapping[str, str], assets: Assets, folder: Path) -> dict[str, str]:
    made = {name: value for name, value in environ.items() if name not in KEPT_BACK}
    made["CREDHUB_SIGNING_DIR"] = str(folder)
    if ios := assets.ios:
        identity, profiles = ios["identity"], ios["profiles"]
        made |= {
            "CREDHUB_P12": str(folder / P12),
            "CREDHUB_P12_PASSWORD": identity["p12_password"],
            "CREDHUB_P12_PASSWORD_FILE": str(folder / PASSWORD),
            "CREDHUB_IDENTITY_NAME": identity["name"],
            "CREDHUB_IDENTITY_SHA1": identity["sha1"],
            "CREDHUB_TEAM_ID": ios["team_id"],
            "CREDHUB_EXPORT_OPTIONS": str(folder / EXPORT_OPTIONS),
            "CREDHUB_PROFILES": ":".join(str(folder / each["file_name"]) for each in profiles),
            "CREDHUB_PROFILE_UUIDS": ":".join(each["uuid"] for each in profiles),
        }
    if assets.android:
        keystore = assets.android["keystore"]
        made |= {
            "CREDHUB_KEYSTORE": str(folder / keystore["file_name"]),
            "CREDHUB_KEYSTORE_PASSWORD": keystore["password"],
            "CREDHUB_KEY_ALIAS": keystore["alias"],
            "CREDHUB_KEY_PASSWORD": keystore["key_password"],
            "CREDHUB_KEYSTORE_PROPERTIES": str(folder / GRADLE),
        }
    return made
