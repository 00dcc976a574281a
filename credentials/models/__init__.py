from credentials.models.credential import Credential
from credentials.models.data_key import DataKey, Deployment
from credentials.models.errors import DuplicateCredentialError
from credentials.models.reveal_request import RevealRequest
from credentials.models.share import Share
from credentials.models.status import Status
from credentials.models.system_key import SystemKey

__all__ = [
    "Credential", "DataKey", "Deployment", "DuplicateCredentialError", "RevealRequest", "Share", "Status", "SystemKey",
]  # fmt: skip
