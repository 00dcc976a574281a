from django.apps import AppConfig


class AppStoreConfig(AppConfig):
    name = "appstore"
    verbose_name = "App Store Connect"

    def ready(self) -> None:
        from appstore.exports import APP_STORE_CONNECT_KEY_EXPORTS
        from appstore.models import APP_STORE_CONNECT_KEY
        from appstore.trouble import APP_STORE_CONNECT_KEY_TROUBLE
        from appstore.views.keys import key_page
        from credentials import kinds

        kinds.register(
            kinds.Kind(
                slug=APP_STORE_CONNECT_KEY,
                label="App Store Connect API key",
                page=key_page,
                add_url="add-app-store-connect-key",
                trouble=APP_STORE_CONNECT_KEY_TROUBLE,
                exports=APP_STORE_CONNECT_KEY_EXPORTS,
            )
        )
