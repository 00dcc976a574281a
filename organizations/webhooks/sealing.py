"""The door of signing secrets: sealed under the deployment's system key, each bound to its webhook."""

import base64
import uuid

from organizations import integrity

PURPOSE = "webhook"


def sealed(secret: str, webhook: uuid.UUID) -> str:
    return base64.b64encode(integrity.seal(PURPOSE, secret.encode(), webhook.hex)).decode()


def opened(text: str, webhook: uuid.UUID) -> str:
    """Raises integrity.IntegrityError for what was not sealed for this webhook, and what the key provider raises."""
    return integrity.unseal(PURPOSE, base64.b64decode(text), webhook.hex).decode()
