"""The budget header in every shape that was seen, and in shapes that were not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appstore.client.rate_limit import RateLimit, parse_rate_limit


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["user-hour-lim:3500;user-hour-rem:500;"], RateLimit(3500, 500)),
        (["user-hour-lim:3600;user-hour-rem:3121"], RateLimit(3600, 3121)),
        (["user-minute-lim:150;user-minute-rem:149;"], RateLimit(None, None, 150, 149)),
        (
            ["user-hour-lim:3600;user-hour-rem:1;", "user-minute-lim:150;user-minute-rem:2;"],
            RateLimit(3600, 1, 150, 2),
        ),
        (
            ["user-hour-lim:3600;user-hour-rem:1;, user-minute-lim:150;user-minute-rem:2;"],
            RateLimit(3600, 1, 150, 2),
        ),
        (["user-minute-lim:250"], RateLimit(minute_limit=250)),
        ([" user-hour-lim : 3600 ; user-hour-rem:\t7 "], RateLimit(3600, 7)),
        (["team-day-lim:9;user-hour-rem:5;user-second-rem:1"], RateLimit(hour_remaining=5)),
        (["other-user-hour-rem:5;user-hour-rem-x:6"], RateLimit()),
        (["user-hour-rem:10", "user-hour-rem:3"], RateLimit(hour_remaining=3)),
        (["user-hour-rem:-1;user-hour-lim:many;user-minute-rem:"], RateLimit()),
        (["user-hour-rem:" + "9" * 5000], RateLimit()),
        (["user-hour-rem:٣"], RateLimit()),
        ([""], RateLimit()),
        ([], RateLimit()),
    ],
)
def test_the_header_is_read(values: list[str], expected: RateLimit) -> None:
    assert parse_rate_limit(values) == expected


@given(st.lists(st.text() | st.text(alphabet="userhominlt-:;, 0123456789")))
def test_junk_never_raises(values: list[str]) -> None:
    limit = parse_rate_limit(values)

    assert limit.hour_remaining is None or limit.hour_remaining >= 0
