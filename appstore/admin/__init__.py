"""Apple's side in the admin: keys can be added and synced, mirrors and runs are read."""

from appstore.admin import apps, devices, keys, mirrors, runs  # noqa: F401 - each registers its own
