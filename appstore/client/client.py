"""The client of one key: everything that `reading` reads, and the writes.

https://developer.apple.com/documentation/appstoreconnectapi
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from . import reconcile
from .reading import ReadingClient, ResourcePage, object_path, one_object
from .resources import BundleId, Capability, Certificate, Device, Profile

__all__ = ["APP_STORE_CONNECT_URL", "ENTERPRISE_URL", "AppStoreConnectClient", "ResourcePage"]

APP_STORE_CONNECT_URL = "https://api.appstoreconnect.apple.com"
ENTERPRISE_URL = "https://api.enterprise.developer.apple.com"

Settings = Sequence[Mapping[str, Any]]
Resource = TypeVar("Resource")


class AppStoreConnectClient(ReadingClient):
    """Every method raises AppStoreConnectError for whatever goes wrong at Apple or on the way (see `errors`).

    Only a 401 is repeated, once, with a new token. A write whose answer was lost is looked for, twice,
    `reconcile_pause` seconds apart: it returns what it did, or raises where nothing can be found of it.
    Ids are Apple's. A session that is passed in (see `new_session`) stays open on `close()`. For one thread at
    a time.
    """

    reconcile_pause = 3.0

    # Certificates

    def create_certificate(self, csr_pem: str, certificate_type: str) -> Certificate:
        """A certificate for the key of a signing request (RSA 2048). ValueError where that is none.

        LimitReached: the team has as many as Apple allows. A lost one is found by its key: use a key once.
        """
        public_key = reconcile.public_key_of(csr_pem)
        attributes = {"csrContent": csr_pem, "certificateType": certificate_type}
        return self._create(
            "certificates",
            attributes,
            {},
            Certificate.from_json,
            lambda: reconcile.certificate_for(self, public_key, certificate_type),
        )

    def revoke_certificate(self, certificate_id: str) -> None:
        """For good. The profiles that hold it become invalid."""
        self._delete("certificates", certificate_id)

    # Profiles

    def create_profile(
        self,
        name: str,
        profile_type: str,
        bundle_id: str,
        certificate_ids: Sequence[str],
        device_ids: Sequence[str] = (),
    ) -> Profile:
        """AlreadyExists: the name is taken. Only profiles for development and ad hoc ones take devices."""
        relationships: dict[str, Any] = {
            "bundleId": _linked("bundleIds", bundle_id),
            "certificates": {"data": [_reference("certificates", each) for each in certificate_ids]},
        }
        if device_ids:
            relationships["devices"] = {"data": [_reference("devices", each) for each in device_ids]}
        wanted = reconcile.WantedProfile(name, profile_type, bundle_id, datetime.now(UTC))
        made = self._create(
            "profiles",
            {"name": name, "profileType": profile_type},
            relationships,
            Profile.from_json,
            lambda: reconcile.profile_like(self, wanted),
        )
        # Apple's answer to a POST leaves the relationships out.
        return replace(
            made,
            bundle_id=bundle_id,
            certificate_ids=tuple(certificate_ids),
            device_ids=tuple(device_ids),
            relationships_complete=True,
            relationships_told=True,
        )

    def delete_profile(self, profile_id: str) -> None:
        self._delete("profiles", profile_id)

    # Devices

    def register_device(self, name: str, udid: str, platform: str) -> Device:
        """AlreadyExists: it is registered. `platform` is MAC_OS for Macs, and IOS for everything else."""
        return self._create(
            "devices",
            {"name": name, "udid": udid, "platform": platform},
            {},
            Device.from_json,
            lambda: reconcile.device_with(self, udid),
        )

    def update_device(self, device_id: str, name: str | None = None, status: str | None = None) -> Device:
        """Rename it, or make it ENABLED or DISABLED; a disabled one keeps its place in Apple's count."""

        def look() -> Device | None:
            found = self.device(device_id)
            is_so = name in (None, found.name) and status in (None, found.status)
            return found if is_so else None

        changes = {"name": name, "status": status}
        return self._update("devices", device_id, changes, Device.from_json, look)

    # Bundle IDs and capabilities

    def register_bundle_id(self, identifier: str, name: str, platform: str) -> BundleId:
        """AlreadyExists: it is taken, by this team or another."""
        return self._create(
            "bundleIds",
            {"identifier": identifier, "name": name, "platform": platform},
            {},
            BundleId.from_json,
            lambda: reconcile.bundle_id_with(self, identifier),
        )

    def rename_bundle_id(self, bundle_id: str, name: str) -> BundleId:
        def look() -> BundleId | None:
            found = self.bundle_id(bundle_id)
            return found if found.name == name else None

        return self._update("bundleIds", bundle_id, {"name": name}, BundleId.from_json, look)

    def delete_bundle_id(self, bundle_id: str) -> None:
        """Its profiles become invalid. Apple refuses it for one that an app uses."""
        self._delete("bundleIds", bundle_id)

    def enable_capability(
        self, bundle_id: str, capability_type: str, settings: Settings | None = None
    ) -> Capability:
        """As every change of capabilities, it makes the profiles of the bundle ID invalid."""
        attributes: dict[str, Any] = {"capabilityType": capability_type}
        if settings is not None:
            attributes["settings"] = list(settings)
        return self._create(
            "bundleIdCapabilities",
            attributes,
            {"bundleId": _linked("bundleIds", bundle_id)},
            Capability.from_json,
            lambda: reconcile.capability_of(self, bundle_id, capability_type),
        )

    def update_capability(self, capability_id: str, settings: Settings) -> Capability:
        """Other settings. Where the answer is lost it may be sent again: it says what is to be, and not what to do."""
        changes = {"settings": list(settings)}
        return self._update(
            "bundleIdCapabilities", capability_id, changes, Capability.from_json, lambda: None
        )

    def disable_capability(self, capability_id: str) -> None:
        self._delete(
            "bundleIdCapabilities", capability_id, lambda: reconcile.is_disabled(self, capability_id)
        )

    # What all of them do

    def _create(
        self,
        collection: str,
        attributes: Mapping[str, Any],
        relationships: Mapping[str, Any],
        from_json: Callable[[Mapping[str, Any]], Resource],
        look: Callable[[], Resource | None],
    ) -> Resource:
        data = {"type": collection, "attributes": attributes}
        if relationships:
            data["relationships"] = relationships
        return self._write("POST", f"/v1/{collection}", data, from_json, look)

    def _update(
        self,
        collection: str,
        object_id: str,
        changes: Mapping[str, Any],
        from_json: Callable[[Mapping[str, Any]], Resource],
        look: Callable[[], Resource | None],
    ) -> Resource:
        attributes = {name: value for name, value in changes.items() if value is not None}
        data = {"type": collection, "id": object_id, "attributes": attributes}
        return self._write("PATCH", object_path(f"/v1/{collection}", object_id), data, from_json, look)

    def _write(
        self,
        method: str,
        path: str,
        data: Mapping[str, Any],
        from_json: Callable[[Mapping[str, Any]], Resource],
        look: Callable[[], Resource | None],
    ) -> Resource:
        def write() -> Resource:
            answer = self._transport.send(method, self._origin.url(path), {"data": data})
            return from_json(one_object(answer.document))

        return reconcile.settled(write, look, self.reconcile_pause)

    def _delete(self, collection: str, object_id: str, look: Callable[[], bool | None] | None = None) -> None:
        path = object_path(f"/v1/{collection}", object_id)

        def write() -> bool:
            self._transport.send("DELETE", self._origin.url(path))
            return True

        reconcile.settled(write, look or (lambda: reconcile.is_gone(self, path)), self.reconcile_pause)


def _reference(collection: str, object_id: str) -> dict[str, str]:
    return {"type": collection, "id": object_id}


def _linked(collection: str, object_id: str) -> dict[str, Any]:
    return {"data": _reference(collection, object_id)}
