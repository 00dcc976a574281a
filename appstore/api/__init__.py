"""Apple's side over the API: keys, the mirrors of Apple's objects, syncs, and changes at Apple."""

from ninja import Router


def routers() -> dict[str, Router]:
    """Prefix → router."""
    from appstore.api import (  # those of no router here add their operations to another's
        app_changes,  # noqa: F401
        app_choices,  # noqa: F401
        apps,
        bundle_ids,
        certificates,
        devices,
        import_decisions,  # noqa: F401
        imports,
        keys,
        profiles,
        signing_assets,
        syncs,
    )

    return {
        "/app-store-connect-keys": keys.router,
        "/certificates": certificates.router,
        "/profiles": profiles.router,
        "/bundle-ids": bundle_ids.router,
        "/devices": devices.router,
        "/syncs": syncs.router,
        "/apps": apps.router,
        "/signing-assets": signing_assets.router,
        "/imports": imports.router,
    }
