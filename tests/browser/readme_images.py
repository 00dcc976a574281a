"""The pictures of the README, taken of a running `make demo`. By hand, when the pages have changed:

.venv/bin/python -m tests.browser.readme_images http://127.0.0.1:8000 var/demo/demo_password
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"


def sign_in(page: Page, password: str) -> None:
    page.goto("/")
    page.get_by_label("Email").fill("owner@acme.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Acme", level=1)).to_be_visible()


def open_share_preview(page: Page) -> None:
    """The panel, with one more sub-organization ticked. Nothing is applied."""
    page.get_by_role("link", name="Credentials", exact=True).click()
    page.get_by_role("link", name="Acme App Store", exact=True).click()
    page.get_by_role("link", name="Share…").click()
    page.get_by_role("checkbox", name="Acme Travel").check()
    expect(page.locator("#share-preview")).to_contain_text("Acme Travel gains it")
    page.mouse.move(0, 0)


def main(url: str, password_file: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(base_url=url, viewport={"width": 1280, "height": 840}, color_scheme="light")
        sign_in(page, Path(password_file).read_text().strip())
        page.goto("/")  # without the greeting
        page.screenshot(path=IMAGES / "overview.png", full_page=True)
        open_share_preview(page)
        page.screenshot(path=IMAGES / "share.png", clip={"x": 0, "y": 0, "width": 1280, "height": 740})
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
