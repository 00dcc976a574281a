"""The one small interface of everything that holds master keys."""

from collections.abc import Collection
from typing import Protocol

from credentials import crypto


class KeyProvider(Protocol):
    """Wraps data keys under master keys that it knows by id. The context is bound to what is wrapped: nothing opens
    with another one.

    Every method raises KeyProviderUnreachableError when the provider does not answer, MasterKeyError when it refuses us
    or does not hold a key, and `unwrap` raises crypto.SealError when what is wrapped does not fit.
    """

    @property
    def current(self) -> str:
        """The id of the key that wraps."""

    @property
    def key_ids(self) -> Collection[str]:
        """The ids of all keys that unwrap, the current one first."""

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        """(key id, wrapped) of a data key, under the current key."""

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """The data key again."""

    def check(self) -> None:
        """Prove that the current key works, by wrapping something and opening it again."""


def prove(provider: KeyProvider) -> None:
    """What `check` does with every provider. Raises as `unwrap` does."""
    data_key, context = crypto.new_data_key(), crypto.canonical("key check")
    key_id, wrapped = provider.wrap(data_key, context)
    if provider.unwrap(key_id, wrapped, context) != data_key:
        raise crypto.SealError(f"Master key “{key_id}” does not give back what it wrapped.")
