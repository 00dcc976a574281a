"""Apple's four lists: how each is asked for, and how its resources become rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from appstore.client.client import AppStoreConnectClient, ResourcePage
from appstore.mirror_rows import bundle_id_row, certificate_row, device_row, profile_row
from appstore.models import BundleId, Certificate, Device, Profile
from appstore.models.apple_objects import AppleObject

Pages = Iterator[ResourcePage[Any]]


@dataclass(frozen=True)
class Collection:
    """`pages(client, start_url, seen, files)` is the list (see `ReadingClient`), without the files of its objects when
    `files` is False; `whole` are some of them with their files, None for lists whose objects have none."""

    name: str
    label: str
    model: type[AppleObject]
    pages: Callable[[AppStoreConnectClient, str | None, AbstractSet[str], bool], Pages]
    row: Callable[[Any], dict[str, Any]]
    whole: Callable[[AppStoreConnectClient, Iterable[str]], Pages] | None = None
    file: str = ""  # the column of the object's file
    version: Sequence[str] = ()  # the columns that differ where the file is another one
    has_file: Callable[[Any], bool] = lambda _resource: True  # whether Apple has a file of it


# Profiles come last: they link to all the others.
COLLECTIONS: dict[str, Collection] = {
    each.name: each
    for each in (
        Collection(
            "bundleIds",
            "Bundle IDs",
            BundleId,
            lambda client, url, seen, _files: client.bundle_ids(url, seen=seen),
            bundle_id_row,
        ),
        Collection(
            "certificates",
            "Certificates",
            Certificate,
            lambda client, url, seen, files: client.certificates(url, seen=seen, files=files),
            certificate_row,
            lambda client, ids: client.certificates_of(ids),
            "certificate_content",
            ["serial_number", "expiration_date"],
            lambda certificate: certificate.expiration_date is not None,  # a pending one has none yet
        ),
        Collection(
            "devices",
            "Devices",
            Device,
            lambda client, url, seen, _files: client.devices(url, seen=seen),
            device_row,
        ),
        Collection(
            "profiles",
            "Profiles",
            Profile,
            lambda client, url, seen, files: client.profiles(url, seen=seen, files=files),
            profile_row,
            lambda client, ids: client.profiles_of(ids),
            "profile_content",
            ["uuid"],
            lambda profile: profile.profile_state != "INVALID",
        ),
    )
}
