"""Apple's side over the API: keys, the mirrors of Apple's objects, syncs, and changes at Apple."""

from ninja import Router


def routers() -> dict[str, Router]:
    """Prefix → router."""
    from appstore.api import (
        app_changes,
        app_choices,
        apps,
        bundle_ids,
        certificates,
        devices,
        import_decisions,
        imports,
        keys,
        profiles,
        signing_assets,
        syncs,
    )

    # Modules that stand together add their operations to one router
    modules = {
        "/app-store-connect-keys": (keys,),
        "/certificates": (certificates,),
        "/profiles": (profiles,),
        "/bundle-ids": (bundle_ids,),
        "/devices": (devices,),
        "/syncs": (syncs,),
        "/apps": (apps, app_changes, app_choices),
        "/signing-assets": (signing_assets,),
        "/imports": (imports, import_decisions),
    }
    return {prefix: of_prefix[0].router for prefix, of_prefix in modules.items()}
