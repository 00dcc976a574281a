"""What is asked at each page of an organization: its address and a POST that would succeed."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from appstore.models import HeldSweep
from tests import factories
from tests.access.world import Holdings

P8 = factories.make_p8().decode()
COLLECTIONS = ("certificates", "profiles", "bundle-ids", "devices")
WITH_FILES = ("certificates", "profiles")
OF_CREDENTIAL = {
    "credential", "rename-credential", "archive-credential", "share-credential", "replace-credential", "key-progress",
    "sync-now", "reveal-credential", "allow-reveal", "credential-usage",
}  # fmt: skip
# Routes whose address names nothing but the organization
PLAIN = {
    "overview", "activity", "usage", "usage-file", "organization-settings", "require-second-factor",
    "require-reveal-approval", "approvals", "sub-organizations", "members", "invite", "tokens",
    "trusted-providers", "trust-provider",
    "webhooks", "add-webhook",
    "credentials", "add-app-store-connect-key", "choose-kind", "add-credential",
    "create-certificate", "create-profile", "register-devices", "register-bundle-id", "generate-credential",
    "syncs", "apple-objects", "drift", "device-invitations", "apps", "add-app", "imports", "export",
}  # fmt: skip

# And a word
WORDED = {
    "add-credential": "microsoft-intune-client",
    "generate-credential": "android-keystore",
    "trust-provider": "github",
}
# An app, and a word
OF_SLOTS = {"app-slot": "submission-key", "ensure-signing": "app-store"}
# Routes whose objects are named in what is posted
OF_SEVERAL = {"change-profiles", "change-devices", "change-certificates", "download-profiles"}


class Sent(SimpleUploadedFile):
    """A file that everybody of the cast sends, one after the other."""

    def read(self, *size: int) -> bytes:
        self.seek(0)
        return super().read(*size)


def addresses(route: str, slug: str, held: Holdings, *, every: bool) -> list[str]:
    """The route's address for these objects; where there is one for each collection, the first or `every` one."""
    found = _addresses(route, slug, held)
    return found if every else found[:1]


def _addresses(route: str, slug: str, held: Holdings) -> list[str]:
    if route in WORDED:
        return [reverse(route, args=[slug, WORDED[route]])]
    if route == "usage-file":
        return [f"{reverse(route, args=[slug])}?first=2027-01-01&last=2027-01-31"]
    if route == "apple-objects":
        return [reverse(route, args=[slug, each]) for each in COLLECTIONS]
    if route == "create-profile":
        return [f"{reverse(route, args=[slug])}?key={held.key.pk}&profile_type=IOS_APP_STORE"]
    if route in PLAIN | OF_SEVERAL:
        return [reverse(route, args=[slug])]
    if route in OF_SLOTS:
        return [reverse(route, args=[slug, held.app.pk, OF_SLOTS[route]])]
    if route == "apple-object":
        return [reverse(route, args=[slug, each, held.things[each][0].pk]) for each in COLLECTIONS]
    if route in {"download-apple-object", "fetch-apple-object", "fetch-progress"}:
        return [reverse(route, args=[slug, each, held.things[each][0].pk]) for each in WITH_FILES]
    return [reverse(route, args=[slug, _pk(route, held)])]


