"""Browser tabs that the tests take turns with. Opening one costs more than most of what is done in it."""

from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.watch import Watch


class Tabs:
    """Each tab has a context of its own: its own cookies and cache, as another person's browser."""

    def __init__(self, browser: Browser, base_url: str, watch: Watch, patience: int) -> None:
        self.watch = watch
        self._browser, self._base_url, self._patience = browser, base_url, patience
        self._free: dict[bool, list[Page]] = {True: [], False: []}
        self._taken: list[tuple[bool, Page]] = []

    def take(self, *, screen: Any, javascript: bool) -> Page:
        """An empty tab of this size, where nobody is signed in."""
        page = self._free[javascript].pop() if self._free[javascript] else self._open(javascript)
        self._taken.append((javascript, page))
        page.set_viewport_size(screen)
        return page

    def give_all_back(self) -> None:
        taken, self._taken = self._taken, []
        for javascript, page in taken:
            page.goto("about:blank")  # ends what it polls
            page.context.clear_cookies()
            page.emulate_media(color_scheme="null")
            self._free[javascript].append(page)

    def _open(self, javascript: bool) -> Page:
        context = self._browser.new_context(base_url=self._base_url, java_script_enabled=javascript)
        context.set_default_timeout(self._patience)
        self.watch.over(context)
        return context.new_page()
