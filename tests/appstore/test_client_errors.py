"""Apple's error answers, each of which was seen in the wild, and what people are told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    UnexpectedAnswer,
)

PATH = "GET /v1/certificates"
SECURITY = "This request is forbidden for security reasons"
ENTITY = "There is a problem with the request entity"


def answer(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> AppStoreConnectError:
    return error_from_response(status, headers or {}, body, PATH)


def errors(*entries: dict[str, object]) -> bytes:
    return json.dumps({"errors": entries}).encode()


Sample = tuple[int, str, str, str | None, type[AppStoreConnectError], str]
SAMPLES: list[Sample] = [
    (
        401,
        "NOT_AUTHORIZED",
        "Authentication credentials are missing or invalid.",
        "Provide a …",
        Unauthorized,
        "Key ID",
    ),
    (
        403,
        "FORBIDDEN_ERROR",
        SECURITY,
        "The API key in use does not allow this request",
        RoleTooWeak,
        "Admin",
    ),
    (
        403,
        "FORBIDDEN_ERROR",
        SECURITY,
        "Team ID: 'ID' is not associated with an active membership. To check your teams …",
        MembershipLapsed,
        "renews",
    ),
    (
        403,
        "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED",
        "A required agreement is missing or has expired.",
        "This request requires an in-effect agreement that has not been signed or has expired.",
        AgreementRequired,
        "Account Holder",
    ),
    (
        403,
        "FORBIDDEN_ERROR",
        SECURITY,
        "This operation can only be performed by the Account Holder",
        Forbidden,
        "Account Holder",
    ),
    (
        403,
        "FORBIDDEN_ERROR",
        "The given operation is not allowed",
        "The resource 'apps' does not allow 'CREATE'. Allowed operations are: GET_COLLECTION",
        Forbidden,
        "does not allow 'CREATE'",
    ),
    (
        404,
        "NOT_FOUND",
        "The specified resource does not exist",
        "There is no resource of type 'bundleIds' with id 'NLRN94JD591'",
        NotFound,
        "Sync again",
    ),
    (
        400,
        "PARAMETER_ERROR.DUPLICATE",
        "A parameter is included more than once",
        "The parameter 'sort' can only be included once",
        InvalidRequest,
        "only be included once",
    ),
    (
        400,
        "PARAMETER_ERROR.INVALID",
        "A parameter has an invalid value",
        "'eyJvZmZzZXQiOiIyMCJ9' is not a valid cursor for this request",
        CursorRefused,
        "Start the list again",
    ),
    (
        400,
        "PARAMETER_ERROR.INVALID",
        "A parameter has an invalid value",
        "'UNIVERSAL' is not a valid filter value",
        InvalidRequest,
        "not a valid filter value",
    ),
    (409, "ENTITY_ERROR", ENTITY, "You already have a current … certificate", LimitReached, "Revoke one"),
    (
        409,
        "ENTITY_ERROR",
        ENTITY,
        "A device with number '0be5' already exists",
        AlreadyExists,
        "already exists",
    ),
    (
        409,
        "ENTITY_ERROR.ATTRIBUTE.INVALID",
        "Invalid",
        "An invalid value for 'udid'.",
        InvalidRequest,
        "'udid'",
    ),
    (
        409,
        "ENTITY_ERROR.RELATIONSHIP.NOT_ALLOWED",
        "A relationship in the provided entity is not allowed for this request",
        "No devices can be associated to Provisioning Profiles for the App Store.",
        InvalidRequest,
        "No devices",
    ),
    (
        409,
        "ENTITY_ERROR.RELATIONSHIP.INVALID",
        "An invalid relationship",
        None,
        InvalidRequest,
        "invalid relationship",
    ),
    (
        409,
        "STATE_ERROR.ENTITY_STATE_INVALID",
        "Not in valid state.",
        "See associated",
        InvalidRequest,
        "associated",
    ),
    (429, "RATE_LIMIT_EXCEEDED", "The request rate limit has been reached.", "We've …", RateLimited, "Wait"),
    (429, "RATE_LIMIT", "Too many requests", "Exceeded hourly limit of requests.", RateLimited, "Wait"),
    (
        500,
        "UNEXPECTED_ERROR",
        "An unexpected error occurred.",
        "… on the server side.",
        ServerError,
        "Try again",
    ),
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_apples_errors_become_ours(sample: Sample) -> None:
    status, code, title, detail, kind, says = sample
    entry = {"status": str(status), "code": code, "title": title, "detail": detail, "links": {"see": "/x"}}
    error = answer(status, errors({k: v for k, v in entry.items() if v is not None}))

    assert type(error) is kind
    assert says in error.message
    assert str(error) == error.message
    assert error.status == status
    assert (error.apple[0].code, error.apple[0].title) == (code, title)
    assert error.apple[0].detail == (detail or "")
    assert error.transient == (kind in (RateLimited, ServerError))


def test_every_code_of_ours_is_its_own() -> None:
    def family(kind: type[AppStoreConnectError]) -> list[type[AppStoreConnectError]]:
        return [kind, *(found for sub in kind.__subclasses__() for found in family(sub))]

    codes = [kind.code for kind in family(AppStoreConnectError)]

    assert len(codes) == len(set(codes))


def test_the_telling_error_need_not_be_the_first() -> None:
    other = {"code": "FORBIDDEN_ERROR", "title": "x", "detail": "y", "status": 403}
    agreement = {"code": "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED.SOMETHING_NEW"}
    error = answer(403, errors(other, agreement))

    assert type(error) is AgreementRequired
    assert [detail.status for detail in error.apple] == ["403", ""]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, UnexpectedAnswer),
        (204, UnexpectedAnswer),
        (400, InvalidRequest),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (405, InvalidRequest),
        (408, ServerError),
        (410, NotFound),
        (415, InvalidRequest),
        (422, InvalidRequest),
        (429, RateLimited),
        (502, ServerError),
        (503, ServerError),
        (504, ServerError),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><h1>502 Bad Gateway</h1></html>",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"errors": null}',
        b'{"errors": {"code": "x"}}',
        b'{"errors": [null, 1, {}]}',
        b"[" * 100_000,
    ],
)
def test_any_body_is_tolerated(status: int, kind: type[AppStoreConnectError], body: bytes) -> None:
    error = answer(status, body)

    assert type(error) is kind
    assert error.message.endswith((".", ")."))
    assert "Bad Gateway" not in error.message


@given(
    st.integers(100, 999),
    st.binary(max_size=200),
    st.dictionaries(st.just("Retry-After"), st.text(max_size=20)),
)
def test_no_answer_breaks_the_reader(status: int, body: bytes, headers: dict[str, str]) -> None:
    assert answer(status, body, headers).message


def test_messages_hold_no_tokens_and_no_control_characters() -> None:
    token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0xxxxxxxx.c2lnbmF0dXJlc2lnbmF0dXJl"
    error = answer(
        409, errors({"code": "ENTITY_ERROR", "detail": f"Got Bearer {token}\x1b[31m\n" + "x" * 900})
    )

    assert token not in error.message + repr(error.apple)
    assert "\x1b" not in error.message
    assert len(error.message) < 400


def test_the_query_of_a_path_is_not_told() -> None:
    error = error_from_response(404, {}, b"", "GET /v1/devices?filter[udid]=secret")

    assert "GET /v1/devices:" in error.message
    assert "secret" not in error.message
