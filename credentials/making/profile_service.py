"""The configuration profile that asks an iPhone or iPad who it is ("Profile Service").

It changes nothing on the device: the device answers to `address` and forgets it.
https://developer.apple.com/library/archive/documentation/NetworkingInternet/Conceptual/iPhoneOTAConfiguration/
"""

import plistlib
import uuid

CONTENT_TYPE = "application/x-apple-aspen-config"


def profile_service(*, address: str, challenge: str, organization: str, name: str, description: str) -> bytes:
    """The .mobileconfig, unsigned. Of what a device would tell, it asks for its UDID and model alone."""
    return plistlib.dumps(
        {
            "PayloadType": "Profile Service",
            "PayloadVersion": 1,
            "PayloadIdentifier": "credhub.device-registration",
            "PayloadUUID": str(uuid.uuid4()).upper(),
            "PayloadOrganization": organization,
            "PayloadDisplayName": name,
            "PayloadDescription": description,
            "PayloadContent": {
                "URL": address,
                "DeviceAttributes": ["UDID", "PRODUCT"],
                "Challenge": challenge,
            },
        }
    )
