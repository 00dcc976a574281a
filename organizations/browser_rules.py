"""What every answer tells the browser, whoever made it: a view, a static file, a refusal, a redirect."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from organizations.middleware import GetResponse

SIGN_OUTS = {"account_logout", "admin:logout"}
UNUSED_POWERS = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
    "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{power}=()" for power in UNUSED_POWERS)


class BrowserRulesMiddleware:
    """Sets what no inner middleware has set. It stands outermost, because a refused host never gets to the others."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        response.setdefault("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Permissions-Policy", PERMISSIONS)
        if _signs_out(request):
            # Not "cookies": that would sign people out of everything else under the same domain.
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response


def _signs_out(request: HttpRequest) -> bool:
    match = request.resolver_match
    return request.method == "POST" and match is not None and match.view_name in SIGN_OUTS
