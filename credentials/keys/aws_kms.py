"""Master keys in AWS KMS: they never leave it. Needs boto3, which is not installed by default (docs/deploy.md)."""

import base64
import hashlib
import threading
from collections.abc import Sequence
from typing import Any

from credentials.crypto import SealError
from credentials.keys.errors import KeyProviderUnreachableError, MasterKeyError
from credentials.keys.provider import prove

PREFIX = "aws-kms:"
_DOES_NOT_FIT = {"InvalidCiphertextException", "IncorrectKeyException"}
_LATER = {
    "DependencyTimeoutException", "KMSInternalException", "KeyUnavailableException", "LimitExceededException",
    "RequestLimitExceeded", "ServiceUnavailable", "ThrottlingException",
}  # fmt: skip


class AwsKmsKeys:
    """`keys`: key ids or ARNs, the first wraps. The context is bound as KMS's encryption context."""

    def __init__(self, keys: Sequence[str], region: str = "", endpoint: str = "") -> None:
        if not keys:
            raise MasterKeyError(
                "CREDHUB_AWS_KMS_KEY_ID is not set, and the key provider “aws-kms” needs it."
            )
        if alias := next((key for key in keys if key.startswith("alias/") or ":alias/" in key), None):
            raise MasterKeyError(
                f"CREDHUB_AWS_KMS_KEY_ID names the alias “{alias}”, which may point elsewhere tomorrow. "
                "Name the key by its id or ARN."
            )
        self._keys, self._region, self._endpoint = list(keys), region, endpoint
        self._made: Any = None
        self._lock = threading.Lock()

    @property
    def current(self) -> str:
        return PREFIX + self._keys[0]

    @property
    def key_ids(self) -> list[str]:
        return [PREFIX + key for key in self._keys]

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        answer = self._call("encrypt", self._keys[0], context, Plaintext=data_key)
        return self.current, bytes(answer["CiphertextBlob"])

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        if key_id not in self.key_ids:
            raise MasterKeyError(
                f"Master key “{key_id}” is needed, and CREDHUB_AWS_KMS_KEY_ID does not name it."
            )
        if not wrapped:  # boto3 would refuse it as a parameter
            raise SealError(f"A data key does not open with master key “{key_id}”.")
        answer = self._call("decrypt", key_id.removeprefix(PREFIX), context, CiphertextBlob=wrapped)
        return bytes(answer["Plaintext"])

    def check(self) -> None:
        prove(self)

    def _client(self) -> Any:
        """Made once: that takes a third of a second. It may be used by several threads."""
        with self._lock:
            if self._made is None:
                try:
                    import boto3
                    from botocore.config import Config
                except ImportError:
                    raise MasterKeyError(
                        "The key provider “aws-kms” needs boto3, which is not installed: `pip install boto3`."
                    ) from None
                limits = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3})
                self._made = boto3.session.Session(region_name=self._region or None).client(
                    "kms", endpoint_url=self._endpoint or None, config=limits
                )
            return self._made

    def _call(self, verb: str, key: str, context: bytes, **arguments: Any) -> Any:
        key_id, client = PREFIX + key, None
        # KMS logs the encryption context in plain, so it gets a digest of ours.
        bound = {"credhub": base64.b64encode(hashlib.sha256(context).digest()).decode()}
        try:
            client = self._client()
            return getattr(client, verb)(KeyId=key, EncryptionContext=bound, **arguments)
        except MasterKeyError:
            raise
        except Exception as error:  # noqa: BLE001 - botocore makes its classes at run time
            code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
            raise _explained(error, str(code), key_id) from None


def _explained(error: Exception, code: str, key_id: str) -> Exception:
    if code in _DOES_NOT_FIT:
        return SealError(f"A data key does not open with master key “{key_id}”.")
    if code and code not in _LATER:
        return MasterKeyError(f"AWS KMS refuses master key “{key_id}” ({code}).")
    from botocore import exceptions

    ours = (exceptions.NoCredentialsError, exceptions.NoRegionError, exceptions.PartialCredentialsError)
    if isinstance(error, ours):
        return MasterKeyError(f"AWS KMS cannot be asked for master key “{key_id}” ({type(error).__name__}).")
    if code or isinstance(error, exceptions.BotoCoreError):
        return KeyProviderUnreachableError(
            f"AWS KMS does not answer for master key “{key_id}” ({code or type(error).__name__})."
        )
    return error
