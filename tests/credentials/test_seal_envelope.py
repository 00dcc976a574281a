"""The envelope of a sealed value: its format, and that it opens for its own context and key alone."""

import secrets

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from hypothesis import example, given
from hypothesis import strategies as st

from credentials import crypto
from credentials.crypto import SealError, canonical, data_key_version, new_data_key, seal, unseal

KEY = new_data_key()
CONTEXT = canonical("deployment", "organization", "credentials.Credential.secret", "row")
OVERHEAD = 3 + 1 + 4 + 32 + 12 + 16  # magic, algorithm, data key version, salt, nonce, tag


def test_the_format_is_the_one_that_is_written_down() -> None:
    value = seal(b"secret", KEY, 7, CONTEXT)

    assert value[:3] == b"CH1"
    assert value[3] == 2
    assert value[4:8] == (7).to_bytes(4, "big")
    assert len(value) == OVERHEAD + len(b"secret")
    assert data_key_version(value) == 7


@given(st.binary(max_size=5000), st.integers(1, 2**32 - 1))
@example(b"", 1)
@example(bytes(100_000), 2**32 - 1)
def test_what_was_sealed_opens(secret: bytes, version: int) -> None:
    value = seal(secret, KEY, version, CONTEXT)

    assert len(value) == OVERHEAD + len(secret)
    assert data_key_version(value) == version
    assert unseal(value, KEY, CONTEXT) == secret


def test_the_key_is_derived_as_it_is_written_down() -> None:
    value = seal(b"secret", KEY, 7, CONTEXT)
    info = b"CH1" + value[8:40] + CONTEXT
    key = HKDFExpand(algorithm=hashes.SHA256(), length=32, info=info).derive(KEY)
    assert AESGCM(key).decrypt(value[40:52], value[52:], CONTEXT + value[:8]) == b"secret"


def test_a_value_that_was_sealed_the_first_way_opens() -> None:
    """As instances hold them that were set up before there was algorithm 2."""
    header, salt, nonce = (
        b"CH1\x01" + (7).to_bytes(4, "big"),
        secrets.token_bytes(32),
        secrets.token_bytes(12),
    )
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=b"CH1" + CONTEXT).derive(KEY)
    value = header + salt + nonce + AESGCM(key).encrypt(nonce, b"secret", CONTEXT + header)

    assert data_key_version(value) == 7
    assert unseal(value, KEY, CONTEXT) == b"secret"
    for other in (value[:3] + b"\x02" + value[4:], value[:-1], value + b"\0"):
        with pytest.raises(SealError):
            unseal(other, KEY, CONTEXT)
    with pytest.raises(SealError):
        unseal(value, KEY, CONTEXT + b" ")


def test_sealing_twice_shares_nothing_but_the_header() -> None:
    one, two = (seal(b"the same secret", KEY, 1, CONTEXT) for _ in range(2))

    assert one[:8] == two[:8]
    assert one[8:40] != two[8:40]
    assert one[40:52] != two[40:52]
    assert one[52:] != two[52:]
    assert b"the same secret" not in one


@pytest.mark.parametrize("position", range(OVERHEAD + 6))
def test_a_changed_byte_anywhere_does_not_open(position: int) -> None:
    value = bytearray(seal(b"secret", KEY, 1, CONTEXT))
    value[position] ^= 1

    with pytest.raises(SealError):
        unseal(bytes(value), KEY, CONTEXT)


@pytest.mark.parametrize("position", range(8))
def test_no_other_header_opens(position: int) -> None:
    value = bytearray(seal(b"secret", KEY, 0x43434343, CONTEXT))
    for other in set(range(256)) - {value[position]}:
        value[position] = other
        with pytest.raises(SealError):
            unseal(bytes(value), KEY, CONTEXT)


def test_an_unknown_algorithm_is_named() -> None:
    value = bytearray(seal(b"secret", KEY, 1, CONTEXT))
    value[3] = 3

    with pytest.raises(SealError, match=r"algorithm \(3\) that is unknown here"):
        data_key_version(bytes(value))


@given(st.integers(0, OVERHEAD + 5))
def test_a_value_cut_anywhere_does_not_open(length: int) -> None:
    value = seal(b"secret", KEY, 1, CONTEXT)

    with pytest.raises(SealError):
        unseal(value[:length], KEY, CONTEXT)


def test_a_value_with_bytes_after_it_does_not_open() -> None:
    with pytest.raises(SealError):
        unseal(seal(b"secret", KEY, 1, CONTEXT) + b"\0", KEY, CONTEXT)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_else(value: bytes) -> None:
    for disguise in (value, b"CH1\x01" + value, b"CH1\x02" + value):
        with pytest.raises(SealError):
            unseal(disguise, KEY, CONTEXT)


def test_another_data_key_does_not_open() -> None:
    with pytest.raises(SealError):
        unseal(seal(b"secret", KEY, 1, CONTEXT), new_data_key(), CONTEXT)


@given(st.lists(st.text(), min_size=1, max_size=4), st.lists(st.text(), min_size=1, max_size=4))
@example(["a|b", "c"], ["a", "b|c"])
@example(["ab", ""], ["a", "b"])
@example(['a","b'], ["a", "b"])
def test_a_value_opens_in_its_own_context_only(mine: list[str], other: list[str]) -> None:
    value = seal(b"secret", KEY, 1, canonical(*mine))

    assert unseal(value, KEY, canonical(*mine)) == b"secret"
    if mine != other:
        assert canonical(*mine) != canonical(*other)
        with pytest.raises(SealError):
            unseal(value, KEY, canonical(*other))


def test_context_and_header_cannot_flow_into_one_another() -> None:
    """The associated data is context + header: moving the border between them must not fit either."""
    value = seal(b"secret", KEY, 1, CONTEXT)

    for shift in (1, 4, 8):
        with pytest.raises(SealError):
            unseal(value, KEY, CONTEXT + value[:shift])
        with pytest.raises(SealError):
            unseal(value, KEY, CONTEXT[:-shift])


def test_an_error_tells_nothing_of_the_value_or_of_the_key() -> None:
    value = seal(b"the secret itself", KEY, 1, CONTEXT)

    with pytest.raises(SealError) as caught:
        unseal(value, new_data_key(), CONTEXT)
    told = repr(caught.value) + repr(caught.value.__context__) + repr(caught.value.__cause__)
    assert "the secret itself" not in told
    assert KEY.hex() not in told
    assert repr(KEY)[2:-1] not in told
    assert caught.value.__cause__ is None


def test_each_data_key_is_new_and_long_enough() -> None:
    keys = {crypto.new_data_key() for _ in range(20)}
    assert len(keys) == 20
    assert {len(key) for key in keys} == {32}
