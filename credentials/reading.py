"""Reads what people upload: in a child process with limits and without secrets, at most two at once an organization.

Whatever goes wrong in there, the form gets a `ParsingError` with a sentence. The parsers themselves stay callable
directly: the sync worker reads what Apple's own API answers with them, over TLS from a pinned host, under the same
caps of size and structure, and without key derivations or private keys in it. A child for each of a team's thousand
certificates would cost a minute of processor time and guard against Apple alone.
"""

import base64
import json
import logging
import re
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from credentials.child_process import ChildFailedError, TooMuchWorkError, run_child
from credentials.parsing import limits
from credentials.parsing.archived import ArchivedFiles, SortedArchive
from credentials.parsing.certificate import CertificateFacts
from credentials.parsing.device_answer import DeviceAnswer
from credentials.parsing.eas_json import EasCredentials
from credentials.parsing.errors import ParsingError
from credentials.parsing.huawei_key import HuaweiKey
from credentials.parsing.identity import SigningIdentity
from credentials.parsing.keystore import Keystore
from credentials.parsing.p8 import P8Key
from credentials.parsing.p12 import P12
from credentials.parsing.profile import ProfileFacts
from credentials.parsing.service_account import ServiceAccount
from credentials.parsing.signed_profile import SignedProfile
from credentials.parsing.signing_files import SigningFiles
from credentials.parsing.wire import from_plain
from credentials.slots import NoSlotError, slot

logger = logging.getLogger(__name__)
T = TypeVar("T")

# What is wanted: the name of its parser (credentials/parsing/child.py), and how large its file may be
READERS: dict[type, tuple[str, int]] = {
    P8Key: ("p8", limits.P8),
    P12: ("p12", limits.P12),
    CertificateFacts: ("certificate", limits.CERTIFICATE),
    ProfileFacts: ("profile", limits.PROFILE),
    SigningIdentity: ("identity", limits.P12),
    SignedProfile: ("signed-profile", limits.PROFILE),
    ServiceAccount: ("service-account", limits.SERVICE_ACCOUNT),
    Keystore: ("keystore", limits.KEYSTORE),
    HuaweiKey: ("huawei-key", limits.HUAWEI_KEY),
    DeviceAnswer: ("device-answer", limits.DEVICE_ANSWER),
    SortedArchive: ("archive", limits.ARCHIVE),
    ArchivedFiles: ("archived-files", limits.ARCHIVE),
    SigningFiles: ("signing", limits.ARCHIVE),
    EasCredentials: ("eas", limits.ARCHIVE),
}
_CODE = re.compile(r"[a-z0-9-]{1,40}")
_LONGEST_MESSAGE = 1000


@sensitive_variables()
def read_upload(wanted: type[T], data: bytes, *, organization_id: UUID, **options: str) -> T:
    """The facts of an uploaded file, as the parser of `wanted` gives them. ParsingError for everything else.

    Besides the parser's own codes: "too-much-work" (stopped by a limit), "unreadable" (the child failed otherwise),
    "busy" (the organization has had its two children for seconds).
    """
    parser, most = READERS[wanted]
    content = base64.b64encode(
        data[: most + 1]
    ).decode()  # one byte more tells the parser that it is too large
    request = json.dumps({"parser": parser, "data": content, "options": options}).encode()
    try:
        with slot(settings.DATA_DIR / "reading", str(organization_id)):
            answer = run_child(request)
        return _facts(wanted, answer)
    except NoSlotError:
        raise _busy() from None
    except TooMuchWorkError as error:
        logger.warning("Stopped reading an uploaded file: parser=%s reason=%s", parser, error)
        raise _too_much_work() from None
    except ChildFailedError as error:
        logger.warning("Could not read an uploaded file: parser=%s reason=%s", parser, error)
        raise _unreadable() from None


@sensitive_variables()
def _facts(wanted: type[T], answer: bytes) -> T:
    """What the child said. Raises ChildFailedError unless it is exactly an answer, ParsingError for a refusal."""
    try:
        document = json.loads(answer)
        if "refused" not in document:
            return from_plain(wanted, document["facts"])
        refused = _refusal(*document["refused"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ChildFailedError("its answer was none") from None
    raise refused


def _refusal(code: str, message: str) -> ParsingError:
    if not _CODE.fullmatch(code) or len(message) > _LONGEST_MESSAGE:
        raise ValueError("This is not a refusal.")
    return ParsingError(code, message)


def _too_much_work() -> ParsingError:
    return ParsingError(
        "too-much-work",
        "This file takes too much work to read, so reading it was stopped. Real files take a moment: export it "
        "again from where it came from, and upload the new one.",
    )


def _unreadable() -> ParsingError:
    return ParsingError(
        "unreadable",
        "This file could not be read. Export it again from where it came from, and upload the new one.",
    )


def _busy() -> ParsingError:
    return ParsingError(
        "busy", "Other files of this organization are being read at this moment. Try again in a few seconds."
    )
