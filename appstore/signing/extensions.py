"""Extensions of an app: what Apple knows by its name."""

from appstore.models import App, BundleId
from appstore.signing.assets import Assets

OFFERED = 100


def suggested_extensions(assets: Assets) -> list[BundleId]:
    """Bundle IDs at Apple that begin as the app's does, and are neither extensions of it nor apps here yet. Two queries
    at most."""
    app, prefix = assets.app, f"{assets.app.identifier}."
    if app.is_android:
        return []
    teams = [assets.team] if assets.team else assets.teams.values()
    rows = BundleId.objects.filter(team__in=[each.pk for each in teams], gone_at=None)
    rows = rows.filter(identifier__startswith=prefix).exclude(identifier__in=app.extensions)
    found = {each.identifier: each for each in rows.order_by("identifier")[: 2 * OFFERED]}
    apps = App.objects.filter(organization=app.organization, identifier__in=found)
    taken = set(apps.values_list("identifier", flat=True)) if found else set()
    return [
        each for identifier, each in found.items()
        if identifier.startswith(prefix) and not identifier.endswith("*") and identifier not in taken
    ][:OFFERED]  # fmt: skip
