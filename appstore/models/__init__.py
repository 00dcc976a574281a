from appstore.models.app_store_connect_key import APP_STORE_CONNECT_KEY, AppStoreConnectKey, Health, KeyType
from appstore.models.apple_objects import BundleId, Certificate, Device, Profile
from appstore.models.developer_team import DeveloperTeam, Program
from appstore.models.key_preference import KeyPreference
from appstore.models.sync_run import LeaseLostError, SyncRun

__all__ = [
    "APP_STORE_CONNECT_KEY",
    "AppStoreConnectKey",
    "BundleId",
    "Certificate",
    "DeveloperTeam",
    "Device",
    "Health",
    "KeyPreference",
    "KeyType",
    "LeaseLostError",
    "Profile",
    "Program",
    "SyncRun",
]
