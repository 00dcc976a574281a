"""What came out of using a credential at Apple."""

from django.db import models


class Status(models.TextChoices):
    """What is known of a credential, in the words that lists show."""

    NEVER_CHECKED = "NEVER_CHECKED", "Never checked"
    WORKS = "WORKS", "Works"
    IN_DOUBT = "IN_DOUBT", "In doubt"
    REFUSED = "REFUSED", "Refused by Apple"
    ROLE_TOO_WEAK = "ROLE_TOO_WEAK", "Role too weak"
    AGREEMENT = "AGREEMENT", "Agreement to accept"
    MEMBERSHIP = "MEMBERSHIP", "Membership lapsed"
    UNREACHABLE = "UNREACHABLE", "Apple not reached"

    @property
    def needs_attention(self) -> bool:
        return self not in {Status.WORKS, Status.NEVER_CHECKED}
