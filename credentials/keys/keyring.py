"""Every configured provider as one: the chosen one wraps, each unwraps what is its own.

Several at once is how a deployment moves from one to another: both are configured until `rotate_keys` has re-wrapped
everything. What was opened stays in memory for a while (`lifetime`), found by what was opened and never by a row's
id: a row that was swapped, destroyed, or rolled back with its transaction leads to nothing here.
"""

from collections.abc import Sequence

from credentials.keys.errors import MasterKeyError
from credentials.keys.kept import Kept
from credentials.keys.provider import KeyProvider


class Keyring:
    """A KeyProvider of several, the first of which wraps."""

    def __init__(self, providers: Sequence[KeyProvider], lifetime: float) -> None:
        self._providers, self._lifetime = list(providers), lifetime
        self._by_id = {key_id: each for each in providers for key_id in each.key_ids}
        self._opened: Kept[tuple[str, bytes, bytes], bytes] = Kept()

    def __repr__(self) -> str:
        return f"<Keyring {', '.join(self._by_id)}>"

    @property
    def current(self) -> str:
        return self._providers[0].current

    @property
    def key_ids(self) -> list[str]:
        return list(self._by_id)

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        return self._providers[0].wrap(data_key, context)

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        name = (key_id, wrapped, context)
        if (kept := self._opened.get(name)) is not None:
            return kept
        if key_id not in self._by_id:
            raise MasterKeyError(
                f"Master key “{key_id}” is needed, and the configuration does not hold it (it holds "
                f"{', '.join(f'“{each}”' for each in self._by_id)})."
            )
        plain = self._by_id[key_id].unwrap(key_id, wrapped, context)
        self._opened.keep(name, plain, self._lifetime)
        return plain

    def check(self) -> None:
        """Prove the current key. The others are proven by what hangs on them (credentials/key_check.py)."""
        self._providers[0].check()
