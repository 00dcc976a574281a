from django.urls import path, register_converter

from appstore.views import collections, drift, exporting, importing, keys, objects, overview, syncs
from appstore.views.changing import bundle_ids as change_bundle_ids
from appstore.views.changing import certificates as change_certificates
from appstore.views.changing import devices as change_devices
from appstore.views.changing import profiles as change_profiles


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

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("credentials/add/app-store-connect-key/", keys.add_key, name="add-app-store-connect-key"),
    path("credentials/import/", importing.import_page, name="imports"),
    path("credentials/import/<uuid:pk>/", importing.import_upload, name="import"),
    path("credentials/export/", exporting.export_page, name="export"),
    path("credentials/<uuid:pk>/progress/", keys.key_progress, name="key-progress"),
    path("credentials/<uuid:pk>/sync/", keys.sync_now, name="sync-now"),
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
    path("devices/register/", change_devices.register_devices, name="register-devices"),
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
