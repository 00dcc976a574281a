from credentials.models.credential import Credential, DuplicateCredentialError, Status
from credentials.models.data_key import DataKey, Deployment
from credentials.models.reveal_request import RevealRequest
from credentials.models.share import Share
from credentials.models.system_key import SystemKey

__all__ = [
    "Credential", "DataKey", "Deployment", "DuplicateCredentialError", "RevealRequest", "Share", "Status", "SystemKey",
]  # fmt: skip
