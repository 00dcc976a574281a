"""Is a page as it should be: structure, names for screen readers, widths, contrast. No library, no network."""

import itertools
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.sync_api import Page

CHECKS = (Path(__file__).parent / "page_checks.js").read_text()
SCREENSHOTS = settings.BASE_DIR / "var" / "screenshots"
DESKTOP: Any = {"width": 1280, "height": 900}
PHONE: Any = {"width": 390, "height": 844}


# Shapes depend on the width, contrasts on the colours: both of both are looked at, each pair only where it is asked for
SOME = ((DESKTOP, "light"), (PHONE, "dark"))
ALL = tuple(itertools.product((DESKTOP, PHONE), ("light", "dark")))


def look(page: Page, name: str, looks: tuple[tuple[Any, Any], ...] = SOME) -> list[str]:
    """What is wrong with the page at these widths and in these colours. Leaves it as it was, in light colours."""
    page.wait_for_load_state()  # a click returns when the next page has begun: its styles may be on their way
    before = page.viewport_size
    found = []
    for size, scheme in looks:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        photograph(page, f"{name}-{scheme}")
        problems: list[str] = page.evaluate(CHECKS)
        found += [f"{name} ({page.url}), {size['width']}, {scheme}: {each}" for each in problems]
    page.emulate_media(color_scheme="light")
    if before:
        page.set_viewport_size(before)
    return found


def photograph(page: Page, name: str) -> None:
    """The whole page, into var/screenshots/, when somebody wants to look at it (SCREENSHOTS=1)."""
    if not os.environ.get("SCREENSHOTS"):
        return
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size or {"width": 0}
    page.screenshot(path=SCREENSHOTS / f"{name}-{size['width']}.png", full_page=True, animations="disabled")
