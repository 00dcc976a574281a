from django.urls import path

from credentials.views import adding, approvals, credentials, destroy, downloading, reveal, share, usage

urlpatterns = [
    path(
        "sub-organizations/<uuid:pk>/destroy/",
        destroy.destroy_sub_organization,
        name="destroy-sub-organization",
    ),
    path("credentials/", credentials.credential_list, name="credentials"),
    path("credentials/add/", adding.choose_kind, name="choose-kind"),
    path("credentials/add/<slug:kind>/", adding.add_credential, name="add-credential"),
    path("credentials/add/<slug:kind>/generate/", adding.generate_credential, name="generate-credential"),
    path("credentials/<uuid:pk>/replace/", adding.replace_credential, name="replace-credential"),
    path("credentials/<uuid:pk>/", credentials.credential_page, name="credential"),
    path("credentials/<uuid:pk>/download/", downloading.download, name="download-credential"),
    path("credentials/<uuid:pk>/rename/", credentials.rename, name="rename-credential"),
    path("credentials/<uuid:pk>/archive/", credentials.archive, name="archive-credential"),
    path("credentials/<uuid:pk>/restore/", credentials.restore, name="restore-credential"),
    path("credentials/<uuid:pk>/share/", share.share_page, name="share-credential"),
    path("credentials/<uuid:pk>/reveal/", reveal.reveal, name="reveal-credential"),
    path("credentials/<uuid:pk>/reveal/allowed/", reveal.allow_reveal, name="allow-reveal"),
    path("credentials/<uuid:pk>/usage/", usage.credential_usage, name="credential-usage"),
    path("usage/", usage.usage_page, name="usage"),
    path("usage.csv", usage.usage_file, name="usage-file"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<uuid:pk>/", approvals.decide, name="decide-approval"),
]
