"""ExportOptions.plist, read back as Xcode reads it."""

import plistlib

import pytest

from credentials.making.export_options import METHODS, export_options

PROFILES = {"com.example.app": "match AppStore com.example.app", "com.example.app.share": "1111-2222"}


def test_all_of_it() -> None:
    made = export_options(
        "app-store",
        team_id="TEAM567890",
        profiles=PROFILES,
        certificate="Apple Distribution",
        installer_certificate="0F5A44933E05F97D" * 2 + "01234567",
    )
    assert plistlib.loads(made, fmt=plistlib.FMT_XML) == {
        "method": "app-store-connect",
        "signingStyle": "manual",
        "teamID": "TEAM567890",
        "provisioningProfiles": PROFILES,
        "signingCertificate": "Apple Distribution",
        "installerSigningCertificate": "0F5A44933E05F97D" * 2 + "01234567",
    }


@pytest.mark.parametrize(
    ("distribution", "method", "before"),
    [
        ("app-store", "app-store-connect", "app-store"),
        ("ad-hoc", "release-testing", "ad-hoc"),
        ("development", "debugging", "development"),
        ("in-house", "enterprise", "enterprise"),
        ("developer-id", "developer-id", "developer-id"),
    ],
)
def test_methods_have_the_names_of_the_xcode_that_reads_them(
    distribution: str, method: str, before: str
) -> None:
    for is_before, name in ((False, method), (True, before)):
        made = export_options(distribution, team_id="T", profiles=PROFILES, before_xcode_15_3=is_before)
        assert plistlib.loads(made)["method"] == name
    assert len(METHODS) == 5


def test_what_is_absent_is_not_written_empty() -> None:
    made = plistlib.loads(export_options("ad-hoc", team_id="T", profiles=PROFILES))
    assert set(made) == {"method", "signingStyle", "teamID", "provisioningProfiles"}


def test_names_are_escaped() -> None:
    profiles = {"com.example.app": "R&D <beta> “ä”"}
    made = export_options("ad-hoc", team_id="T", profiles=profiles)
    assert plistlib.loads(made)["provisioningProfiles"] == profiles
