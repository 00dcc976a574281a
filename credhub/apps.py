from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class CredHubConfig(AppConfig):
    name = "credhub"

    def ready(self) -> None:
        from credhub import checks  # noqa: F401 - registers the system checks


class CredHubAdminConfig(AdminConfig):
    default_site = "credhub.admin_site.CredHubAdminSite"
