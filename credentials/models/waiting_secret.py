"""What is sealed while it waits to become a credential: an upload that is being imported, and what was found in it.

The same seal as a credential's own secret. Nothing of it is handed out: it is opened to be read and to be stored, by
CredHub itself, and is deleted after that.
"""

import uuid
from typing import Any

from credentials import crypto
from credentials.fields import Sealed
from credentials.models.data_key import DataKey, Deployment


class WaitingSecrets:
    """Seals and opens values of one organization, in one column (`app.Model.field`)."""

    def __init__(self, organization_id: uuid.UUID, column: str) -> None:
        self.organization_id, self.column = organization_id, column
        self._deployment = str(Deployment.current().pk)

    def seal_all(self, values: dict[Any, bytes]) -> dict[Any, Sealed]:
        """Primary key → value. Raises DataKeyGoneError, MasterKeyError, KeyProviderUnreachableError."""
        data_key = DataKey.current_for(self.organization_id)
        plain = data_key.open()
        return {
            pk: Sealed(crypto.seal(value, plain, data_key.version, self._context(pk)))
            for pk, value in values.items()
        }

    def seal(self, pk: Any, value: bytes) -> Sealed:
        return self.seal_all({pk: value})[pk]

    def opened(self, pk: Any, sealed: Sealed | None) -> bytes:
        """Raises SealError, MasterKeyError, KeyProviderUnreachableError."""
        if sealed is None:
            raise crypto.SealError("It is deleted already.")
        data_key = DataKey.of(self.organization_id, crypto.data_key_version(sealed.ciphertext))
        return crypto.unseal(sealed.ciphertext, data_key.open(), self._context(pk))

    def _context(self, pk: Any) -> bytes:
        return crypto.canonical(self._deployment, str(self.organization_id), self.column, str(pk))
