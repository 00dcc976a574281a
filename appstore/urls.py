from django.urls import path, register_converter

from appstore.views import collections, drift, keys, objects, overview, syncs


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
    path("credentials/<uuid:pk>/progress/", keys.key_progress, name="key-progress"),
    path("credentials/<uuid:pk>/sync/", keys.sync_now, name="sync-now"),
    path("syncs/", syncs.sync_list, name="syncs"),
    path("syncs/<uuid:pk>/", syncs.sync_page, name="sync"),
    path("syncs/<uuid:pk>/retry/", syncs.retry_sync, name="retry-sync"),
    path("drift/", drift.drift_report, name="drift"),
    path("held-sweeps/<uuid:pk>/", drift.answer_hold, name="answer-hold"),
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
