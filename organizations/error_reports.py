"""What an error report may show of a request, of local variables and of settings: nothing that could be a secret."""

from collections.abc import ItemsView
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

SHOWN_OF_THE_REQUEST = {"REQUEST_METHOD", "CONTENT_TYPE", "CONTENT_LENGTH", "SERVER_PROTOCOL", "REMOTE_ADDR"}


class NothingLeaksFilter(SafeExceptionReporterFilter):
    """Hides every posted value, cookie, setting and local variable, also when DEBUG is on: a private key may be in
    any of them, and a password in the address of a database or a broker."""

    def is_active(self, _request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, str]:
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request is not None else {}

    def get_safe_settings(self) -> dict[str, Any]:
        return dict.fromkeys(super().get_safe_settings(), self.cleansed_substitute)

    def get_safe_request_meta(self, request: Any) -> dict[str, Any]:
        """META has the headers and, under a development server, the whole environment of the process."""
        return {
            name: value if name in SHOWN_OF_THE_REQUEST else self.cleansed_substitute
            for name, value in getattr(request, "META", {}).items()
        }

    def get_safe_cookies(self, request: Any) -> dict[str, Any]:
        return dict.fromkeys(getattr(request, "COOKIES", {}), self.cleansed_substitute)

    def get_traceback_frame_variables(
        self, _request: HttpRequest | None, tb_frame: Any
    ) -> ItemsView[str, Any]:
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()
