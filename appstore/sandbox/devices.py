"""Registered devices of every class, with identifiers in all three forms."""

import uuid
from datetime import datetime, timedelta
from random import Random

from appstore.sandbox.model import Resource
from appstore.sandbox.names import FIRST_NAMES, apple_date, apple_id

MODELS = {
    "IPHONE": ("iPhone 13", "iPhone 14 Pro", "iPhone 15", "iPhone 16 Pro Max", "iPhone SE"),
    "IPAD": ("iPad Pro (11-inch)", "iPad Air", "iPad mini"),
    "IPOD": ("iPod touch",),
    "MAC": ("MacBook Pro", "Mac mini", "Mac Studio"),
    "APPLE_WATCH": ("Apple Watch Series 9", "Apple Watch Ultra"),
    "APPLE_TV": ("Apple TV 4K",),
    "APPLE_VISION_PRO": ("Apple Vision Pro",),
}
# Ten to a round. The Enterprise API does not know the last class, so its teams get none.
_ROUND = ("IPHONE", "IPHONE", "IPAD", "IPHONE", "MAC", "APPLE_WATCH", "IPHONE", "IPOD", "APPLE_TV", "IPAD")
_UNDOCUMENTED_STATUS = 5  # the place of the one device that is still being processed
IOS_CLASSES = frozenset({"IPHONE", "IPAD", "IPOD", "APPLE_WATCH", "APPLE_VISION_PRO"})


def device(
    random: Random,
    *,
    device_class: str,
    added: datetime,
    name: str = "",
    udid: str = "",
    status: str = "ENABLED",
) -> Resource:
    """Describe a device as the API does; what is not given is made up."""
    model = random.choice(MODELS.get(device_class, (device_class,)))
    attributes = {
        "name": name or f"{random.choice(FIRST_NAMES)}'s {model}",
        "platform": "MAC_OS" if device_class == "MAC" else "IOS",
        "udid": udid or _udid(random, device_class),
        "deviceClass": device_class,
        "status": status,
        "model": model,
        "addedDate": apple_date(added),
    }
    return Resource("devices", apple_id(random), attributes)


def devices(random: Random, count: int, now: datetime, *, vision_pro: bool) -> list[Resource]:
    """A team's devices: every ninth disabled, and one in a status that Apple does not document."""
    return [
        device(
            random,
            device_class="APPLE_VISION_PRO"
            if vision_pro and index % 20 == 11
            else _ROUND[index % len(_ROUND)],
            added=now - timedelta(days=random.randint(1, 350), minutes=index),
            status=_status(index),
        )
        for index in range(count)
    ]


def _status(index: int) -> str:
    if index == _UNDOCUMENTED_STATUS:
        return "PROCESSING"
    return "DISABLED" if index % 9 == 8 else "ENABLED"


def _udid(random: Random, device_class: str) -> str:
    """40 lower-case digits on old devices, a UUID on some Macs, 8-16 on everything since 2018."""
    if device_class == "IPOD" or (device_class == "IPAD" and random.random() < 0.5):
        return f"{random.getrandbits(160):040x}"
    if device_class == "MAC" and random.random() < 0.5:
        return str(uuid.UUID(int=random.getrandbits(128), version=4)).upper()
    return f"{random.randint(0x8020, 0x8150):08X}-{random.getrandbits(64):016X}"
