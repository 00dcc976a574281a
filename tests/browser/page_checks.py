"""Is a page as it should be: structure, names for screen readers, widths, contrast. No library, no network."""

from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page

CHECKS = (Path(__file__).parent / "page_checks.js").read_text()
SCREENSHOTS = settings.BASE_DIR / "var" / "screenshots"


def problems_of(page: Page) -> list[str]:
    """In the size and colours that the page has now."""
    found: list[str] = page.evaluate(CHECKS)
    return found


def photograph(page: Page, name: str) -> None:
    """The whole page, into var/screenshots/ for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size or {"width": 0}
    page.screenshot(path=SCREENSHOTS / f"{name}-{size['width']}.png", full_page=True, animations="disabled")
