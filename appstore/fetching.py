"""A fresh copy of one of Apple's objects, with the key that somebody chose."""

from typing import Any

from appstore.client.client import AppStoreConnectClient
from appstore.client.errors import NotFound
from appstore.collections import COLLECTIONS
from appstore.links import Linker
from appstore.mirror import stored_without_files, write_page
from appstore.models import Profile, SyncRun


def fetch_one(run: SyncRun, client: AppStoreConnectClient) -> None:
    """A fresh copy of the one certificate or profile that the run's target names. Raises NotFound."""
    name, _, row_id = run.target.partition("/")
    collection = COLLECTIONS[name]
    stored = stored_without_files(collection, run.mirrored_team).filter(pk=row_id).first()
    if stored is None or collection.whole is None:
        raise NotFound("It is not in CredHub any more.", status=404)
    found: Any = (
        client.profile(stored.apple_id) if name == "profiles" else client.certificate(stored.apple_id)
    )
    with run.commit():
        written = write_page(run, collection, [collection.row(found)], is_first=False)
        if collection.model is Profile:
            Linker(run.mirrored_team).link_found([found])
        run.counts = {name: written.counts.as_dict()}
