"""Apple's certificate types, told apart by the marker extensions that Apple puts into its leaves.

Names are those of the App Store Connect API's CertificateType where it has one.
"""

_MARKERS = "1.2.840.113635.100."
CLOUD_MANAGED = _MARKERS + "6.1.32"
_LEAF, _AUTHORITY = _MARKERS + "6.", _MARKERS + "6.2."

# (type, markers that must be there, markers that must not), first match wins.
_RULES: list[tuple[str, set[str], set[str]]] = [
    ("DEVELOPMENT", {"6.1.2", "6.1.12"}, set()),
    ("DISTRIBUTION", {"6.1.4", "6.1.7"}, set()),
    ("IOS_DEVELOPMENT", {"6.1.2"}, set()),
    ("IOS_DISTRIBUTION", {"6.1.4"}, set()),
    ("MAC_APP_DEVELOPMENT", {"6.1.12"}, set()),
    ("MAC_APP_DISTRIBUTION", {"6.1.7"}, set()),
    ("MAC_INSTALLER_DISTRIBUTION", {"6.1.8"}, set()),
    ("DEVELOPER_ID_KEXT", {"6.1.13", "6.1.18"}, set()),
    ("DEVELOPER_ID_APPLICATION", {"6.1.13"}, set()),
    ("DEVELOPER_ID_INSTALLER", {"6.1.14"}, set()),
    ("PASS_TYPE_ID", {"6.1.16"}, set()),
    ("WEBSITE_PUSH", {"6.1.17"}, set()),
    ("APNS_SANDBOX", {"6.3.1"}, {"6.3.2"}),
    ("APNS_PRODUCTION_OR_UNIVERSAL", {"6.3.2"}, set()),
    ("APPLE_PAY", {"6.32"}, set()),
]


def classify(oids: set[str]) -> str:
    """The type of a leaf with these extension OIDs (dotted); "" when Apple's markers are missing or new."""
    markers = {oid.removeprefix(_MARKERS) for oid in oids if oid.startswith(_MARKERS)}
    for name, needed, excluded in _RULES:
        if needed <= markers and not excluded & markers:
            return name
    return ""


def is_apples(oids: set[str]) -> bool:
    """Whether Apple marked a leaf with these extension OIDs (dotted), be the mark one that we know or not."""
    return any(oid.startswith(_LEAF) and not oid.startswith(_AUTHORITY) for oid in oids)
