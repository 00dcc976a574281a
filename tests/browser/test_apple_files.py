"""A request is made here, Apple's certificate comes back to it, and profiles say that its key is here."""

from pathlib import Path

from cryptography import x509
from django.urls import reverse
from playwright.sync_api import expect

from credentials.models import Credential
from tests.browser.conftest import Device, Visit
from tests.browser.page_checks import ALL, look
from tests.browser.steps import arrived
from tests.conftest import Cast
from tests.credentials.apple_files import cer, certificate, issue, key, profile


def test_from_a_request_to_a_profile_that_can_be_signed_with(
    visit: Visit, cast: Cast, tmp_path: Path, device: Device
) -> None:
    page = visit("root_owner", on=device)
    found: list[str] = []
    page.goto(reverse("choose-kind", args=["acme"]))
    page.get_by_role("link", name="Certificate signing request").click()
    page.get_by_label("Common Name").fill("Acme CI")
    page.get_by_label("E-mail").fill("ci@acme.example")
    page.get_by_label("Country").fill("DE")
    found += look(page, "add-signing-request", ALL)
    page.get_by_role("button", name="Save").click()
    arrived(page, "Request of Acme CI")
    found += look(page, "signing-request", ALL)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the request").click()
    assert waiting.value.suggested_filename == "request-of-acme-ci.certSigningRequest"
    request = x509.load_pem_x509_csr(Path(waiting.value.path()).read_bytes())

    own = issue(request.public_key())  # type: ignore[arg-type]
    (tmp_path / "distribution.cer").write_bytes(cer(own))
    page.get_by_role("link", name="Add Apple's .cer").click()
    expect(page.get_by_role("heading", name="Add Signing identity")).to_be_visible()
    found += look(page, "add-signing-identity", ALL)
    page.get_by_label("Signing identity (.p12), or Apple's certificate (.cer)").set_input_files(
        tmp_path / "distribution.cer"
    )
    page.get_by_role("button", name="Save").click()
    expect(
        page.get_by_role("heading", name="Apple Distribution: Acme Inc. (ABCDE12345)", level=1)
    ).to_be_visible()
    found += look(page, "signing-identity", ALL)

    files = {
        "Acme_Ad_Hoc.mobileprovision": profile(
            certificate(key(1), name="iPhone Distribution: Somebody"), own
        ),
        "notes.mobileprovision": b"hello",
        "Acme_Store.mobileprovision": profile(
            own, UUID="2" * 8, Name="Acme App Store", ProvisionedDevices=None
        ),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    page.goto(reverse("add-credential", args=["acme", "provisioning-profile"]))
    page.get_by_label("Profiles (.mobileprovision, .provisionprofile)").set_input_files(
        [tmp_path / name for name in files]
    )
    if device.javascript:
        expect(page.locator(".dropzone-name")).to_have_text(", ".join(files))
    found += look(page, "add-profiles", ALL)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 of 3 are stored")).to_be_visible()
    found += look(page, "added-profiles", ALL)
    page.get_by_role("link", name="Example Ad Hoc").click()
    expect(page.get_by_text("the private key of 1 of 2 certificates is here")).to_be_visible()
    found += look(page, "provisioning-profile", ALL)
    assert found == []
    assert Credential.objects.filter(kind="provisioning-profile").count() == 2
