"""What a browser complains of, and whom it talks to: collected over a test, and nothing may be left at its end."""

from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

# Chromium says it of its own accord too; this names the directive and the page.
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
    `Content-Security-Policy: ${event.effectiveDirective} stopped ${event.blockedURI || event.sample}`));
"""


class Watch:
    """Console errors and warnings, uncaught errors, violations of the policy, failed and foreign requests."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.problems: list[str] = []
        self._refused_pages: set[str] = set()

    def over(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._add(error.page, f"uncaught {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    def _add(self, page: Any, problem: str) -> None:
        self.problems.append(f"{page.url if page else '?'}: {problem}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        # A page that answers 404 on purpose is no fault; anything that a page loads and cannot have is.
        is_the_page = message.location.get("url") in self._refused_pages
        if not (is_the_page and message.text.startswith("Failed to load resource")):
            self._add(message.page, f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:")):
            self.problems.append(f"foreign request to {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a poll in flight when its page is left
            self.problems.append(f"{request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.request.is_navigation_request():
            if response.status >= 400:
                self._refused_pages.add(response.url)
        elif response.status >= 400:
            self.problems.append(f"{response.url}: answered {response.status}")
        if response.status >= 500:
            self.problems.append(f"{response.url}: answered {response.status}")
