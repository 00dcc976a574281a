"""Our HKDF gives what cryptography's gives."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from credentials.hkdf import expand, extract_and_expand


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32), st.binary(max_size=500))
def test_it_is_hkdf_sha256(key: bytes, salt: bytes, info: bytes) -> None:
    expected = HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(key)
    assert extract_and_expand(key, salt, info) == expected


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=500))
def test_its_second_half_alone(key: bytes, info: bytes) -> None:
    assert expand(key, info) == HKDFExpand(algorithm=hashes.SHA256(), length=32, info=info).derive(key)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_salts_and_keys_have_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        extract_and_expand(b"key", bytes(size), b"info")
    with pytest.raises(ValueError, match="32 bytes"):
        expand(bytes(size), b"info")
