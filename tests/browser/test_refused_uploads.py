"""What cannot be a key is refused beside its field, stored nowhere and put back into no page."""

import re
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.urls import reverse
from playwright.sync_api import Page, expect

from appstore.models import AppStoreConnectKey
from appstore.sandbox.model import IssuedKey
from credentials.models import Credential
from tests import factories
from tests.browser.conftest import Device, Visit
from tests.browser.page_checks import photograph
from tests.browser.steps import choose_file, open_add_page
from tests.conftest import Cast

PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8


def _pkcs8(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(PEM, PKCS8, serialization.NoEncryption())


def _public() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


WRONG: dict[str, tuple[Callable[[], bytes], str]] = {
    "an RSA key": (lambda: _pkcs8(rsa.generate_private_key(65537, 2048)), "RSA"),
    "another curve": (lambda: _pkcs8(ec.generate_private_key(ec.SECP384R1())), "P-384"),
    "a public key": (_public, "public key"),
    "two keys": (lambda: factories.make_p8() + factories.make_p8(), "one|two|more"),
    "nothing": (lambda: b"", "empty"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), ""),
    "too much": (lambda: b"A" * 9000, "KiB|large|big"),
}


def expect_refused(page: Page, field: str, words: str) -> None:
    """One message, at the field, which says that it is in error."""
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved.")
    message = page.locator(f"#id_{field}_error")
    expect(message).to_be_visible()
    expect(message).to_contain_text(re.compile(words or ".", re.IGNORECASE))
    holder = page.locator(".has-error", has=page.locator(f"#id_{field}"))
    expect(holder.locator(".errors")).to_have_count(1)
    assert Credential.objects.count() == 0


def test_each_wrong_file_says_what_it_is(visit: Visit, cast: Cast, tmp_path: Path) -> None:
    page = visit("root_owner")
    open_add_page(page, cast.root)
    page.get_by_label("Issuer ID", exact=True).fill("57246542-96fe-1a63-e053-0824d011072a")
    said = set()
    for make, words in WRONG.values():
        path = tmp_path / "AuthKey_ABCDE12345.p8"
        path.write_bytes(make())
        choose_file(page, path)
        with page.expect_navigation():  # the page looks the same, but for the message
            page.get_by_role("button", name="Save").click()
        expect_refused(page, "file", words)
        said.add(page.locator("#id_file_error").inner_text())
    assert len(said) == len(WRONG)


def test_pasted_text_comes_back_in_no_form(visit: Visit, cast: Cast, device: Device) -> None:
    page = visit("root_owner", on=device)
    open_add_page(page, cast.root)
    pasted = _pkcs8(ec.generate_private_key(ec.SECP384R1())).decode()
    page.get_by_text("Paste the key as text instead").click()
    page.get_by_label("Or paste its text").fill(pasted)
    page.get_by_label("Key ID", exact=True).fill("ABCDE12345")
    page.get_by_label("Name", exact=True).fill("Kept")
    page.get_by_role("button", name="Save").click()
    expect_refused(page, "text", "P-384")
    photograph(page, "refused-upload")
    expect(page.get_by_label("Or paste its text")).to_be_visible()  # its fold is open, where the message is
    expect(page.get_by_label("Or paste its text")).to_have_value("")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Kept")
    body = "".join(pasted.splitlines()[1:-1])
    shown = re.sub(r"\s", "", page.content())
    assert not [at for at in range(0, len(body) - 20, 10) if body[at : at + 20] in shown]


def test_a_key_that_apple_does_not_know_is_kept_and_said_to_be_refused(
    visit: Visit, cast: Cast, issued: IssuedKey, tmp_path: Path, device: Device
) -> None:
    page = visit("root_owner", on=device)
    open_add_page(page, cast.root)
    path = tmp_path / issued.file_name
    path.write_bytes(factories.make_p8())  # not the one that Apple made
    choose_file(page, path)
    page.get_by_label("Issuer ID", exact=True).fill(issued.issuer_id)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".card-head .pill")).to_have_text("Refused by Apple")
    key = AppStoreConnectKey.objects.get()
    page.goto(reverse("overview", args=[cast.root.slug]))
    attention = page.locator("section", has=page.get_by_role("heading", name="Keys that need attention"))
    expect(attention.get_by_role("link", name=key.credential.name)).to_be_visible()