def _pk(route: str, held: Holdings) -> Any:
    if route in OF_CREDENTIAL:
        return held.key.credential_id
    return {
        "restore-credential": held.archived.pk,
        **dict.fromkeys(("app", "app-extensions", "app-settings", "remove-app"), held.app.pk),
        **dict.fromkeys(("renew-certificate", "revoke-certificate"), held.things["certificates"][0].pk),
        **dict.fromkeys(("regenerate-profile", "delete-profile"), held.things["profiles"][0].pk),
        **dict.fromkeys(("change-bundle-id", "delete-bundle-id"), held.things["bundle-ids"][0].pk),
        "change-device": held.things["devices"][0].pk,
        "download-credential": held.request.pk,
        "import": held.upload.pk,
        "sync": held.key.sync_runs.get().pk,
        "retry-sync": held.key.sync_runs.get().pk,
        "answer-hold": HeldSweep.objects.get(team=held.key.team_id).pk,
        "change-role": held.membership.pk,
        "remove-member": held.membership.pk,
        "revoke-invitation": held.invitation.pk,
        "revoke-token": held.token.pk,
        **dict.fromkeys(
            (
                "webhook",
                "change-webhook",
                "delete-webhook",
                "replace-webhook-secret",
                "test-webhook",
                "turn-webhook",
            ),
            held.delivery.webhook_id,
        ),
        "deliver-again": held.delivery.pk,
        "revoke-device-invitation": held.device_request.invitation_id,
        "decide-device-request": held.device_request.pk,
        "rotate-token": held.token.pk,
        "remove-provider": held.trusted.pk,
        "archive-sub-organization": held.sub.pk,
        "decide-approval": held.asked.pk,
        "restore-sub-organization": held.archived_sub.pk,
        "destroy-sub-organization": held.archived_sub.pk,
    }[route]


def body(route: str, held: Holdings) -> dict[str, Any]:
    """What is posted: it succeeds wherever the person may do it."""
    key = {"key": str(held.key.pk)}
    things = {name: str(rows[0].pk) for name, rows in held.things.items()}
    return {
        **dict.fromkeys(("renew-certificate", "revoke-certificate", "delete-profile", "delete-bundle-id"), key),
        "add-app": {"platform": "IOS", "identifier": "com.example.more", "policy": "suggest"},
        "app-extensions": {"others": f"{held.app.identifier}.widget"},
        "app-settings": {"name": "Another name", "policy": "off"},
        "app-slot": {"choose": f"credential:{held.key.credential_id}"},
        "create-certificate": key | {"certificate_type": "DISTRIBUTION"},
        "create-profile": {
            "bundle_id": things["bundle-ids"], "certificates": things["certificates"], "name": "New", "confirm": "1",
        },
        "regenerate-profile": key
        | {"certificates": things["certificates"], "devices": things["devices"], "confirm": "1"},
        "change-profiles": key | {"pick": things["profiles"], "do": "delete", "confirm": "1"},
        "change-certificates": key | {"pick": things["certificates"], "confirm": "1"},
        "change-devices": key | {"pick": things["devices"], "do": "disable", "confirm": "1"},
        "download-profiles": {"pick": things["profiles"]},
        "change-device": key | {"name": "Another name", "status": "ENABLED"},
        "change-bundle-id": key | {"name": "Another name"},
        "register-devices": key | {"devices": "00008101-000A11223344001E, Ada's phone", "platform": "IOS"},
        "device-invitations": key | {"name": "Testers", "uses": "1", "days": "7", "when": "approve"},
        "decide-device-request": {"decision": "approve"},
        "register-bundle-id": key | {"identifier": "com.example.new", "name": "New app", "platform": "IOS"},
        "organization-settings": {"name": "Another name"},
        "sub-organizations": {"name": "One more team"},
        "destroy-sub-organization": {"name": held.archived_sub.name},
        "rotate-token": {"overlap": "1", "days": "90"},
        "invite": {"email": "new@example.com", "role": "VIEWER"},
        "change-role": {"role": "DEVELOPER"},
        "rename-credential": {"name": "Another name"},
        "share-credential": {"name": "Another name"},
        "add-app-store-connect-key": {
            "text": P8, "key_id": "NEWKEY1234", "issuer_id": "some-issuer", "key_type": "TEAM",
        },
        "add-credential": {
            "client_id": "6731de76-14a6-49ae-97bc-6eba6914391e", "client_secret": "hush",
            "auth_url": "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token",
        },
        "imports": {"file": Sent("a.zip", b"PK\x03\x04")},
        "import": {"do": "discard"},
        "reveal-credential": {"reason": "For a test", "what": "reveal"},
        "allow-reveal": {"allowed": "no"},
        "decide-approval": {"decision": "refuse"},
        "replace-credential": {"text": P8, "key_type": "TEAM"},
        "fetch-apple-object": {"key": str(held.key.pk)},
    }.get(route, {})  # fmt: skip
