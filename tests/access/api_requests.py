"""What the API's matrix asks: the id in the address, and the body."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from appstore.models import SyncRun
from tests.access.api import BUILDS
from tests.access.world import Holdings, World

# Which of the ids stands in the address of what an operation is about
_OF = {
    "certificate": "certificate", "profile": "profile", "bundle_id": "bundle_id", "device": "device", "sync": "sync",
    "app": "app", "import": "upload",
    "restore_credential": "archived", "download_credential": "request",
}  # fmt: skip


@dataclass(frozen=True)
class Ids:
    """Of one of everything that belongs together."""

    key: uuid.UUID  # as a credential
    request: uuid.UUID
    archived: uuid.UUID
    certificate: uuid.UUID
    profile: uuid.UUID
    bundle_id: uuid.UUID
    device: uuid.UUID
    sync: uuid.UUID
    app: uuid.UUID
    upload: uuid.UUID
    signed: str = "com.example.nobodys"  # the bundle ID of an app

    def in_address(self, operation: str) -> uuid.UUID:
        for word, name in _OF.items():
            if operation.endswith(word):
                found: uuid.UUID = getattr(self, name)
                return found
        return self.key


NOBODYS = Ids(*(uuid.uuid4() for _ in range(10)))


def ids_of(held: Holdings) -> Ids:
    things = {name: rows[0].pk for name, rows in held.things.items()}
    return Ids(
        key=held.key.credential_id,
        request=held.request.pk,
        archived=held.archived.pk,
        certificate=things["certificates"],
        profile=things["profiles"],
        bundle_id=things["bundle-ids"],
        device=things["devices"],
        sync=SyncRun.objects.get(key=held.key).pk,
        app=held.app.pk,
        upload=held.upload.pk,
        signed=held.app.identifier,
    )


def ids_for(world: World, member: str) -> dict[str, list[Ids]]:
    """Place → the ids that stand for it, seen by this member's token."""
    held = {name: ids_of(holdings) for name, (_slug, holdings) in world.places.items()}
    globex = ids_of(world.elsewhere["the root asks for the outsider's"][2])
    withdrawn = ids_of(world.elsewhere["sub A asks for what the root shared and then archived"][2])
    own, shared, elsewhere = {
        "root_owner": ("root", None, [globex, held["sub"]]),
        "sub_a_admin": ("sub", "shared", [held["root"], withdrawn]),
        "sub_a_developer": ("sub", "shared", [globex]),
        BUILDS: (None, "shared", []),
        "sub_b_developer": (None, "everyone", [held["shared"]]),
        "outsider": (None, None, [held["everyone"]]),
    }.get(member, ("root", None, [globex]))
    return {
        "own": [globex] if member == "outsider" else [held[own]] if own else [],
        "shared": [held[shared]] if shared else [],
        "elsewhere": elsewhere,
    }


def query(operation: str, ids: Ids) -> str:
    """With what is asked for, where an address alone is no question."""
    return {
        "get_signing_assets": f"?bundle_id={ids.signed}",
        "get_android_signing_assets": f"?application_id={ids.signed}",
        "list_choices_for_app": "?slot=submission-key",
    }.get(operation, "")


def files(operation: str) -> dict[str, Any] | None:
    """What is sent as a form, and not as JSON."""
    return {"file": SimpleUploadedFile("a.zip", b"PK\x03\x04")} if operation == "create_import" else None


def body(operation: str, ids: Ids) -> dict[str, Any] | None:
    key = {"app_store_connect_key": str(ids.key)}
    ingredients = {
        "bundle_id": str(ids.bundle_id), "certificates": [str(ids.certificate)], "devices": [str(ids.device)],
    }  # fmt: skip
    tenant = "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token"
    client = {"client_id": "6731DE76-14a6-49ae-97bc-6eba6914391e", "client_secret": "a", "auth_url": tenant}
    return {
        "create_credential": {"kind": "microsoft-intune-client", "fields": client},
        "replace_credential": {},
        "rename_credential": {"name": "Another name"},
        "reveal_credential": {"purpose": "a test"},
        "set_shares": {"shared_with_all": True},
        "create_app_store_connect_key": {},
        "replace_app_store_connect_key": {},
        "mint_apple_token": {"scope": ["GET /v1/apps"], "purpose": "a test"},
        "create_certificate": {"certificate_type": "DISTRIBUTION", **key},
        "renew_certificate": {},
        "create_profile": {"profile_type": "IOS_APP_ADHOC", "name": "New", **ingredients, **key},
        "regenerate_profile": {},
        "register_bundle_id": {"identifier": "com.example.new", "name": "New", **key},
        "change_bundle_id": {"name": "New"},
        "register_devices": {"devices": [{"name": "New", "udid": "00008101-000A11223344001E"}], **key},
        "change_device": {"name": "New"},
        "request_sync": key,
        "create_app": {"platform": "IOS", "identifier": "com.example.another"},
        "ensure_app": {"distribution": "ad-hoc"},
        "change_app": {"policy": "off"},
        "freeze_app": {"because": "in review"},
        "assign_to_app": {"slot": "submission-key", "choice": f"credential:{ids.key}"},
        "read_again_import": {},
        "apply_import": {},
        "unassign_from_app": {"slot": "push-key"},
        "set_default_of_app": {"slot": "push-key", "assignment": str(ids.request)},
    }.get(operation)
