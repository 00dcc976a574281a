"""Retry-After, written as seconds, as a date, or as nonsense."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from appstore.client.error_answers import error_from_response
from appstore.client.errors import RateLimited


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("1770000000000", None),
        ("9" * 5000, None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_when_it_makes_sense(value: str, seconds: int | None) -> None:
    error = error_from_response(429, {"retry-after": value}, b"", "GET /v1/x")

    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


@pytest.mark.parametrize(("away", "seconds"), [(timedelta(hours=-1), 0), (timedelta(days=3), None)])
def test_a_date_that_has_passed_means_now_and_a_far_one_nothing(away: timedelta, seconds: int | None) -> None:
    date = format_datetime(datetime.now(UTC) + away, usegmt=True)
    error = error_from_response(429, {"retry-after": date}, b"", "GET /v1/x")

    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    error = error_from_response(429, {"Retry-After": later}, b"", "GET /v1/x")

    assert isinstance(error, RateLimited)
    assert error.retry_after is not None
    assert 60 <= error.retry_after <= 90
