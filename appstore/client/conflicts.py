"""Apple's 409s: what stands in the way of a write, and what to do about it.

Apple tells them apart in its sentences alone; the codes are the same for most (FACTS C).
"""

from collections.abc import Iterable

from .errors import AlreadyExists, ApiErrorDetail, InvalidRequest, LimitReached

# (words of Apple's detail, all of which must be there; error; sentence), first match wins
_CONFLICTS: list[tuple[tuple[str, ...], type[InvalidRequest], str]] = [
    (
        ("you already have a current", "certificate"),
        LimitReached,
        (
            "The team has as many certificates of this type as Apple allows. Revoke one that nobody needs, or "
            "adopt an existing one by uploading it with its private key."
        ),
    ),
    (
        ("a device with number", "already exists"),
        AlreadyExists,
        "This device is registered already. Sync, then use it as it is listed; enable it if it is disabled.",
    ),
    (
        ("invalid value", "'udid'"),
        InvalidRequest,
        (
            "Apple does not accept this UDID. Copy it again from Finder or Xcode: 40 digits and letters, or 8, a "
            "dash and 16, or a Mac's with four dashes."
        ),
    ),
    (
        ("an app id with identifier", "is not available"),
        AlreadyExists,
        (
            "This bundle ID is taken, by this team or by another one. Sync to see whether it is yours, or choose "
            "a different one."
        ),
    ),
    (
        ("multiple profiles found with the name",),
        AlreadyExists,
        (
            "A profile with this name exists already, perhaps an expired one that Apple does not list. Choose "
            "another name, or delete that profile first."
        ),
    ),
    (
        ("no devices can be associated",),
        InvalidRequest,
        (
            "Profiles of this type take no devices. Leave the devices out, or make a development or ad hoc "
            "profile."
        ),
    ),
    (
        ("there is no app id with id",),
        InvalidRequest,
        "Apple does not know this bundle ID: it was deleted, or is another team's. Sync, then choose again.",
    ),
    (
        ("no current", "matching the provided certificate ids"),
        InvalidRequest,
        (
            "A chosen certificate is expired, revoked, or of a type that does not sign such profiles. Sync, then "
            "choose another one."
        ),
    ),
    (
        ("no current", "matching the provided device ids"),
        InvalidRequest,
        "A chosen device is not registered, or none of this kind of profile. Sync, then choose again.",
    ),
    (
        ("appears to be in use by the app store",),
        InvalidRequest,
        "An app in App Store Connect uses this bundle ID, so Apple keeps it. Leave it, or remove the app first.",
    ),
]


def explained(apple: Iterable[ApiErrorDetail]) -> tuple[type[InvalidRequest], str] | None:
    """The error and the sentence for the first detail that is known, None where there is none."""
    details = [error.detail.lower() for error in apple]
    for words, kind, sentence in _CONFLICTS:
        if any(all(word in detail for word in words) for detail in details):
            return kind, sentence
    return None
