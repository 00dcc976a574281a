"""Apple's enum values, for people."""

SPELLINGS = {
    "IOS": "iOS", "OS": "OS", "TVOS": "tvOS", "ID": "ID", "ADHOC": "Ad Hoc", "INHOUSE": "In-House", "TV": "TV",
    "IPHONE": "iPhone", "IPAD": "iPad", "IPOD": "iPod", "ICLOUD": "iCloud", "NFC": "NFC", "VPN": "VPN", "WIFI": "Wi-Fi",
    "HLS": "HLS", "COREMEDIA": "CoreMedia", "AUTOFILL": "AutoFill", "CLASSKIT": "ClassKit", "HEALTHKIT": "HealthKit",
    "HOMEKIT": "HomeKit", "SIRIKIT": "SiriKit",
}  # fmt: skip


def apple_words(value: str) -> str:
    """`IOS_APP_STORE` → `iOS App Store`: readable, none left out."""
    text = " ".join(SPELLINGS.get(word, word.capitalize()) for word in value.split("_"))
    return text.replace("Mac OS", "macOS") or "—"
