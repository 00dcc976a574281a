"""What a capability of an App ID leaves in the profiles that are made for it."""

# Capability → an entitlement that a profile of an App ID with that capability has. Those that Apple turns on for
# everybody, or that leave no trace in a profile, say nothing.
# https://developer.apple.com/documentation/bundleresources/entitlements
ENTITLEMENTS = {
    "PUSH_NOTIFICATIONS": "aps-environment",
    "APP_GROUPS": "com.apple.security.application-groups",
    "APPLE_ID_AUTH": "com.apple.developer.applesignin",
    "APPLE_PAY": "com.apple.developer.in-app-payments",
    "ASSOCIATED_DOMAINS": "com.apple.developer.associated-domains",
    "AUTOFILL_CREDENTIAL_PROVIDER": "com.apple.developer.authentication-services.autofill-credential-provider",
    "CLASSKIT": "com.apple.developer.ClassKit-environment",
    "HEALTHKIT": "com.apple.developer.healthkit",
    "HOMEKIT": "com.apple.developer.homekit",
    "HOT_SPOT": "com.apple.developer.networking.HotspotConfiguration",
    "ICLOUD": "com.apple.developer.icloud-container-identifiers",
    "INTER_APP_AUDIO": "inter-app-audio",
    "MULTIPATH": "com.apple.developer.networking.multipath",
    "NETWORK_EXTENSIONS": "com.apple.developer.networking.networkextension",
    "NFC_TAG_READING": "com.apple.developer.nfc.readersession.formats",
    "PERSONAL_VPN": "com.apple.developer.networking.vpn.api",
    "SIRIKIT": "com.apple.developer.siri",
    "WALLET": "com.apple.developer.pass-type-identifiers",
    "WIRELESS_ACCESSORY_CONFIGURATION": "com.apple.external-accessory.wireless-configuration",
}
