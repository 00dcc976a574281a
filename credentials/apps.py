from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "credentials"
    verbose_name = "Credentials"

    def ready(self) -> None:
        from credentials import kinds, system_keys
        from credentials.kinds import (
            android_keystore,
            apns_key,
            apple_certificate,
            google_service_account,
            huawei_appgallery,
            microsoft_intune,
            provisioning_profile,
            signing_request,
        )
        from organizations import integrity

        integrity.use(system_keys)
        for module in (
            apple_certificate,
            signing_request,
            provisioning_profile,
            apns_key,
            android_keystore,
            google_service_account,
            huawei_appgallery,
            microsoft_intune,
        ):
            kinds.register(module.KIND)
