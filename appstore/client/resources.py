"""Apple's objects, under Apple's names in snake_case.

Unknown fields are ignored, absent text is "", absent values are None, and Apple's enum values stay text: new
ones (DISTRIBUTION_MANAGED, EXPIRED, SERVICES …) appear without notice and must not break anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from organizations.words import clean

from .json_values import decoded, flag, mapping, moment, related_id, related_ids


@dataclass(frozen=True, slots=True)
class Certificate:
    """https://developer.apple.com/documentation/appstoreconnectapi/certificate"""

    id: str
    name: str
    certificate_type: str
    display_name: str
    serial_number: str  # upper-case hex without leading zeros
    platform: str  # "" for the types that serve all platforms
    expiration_date: datetime | None
    certificate_content: bytes | None = field(repr=False)  # DER; None while the request is pending
    activated: bool | None  # of Apple Pay certificates only; says nothing about validity

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        attributes = mapping(data.get("attributes"))
        return cls(
            id=clean(data.get("id")),
            name=clean(attributes.get("name")),
            certificate_type=clean(attributes.get("certificateType")),
            display_name=clean(attributes.get("displayName")),
            serial_number=clean(attributes.get("serialNumber")).upper().lstrip("0"),
            platform=clean(attributes.get("platform")),
            expiration_date=moment(attributes.get("expirationDate")),
            certificate_content=decoded(attributes.get("certificateContent")),
            activated=flag(attributes.get("activated")),
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """https://developer.apple.com/documentation/appstoreconnectapi/profile

    `relationships_told` is False when certificates or devices were not included; `relationships_complete` also
    when they were possibly cut at 50: then the profile's own content has the full lists.
    """

    id: str
    name: str
    platform: str
    profile_type: str
    profile_state: str
    uuid: str
    created_date: datetime | None
    expiration_date: datetime | None
    profile_content: bytes | None = field(repr=False)  # CMS; None for invalid profiles
    bundle_id: str | None  # the id of the related BundleId object, not its identifier
    certificate_ids: tuple[str, ...]
    device_ids: tuple[str, ...]
    relationships_complete: bool
    relationships_told: bool

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        attributes = mapping(data.get("attributes"))
        relationships = mapping(data.get("relationships"))
        certificate_ids, all_certificates = related_ids(relationships, "certificates")
        device_ids, all_devices = related_ids(relationships, "devices")
        return cls(
            id=clean(data.get("id")),
            name=clean(attributes.get("name")),
            platform=clean(attributes.get("platform")),
            profile_type=clean(attributes.get("profileType")),
            profile_state=clean(attributes.get("profileState")),
            uuid=clean(attributes.get("uuid")),
            created_date=moment(attributes.get("createdDate")),
            expiration_date=moment(attributes.get("expirationDate")),
            profile_content=decoded(attributes.get("profileContent")),
            bundle_id=related_id(relationships, "bundleId"),
            certificate_ids=certificate_ids,
            device_ids=device_ids,
            relationships_complete=all_certificates and all_devices,
            relationships_told="data" in mapping(relationships.get("certificates")),
        )


@dataclass(frozen=True, slots=True)
class BundleId:
    """https://developer.apple.com/documentation/appstoreconnectapi/bundleid"""

    id: str
    name: str
    platform: str
    identifier: str
    seed_id: str  # the App ID prefix, mostly the team id
    capabilities: tuple[str, ...] = ()  # Apple's types, sorted, where they were included

    @classmethod
    def from_json(cls, data: Mapping[str, Any], capabilities: Mapping[str, str] | None = None) -> Self:
        """`capabilities`: id → type of those that came with it (see `capability_types`)."""
        attributes = mapping(data.get("attributes"))
        ids, _all = related_ids(mapping(data.get("relationships")), "bundleIdCapabilities")
        return cls(
            id=clean(data.get("id")),
            name=clean(attributes.get("name")),
            platform=clean(attributes.get("platform")),
            identifier=clean(attributes.get("identifier")),
            seed_id=clean(attributes.get("seedId")),
            capabilities=tuple(sorted({(capabilities or {}).get(each, "") for each in ids} - {""})),
        )


def capability_types(included: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Id → capability type, of the objects that came with a list of bundle IDs."""
    return {
        clean(item.get("id")): clean(mapping(item.get("attributes")).get("capabilityType"))
        for item in included
        if item.get("type") == "bundleIdCapabilities"
    }


@dataclass(frozen=True, slots=True)
class Capability:
    """https://developer.apple.com/documentation/appstoreconnectapi/bundleidcapability

    `settings` are as Apple writes them: nobody but Apple knows all their keys.
    """

    id: str
    capability_type: str
    settings: tuple[Mapping[str, Any], ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        attributes = mapping(data.get("attributes"))
        settings = attributes.get("settings")
        return cls(
            id=clean(data.get("id")),
            capability_type=clean(attributes.get("capabilityType")),
            settings=tuple(filter(None, map(mapping, settings))) if isinstance(settings, list) else (),
        )


@dataclass(frozen=True, slots=True)
class Device:
    """https://developer.apple.com/documentation/appstoreconnectapi/device"""

    id: str
    name: str
    platform: str
    udid: str  # in Apple's spelling, which varies for one device
    device_class: str
    status: str
    model: str
    added_date: datetime | None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        attributes = mapping(data.get("attributes"))
        return cls(
            id=clean(data.get("id")),
            name=clean(attributes.get("name")),
            platform=clean(attributes.get("platform")),
            udid=clean(attributes.get("udid")),
            device_class=clean(attributes.get("deviceClass")),
            status=clean(attributes.get("status")),
            model=clean(attributes.get("model")),
            added_date=moment(attributes.get("addedDate")),
        )


@dataclass(frozen=True, slots=True)
class App:
    """https://developer.apple.com/documentation/appstoreconnectapi/app"""

    id: str
    name: str
    bundle_id: str
    sku: str
    primary_locale: str

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        attributes = mapping(data.get("attributes"))
        return cls(
            id=clean(data.get("id")),
            name=clean(attributes.get("name")),
            bundle_id=clean(attributes.get("bundleId")),
            sku=clean(attributes.get("sku")),
            primary_locale=clean(attributes.get("primaryLocale")),
        )
