"""What a device sends when its person installs the profile of a device invitation."""

from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from appstore.device_challenge import ForeignChallengeError, name_in
from appstore.invited_devices import Named
from appstore.models import DeviceInvitation
from appstore.views.invited_device import taken_in
from appstore.views.public_page import is_too_much, public_page
from credentials.parsing.device_answer import DeviceAnswer
from credentials.parsing.errors import ParsingError
from credentials.reading import read_upload
from organizations.requests import AppRequest

MACS = ("Mac", "iMac")


@csrf_exempt  # a device has no cookie: the link counts, and the challenge in what it sends
@require_POST
@public_page
def answer(request: AppRequest, token: str) -> HttpResponse:
    """A device follows a 301 and no other redirect, and opens the page that is named there."""
    invitation = DeviceInvitation.objects.by_token(token)
    word = _answered(request, invitation) if invitation else "ended"
    return HttpResponsePermanentRedirect(reverse("told-device", args=[word]))


def _answered(request: AppRequest, invitation: DeviceInvitation) -> str:
    """The word for what came of it."""
    if is_too_much(request, "device-answer", invitation.pk.hex):
        return "busy"
    try:
        # The invitation has its own turns at reading: no stranger takes those of the organization's people.
        told = read_upload(DeviceAnswer, request.body, organization_id=invitation.pk)
        name = name_in(told.challenge, invitation)
    except ParsingError as error:
        return "busy" if error.code == "busy" else "unreadable"
    except ForeignChallengeError:
        return "late"
    if told.product.startswith(MACS):
        return "mac"  # what it answers is not always the UDID that Apple wants
    return taken_in(request, invitation, Named(name, told.udid, "IOS", told.product, from_device=True))
