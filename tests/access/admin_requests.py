"""What is asked in the admin: the addresses, the objects in them, and POSTs that succeed for whoever may send them."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from appstore.models import APP_STORE_CONNECT_KEY, HeldSweep, KeyPreference, ObjectChange
from credentials.models import Credential, DataKey, Share
from organizations.models import AuditEvent
from tests import factories
from tests.access.requests import P8
from tests.access.world import Holdings, World


def site_address(route: str, place: str, world: World) -> str:
    """The address of one of the site's own pages."""
    if route == "admin:view_on_site":
        held = world.places["root"][1]
        return reverse(route, args=[ContentType.objects.get_for_model(Credential).pk, held.key.credential_id])
    if route == "admin:app_list":
        return reverse(route, args=["organizations"])
    if route == "admin:autocomplete" and place == "people":
        return f"{reverse(route)}?app_label=organizations&model_name=membership&field_name=user&term=a"
    return "/admin/nothing/here/" if route.startswith("admin/") else reverse(route)


def prepare(world: World) -> None:
    """What only the admin shows."""
    for place, user in (("root", world.cast.root_owner), ("sub", world.cast.sub_a_admin)):
        key = world.places[place][1].key
        KeyPreference.objects.create(user=user, team=key.team, key=key)
    for device in {held.things["devices"][0] for _, held in world.places.values()}:
        factories.make_change(device)


def objects(place: str, held: Holdings) -> dict[str, Any]:
    """Model → the id of one of its objects in this place. A model without one there is left out."""
    credential = held.key.credential
    shares = Share.objects.filter(credential=credential)
    everywhere = {
        "credentials_credential": credential.pk,
        "appstore_appstoreconnectkey": held.key.pk,
        "appstore_developerteam": held.key.team_id,
        "appstore_certificate": held.things["certificates"][0].pk,
        "appstore_profile": held.things["profiles"][0].pk,
        "appstore_bundleid": held.things["bundle-ids"][0].pk,
        "appstore_device": held.things["devices"][0].pk,
        "appstore_syncrun": held.key.sync_runs.get().pk,
        "appstore_objectchange": ObjectChange.objects.get(team=held.key.team).pk,
        "appstore_heldsweep": HeldSweep.objects.get(team=held.key.team).pk,
    }
    if place == "shared":
        return {**everywhere, "credentials_share": shares.get().pk}
    owner = credential.organization
    own = {
        "organizations_organization": owner.pk,
        "organizations_user": held.membership.user_id,
        "organizations_membership": held.membership.pk,
        "organizations_invitation": held.invitation.pk,
        "organizations_apitoken": held.token.pk,
        "organizations_trustpolicy": held.trusted.pk,
        "organizations_webhook": held.delivery.webhook_id,
        "organizations_webhookdelivery": held.delivery.pk,
        "organizations_auditevent": AuditEvent.objects.filter(organization=owner)[0].pk,
        "credentials_revealrequest": held.asked.pk,
        "credentials_datakey": DataKey.objects.get(organization=owner).pk,
        "appstore_app": held.app.pk,
        "appstore_assignment": held.app.assignments.get().pk,
        "appstore_deviceinvitation": held.device_request.invitation_id,
        "appstore_devicerequest": held.device_request.pk,
        "appstore_importupload": held.upload.pk,
        "appstore_importitem": held.upload.items.get().pk,
        "appstore_keypreference": KeyPreference.objects.get(key=held.key).pk,
    }
    if place == "sub":
        return {**everywhere, **own}
    return {
        **everywhere,
        **own,
        "credentials_share": Share.objects.get(credential__kind=APP_STORE_CONNECT_KEY).pk,
    }


def model_address(label: str, operation: str, pk: Any) -> str:
    if operation in {"changelist", "add"}:
        return reverse(f"admin:{label}_{operation}")
    if operation == "object":
        return reverse(f"admin:{label}_change", args=[pk]).removesuffix("change/")
    return reverse(f"admin:{label}_{operation}", args=[pk])


def model_body(label: str, operation: str, place: str, world: World, pk: Any) -> dict[str, Any]:
    if operation == "changelist":
        action = {"any": "delete_selected", "sync": "sync_now"}[place]
        return {"action": action, "_selected_action": str(pk), "post": "yes"}
    if operation == "delete":
        return {"post": "yes"}
    cast = world.cast
    return {
        "organizations_organization": {"name": "Another name"},
        "organizations_user": {"name": "Another name", "is_active": "on"},
        "credentials_credential": {"name": "Another name"},
        "appstore_appstoreconnectkey": {
            "organization": str(cast.root.pk), "text": P8, "key_id": "NEWKEY1234", "issuer_id": "some-issuer",
            "key_type": "TEAM",
        },
    }.get(label, {})  # fmt: skip
