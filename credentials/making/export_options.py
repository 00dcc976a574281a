"""ExportOptions.plist: what `xcodebuild -exportArchive -exportOptionsPlist` needs to sign by hand.

The keys and methods are those of `xcodebuild -help`. Xcode 15.3 renamed three methods, and takes the old names with
a warning: app-store, ad-hoc and development.
"""

import plistlib
from collections.abc import Mapping

# Distribution (`ProfileFacts.distribution`) → method, with the names since Xcode 15.3
METHODS = {
    "app-store": "app-store-connect",
    "ad-hoc": "release-testing",
    "development": "debugging",
    "in-house": "enterprise",
    "developer-id": "developer-id",
}
_BEFORE_XCODE_15_3 = {
    "app-store-connect": "app-store",
    "release-testing": "ad-hoc",
    "debugging": "development",
}


def export_options(
    distribution: str,
    *,
    team_id: str,
    profiles: Mapping[str, str],
    certificate: str = "",
    installer_certificate: str = "",
    before_xcode_15_3: bool = False,
) -> bytes:
    """`profiles` is bundle ID → the profile's name or UUID, for the app and each extension.

    `certificate` is a common name, a SHA-1 digest, or a word such as "Apple Distribution"; absent, Xcode takes the
    one in the profile. `installer_certificate` signs the .pkg of a Mac app for the App Store; there a SHA-1 digest is
    the surest, since its common name is still "3rd Party Mac Developer Installer". Certificates that are absent are
    left out, never written empty: Xcode would look for one of that name.
    """
    method = METHODS[distribution]
    options: dict[str, object] = {
        "method": _BEFORE_XCODE_15_3.get(method, method) if before_xcode_15_3 else method,
        "signingStyle": "manual",
        "teamID": team_id,
        "provisioningProfiles": dict(profiles),
        "signingCertificate": certificate,
        "installerSigningCertificate": installer_certificate,
    }
    return plistlib.dumps({name: value for name, value in options.items() if value})
