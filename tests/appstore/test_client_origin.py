"""Which addresses belong to the API: our token goes nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appstore.client.errors import UnexpectedAnswer
from appstore.client.origin import Origin

BASE = "https://api.appstoreconnect.apple.com"


@given(st.text(max_size=60) | st.text(alphabet="htps:/@.[]#?%25evil\\api1", max_size=60))
def test_no_link_leaves_the_origin(text: str) -> None:
    origin = Origin(BASE)
    for url in (text, f"https://{text}", BASE + text, f"{BASE}/v1/{text}"):
        try:
            own = origin.own(url)
        except UnexpectedAnswer:
            continue
        assert own.startswith(f"{BASE}/v1/")


def test_ports_and_case_of_the_origin_are_compared_by_meaning() -> None:
    origin = Origin("http://127.0.0.1:8700/apple/")

    assert origin.own("HTTP://127.0.0.1:8700/apple/v1/x?a=b") == "http://127.0.0.1:8700/apple/v1/x?a=b"
    assert Origin(BASE).own(f"{BASE.upper().replace('HTTPS', 'https')}:443/v1/x") == f"{BASE}/v1/x"
    with pytest.raises(UnexpectedAnswer):
        origin.own("http://127.0.0.1:8700/v1/x")


@pytest.mark.parametrize(
    "url", ["", "api.apple.com", "ftp://x", "https://", "https://a:b@x", "https://x?y", "https://x#y"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must look like"):
        Origin(url)
