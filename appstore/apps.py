from django.apps import AppConfig


class AppStoreConfig(AppConfig):
    name = "appstore"
    verbose_name = "App Store Connect"

    def ready(self) -> None:
        from appstore.exports import APP_STORE_CONNECT_KEY_EXPORTS
        from appstore.models import APP_STORE_CONNECT_KEY
        from appstore.trouble import APP_STORE_CONNECT_KEY_TROUBLE
        from appstore.views.keys import key_page, replace_private_key
        from credentials import kinds

        kinds.register(
            kinds.Kind(
                slug=APP_STORE_CONNECT_KEY,
                label="App Store Connect API key",
                platform=kinds.Platform.APPLE,
                about="Lets CredHub sync and sign for an Apple team, and CI upload to the App Store.",
                elsewhere="It stays active at Apple: to end it there, revoke it in App Store Connect.",
                summary=lambda credential: str(credential.facts.get("key_id", "")),
                is_checked=True,
                page=key_page,
                add_url="add-app-store-connect-key",
                replace=replace_private_key,
                trouble=APP_STORE_CONNECT_KEY_TROUBLE,
                exports=APP_STORE_CONNECT_KEY_EXPORTS,
            )
        )
