from appstore.models.app import App, AppPlatform, Policy
from appstore.models.app_store_connect_key import APP_STORE_CONNECT_KEY, AppStoreConnectKey, KeyType
from appstore.models.apple_objects import BundleId, Certificate, Device, Profile
from appstore.models.assignment import Assignment
from appstore.models.breaker import Breaker
from appstore.models.developer_team import DeveloperTeam, Program
from appstore.models.device_invitation import DeviceInvitation
from appstore.models.device_request import DeviceRequest
from appstore.models.health import Health
from appstore.models.held_sweep import HeldSweep
from appstore.models.import_item import ImportItem, ItemState
from appstore.models.import_upload import ImportState, ImportUpload
from appstore.models.key_preference import KeyPreference
from appstore.models.object_change import ObjectChange, What
from appstore.models.sync_page import SyncPage
from appstore.models.sync_run import LeaseLostError, SyncRun
from appstore.models.sync_turn import SyncTurn

__all__ = [
    "APP_STORE_CONNECT_KEY",
    "App",
    "AppPlatform",
    "AppStoreConnectKey",
    "Assignment",
    "Breaker",
    "BundleId",
    "Certificate",
    "DeveloperTeam",
    "Device",
    "DeviceInvitation",
    "DeviceRequest",
    "Health",
    "HeldSweep",
    "ImportItem",
    "ImportState",
    "ImportUpload",
    "ItemState",
    "KeyPreference",
    "KeyType",
    "LeaseLostError",
    "ObjectChange",
    "Policy",
    "Profile",
    "Program",
    "SyncPage",
    "SyncRun",
    "SyncTurn",
    "What",
]
