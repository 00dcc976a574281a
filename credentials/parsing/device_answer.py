"""What an iPhone or iPad answers to a "Profile Service" payload: who it is, signed by its own certificate.

Over-the-Air Profile Delivery and Configuration, phase 1
https://developer.apple.com/library/archive/documentation/NetworkingInternet/Conceptual/iPhoneOTAConfiguration/
"""

from dataclasses import dataclass

from organizations.words import clean

from . import limits
from .ber import with_definite_lengths
from .cms_signature import signed_content
from .errors import ParsingError
from .plist import load_plist
from .udid import UDID


@dataclass(frozen=True, slots=True)
class DeviceAnswer:
    """A claim: anybody can sign such an answer with a certificate of their own."""

    udid: str
    product: str  # Apple's word for the model, "iPhone15,2"; "" when it tells none
    challenge: str  # what the payload gave along


def parse_device_answer(content: bytes) -> DeviceAnswer:
    """ParsingError: "too-large", "damaged-der", "not-cms", "bad-signature", "not-a-profile" (no readable property
    list), "too-complex", "no-udid"."""
    if len(content) > limits.DEVICE_ANSWER:
        raise ParsingError("too-large", "This answer is larger than 64 KiB, real ones are much smaller.")
    plist = load_plist(signed_content(with_definite_lengths(content)))
    udid = clean(plist.get("UDID"))
    if not UDID.fullmatch(udid):
        raise ParsingError("no-udid", "This answer names no device. Type the UDID instead.")
    challenge = plist.get("CHALLENGE", plist.get("Challenge"))
    return DeviceAnswer(udid, clean(plist.get("PRODUCT"), 40), clean(challenge, 1000))
