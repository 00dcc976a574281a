from django.urls import path, register_converter

from appstore.views import (
    collections,
    device_answer,
    device_invitations,
    download_several,
    drift,
    exporting,
    importing,
    invited_device,
    keys,
    objects,
    overview,
    syncs,
)
from appstore.views.apps import ensuring
from appstore.views.apps import listing as apps
from appstore.views.apps import one as app
from appstore.views.apps import slots as app_slots
from appstore.views.changing import bundle_ids as change_bundle_ids
from appstore.views.changing import certificates as change_certificates
from appstore.views.changing import devices as change_devices
from appstore.views.changing import profiles as change_profiles
from appstore.views.changing import several


class CollectionConverter:
    regex = "certificates|profiles|bundle-ids|devices"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class FileCollectionConverter(CollectionConverter):
    """The collections whose objects have a file."""

    regex = "certificates|profiles"


register_converter(CollectionConverter, "collection")
register_converter(FileCollectionConverter, "file_collection")

# Without an account: the links of device invitations
invited_device_urls = [
    path("told/<slug:word>/", invited_device.told, name="told-device"),
    path("<str:token>/", invited_device.invitation, name="device-invitation"),
    path("<str:token>/enroll.mobileconfig", invited_device.profile, name="device-profile"),
    path("<str:token>/enrolled", device_answer.answer, name="device-answer"),
]
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("credentials/add/app-store-connect-key/", keys.add_key, name="add-app-store-connect-key"),
    path("credentials/import/", importing.import_page, name="imports"),
    path("credentials/import/<uuid:pk>/", importing.import_upload, name="import"),
    path("credentials/export/", exporting.export_page, name="export"),
    path("credentials/<uuid:pk>/progress/", keys.key_progress, name="key-progress"),
    path("credentials/<uuid:pk>/sync/", keys.sync_now, name="sync-now"),
    path("apps/", apps.app_list, name="apps"),
    path("apps/add/", apps.add_app, name="add-app"),
    path("apps/<uuid:pk>/", app.app_page, name="app"),
    path("apps/<uuid:pk>/settings/", app.app_settings, name="app-settings"),
    path("apps/<uuid:pk>/extensions/", app.app_extensions, name="app-extensions"),
    path("apps/<uuid:pk>/remove/", app.remove_app, name="remove-app"),
    path("apps/<uuid:pk>/slots/<str:slot>/", app_slots.app_slot, name="app-slot"),
    path("apps/<uuid:pk>/ensure/<str:distribution>/", ensuring.ensure, name="ensure-signing"),
    path("syncs/", syncs.sync_list, name="syncs"),
    path("syncs/<uuid:pk>/", syncs.sync_page, name="sync"),
    path("syncs/<uuid:pk>/retry/", syncs.retry_sync, name="retry-sync"),
    path("drift/", drift.drift_report, name="drift"),
    path("held-sweeps/<uuid:pk>/", drift.answer_hold, name="answer-hold"),
    path("certificates/create/", change_certificates.create_certificate, name="create-certificate"),
    path("certificates/<uuid:pk>/renew/", change_certificates.renew_certificate, name="renew-certificate"),
    path("certificates/<uuid:pk>/revoke/", change_certificates.revoke_certificate, name="revoke-certificate"),
    path("profiles/create/", change_profiles.create_profile, name="create-profile"),
    path("profiles/<uuid:pk>/regenerate/", change_profiles.regenerate_profile, name="regenerate-profile"),
    path("profiles/<uuid:pk>/delete/", change_profiles.delete_profile, name="delete-profile"),
    path("certificates/selected/", several.change_certificates, name="change-certificates"),
    path("profiles/selected/", several.change_profiles, name="change-profiles"),
    path("profiles/selected/download/", download_several.download_profiles, name="download-profiles"),
    path("devices/selected/", several.change_devices, name="change-devices"),
    path("devices/register/", change_devices.register_devices, name="register-devices"),
    path("devices/invitations/", device_invitations.device_invitations, name="device-invitations"),
    path(
        "devices/invitations/<uuid:pk>/revoke/",
        device_invitations.revoke_device_invitation,
        name="revoke-device-invitation",
    ),
    path(
        "devices/requests/<uuid:pk>/decide/",
        device_invitations.decide_device_request,
        name="decide-device-request",
    ),
    path("devices/<uuid:pk>/change/", change_devices.change_device, name="change-device"),
    path("bundle-ids/register/", change_bundle_ids.register_bundle_id, name="register-bundle-id"),
    path("bundle-ids/<uuid:pk>/change/", change_bundle_ids.change_bundle_id, name="change-bundle-id"),
    path("bundle-ids/<uuid:pk>/delete/", change_bundle_ids.delete_bundle_id, name="delete-bundle-id"),
    path("<collection:collection>/", collections.collection_page, name="apple-objects"),
    path("<collection:collection>/<uuid:pk>/", objects.object_page, name="apple-object"),
    path("<file_collection:collection>/<uuid:pk>/download/", objects.download, name="download-apple-object"),
    path("<file_collection:collection>/<uuid:pk>/fetch/", objects.fetch, name="fetch-apple-object"),
    path(
        "<file_collection:collection>/<uuid:pk>/fetch/progress/",
        objects.fetch_progress,
        name="fetch-progress",
    ),
]
