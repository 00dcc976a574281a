"""What goes wrong with master keys. Messages name key ids and hosts, never a key or a token."""

from organizations.errors import UnavailableError


class MasterKeyError(Exception):
    """The configuration of the master keys cannot be read, lacks a key, or is refused by its provider."""


class KeyProviderUnreachableError(UnavailableError):
    """The provider does not answer now; it may in a moment."""
