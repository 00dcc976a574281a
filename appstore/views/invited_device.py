"""What somebody with the link of a device invitation meets: pages without an account, for a phone above all.

They tell who invites and nothing else of an organization. Whoever holds the link may name any device: what comes in
is a claim (docs/decisions/0018-device-invitations.md).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appstore.device_forms import DeviceNameForm, TypedDeviceForm
from appstore.invited_devices import Named, Outcome, take_in
from appstore.models import DeviceInvitation
from credentials.making.profile_service import CONTENT_TYPE, profile_service
from credentials.parsing.device_answer import DeviceAnswer
from credentials.parsing.errors import ParsingError
from credentials.reading import read_upload
from organizations.downloads import attachment
from organizations.requests import AppRequest
from organizations.views.errors import too_many_requests
from organizations.words import typed_name

LIMITS = {"device-invitation": "60/m/ip,600/h/ip", "device-answer": "30/m/key,300/h/key"}
CHALLENGE = "appstore.device-invitation"
CHALLENGE_SECONDS = 3600

# What came of it: title, sentence, whether it went well. Words of an address, so that a page needs no session.
TOLD = {
    Outcome.WAITING: (
        "Thank you",
        "Your device is on its way: somebody of the team has to approve it now.",
        True,
    ),
    Outcome.ORDERED: ("Thank you", "Your device is being registered at Apple. That takes a moment.", True),
    Outcome.REGISTERED: (
        "It is registered already",
        "The team has this device. There is nothing to do.",
        True,
    ),
    "ended": (
        "This link has ended",
        "It was used, taken back, or is past its date. Ask who sent it to you for a new one.",
        False,
    ),
    "mac": (
        "Type the UDID of a Mac",
        "A Mac is registered by hand. Open the link again: it says how.",
        False,
    ),
    "late": ("This took too long", "Open the link once more, and load the profile again.", False),
    "unreadable": (
        "The device's answer cannot be read",
        "Open the link once more and try again, or type the UDID on that page.",
        False,
    ),
    "busy": ("Many answer at this moment", "Wait a minute, then install the profile once more.", False),
}

View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """Limited by address, and not for search engines."""

    @wraps(view)
    def page(request: AppRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _is_too_much(request, "device-invitation"):
            response = too_many_requests(request)
        else:
            response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return page


def _is_too_much(request: HttpRequest, action: str, key: str | None = None) -> bool:
    used = ratelimit.consume(request, app="credhub", action=action, config=LIMITS, key=key, limit_get=True)
    return used is None


@require_http_methods(["GET", "POST"])
@public_page
def invitation(request: AppRequest, token: str) -> HttpResponse:
    """GET: who invites, what is asked for, and how. POST: a device whose UDID was typed."""
    found = DeviceInvitation.objects.by_token(token)
    if found is None:
        return _told(request, "ended", 404)
    form = TypedDeviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        return redirect(
            "told-device", _taken(request, found, Named(data["name"], data["udid"], data["platform"]))
        )
    return _page(request, found, token, typed=form)


@require_safe
@public_page
def profile(request: AppRequest, token: str) -> HttpResponse:
    """The profile that has an iPhone or iPad answer to `answer`, with the name that its person gave it."""
    found = DeviceInvitation.objects.by_token(token)
    if found is None:
        return _told(request, "ended", 404)
    form = DeviceNameForm(request.GET)
    if not form.is_valid():
        return _page(request, found, token, phone=form)
    challenge = signing.dumps({"invitation": found.pk.hex, "name": form.cleaned_data["name"]}, salt=CHALLENGE)
    content = profile_service(
        address=request.build_absolute_uri(reverse("device-answer", args=[token])),
        challenge=challenge,
        organization=found.organization.name,
        name=f"Device registration for {found.organization.name}",
        description="Tells this device's UDID and model, once. It changes no setting, and does not stay.",
    )
    return attachment(content, name="device-registration.mobileconfig", content_type=CONTENT_TYPE)


@csrf_exempt  # a device sends it, which has no cookie: the link and the challenge in it are what counts
@require_POST
@public_page
def answer(request: AppRequest, token: str) -> HttpResponse:
    """What the device sends. It follows a 301 and no other redirect, and opens the page that is named there."""
    found = DeviceInvitation.objects.by_token(token)
    word = _answered(request, found) if found else "ended"
    return HttpResponsePermanentRedirect(reverse("told-device", args=[word]))


def _answered(request: AppRequest, found: DeviceInvitation) -> str:
    if _is_too_much(request, "device-answer", found.pk.hex):
        return "busy"
    try:
        # The invitation has its turns at reading, so that no stranger takes those of the organization's own people.
        told = read_upload(DeviceAnswer, request.body, organization_id=found.pk)
        meant = signing.loads(told.challenge, salt=CHALLENGE, max_age=CHALLENGE_SECONDS)
    except ParsingError as error:
        return "busy" if error.code == "busy" else "unreadable"
    except signing.BadSignature:
        return "late"
    if meant["invitation"] != found.pk.hex:
        return "late"
    if told.product.startswith(("Mac", "iMac")):
        return "mac"  # what it answers is not always the UDID that Apple wants
    name = typed_name(meant["name"])
    return _taken(request, found, Named(name, told.udid, "IOS", told.product, from_device=True))


def _taken(request: AppRequest, found: DeviceInvitation, device: Named) -> str:
    try:
        return take_in(request.actor, found, device)
    except DeviceInvitation.DoesNotExist:
        return "ended"


@require_safe
@public_page
def told(request: AppRequest, word: str) -> HttpResponse:
    if word not in TOLD:
        raise Http404
    return _told(request, word)


def _told(request: AppRequest, word: str, status: int = 200) -> HttpResponse:
    title, sentence, is_good = TOLD[word]
    context = {"title": title, "sentence": sentence, "is_good": is_good}
    return render(request, "appstore/invited_device_told.html", context, status=status)


def _page(
    request: AppRequest,
    found: DeviceInvitation,
    token: str,
    *,
    typed: TypedDeviceForm | None = None,
    phone: DeviceNameForm | None = None,
) -> HttpResponse:
    typed, phone = typed or TypedDeviceForm(), phone or DeviceNameForm()
    context = {"invitation": found, "token": token, "typed": typed, "phone": phone}
    status = 400 if typed.errors or phone.errors else 200
    return render(request, "appstore/invited_device.html", context, status=status)
