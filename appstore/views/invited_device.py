"""What somebody with the link of a device invitation meets: pages without an account, for a phone above all.

They tell who invites and nothing else of an organization. Whoever holds the link may name any device: what comes in
is a claim (docs/decisions/0018-device-invitations.md).
"""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from appstore.device_challenge import challenge_for
from appstore.device_forms import DeviceNameForm, TypedDeviceForm
from appstore.invited_devices import Named, Outcome, take_in
from appstore.models import DeviceInvitation
from appstore.views.public_page import public_page
from credentials.making.profile_service import CONTENT_TYPE, profile_service
from organizations.downloads import attachment
from organizations.requests import AppRequest

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
            "told-device", taken_in(request, found, Named(data["name"], data["udid"], data["platform"]))
        )
    return _page(request, found, token, typed=form)


@require_safe
@public_page
def profile(request: AppRequest, token: str) -> HttpResponse:
    """The profile that has an iPhone or iPad answer to “device-answer”, with the name that its person gave it."""
    found = DeviceInvitation.objects.by_token(token)
    if found is None:
        return _told(request, "ended", 404)
    form = DeviceNameForm(request.GET)
    if not form.is_valid():
        return _page(request, found, token, phone=form)
    content = profile_service(
        address=request.build_absolute_uri(reverse("device-answer", args=[token])),
        challenge=challenge_for(found, form.cleaned_data["name"]),
        organization=found.organization.name,
        name=f"Device registration for {found.organization.name}",
        description="Tells this device's UDID and model, once. It changes no setting, and does not stay.",
    )
    return attachment(content, name="device-registration.mobileconfig", content_type=CONTENT_TYPE)


def taken_in(request: AppRequest, found: DeviceInvitation, device: Named) -> str:
    """The word for what came of it."""
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
