"""How a credential's status looks."""

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from credentials.models import Credential, Status
from organizations.templatetags.credhub_ui import pill

register = template.Library()

TONES = {
    Status.NEVER_CHECKED: "neutral",
    Status.WORKS: "good",
    Status.IN_DOUBT: "warn",
    Status.REFUSED: "bad",
    Status.ROLE_TOO_WEAK: "warn",
    Status.AGREEMENT: "warn",
    Status.MEMBERSHIP: "bad",
    Status.UNREACHABLE: "warn",
}


@register.simple_tag
def credential_pill(credential: Credential) -> SafeString:
    """Archived; what its expiry says, if that is near; else how Apple answered last."""
    if credential.is_archived:
        return pill("neutral", "Archived")
    if credential.expires_at is not None:
        days = (credential.expires_at - timezone.now()).days
        if days < 0:
            return pill("bad", "Expired")
        if days <= 30:
            return pill("warn", f"Expiring in {days} days")
    if not credential.is_checked_at_apple:
        return pill("good", "Valid") if credential.expires_at else pill("neutral", "Stored")
    status = credential.status_choice
    return pill(TONES[status], status.label)
