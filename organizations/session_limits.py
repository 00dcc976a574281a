"""The middleware that ends sessions, and that asks who it is again before something sensitive."""

from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from organizations import sessions
from organizations.fresh import confirm
from organizations.middleware import GetResponse


class SessionLimitsMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Idle for too long, or too old: the session ends, and the page is asked for by nobody."""
        if request.session.session_key and request.user.is_authenticated and sessions.is_over(request):
            logout(request)
            messages.info(request, "Your session has ended. Sign in again.")
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """In place of allauth's, which would keep a POST, and the cookies that came with it, in the session."""
        if isinstance(exception, ReauthenticationRequired):
            return confirm(request, back_to=request.get_full_path())
        return None
