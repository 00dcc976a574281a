"""Apple's resources as the values of our rows: pure translation, no database.

A resource that came without its file (see `AppStoreConnectClient.profiles`) has no values that follow from the file:
what is stored of them stays.
"""

from typing import Any

from appstore.client import resources
from appstore.profile_contents import columns_of, contents_of
from credentials.parsing.certificate import parse_certificate
from credentials.parsing.errors import ParsingError
from credentials.parsing.udid import normalise_udid


def certificate_row(certificate: resources.Certificate) -> dict[str, Any]:
    row: dict[str, Any] = {
        "apple_id": certificate.id,
        "name": certificate.name,
        "platform": certificate.platform,
        "display_name": certificate.display_name,
        "certificate_type": certificate.certificate_type,
        "serial_number": certificate.serial_number.lstrip("0").upper(),
        "expiration_date": certificate.expiration_date,
    }
    if not certificate.certificate_content:
        if certificate.expiration_date is None:
            del row["expiration_date"]  # it may have come from the file
        return row
    row["certificate_content"] = certificate.certificate_content
    try:
        facts = parse_certificate(certificate.certificate_content)
    except ParsingError:  # Apple's bytes are kept as they came; only what we read from them is missing
        return row | {"sha1": "", "sha256": "", "public_key_sha256": ""}
    row["expiration_date"] = certificate.expiration_date or facts.not_after
    return row | {"sha1": facts.sha1, "sha256": facts.sha256, "public_key_sha256": facts.public_key_sha256}


def bundle_id_row(bundle_id: resources.BundleId) -> dict[str, Any]:
    return {
        "apple_id": bundle_id.id,
        "name": bundle_id.name,
        "platform": bundle_id.platform,
        "identifier": bundle_id.identifier,
        "seed_id": bundle_id.seed_id,
        "capabilities": list(bundle_id.capabilities),
    }


def device_row(device: resources.Device) -> dict[str, Any]:
    return {
        "apple_id": device.id,
        "name": device.name,
        "platform": device.platform,
        "udid": device.udid,
        "udid_key": normalise_udid(device.udid),
        "device_class": device.device_class,
        "status": device.status,
        "model": device.model,
        "added_date": device.added_date,
    }


def profile_row(profile: resources.Profile) -> dict[str, Any]:
    row: dict[str, Any] = {
        "apple_id": profile.id,
        "name": profile.name,
        "platform": profile.platform,
        "profile_type": profile.profile_type,
        "profile_state": profile.profile_state,
        "uuid": profile.uuid,
        "created_date": profile.created_date,
        "expiration_date": profile.expiration_date,
    }
    # Apple sends no content for an invalid profile; the copy that we have stays.
    if profile.profile_content:
        row["profile_content"] = profile.profile_content
        row |= columns_of(contents_of(profile.profile_content))
    return row
