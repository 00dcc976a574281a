"""Why a credential is not stored."""

from typing import TYPE_CHECKING

from credentials.crypto import SealError

if TYPE_CHECKING:
    from credentials.models.credential import Credential


class DuplicateCredentialError(Exception):
    """The organization has this credential already; `existing` is it."""

    def __init__(self, existing: "Credential") -> None:
        super().__init__(self._sentence(existing.name))
        self.existing = existing

    @staticmethod
    def _sentence(name: str) -> str:
        return f"This credential is here already, as “{name}”."


class NameTakenError(DuplicateCredentialError):
    """Another credential of the organization has the name; `existing` is it."""

    @staticmethod
    def _sentence(name: str) -> str:
        return f"Another credential is called “{name}” already. Choose another name."


class NotTheLastSecretError(SealError):
    """The ciphertext is not the one that the activity log has as the last one stored."""

    def __init__(self) -> None:
        super().__init__("This is not the secret that was stored here last. Tell who runs CredHub.")
