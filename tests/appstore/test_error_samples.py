"""Every error body that was seen of Apple becomes a sentence that names the cause and the next step.

The bodies are not in this repository; they are looked for beside it, as Apple's documents are.
"""

import json
import re
from functools import cache
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from appstore.client.error_answers import error_from_response
from appstore.client.errors import (
    AgreementRequired,
    AlreadyExists,
    AppStoreConnectError,
    CursorRefused,
    Forbidden,
    InvalidRequest,
    LimitReached,
    MembershipLapsed,
    NotFound,
    RateLimited,
    RoleTooWeak,
    ServerError,
    Unauthorized,
)
from appstore.models import SyncRun
from credentials.models import Credential, Status
from tests import factories
from tests.appstore.test_sandbox_support import SHARED
from tests.conftest import Cast

SAMPLES = SHARED / "error-samples.json"
pytestmark = pytest.mark.skipif(
    not SAMPLES.exists(), reason="Apple's error bodies are not beside this checkout"
)

PATH = "POST /v1/profiles"
OUR_FAULT = "report it as a fault of CredHub"
CORRECT = "Correct that, then try again."
# Name of the sample → error, words of the cause, words of the next step
TABLE: dict[str, tuple[type[AppStoreConnectError], str, str]] = {
    "401_not_authorized": (Unauthorized, "does not accept this key", "Check the Key ID, the Issuer ID"),
    "403_role": (RoleTooWeak, f"The key's role does not allow {PATH}", "create a key with the Admin role"),
    "403_membership_expired": (MembershipLapsed, "membership is not active", "The Account Holder renews it"),
    "403_agreement": (
        AgreementRequired, "agreement that is not signed or has expired", "The Account Holder signs it",
    ),
    "403_operation_not_allowed": (Forbidden, f"API does not offer {PATH}", "Do it on Apple's website"),
    "404_not_found": (NotFound, "was deleted, or is another team's", "Sync again"),
    "404_pass_cert_without_relationship": (NotFound, "finds no identifier", "Choose one of this team"),
    "400_duplicate_param": (InvalidRequest, "sent twice. Apple says: “The parameter 'sort'", OUR_FAULT),
    "400_invalid_cursor": (CursorRefused, "does not know this place in the list", "Start the list again"),
    "400_invalid_filter": (InvalidRequest, "'DEVELOPER_ID_APPLICATION_G2' is not a valid filter", OUR_FAULT),
    "409_cert_limit": (LimitReached, "as many certificates of this type as Apple", "Revoke one that nobody needs"),
    "409_device_exists": (AlreadyExists, "This device is registered already", "enable it if it is disabled"),
    "409_device_bad_udid": (InvalidRequest, "does not accept this UDID", "Copy it again from Finder or Xcode"),
    "409_bundle_id_taken": (AlreadyExists, "This bundle ID is taken", "choose a different one"),
    "409_profile_devices_not_allowed": (InvalidRequest, "take no devices", "Leave the devices out"),
    "409_profile_unknown_app_id": (InvalidRequest, "does not know this bundle ID", "Sync, then choose again"),
    "409_profile_name_taken": (AlreadyExists, "A profile with this name exists already", "Choose another name"),
    # What it is about is in meta.associatedErrors alone.
    "409_state_error_associated": (InvalidRequest, "a value for the attribute 'description'", CORRECT),
    "409_no_detail": (InvalidRequest, "invalid value (/data/relationships/primarySubcategoryOne)", CORRECT),
    "429_rate_limit": (RateLimited, "request limit for this key is used up", "Wait a while, then try again"),
    "429_notary_variant": (RateLimited, "request limit for this key is used up", "Wait a while, then try again"),
    "500_unexpected": (ServerError, "Apple's server failed (HTTP 500)", "Try again in a few minutes"),
}  # fmt: skip


@cache
def samples() -> list[dict[str, Any]]:
    return list(json.loads(SAMPLES.read_text())) if SAMPLES.exists() else []


def names() -> list[str]:
    return [sample["name"] for sample in samples()]


def error_of(sample: dict[str, Any], *, path: str = PATH) -> AppStoreConnectError:
    return error_from_response(sample["http"], {}, json.dumps(sample["body"]).encode(), path)


def test_every_sample_is_known() -> None:
    assert sorted(names()) == sorted(TABLE)


@pytest.mark.parametrize("sample", samples(), ids=names())
def test_a_sample_names_its_cause_and_the_next_step(sample: dict[str, Any]) -> None:
    kind, cause, step = TABLE[sample["name"]]
    error = error_of(sample)

    assert type(error) is kind
    assert error.transient == (kind in {RateLimited, ServerError})
    assert cause in error.message
    assert step in error.message


@pytest.mark.parametrize("sample", samples(), ids=names())
def test_a_telling_error_may_come_second(sample: dict[str, Any]) -> None:
    errors = [{"code": "SOMETHING_ELSE", "title": "Something else"}, *sample["body"]["errors"]]
    error = error_of({**sample, "body": {"errors": errors}})

    kind, cause, _ = TABLE[sample["name"]]
    assert type(error) is kind
    assert cause.split(". Apple says")[0] in error.message


@pytest.mark.parametrize("sample", samples(), ids=names())
def test_codes_are_read_by_their_beginning(sample: dict[str, Any]) -> None:
    errors = [{**each, "code": f"{each['code']}.NEWER"} for each in sample["body"]["errors"]]
    error = error_of({**sample, "body": {"errors": errors}})
    if sample["name"] == "400_duplicate_param":
        assert error.apple[0].code == "PARAMETER_ERROR.DUPLICATE.NEWER"

    assert (type(error), error.message) == (TABLE[sample["name"]][0], error_of(sample).message)


@pytest.mark.parametrize("sample", samples(), ids=names())
def test_no_sentence_is_cut_by_its_column_or_within_a_word(sample: dict[str, Any]) -> None:
    """At its longest: with a path of any length."""
    error = error_of(sample, path="GET /v1/" + "x" * 500)
    columns = [Credential._meta.get_field("status_note"), SyncRun._meta.get_field("error_message")]

    assert all(len(error.message) <= column.max_length for column in columns)
    said = " ".join(each.get("detail", "") for each in sample["body"]["errors"])
    if cut := re.search(r"“(.*)…”", error.message):
        assert said.startswith(cut[1])
        assert re.match(r"[ ,;:.]", said[len(cut[1]) :])


def test_the_page_of_a_key_shows_each_of_the_sentences(cast: Cast) -> None:
    key = factories.make_key(cast.root)
    client = cast.client("root_owner")
    for sample in samples():
        message = error_of(sample).message
        key.credential.record_check(Status.REFUSED, message)
        page = client.get(reverse("credential", args=[cast.root.slug, key.credential_id]))
        assert f"<p>{message}</p>" in unescape(page.content.decode()), sample["name"]
