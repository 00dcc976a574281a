"""What a device gets along with the question who it is, and answers with: which invitation, and what to call it."""

from django.core import signing

from appstore.models import DeviceInvitation
from organizations.words import typed_name

SALT = "appstore.device-invitation"
SECONDS = 3600  # from loading the profile to installing it


class ForeignChallengeError(Exception):
    """It is none of ours, another link's, or too old."""


def challenge_for(invitation: DeviceInvitation, name: str) -> str:
    return signing.dumps({"invitation": invitation.pk.hex, "name": name}, salt=SALT)


def name_in(challenge: str, invitation: DeviceInvitation) -> str:
    """The name that was given when the profile was loaded. Raises ForeignChallengeError."""
    try:
        meant = signing.loads(challenge, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        raise ForeignChallengeError from None
    if meant["invitation"] != invitation.pk.hex:
        raise ForeignChallengeError
    return typed_name(meant["name"])
