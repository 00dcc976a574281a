"""What an error report may show of a request, of local variables and of settings: nothing that could be a secret."""

from collections.abc import ItemsView
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from organizations.request_facts import request_facts

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


class NothingLeaksReporter(ExceptionReporter):
    """The report itself, on Django's debug page and in mails to ADMINS: what broke and where.

    An exception's words may quote what it choked on, and an address may hold a token. With DEBUG on they are shown: to
    the developer who sent the request, on this machine.
    """

    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        if settings.DEBUG:
            return data
        hidden = SafeExceptionReporterFilter.cleansed_substitute
        data["exception_value"] = hidden
        data["request_GET_items"] = [(name, hidden) for name, _ in data.get("request_GET_items", [])]
        if self.request is not None:
            data["request_insecure_uri"] = request_facts(self.request)["route"]
            data["request"] = None  # the templates would write its path
        return data

    def get_traceback_frames(self) -> list[Any]:
        frames = super().get_traceback_frames()
        for frame in frames:
            if frame.get("exc_cause") is not None and not settings.DEBUG:
                frame["exc_cause"] = type(frame["exc_cause"]).__name__
        return frames
