"""A key that is here already: replacing its private key is offered, and done when that box is ticked."""

from pathlib import Path

from playwright.sync_api import expect

from appstore.models import AppStoreConnectKey
from appstore.sandbox.model import IssuedKey
from credentials.models import Credential
from credentials.sharing import share, shared_ids
from organizations.actors import SYSTEM
from tests import factories
from tests.browser.conftest import Device, Visit
from tests.browser.page_checks import photograph
from tests.browser.steps import arrived, choose_file, download, open_add_page
from tests.browser.worker import Worker
from tests.conftest import Cast


def test_the_same_key_again_offers_to_replace_it(
    visit: Visit,
    cast: Cast,
    issued: IssuedKey,
    worker: Worker,
    tmp_path: Path,
    device: Device,
) -> None:
    stale = factories.make_key(
        cast.root, name="Acme App Store", key_id=issued.key_id, issuer_id=issued.issuer_id
    )
    share(SYSTEM, stale.credential, with_all=False, chosen=[cast.sub_a])
    worker.wait_until_idle()
    page = visit("root_owner", on=device)
    open_add_page(page, cast.root)
    path = download(issued, tmp_path)
    choose_file(page, path)
    page.get_by_label("Issuer ID", exact=True).fill(issued.issuer_id)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert")).to_contain_text("This key is here already, as “Acme App Store”")
    expect(page.get_by_role("link", name="Open “Acme App Store”")).to_be_visible()
    photograph(page, "duplicate-upload")
    assert Credential.objects.get().secret_changed_at == stale.credential.secret_changed_at

    page.get_by_label("Replace the private key of the existing one").check()
    choose_file(page, path)
    page.get_by_role("button", name="Save").click()
    arrived(page, "Acme App Store")
    expect(page.locator(".card-head .pill")).to_have_text("Works")
    expect(page.get_by_role("heading", name="Certificates 12")).to_be_visible()
    replaced = AppStoreConnectKey.objects.get()
    assert replaced.pk == stale.pk
    assert replaced.credential.secret_changed_at > stale.credential.secret_changed_at
    assert shared_ids(replaced.credential) == {cast.sub_a.pk}
