"""Every page opens for the person it is for."""

import pytest
from django.urls import reverse

from appstore.models import AppStoreConnectKey
from tests import factories
from tests.conftest import Cast

PAGES = ["overview", "credentials", "add-app-store-connect-key", "syncs", "members", "activity", "sub-organizations",
         "organization-settings"]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_pages_open(cast: Cast, root_key: AppStoreConnectKey, name: str) -> None:
    answer = cast.client("root_owner").get(reverse(name, args=[cast.root.slug]))
    assert answer.status_code == 200


@pytest.mark.parametrize("collection", ["certificates", "profiles", "bundle-ids", "devices"])
def test_collections_open(cast: Cast, root_key: AppStoreConnectKey, collection: str) -> None:
    assert root_key.team is not None
    rows = factories.mirror(root_key.team)[collection]
    client = cast.client("root_owner")
    assert client.get(reverse("apple-objects", args=[cast.root.slug, collection])).status_code == 200
    assert (
        client.get(reverse("apple-object", args=[cast.root.slug, collection, rows[0].pk])).status_code == 200
    )
