"""What people do on the pages, step by step."""

from pathlib import Path

from django.urls import reverse
from playwright.sync_api import Page, expect

from appstore.sandbox.model import IssuedKey
from organizations.models import Organization, User
from tests import factories


def arrived(page: Page, heading: str) -> None:
    """The page of this heading is there, with its scripts: what a click or a key does before them is lost."""
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    page.wait_for_load_state()


def sign_in(page: Page, user: User) -> None:
    page.goto("/")
    arrived(page, "Sign in")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def open_add_page(page: Page, organization: Organization) -> None:
    page.goto(reverse("add-app-store-connect-key", args=[organization.slug]))


def download(issued: IssuedKey, folder: Path, name: str = "") -> Path:
    """The .p8 as it lies on somebody's disk."""
    path = folder / (name or issued.file_name)
    path.write_bytes(issued.p8)
    return path


def choose_file(page: Page, path: Path) -> None:
    page.get_by_label("Private key file (.p8)").set_input_files(path)
