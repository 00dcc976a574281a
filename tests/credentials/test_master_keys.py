"""The master keys: how they are read, which one wraps, and that no error ever tells one."""

import base64
import secrets

import pytest

from credentials.crypto import SealError, new_data_key
from credentials.keys.errors import MasterKeyError
from credentials.keys.local import MasterKeys
from tests.leaks import find_in, forms_of_secret

CONTEXT = b"data key of an organization"


def key_text(key: bytes | None = None) -> str:
    return base64.b64encode(key or secrets.token_bytes(32)).decode()


def test_the_first_key_wraps_and_all_unwrap() -> None:
    old, new = key_text(), key_text()
    before = MasterKeys.parse(f"2025:{old}")
    after = MasterKeys.parse(f"2026:{new},2025:{old}")
    data_key = new_data_key()

    key_id, wrapped = before.wrap(data_key, CONTEXT)
    assert key_id == "2025"
    assert after.unwrap(key_id, wrapped, CONTEXT) == data_key

    key_id, wrapped = after.wrap(data_key, CONTEXT)
    assert key_id == after.current == "2026"
    assert after.unwrap(key_id, wrapped, CONTEXT) == data_key


def test_a_wrapped_key_shows_nothing_and_differs_each_time() -> None:
    keys = MasterKeys.parse(f"a:{key_text()}")
    data_key = new_data_key()

    one, two = keys.wrap(data_key, CONTEXT)[1], keys.wrap(data_key, CONTEXT)[1]
    assert one != two
    assert data_key not in one
    assert len(one) == 12 + 32 + 16


def test_a_key_that_is_not_here_is_named() -> None:
    key_id, wrapped = MasterKeys.parse(f"lost:{key_text()}").wrap(new_data_key(), CONTEXT)

    with pytest.raises(MasterKeyError, match="“lost” is needed, and CREDHUB_MASTER_KEYS does not hold it"):
        MasterKeys.parse(f"here:{key_text()}").unwrap(key_id, wrapped, CONTEXT)


@pytest.mark.parametrize("damage", ["another key", "another context", "cut", "changed", "empty"])
def test_what_does_not_fit_does_not_open(damage: str) -> None:
    keys = MasterKeys.parse(f"a:{key_text()}")
    key_id, wrapped = keys.wrap(new_data_key(), CONTEXT)
    if damage == "another key":
        keys = MasterKeys.parse(f"a:{key_text()}")
    wrapped = {"cut": wrapped[:-1], "changed": wrapped[:-1] + bytes([wrapped[-1] ^ 1]), "empty": b""}.get(
        damage, wrapped
    )

    with pytest.raises(SealError, match="“a”"):
        keys.unwrap(key_id, wrapped, b"another" if damage == "another context" else CONTEXT)


@pytest.mark.parametrize(
    "text",
    ["{a}", " {a} ", "{a},", ",{a}", "{a}\n", "\n{a}\n\n", "{a}, {b}", "{a}\n{b}\n", "{a},\n{b}"],
)
def test_commas_and_lines_part_the_keys(text: str) -> None:
    keys = MasterKeys.parse(text.format(a=f"a:{key_text()}", b=f"b:{key_text()}"))
    assert keys.current == "a"
    assert list(keys.keys) == ["a", "b"][: len(keys.keys)]


UNREADABLE = {
    "": "holds no key",
    " , \n": "holds no key",
    "main": "“?”",
    "main:": "“main”",
    ":{key}": "“?”",
    "main:not base64!": "“main”",
    "main:{short}": "“main”",
    "main:{long}": "“main”",
    "main:{key}x": "“main”",
    "main:“{key}”": "“main”",  # quotes of a text editor
    "main:{key}é": "“main”",
    "main:{key},main:{other}": "“main” is there twice",
    "main:{key},other:{short}": "“other”",
    # Mistakes that put the key where the id belongs
    "{key}": "“?”",
    "{key}:main": "“?”",
    "{bare}:main": "“?”",
    "{key}:{key}": "“?”",
    "{half}:main": "“?”",
    "{hex}:main": "“?”",
    "main,{key}": "“?”",
    "main={key}": "“?”",
    "main={key}:": "“?”",
}


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_cannot_be_read_is_named_by_id_alone(text: str) -> None:
    key, short = secrets.token_bytes(32), secrets.token_bytes(31)
    filled = text.format(
        key=key_text(key),
        bare=key_text(key).rstrip("="),
        hex=key.hex(),
        half=key.hex()[:32],
        other=key_text(),
        short=key_text(short),
        long=key_text(key + b"x"),
    )

    with pytest.raises(MasterKeyError, match=UNREADABLE[text].replace("?", r"\?")) as caught:
        MasterKeys.parse(filled)
    told = (str(caught.value) + repr(caught.value.__context__) + repr(caught.value.__dict__)).encode()
    assert find_in(told, forms_of_secret(key, "key") | forms_of_secret(short, "short key")) == []


def test_a_keyring_shows_ids_only() -> None:
    key = secrets.token_bytes(32)
    keys = MasterKeys.parse(f"a:{key_text(key)},b:{key_text()}")

    shown = f"{keys} {keys!r}"
    assert "<MasterKeys a, b>" in shown
    assert find_in(shown.encode(), forms_of_secret(key, "key")) == []
