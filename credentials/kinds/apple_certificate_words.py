"""What people call Apple's certificate types, what each is good for, and what to do in trouble."""

from credentials.kinds.trouble import Trouble

_STORE = "Apps for the App Store, TestFlight, ad hoc and in-house distribution."
_DEVICES = "Apps on registered devices, while they are developed."
_MAC_STORE = "Apps for the Mac App Store."
_OUTSIDE = "Mac software that is distributed outside of the App Store."
_PUSH = "Push messages of one app. It signs no app."

# Type → its name, and what it is good for
_TYPES = {
    "DISTRIBUTION": ("Apple Distribution", _STORE),
    "IOS_DISTRIBUTION": ("iOS Distribution", _STORE),
    "DEVELOPMENT": ("Apple Development", _DEVICES),
    "IOS_DEVELOPMENT": ("iOS Development", _DEVICES),
    "MAC_APP_DEVELOPMENT": ("Mac Development", _DEVICES),
    "MAC_APP_DISTRIBUTION": ("Mac App Distribution", _MAC_STORE),
    "MAC_INSTALLER_DISTRIBUTION": ("Mac Installer Distribution", "Installers for the Mac App Store."),
    "DEVELOPER_ID_APPLICATION": ("Developer ID Application", _OUTSIDE),
    "DEVELOPER_ID_INSTALLER": ("Developer ID Installer", _OUTSIDE),
    "DEVELOPER_ID_KEXT": ("Developer ID with kernel extensions", _OUTSIDE),
    "PASS_TYPE_ID": ("Pass Type ID", "Passes for Wallet. It signs no app."),
    "WEBSITE_PUSH": ("Website Push ID", "Push messages of a website. It signs no app."),
    "APNS_SANDBOX": ("Push certificate, development", _PUSH),
    "APNS_PRODUCTION_OR_UNIVERSAL": ("Push certificate", _PUSH),
    "APPLE_PAY": ("Apple Pay", "Payments with Apple Pay. It signs no app."),
}


def type_words(apple_type: str) -> str:
    return _TYPES.get(apple_type, ("Apple certificate of another type", ""))[0]


def good_for(apple_type: str) -> str:
    """ "" for a type that CredHub does not know."""
    return _TYPES.get(apple_type, ("", ""))[1]


NOTES = (
    "In Keychain Access: My Certificates › the certificate with a private key under it › Export › .p12.",
    """Without a Mac: make a certificate signing request here, upload it at Apple, and add the .cer that Apple makes
on this page. CredHub puts the request's private key to it.""",
    "A certificate that was downloaded from Apple holds no private key, and nothing can be signed with it alone.",
)

TROUBLE = Trouble(
    lost="""Apple keeps no private keys. The copy in CredHub stays sealed and goes on working. If no copy is left, the
certificate is still valid and useless: revoke it, make a new one, and make the profiles again that name it.""",
    compromised=(
        "Revoke the certificate under Certificates, Identifiers & Profiles. Apps in the App Store go on working.",
        """In-house and ad hoc: what is installed stops opening once the certificate is revoked. Have it signed anew
first, unless the damage done meanwhile is worse.""",
        "Developer ID: usually only Apple can revoke it. Ask them to.",
        "Make a new certificate and new profiles, add them here, and archive this one.",
        "Read the activity of this organization: who opened or downloaded the key, and from where.",
    ),
)
